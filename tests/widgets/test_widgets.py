"""The labs: every control over its range, errors that are seen, drawings that never queue up.

Run with the ipywidgets that is installed; `.ci/run` does so with 8 and with 7.7.1, which Colab has.
"""

import sys
import threading
import time
import tomllib
from importlib.metadata import version

import ipywidgets
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from course_lib import collection, images, plots, widgets
from course_lib.errors import ArgumentError
from course_lib.widgets.background import Background, Newest
from course_lib.widgets.choosing import fitted
from course_lib.widgets.masks import SHAPES, shape_mask, stroke
from course_lib.widgets.uploads import uploaded_files
from tests.helpers.broken_images import broken_files, whole_files
from tests.helpers.checkout import ROOT
from tests.widgets.samples import MAKERS, NEEDED, WAITING, hand_in, is_clean, opened, values_of

PATIENCE = 120
SCREENSHOTS = ROOT / "docs" / "images" / "labs"


@pytest.fixture(scope="module")
def labs():
    """Each lab once; a test that needs one in its first state sets it."""
    made = {}

    def lab(name):
        if name not in made:
            made[name] = MAKERS[name]()
        return made[name]

    return lab


# --- every control ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_every_control_over_its_range(labs, name):
    lab = labs(name)
    first = lab.settings
    for key, control in lab.controls.items():
        lab.change(**NEEDED.get((name, key), {}))
        shown = set()
        for value in values_of(control):
            control.value = value
            assert is_clean(lab), f"{key} = {value}: {lab.line.value}"
            assert opened(lab).size > 0
            shown.add(lab.image.value)
        if key not in WAITING.get(name, ()):
            assert len(shown) > 1, f"{key} changes nothing"
        lab.change(**first)
        assert lab.settings == first


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_the_same_settings_show_the_same_image_whatever_came_before(labs, name):
    lab = labs(name)
    first, shown = lab.settings, lab.image.value
    for control in lab.controls.values():
        control.value = list(values_of(control))[-1]
    lab.change(**first)
    assert lab.settings == first
    assert lab.image.value == shown


@pytest.mark.parametrize("name", MAKERS)
def test_every_control_has_a_label(labs, name):
    for key, control in labs(name).controls.items():
        said = control.description or getattr(control, "tooltip", "")
        assert said or control.description_tooltip, f"{key} has no label"


@pytest.mark.parametrize("name", MAKERS)
def test_a_lab_fits_beside_its_controls(labs, name):
    width = int(labs(name).image.layout.width.removesuffix("px"))
    assert 64 <= width <= 640


# --- what a notebook stores ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_its_text_is_the_same_on_every_machine(labs, name):
    lab = labs(name)
    text = repr(lab)
    lab.controls[next(iter(lab.controls))].value  # noqa: B018  (looking changes nothing)
    # Both versions of ipywidgets cut longer texts short, and put dots in their place.
    assert text == repr(MAKERS[name]()) and 20 < len(text) <= 110
    assert "0x" not in text and not any(letter.isdigit() for letter in text)


def test_jupyter_is_given_that_text_and_the_widget(labs, monkeypatch):
    lab = labs("convolution_bench")
    if hasattr(lab, "_repr_mimebundle_"):
        data, _ = DisplayFormatter().format(lab)
    else:
        given = []
        module = ipywidgets.widgets.widget
        monkeypatch.setattr(module, "display", lambda data, **options: given.append(data))
        lab._ipython_display_()
        data = given[0]
    assert data["text/plain"] == repr(lab)
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize("name", MAKERS)
def test_a_still_image_is_shown_with_words_for_those_who_cannot_see_it(name, labs, monkeypatch):
    lab, shown = labs(name), []
    monkeypatch.setattr("course_lib.widgets.lab.display", shown.append)
    monkeypatch.setattr("course_lib.plots.drawing.display", shown.append)
    before = lab.image.value
    lab.show()
    drawings = [one for one in shown if isinstance(one, plots.Drawing)]
    assert shown[0] is lab and len(drawings) == 1
    assert drawings[0].alt == type(lab).still_words and len(drawings[0].alt) > 60
    assert len(lab.stills()) >= 3
    assert lab.image.value == before, "the stills have changed what the lab shows"


