"""What a translation must not do, one fault at a time; and that ours does none of it."""

import tomllib

import pytest

from tests.helpers.checkout import ROOT
from workshop.translate import lint, lint_passage
from workshop.translate.terms import FILE, Term, read_terms

ENGLISH = """## The Gram matrix
It says **what occurs together**: for `features` of size $n$, see [lesson 5](05.ipynb).

- one
- two

```python
x = 1
```
"""
CHINESE = """## 格拉姆矩阵
它说的是**什么一起出现**：对大小为 $n$ 的 `features`，见[第 5 课](05.ipynb)。

- 一
- 二

```python
x = 1
```
"""


def test_a_good_translation_has_no_fault():
    assert lint_passage(ENGLISH, CHINESE, read_terms(ROOT)) == []


@pytest.mark.parametrize(
    ("there", "instead", "fault"),
    [
        ("一起出现**：", "一起出现**:", "full-width marks"),
        ("ipynb)。", "ipynb).", ""),
        ("的 `features`，见", "的 `features`，见到,", "full-width marks"),
        ("它说的是", "它(说)的是", "full-width parentheses"),
        ("它说的是", '它"说"的是', "quotation marks"),
        ("它说的是", "它 说的是", "no space between Han"),
        ("它说的是", "它 ，说的是", "no space beside"),
        ("它说的是", "它说 的是", "no space between Han"),
        ("第 5 课", "第5课", "between Han and Latin"),
        ("它说的是", "它说的\n是", "one paragraph is one line"),
        ("**什么一起出现**：对", "**什么一起出现：**对", "shows its asterisks"),
        ("$n$", "$m$", "formula that the Chinese lacks: $n$"),
        ("大小为 $n$ 的 ", "", "formula that the Chinese lacks: $n$"),
        ("`features`", "`特征`", "code span that the Chinese lacks: features"),
        ("05.ipynb", "06.ipynb", "link that the Chinese lacks: 05.ipynb"),
        ("## 格", "### 格", "heading of level"),
        ("- 二\n", "", "list item"),
        ("x = 1", "y = 1", "fenced code"),
        ("格拉姆矩阵", "格兰姆矩阵", "'Gram matrix' is 格拉姆矩阵"),
    ],
)
def test_each_fault_is_found(there, instead, fault):
    assert CHINESE.count(there) == 1
    faults = lint_passage(ENGLISH, CHINESE.replace(there, instead), read_terms(ROOT))
    assert any(fault in one for one in faults) if fault else faults == []


def test_full_stops_of_code_and_numbers_are_no_faults():
    english = "Of `a, b.c` and 3.5: see $f(x), y$, [here](https://x.org/a,b) and 2,000."
    chinese = "`a, b.c` 和 3.5：见 $f(x), y$、[这里](https://x.org/a,b)和 2,000。"
    assert lint_passage(english, chinese) == []


def test_a_number_at_the_beginning_of_a_line_within_a_paragraph_is_no_list_item():
    wrapped = "We go step by step, as in lesson\n9. It is `slow`."
    assert lint_passage(wrapped, "像第 9 课那样一步一步来。它很 `slow`。") == []
    listed = wrapped.replace("\n", ":\n\n")
    assert "list item" in lint_passage(listed, "像第 9 课那样一步一步来。它很 `slow`。")[0]
    assert lint_passage(listed, "像课里那样一步一步来：\n\n9. 它很 `slow`。") == []


@pytest.mark.parametrize(
    ("english", "occurs"),
    [
        ("A Gram matrix.", True),
        ("Gram\nmatrices", False),
        ("the gram matrix's", True),
        ("a program matrix", False),
    ],
)
def test_a_term_is_found_as_a_whole(english, occurs):
    assert Term("Gram matrix", ["格拉姆矩阵"]).occurs(english) is occurs


def test_the_terms_are_chinese_and_each_once():
    told = tomllib.loads((ROOT / FILE).read_text(encoding="utf-8"))["terms"]
    assert len(told) >= 60
    for english, chinese in told.items():
        assert chinese and all(form.strip() == form for form in chinese), english
    assert len({english.lower() for english in told}) == len(told)


@pytest.mark.slow
def test_our_translations_keep_the_rules():
    faults = lint()
    assert faults == [], "\n".join(faults)
