"""The budgets: quick or full."""

import dataclasses

import pytest

from course_lib import budget
from course_lib.backend import Accelerator
from course_lib.budget import choose_budget
from course_lib.errors import DeviceError


@pytest.mark.parametrize("name", ["quick", "full"])
def test_the_environment_decides_the_budget(monkeypatch, name):
    monkeypatch.setenv("COURSE_BUDGET", name)
    assert choose_budget().name == name
    assert choose_budget() == choose_budget(name)


@pytest.mark.parametrize(("kind", "name"), [("CPU", "quick"), ("GPU", "full"), ("TPU", "full")])
def test_without_it_the_accelerator_decides(monkeypatch, kind, name):
    monkeypatch.delenv("COURSE_BUDGET", raising=False)
    monkeypatch.setattr(budget, "accelerator", lambda: Accelerator(kind, "a device"))
    assert choose_budget().name == name


def test_an_unknown_budget_is_refused_with_the_names_there_are(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "fast")
    with pytest.raises(DeviceError, match=r"COURSE_BUDGET.*'fast'.*quick and full"):
        choose_budget()
    with pytest.raises(DeviceError, match=r"budget\(\).*'slow'"):
        choose_budget("slow")


def test_the_full_budget_is_larger_in_every_number():
    quick, full = (dataclasses.astuple(choose_budget(name))[1:] for name in ("quick", "full"))
    assert all(small < large for small, large in zip(quick, full, strict=True))