def test_a_lesson_can_show_images_of_its_own(labs, monkeypatch):
    shown = []
    monkeypatch.setattr("course_lib.widgets.lab.display", shown.append)
    monkeypatch.setattr("course_lib.plots.drawing.display", shown.append)
    lab = labs("convolution_bench")
    monkeypatch.setattr(lab, "stills", lambda: pytest.fail("these were not asked for"))
    lab.show({"mine": np.zeros((40, 200, 3))}, alt="A black image.", width=200)
    [drawing] = [one for one in shown if isinstance(one, plots.Drawing)]
    assert drawing.alt == "A black image." and drawing.width == 200


def test_each_lab_has_a_screenshot_with_words():
    said = tomllib.loads((SCREENSHOTS / "labs.toml").read_text())
    assert set(said) == set(MAKERS)
    for name, entry in said.items():
        path = SCREENSHOTS / f"{name}.webp"
        assert path.stat().st_size <= 60 * 1024
        assert Image.open(path).format == "WEBP"
        assert 60 < len(entry["alt"]) < 200 and "\n" not in entry["alt"]
        lesson = next(SCREENSHOTS.parents[2].glob(f"lessons/{entry['lesson']:02d}-*.py"))
        assert f"{name}(" in lesson.read_text()


# --- errors -------------------------------------------------------------------------------------


def test_an_error_is_shown_and_the_last_image_stays(monkeypatch):
    lab = MAKERS["convolution_bench"]()
    before = lab.image.value
    with monkeypatch.context() as broken:
        broken.setattr(lab, "draw", lambda settings: 1 / 0)
        lab.controls["stride"].value = 2
        assert isinstance(lab.error, ZeroDivisionError)
        assert 'role="alert"' in lab.line.value and "division by zero" in lab.line.value
        assert lab.image.value == before
    lab.controls["stride"].value = 3
    assert is_clean(lab) and lab.image.value != before


def test_words_of_an_error_are_no_markup():
    lab = MAKERS["convolution_bench"]()
    lab.report(ValueError("<script>alert(1)</script>"))
    assert "<script" not in lab.line.value


def test_a_lab_that_cannot_draw_at_all_stops_the_cell():
    wrong = np.full((8, 8, 3), 7.0)
    with pytest.raises(ArgumentError):
        widgets.compare_lab({"too bright": (wrong, wrong)})


# --- one drawing at a time ----------------------------------------------------------------------


def test_requests_during_a_run_are_served_by_one_more_run():
    started, go_on, seen, state = threading.Event(), threading.Event(), [], {"value": 0}

    def run():
        seen.append(state["value"])
        started.set()
        go_on.wait(PATIENCE)

    newest = Newest(run)
    first = threading.Thread(target=newest.request)
    first.start()
    started.wait(PATIENCE)
    for value in range(1, 101):
        state["value"] = value
        newest.request()
    go_on.set()
    first.join(PATIENCE)
    assert seen == [0, 100]
    newest.request()
    assert seen == [0, 100, 100]


def test_after_a_failed_run_requests_are_served_again():
    answers = iter([RuntimeError("once"), None])

    def run():
        answer = next(answers)
        if answer:
            raise answer

    newest = Newest(run)
    with pytest.raises(RuntimeError):
        newest.request()
    newest.request()
    assert list(answers) == []


def test_several_changes_are_drawn_once():
    lab = MAKERS["convolution_bench"]()
    drawn = lab.drawings
    lab.change(stride=2, padding="zeros", pooling="max")
    assert lab.drawings == drawn + 1
    # A preset moves ten controls.
    lab.controls["kernel"].value = "blur"
    assert lab.drawings == drawn + 2
    assert lab.controls["kernel_11"].value == pytest.approx(1 / 9, abs=0.01)


def test_events_from_other_threads_never_queue_up(monkeypatch):
    lab = MAKERS["convolution_bench"]()
    drawing, go_on, draw = threading.Event(), threading.Event(), lab.draw

    def slowly(settings):
        drawing.set()
        go_on.wait(PATIENCE)
        return draw(settings)

    monkeypatch.setattr(lab, "draw", slowly)
    drawn = lab.drawings
    dragging = threading.Thread(target=lambda: setattr(lab.controls["stride"], "value", 2))
    dragging.start()
    assert drawing.wait(PATIENCE)
    for value in np.linspace(-9, 9, 60):
        lab.controls["kernel_00"].value = value
    go_on.set()
    dragging.join(PATIENCE)
    # The kernel also got another name on the way: at most one drawing for each thread that asked.
    assert lab.drawings <= drawn + 2
    assert "[9.0," in str(lab.kernel(lab._drawn))


# --- work in the background ---------------------------------------------------------------------


def wait_until(met):
    limit = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.01)


def test_background_work_pauses_goes_on_and_stops():
    steps, changes, errors = [], [], []

    def work():
        while True:
            steps.append(threading.current_thread())
            time.sleep(0.001)
            yield

    background = Background(changes.append, errors.append)
    background.start(work())
    wait_until(lambda: len(steps) > 3)
    background.pause()
    time.sleep(0.1)
    done = len(steps)
    time.sleep(0.2)
    assert background.is_paused and len(steps) == done
    background.resume()
    wait_until(lambda: len(steps) > done)
    background.stop()
    background.wait(PATIENCE)
    assert not background.is_running and changes == [True, False] and not errors
    assert threading.main_thread() not in steps


def test_background_work_that_is_paused_can_be_stopped():
    background = Background(lambda running: None, lambda error: None)
    background.start(iter(int, 1))
    background.pause()
    background.stop()
    background.wait(PATIENCE)
    assert not background.is_running


def test_background_errors_are_reported_and_end_the_work():
    changes, errors = [], []

    def work():
        yield
        raise RuntimeError("no more")

    background = Background(changes.append, errors.append)
    background.start(work())
    background.wait(PATIENCE)
    assert [str(error) for error in errors] == ["no more"] and changes == [True, False]


def test_new_background_work_waits_for_the_end_of_the_old():
    old_begun, old_may_end, new_begun = threading.Event(), threading.Event(), threading.Event()
    ended = []

    def old():
        old_begun.set()
        assert old_may_end.wait(PATIENCE)
        ended.append("old")
        yield

    def new():
        new_begun.set()
        ended.append("new")
        yield

    background = Background(lambda running: None, lambda error: None)
    background.start(old())
    assert old_begun.wait(PATIENCE)
    background.start(new())
    assert not new_begun.wait(0.2), "two steps were going on at the same time"
    old_may_end.set()
    background.wait(PATIENCE)
    assert ended == ["old", "new"]


# --- painting live and the texture --------------------------------------------------------------


@pytest.mark.slow
def test_painting_starts_pauses_takes_new_weights_and_ends():
    lab = MAKERS["painting_live"]()
    before = lab.image.value
    lab.controls["count"].value = 40
    lab.begin.click()
    wait_until(lambda: len(lab.history.get("step", [])) > 2)
    assert lab.begin.disabled and not lab.stop.disabled and lab.controls["content"].disabled
    lab.pause.click()
    assert lab.pause.description == "Go on"
    time.sleep(0.3)
    step = lab.history["step"][-1]
    lab.controls["style_weight"].value = 10.0
    lab.pause.click()
    lab.background.wait(PATIENCE)
    assert step < lab.history["step"][-1] == 40
    assert is_clean(lab), lab.line.value
    assert lab.image.value != before
    assert not lab.begin.disabled and lab.stop.disabled and lab.pause.disabled
    # The total counts the style ten times as much after the turn.
    changed = lab.history["step"].index(step) + 1
    jump = lab.history["total"][changed + 1] / lab.history["total"][changed - 1]
    assert jump > 2


def test_painting_can_be_stopped():
    lab = MAKERS["painting_live"]()
    lab.controls["count"].value = 400
    lab.begin.click()
    wait_until(lambda: lab.history.get("step"))
    lab.stop.click()
    lab.background.wait(PATIENCE)
    assert not lab.background.is_running and lab.history["step"][-1] < 400
    assert lab.painted.shape == collection.photograph("chelsea", size=48).shape


def test_weights_that_cannot_be_used_are_reported_and_painting_goes_on():
    lab = MAKERS["painting_live"]()
    lab.controls["count"].value = 400
    lab.begin.click()
    wait_until(lambda: lab.history.get("step"))
    lab.change(content_weight=0.0, style_weight=0.0, variation_weight=0.0)
    wait_until(lambda: lab.error is not None)
    assert "all weights are 0" in lab.line.value
    step = lab.history["step"][-1]
    wait_until(lambda: lab.history["step"][-1] > step)
    lab.change(style_weight=1.0)
    wait_until(lambda: lab.error is None)
    lab.stop.click()
    lab.background.wait(PATIENCE)


def test_only_one_painting_goes_on_at_a_time():
    first, second = MAKERS["painting_live"](), MAKERS["painting_live"]()
    first.controls["count"].value = 400
    first.begin.click()
    wait_until(lambda: first.history.get("step"))
    second.controls["count"].value = 20
    second.begin.click()
    second.background.wait(PATIENCE)
    first.background.wait(PATIENCE)
    assert not first.background.is_running and first.history["step"][-1] < 400
    assert second.history["step"][-1] == 20


def test_a_painting_that_fails_says_so():
    lab = widgets.painting_live(size=48, every=2, learning_rate=-1.0)
    lab.begin.click()
    lab.background.wait(PATIENCE)
    assert "learning_rate=-1.0" in lab.line.value and 'role="alert"' in lab.line.value
    assert not lab.begin.disabled


def test_a_texture_is_made_in_the_background():
    lab = MAKERS["gram_explorer"]()
    before = opened(lab)
    lab.make.click()
    lab.background.wait(PATIENCE)
    assert is_clean(lab), lab.line.value
    assert "texture, 6 of 6 steps" in lab.texture
    after = opened(lab)
    assert after.shape == before.shape
    assert np.abs(after.astype(int) - before.astype(int)).max() > 100


# --- files --------------------------------------------------------------------------------------


def test_uploads_of_both_versions_are_understood():
    seven = {"a.png": {"metadata": {"name": "a.png", "size": 2}, "content": b"ab"}}
    eight = ({"name": "a.png", "size": 2, "content": memoryview(b"ab")},)
    assert uploaded_files(seven) == uploaded_files(eight) == [("a.png", b"ab")]
    assert uploaded_files({}) == uploaded_files(()) == []


def test_this_version_s_upload_holds_what_the_tests_say(labs):
    holder = labs("style_lab").style_file
    hand_in(holder, "a.png", b"ab")
    assert uploaded_files(holder.value) == [("a.png", b"ab")]
    assert version("ipywidgets").startswith(("7.7", "8."))


@pytest.mark.parametrize("name", broken_files())
def test_a_broken_file_is_refused_with_words_and_changes_nothing(labs, name):
    lab = labs("style_lab")
    data, _ = broken_files()[name]
    before, settings = lab.image.value, lab.settings
    hand_in(lab.style_file, name, data)
    assert isinstance(lab.error, images.ImageError)
    assert name in lab.line.value and 'role="alert"' in lab.line.value
    assert lab.settings == settings and lab.image.value == before
    lab.controls["strength"].value = 0.25
    lab.controls["strength"].value = settings["strength"]
    assert is_clean(lab)


def test_uploaded_images_are_used():
    lab = MAKERS["style_lab"]()
    before = lab.image.value
    hand_in(lab.content_file, "holiday.png", whole_files()["png"])
    assert lab.settings["content"] == "yours: holiday.png" and is_clean(lab), lab.line.value
    assert lab.result.shape[:2] == (50, 64)
    changed = lab.image.value
    hand_in(lab.style_file, "paint.jpg", whole_files()["jpg"])
    assert lab.settings["style"] == "yours: paint.jpg" and is_clean(lab), lab.line.value
    assert len({before, changed, lab.image.value}) == 3
    # A file of the same name is another image.
    hand_in(lab.style_file, "paint.jpg", whole_files()["webp"])
    assert lab.settings["style"] == "yours: paint.jpg'" and is_clean(lab)


def test_the_result_is_saved_and_nothing_else_is_overwritten(labs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lab = labs("style_lab")
    lab.save_button.click()
    assert is_clean(lab) and "Saved stylized.png" in lab.line.value
    saved = images.load_image(tmp_path / "stylized.png")
    np.testing.assert_allclose(saved, lab.result, atol=1 / 255)
    Image.new("RGB", (3, 3)).save(tmp_path / "mine.png")
    original = (tmp_path / "mine.png").read_bytes()
    lab.file_name.value = "mine.png"
    lab.save_button.click()
    assert is_clean(lab) and "Saved mine-2.png" in lab.line.value
    assert (tmp_path / "mine.png").read_bytes() == original
    np.testing.assert_array_equal(images.load_image(tmp_path / "mine-2.png"), saved)


# --- the style lab's settings -------------------------------------------------------------------


def test_the_style_lab_does_what_feature_based_transfer_does():
    from course_lib.transfer import FeatureTransfer

    lab = MAKERS["style_lab"]()
    content, style = (
        collection.photograph("chelsea", size=64),
        collection.style_image("mosaic", size=64),
    )
    other = collection.style_image("woodcut", size=64)
    transfer = FeatureTransfer()
    lab.change(strength=0.5, relu1_1=0.4)
    wanted = transfer(content, style, strength=0.5, tap_strength={"relu1_1": 0.4})
    np.testing.assert_allclose(lab.result, wanted, atol=1e-3)
    lab.change(strength=1.0, relu1_1=1.0, second="woodcut", mix=0.25)
    wanted = transfer(content, [style, other], weights=(0.75, 0.25))
    np.testing.assert_allclose(lab.result, wanted, atol=1e-3)
    lab.change(second="", colors="covariance")
    wanted = transfer(content, style, keep_colors="covariance")
    np.testing.assert_allclose(lab.result, wanted, atol=1e-3)
    lab.change(colors="luminance")
    wanted = transfer(content, style, keep_colors="luminance")
    np.testing.assert_allclose(lab.result, wanted, atol=1e-3)


def test_a_mask_fades_whole_images_into_each_other():
    lab = MAKERS["style_lab"]()
    photograph, mosaic = lab.content("chelsea"), lab.result
    width = photograph.shape[1]
    lab.change(shape="left part", x=0.5, softness=0.0)
    left, right = np.s_[:, : width // 2 - 2], np.s_[:, width // 2 + 2 :]
    np.testing.assert_allclose(lab.result[left], mosaic[left], atol=1e-3)
    np.testing.assert_allclose(lab.result[right], photograph[right], atol=1e-3)
    prepared = lab.prepared.cache_info().misses
    lab.controls["x"].value = 0.3
    assert lab.prepared.cache_info().misses == prepared, "encoded anew to move a mask"
    lab.change(x=0.5, second="woodcut")
    masked = lab.result
    lab.change(shape="everywhere", mix=1.0)
    np.testing.assert_allclose(masked[right], lab.result[right], atol=1e-3)


def test_codes_are_made_once():
    lab = MAKERS["style_lab"]()
    lab.change(style="batik")
    styles_made = lab.style_code.cache_info().misses
    made = []
    for _ in range(2):
        for strength in (0.1, 0.2, 0.3):
            lab.controls["strength"].value = strength
        made.append(lab.content_code.cache_info().misses)
    assert made[0] == made[1] and lab.style_code.cache_info().misses == styles_made


def test_at_strength_0_the_photograph_has_no_grain():
    lab = MAKERS["style_lab"]()
    lab.controls["strength"].value = 0.0
    plain = lab.transfer(
        lab.content("chelsea"), collection.style_image("mosaic", size=64), strength=0.0
    )
    np.testing.assert_allclose(lab.result, plain, atol=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("softness", [0.0, 0.5, 1.0])
def test_masks_stay_in_their_range(shape, softness):
    for extent in (0.05, 0.5, 1.0):
        for place in ((0.0, 0.0), (0.5, 0.3), (1.0, 1.0)):
            mask = shape_mask((20, 31), shape, place=place, extent=extent, softness=softness)
            assert mask.shape == (20, 31) and mask.dtype == np.float32
            assert mask.min() >= 0 and mask.max() <= 1


def test_masks_lie_where_they_are_asked_for():
    spot = shape_mask((100, 200), "ellipse", place=(0.25, 0.5), extent=0.3, softness=0.2)
    assert spot[50, 50] == 1 and spot[50, 150] == 0 and spot[5, 50] == 0
    left = shape_mask((10, 100), "left part", place=(0.3, 0.5), extent=0.5, softness=0.0)
    assert left[:, :29].min() == 1 and left[:, 31:].max() == 0
    soft = shape_mask((1, 400), "left part", place=(0.5, 0.5), extent=1.0, softness=1.0)[0]
    assert np.all(np.diff(soft) <= 0) and np.count_nonzero((soft > 0.05) & (soft < 0.95)) > 100
    sharp = shape_mask((100, 100), "rectangle", place=(0.5, 0.5), extent=0.5, softness=0.0)
    assert sharp.mean() == pytest.approx(0.25, abs=0.02)
    assert shape_mask((4, 5), "everywhere").min() == 1
    with pytest.raises(ValueError, match="star"):
        shape_mask((4, 5), "star")


@pytest.mark.parametrize(("shape", "needed"), [("everywhere", ""), ("left part", "x softness")])
def test_only_sliders_that_say_something_about_a_shape_are_seen(labs, shape, needed):
    lab = labs("style_lab")
    lab.controls["shape"].value = shape
    placing = ("x", "y", "extent", "softness")
    seen = [name for name in placing if lab.controls[name].layout.display != "none"]
    assert seen == needed.split()
    lab.controls["shape"].value = "everywhere"


# --- the brush ----------------------------------------------------------------------------------


def test_a_stroke_covers_its_way_and_no_more():
    blank = np.zeros((40, 60), "float32")
    drawn = stroke(blank, (10, 20), (50, 20), radius=6, softness=0.5)
    assert drawn.dtype == np.float32 and drawn.shape == blank.shape and blank.max() == 0
    assert drawn[20, 8:52].min() == 1
    assert drawn[27:].max() == drawn[:13].max() == drawn[:, :3].max() == 0
    assert np.all(np.diff(drawn[20:30, 30]) <= 0) and 0 < drawn[24, 30] < 1
    dot = stroke(drawn, (30, 35), (30, 35), radius=3, softness=0.0)
    assert dot[35, 30] == 1 and np.all(dot >= drawn)
    rubbed = stroke(dot, (10, 20), (50, 20), radius=12, softness=0.0, erase=True)
    assert rubbed[:30].max() == 0 and rubbed[35, 30] == 1


def moved_mouse(brush, *places):
    """What the browser sends when the mouse is pressed, moved and let go."""
    names = ["mouse_down", *["mouse_move"] * (len(places) - 1)]
    for name, (x, y) in zip(names, places, strict=True):
        brush.canvas._handle_frontend_event(None, {"event": name, "x": x, "y": y}, [])


def let_go(brush):
    brush.canvas._handle_frontend_event(None, {"event": "mouse_up", "x": 0, "y": 0}, [])


def test_the_mask_can_be_painted_where_ipycanvas_is_installed():
    pytest.importorskip("ipycanvas", reason="the extra `brush` is not installed")
    lab = MAKERS["style_lab"]()
    brush = lab.brush
    assert brush.layout.display == "none"
    lab.controls["shape"].value = "painted by hand"
    assert brush.layout.display is None and "Nothing is painted yet" in lab.line.value
    height, width = lab.result.shape[:2]
    assert (brush.canvas.height, brush.canvas.width) == (height, width)
    before, drawings = lab.result, lab.drawings
    moved_mouse(brush, (5, 5), (10, 6), (20, 5))
    moved_mouse(brush, (20, 5), (20, 6))
    assert lab.drawings == drawings, "drawn while the button is held"
    let_go(brush)
    assert lab.drawings == drawings + 1 and is_clean(lab)
    assert brush.mask[5, 5:20].min() == 1 and brush.mask[height // 2 :].max() == 0
    change = np.abs(lab.result - before).mean(axis=-1)
    assert change[4:7, 6:19].mean() > 5 * change[-8:].mean()

    brush.rubs_out.value = True
    brush.size.value = 0.4
    moved_mouse(brush, (5, 5), (20, 5))
    let_go(brush)
    assert brush.mask[5, 5:20].max() == 0
    brush.rubs_out.value = False
    moved_mouse(brush, (30, 20))
    let_go(brush)
    assert brush.mask.any()
    moved = lab.drawings
    brush.canvas._handle_frontend_event(None, {"event": "mouse_move", "x": 1, "y": 1}, [])
    let_go(brush)
    assert lab.drawings == moved, "nothing was pressed"
    lab.controls["content"].value = "rocket"
    assert brush.mask.shape == lab.result.shape[:2] and not brush.mask.any() and is_clean(lab)


def test_without_ipycanvas_the_shapes_are_all_there_is(monkeypatch):
    # This is what Python writes down for a module that cannot be imported.
    monkeypatch.setitem(sys.modules, "ipycanvas", None)
    lab = MAKERS["style_lab"]()
    assert lab.brush is None and tuple(lab.controls["shape"].options) == SHAPES
    for shape in SHAPES:
        lab.controls["shape"].value = shape
        assert is_clean(lab), lab.line.value


# --- what the labs show -------------------------------------------------------------------------


def test_the_bench_shows_what_the_layers_of_lesson_one_give(labs):
    lab = labs("convolution_bench")
    first = lab.settings
    lab.change(stride=2, padding="reflect", pooling="max")
    assert "image 100 × 100 → convolved 50 × 50 → pooled 25 × 25" in lab.line.value
    lab.controls["kernel_00"].value = 5.0
    assert lab.controls["kernel"].value == "your own"
    lab.change(**first)


def test_a_narrower_code_takes_fewer_bits_and_shows_less(labs):
    lab = labs("bottleneck_lab")
    base = {"tap": "relu3_1", "divisor": 1, "rounding": 0.05}
    image = lab.first("chelsea")

    def result(**changes):
        settings = base | changes
        code, bits = lab.narrowed("chelsea", settings)
        drawn = lab.decode(code, settings["tap"], image.shape[:2])
        return bits, float(np.mean((drawn - image) ** 2))

    whole, fewer, coarser = result(), result(divisor=16), result(rounding=2)
    assert fewer[0] < whole[0] / 4 and coarser[0] < whole[0] / 2
    assert fewer[1] > whole[1] and coarser[1] > whole[1]


def test_a_whole_code_is_what_the_autoencoder_makes_of_the_image(labs):
    lab = labs("bottleneck_lab")
    code, _ = lab.narrowed("coffee", {"tap": "relu2_1", "divisor": 1, "rounding": 0.001})
    encoded = lab.autoencoder.encode(lab.first("coffee")[None])["relu2_1"]
    np.testing.assert_allclose(code, np.asarray(encoded)[0], atol=0.01)


def test_an_image_is_rebuilt_with_other_settings_for_once(labs):
    lab = labs("bottleneck_lab")
    settings, shown = lab.settings, lab.image.value
    plain, mixed = lab.rebuilt(tap="relu1_1"), lab.rebuilt(tap="relu1_1", blend=1.0)
    assert np.abs(plain - lab.first("chelsea")).mean() < 0.03
    assert np.abs(mixed - lab.second("coffee")).mean() < 0.03
    assert lab.settings == settings and lab.image.value == shown


def test_the_chart_s_words_are_not_cut_off():
    history = {"step": [0, 1], "total": [1, 0.9], "content": [0, 0.1], "style": [1, 0.8]}
    chart = widgets.loss_chart(history | {"variation": [0.1, 0.1]}, 10)
    assert chart[:40, -2:].min() == 255 and chart[:40, :2].min() == 255
    assert chart[:40].min() < 128


def test_the_patches_excite_their_channel_most(labs):
    lab = labs("feature_browser")
    for tap, channel in (("relu1_1", 3), ("relu3_1", lab.lively_channel("chelsea", "relu3_1"))):
        values, places = lab.strongest[tap]
        best = int(values[:, channel].argmax())
        side = lab.receptive_field(tap)
        patch = lab.cut(lab.searched[best], tap, places[best, channel])
        assert patch.shape == (side, side, 3)
        level = lab.encoder.taps.index(tap)
        top, left = (int(p) * 2**level + (2**level - side) // 2 for p in places[best, channel])
        if top >= 0 and left >= 0 and max(top, left) + side <= 128:
            np.testing.assert_array_equal(
                patch, lab.searched[best][top : top + side, left : left + side]
            )


def test_the_framed_entry_is_the_mean_of_the_product(labs):
    lab = labs("gram_explorer")
    settings = lab.settings
    features, grams = lab.maps(settings["style"])
    maps, i, j = features[settings["tap"]], settings["i"], settings["j"]
    mean = float(np.mean(maps[..., i] * maps[..., j]))
    assert grams[settings["tap"]][i, j] == pytest.approx(mean, rel=1e-3)
    assert f"G[{i}, {j}] = {mean:.4g}"[:12] in lab.line.value


def test_the_divider_shows_one_image_on_each_side(labs):
    lab = labs("compare_lab")
    first = lab.settings
    lab.change(pair="darker", divider=0.5)
    shown = opened(lab)[-330:].astype(float)
    middle = shown.shape[1] // 2
    plain = collection.photograph("coffee", size=64)
    left, right = shown[:, : middle - 8].mean(), shown[:, middle + 8 :].mean()
    half = plain.shape[1] // 2
    assert left == pytest.approx(255 * plain[:, :half].mean(), rel=0.1)
    assert right == pytest.approx(127 * plain[:, half:].mean(), rel=0.1)
    lab.change(**first)


def test_metrics_of_the_compare_lab_name_the_pair(labs):
    lab = labs("compare_lab")
    first = lab.settings
    lab.change(pair="mirrored")
    assert "style moved" in lab.line.value and "PSNR" in lab.line.value
    lab.change(pair="darker")
    assert "style moved" not in lab.line.value
    lab.change(**first)


def test_images_are_cut_to_fit_from_their_middle():
    wide = np.zeros((10, 40, 3), "float32")
    wide[:, 15:25] = 1.0
    square = fitted(wide, (10, 10))
    assert square.shape == (10, 10, 3) and square.min() == 1.0
