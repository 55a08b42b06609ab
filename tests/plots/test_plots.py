"""Figures: alternative text always, images true to their pixels, the reader's settings kept."""

import base64
import io
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox
from PIL import Image

from course_lib import plots
from course_lib.errors import ArgumentError
from course_lib.plots import drawing

RAMP = np.linspace(0, 1, 24 * 32 * 3, dtype="float32").reshape(24, 32, 3)
QUARTERS = np.array([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 1, 1]]], dtype="float32")
RISING = ([0, 1, 2], [1.0, 2.0, 4.0])

EVERY_FIGURE = {
    "show_image": lambda alt: plots.show_image(RAMP, alt=alt),
    "show_images": lambda alt: plots.show_images({"a": RAMP, "b": RAMP[..., 0]}, alt=alt),
    "show_difference": lambda alt: plots.show_difference(RAMP, RAMP**2, alt=alt),
    "show_feature_maps": lambda alt: plots.show_feature_maps(RAMP, alt=alt),
    "plot_lines": lambda alt: plots.plot_lines({"a": RISING}, "step", "loss", alt=alt),
    "plot_bars": lambda alt: plots.plot_bars({"a": 1.0, "b": 2.0}, "loss", alt=alt),
    "plot_histogram": lambda alt: plots.plot_histogram(RAMP, alt=alt),
    "plot_scatter": lambda alt: plots.plot_scatter({"a": (0, 1), "b": (1, 0)}, "x", "y", alt=alt),
    "show_matrix": lambda alt: plots.show_matrix(np.eye(3), alt=alt),
    "show_clip": lambda alt: plots.show_clip({"a": np.stack([RAMP, RAMP**2])}, alt=alt),
    "show_spectrograms": lambda alt: plots.show_spectrograms(
        {"a": -RAMP[..., 0]}, frames_per_second=10, highest=1000, alt=alt
    ),
}
CLEAR = np.random.default_rng(0).uniform(size=(40, 60, 3)).repeat(8, axis=0).repeat(8, axis=1)


@pytest.fixture
def displayed(monkeypatch):
    """What was handed to Jupyter, in order."""
    seen = []
    monkeypatch.setattr(drawing, "display", seen.append)
    return seen


@pytest.fixture
def figures(monkeypatch):
    """The Matplotlib figures of plots, as they were before they became bytes."""
    drawn = []

    def keep(figure):
        drawn.append(figure)
        return FigureCanvasAgg(figure)

    monkeypatch.setattr(drawing, "FigureCanvasAgg", keep)
    return drawn


def pixels(figure):
    return np.asarray(Image.open(io.BytesIO(figure.data)).convert("RGB"), dtype=float) / 255


# --- what a notebook stores ----------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY_FIGURE)
def test_every_figure_is_an_image_with_alternative_text_and_comparable_words(name, displayed):
    EVERY_FIGURE[name]("A ramp.\n  Brighter to the right.")
    figure, spoken = displayed
    data, metadata = figure._repr_mimebundle_()
    (format,) = set(data) - {"text/plain"}
    assert data["text/plain"] == "Figure: A ramp. Brighter to the right."
    assert metadata[format]["alt"] == "A ramp. Brighter to the right."
    image = Image.open(io.BytesIO(base64.b64decode(data[format], validate=True)))
    assert image.format == format.removeprefix("image/").upper()
    assert metadata[format]["width"] == figure.width
    assert ">A ramp. Brighter to the right.</span>" in spoken._repr_html_()


@pytest.mark.parametrize("name", EVERY_FIGURE)
@pytest.mark.parametrize("alt", ["", "  \n"])
def test_no_figure_without_alternative_text(name, alt, displayed):
    with pytest.raises(ArgumentError, match="Every figure needs alternative text"):
        EVERY_FIGURE[name](alt)
    assert displayed == []


def test_the_spoken_words_cannot_break_out_of_their_markup(displayed):
    plots.show_image(RAMP, alt='<b>bold</b> & "quoted"')
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;</span>" in displayed[1]._repr_html_()


def test_drawing_leaves_pyplot_and_the_backend_alone():
    code = (
        "import sys, numpy; from course_lib import plots;"
        "plots.plot_lines({'a': ([0, 1], [1, 2])}, 'x', 'y', alt='A line.');"
        "plots.show_image(numpy.ones((4, 4)), alt='White.');"
        "print('matplotlib.pyplot' in sys.modules, 'keras' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "False False"


def test_photographs_are_jpeg_and_plots_and_squares_are_png(displayed):
    plots.show_image(CLEAR, alt="A photograph, larger than it is shown.", width=300)
    plots.show_image(QUARTERS, alt="Four squares.")
    plots.plot_lines({"a": RISING}, "step", "loss", alt="A line.")
    formats = [figure.format for figure in displayed[::2]]
    assert formats == ["image/jpeg", "image/png", "image/png"]
    assert max(len(figure.data) for figure in displayed[::2]) < 60_000


@pytest.mark.parametrize("side", [29, 57, 58, 113, 116, 201])
def test_images_are_placed_pixel_by_pixel(side):
    checkers = np.indices((side, side)).sum(axis=0) % 2
    figure = plots.draw_images({"": checkers}, alt="A checkerboard.", width=side)
    assert (figure.width, figure.height) == (side, side)
    assert np.abs(pixels(figure)[..., 0] - checkers).max() < 0.1


# --- images ------------------------------------------------------------------------------


def test_a_tiny_image_is_enlarged_pixel_by_pixel():
    shown = pixels(plots.draw_images({"": QUARTERS}, alt="Four squares.", width=200))
    assert shown.shape == (200, 200, 3)
    for row, column in np.ndindex(2, 2):
        inside = shown[100 * row + 10 : 100 * row + 90, 100 * column + 10 : 100 * column + 90]
        assert np.abs(inside - QUARTERS[row, column]).max() < 0.05


def test_a_large_image_keeps_its_proportions_and_colors():
    large = np.ones((400, 800, 3), "float32") * [0.2, 0.5, 0.8]
    shown = pixels(plots.draw_images({"": large}, alt="Blue.", width=300))
    assert shown.shape == (150, 300, 3)
    assert np.abs(shown - [0.2, 0.5, 0.8]).max() < 0.03


def test_a_white_image_gets_a_frame_and_others_keep_their_rim():
    white = np.ones((300, 300, 3))
    dotted = white.copy()
    dotted[0, 150] = 0.5
    for image, framed in ((white, True), (dotted, False)):
        shown = pixels(plots.draw_images({"": image}, alt="White.", width=300))
        assert bool(shown[[0, -1]].max() < 0.7 and shown[:, [0, -1]].max() < 0.7) is framed
        assert shown[8:-8, 8:-8].min() > 0.97  # JPEG blurs the frame into its blocks of 8


def test_a_tall_image_does_not_fill_the_page():
    shown = pixels(plots.draw_images({"": np.zeros((2000, 100))}, alt="A strip.", width=300))
    assert shown.shape[0] <= 1.4 * 300


def test_images_stand_in_their_order_with_white_between_them():
    flat = {f"{value:.1f}": np.full((300, 300), value) for value in (0.1, 0.3, 0.5, 0.7, 0.9)}
    shown = pixels(plots.draw_images(flat, alt="Five grays.", columns=3, width=624))
    first_row, second_row = shown[130, :, 0], shown[-100, :, 0]
    found = [first_row[x] for x in (100, 312, 524)] + [second_row[x] for x in (100, 312)]
    assert np.allclose(found, [0.1, 0.3, 0.5, 0.7, 0.9], atol=0.03)
    assert np.allclose([first_row[206], second_row[524]], 1, atol=0.03)


def test_five_images_are_spread_evenly_and_titles_make_room():
    five = {str(number): RAMP for number in range(5)}
    titled, untitled = plots.draw_images(five, alt="x"), plots.draw_images({"": RAMP}, alt="x")
    assert titled.width > 700
    longer = plots.draw_images({"a title of many words that has to be wrapped": RAMP}, alt="x")
    assert longer.height > untitled.height


@pytest.mark.parametrize(
    "same",
    [
        np.uint8(np.round(RAMP * 255)),
        RAMP[None],
        RAMP.astype("float64"),
        np.where(RAMP > 0.99, 1.001, RAMP),
    ],
    ids=["uint8", "batch of one", "float64", "slightly above 1"],
)
def test_all_forms_of_an_image_are_drawn_alike(same):
    expected = pixels(plots.draw_images({"": RAMP}, alt="x"))
    assert np.abs(pixels(plots.draw_images({"": same}, alt="x")) - expected).max() < 0.03


def test_gray_images_are_gray():
    for gray in (RAMP[..., 0], RAMP[..., :1]):
        shown = pixels(plots.draw_images({"": gray}, alt="x"))
        assert np.ptp(shown, axis=-1).max() < 0.02


@pytest.mark.parametrize("framework", ["tensorflow", "torch"])
def test_tensors_are_images(framework):
    module = pytest.importorskip(framework)
    tensor = module.as_tensor(RAMP) if framework == "torch" else module.convert_to_tensor(RAMP)
    if framework == "torch":
        tensor.requires_grad_()
    expected = pixels(plots.draw_images({"": RAMP}, alt="x"))
    assert np.array_equal(pixels(plots.draw_images({"": tensor}, alt="x")), expected)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (RAMP * 255, "Divide by 255"),
        (RAMP - 3, "values from -3 to -2"),
        (RAMP * np.nan, "NaN"),
        (np.zeros((2, 8, 8, 3)), r"shape \(2, 8, 8, 3\)"),
        (np.zeros((8, 8, 4)), r"shape \(8, 8, 4\)"),
        (np.zeros((0, 8, 3)), r"shape \(0, 8, 3\)"),
    ],
)
def test_what_is_no_image_is_refused_by_name(wrong, words):
    with pytest.raises(ArgumentError, match=f"'cat'.*{words}"):
        plots.draw_images({"cat": wrong}, alt="x")


def test_no_images_and_no_lines_are_refused():
    with pytest.raises(ArgumentError, match="no images"):
        plots.show_images({})
    with pytest.raises(ArgumentError, match="no lines"):
        plots.plot_lines({}, "x", "y")


def test_a_difference_is_gray_where_images_agree_and_amplified_where_not(displayed):
    a = np.full((240, 240, 3), 0.4, "float32")
    b = a.copy()
    b[:120] += 0.05
    plots.show_difference(a, b, alt="Two grays.", factor=4, width=744)
    shown = pixels(displayed[0])
    assert np.allclose(shown[80, 620], 0.5 + 4 * 0.05, atol=0.03)
    assert np.allclose(shown[-60, 620], 0.5, atol=0.03)
    with pytest.raises(ArgumentError, match="equal shape"):
        plots.show_difference(a, b[:100])


def test_feature_maps_run_from_black_to_white_and_constant_ones_are_black(displayed):
    features = np.zeros((1, 20, 20, 3), "float32")
    features[0, :10, :, 1] = 7.0
    plots.show_feature_maps(features, alt="Maps.", channels=[1, 2], width=412)
    shown = pixels(displayed[0])
    assert np.allclose(shown[70, 100], 1, atol=0.03)
    assert np.allclose(shown[-50, 100], 0, atol=0.03)
    assert np.allclose(shown[-50, 312], 0, atol=0.03)
    with pytest.raises(ArgumentError, match="height, width, channels"):
        plots.show_feature_maps(np.zeros((4, 4)))


# --- plots ---------------------------------------------------------------------------------


def test_lines_differ_in_color_and_dashes_and_have_names_and_axes(displayed, figures):
    lines = {f"line {number}": RISING for number in range(4)}
    plots.plot_lines(lines, "step", "loss", alt="Lines.", title="Training")
    (axes,) = figures[0].axes
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("step", "loss", "Training")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(lines)
    assert len({line.get_color() for line in axes.get_lines()}) == 4
    assert len({line.get_linestyle() for line in axes.get_lines()}) == 4


def test_a_logarithmic_axis_has_plain_numbers(displayed, figures):
    plots.plot_lines({"": ([1, 2, 16], [1, 2, 3])}, "code size", "PSNR (dB)", logx=True)
    ticks = figures[0].axes[0].get_xticklabels()
    assert [tick.get_text() for tick in ticks] == ["1", "2", "16"]


def test_x_and_y_of_a_line_must_have_the_same_length():
    with pytest.raises(ArgumentError, match="'a' has 2 x values and 3 y values"):
        plots.plot_lines({"a": ([1, 2], [1, 2, 3])}, "x", "y")


def test_bars_are_labeled_and_carry_their_values(displayed, figures):
    plots.plot_bars(
        {"squared": 24.31, "absolute": -3},
        "PSNR (dB)",
        alt="Bars.",
        spread={"squared": 1.0, "absolute": 0.5},
    )
    (axes,) = figures[0].axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["squared", "absolute"]
    assert {"24.3", "-3"} <= {text.get_text() for text in axes.texts}
    assert axes.get_xlabel() == "PSNR (dB)"


METHODS = {"AdaIN": (0.3, 0.74), "WCT": (0.5, 0.735), "pixels": (0.01, 0.2), "slow": (20, 0.6)}


def test_a_scatter_names_its_points_and_connects_its_front(displayed, figures):
    front = ["pixels", "AdaIN"]
    plots.plot_scatter(METHODS, "seconds", "style", alt="Points.", front=front, logx=True)
    (axes,) = figures[0].axes
    line, *marks = axes.get_lines()
    assert line.get_xydata().tolist() == [[0.01, 0.2], [0.3, 0.74]]
    assert [tuple(mark.get_xydata()[0]) for mark in marks] == list(METHODS.values())
    filled = [mark.get_markerfacecolor() != "white" for mark in marks]
    assert filled == [True, False, True, False]
    assert [text.get_text() for text in axes.texts] == list(METHODS)
    assert (axes.get_xlabel(), axes.get_xscale()) == ("seconds", "log")
    with pytest.raises(ArgumentError, match="The front has 'gone'"):
        plots.plot_scatter(METHODS, "x", "y", front=["gone"])
    with pytest.raises(ArgumentError, match="no points"):
        plots.plot_scatter({}, "x", "y")


def test_labels_of_a_scatter_cover_neither_each_other_nor_a_point(displayed, figures):
    crowd = {f"method {number}": (0.5 + 0.01 * number, 0.5) for number in range(3)}
    plots.plot_scatter(crowd | {"far": (0, 0), "right": (1, 1)}, "x", "y", alt="Points.")
    (axes,) = figures[0].axes
    boxes = [text.get_window_extent() for text in axes.texts]
    points = [axes.transData.transform(point) for point in crowd.values()]
    for number, box in enumerate(boxes):
        assert all(Bbox.intersection(box, other) is None for other in boxes[:number])
        assert not any(box.contains(x, y) for x, y in points)
        assert np.allclose(Bbox.intersection(box, axes.bbox).extents, box.extents)


def test_histograms_count_everything_and_share_their_axes(displayed, figures):
    plots.plot_histogram({"color": RAMP, "gray": RAMP[..., 0]}, alt="Counts.", bins=10)
    color, gray = figures[0].axes
    assert len(color.patches) == 3
    assert len(gray.patches) == 1
    for line in (*color.patches, *gray.patches):
        assert np.isclose(line.get_data().values.sum(), 100)
    assert color.get_ylim() == gray.get_ylim()
    assert color.get_legend() is not None
    assert gray.get_legend() is None


def test_a_histogram_of_other_ranges_shows_all_values(displayed, figures):
    plots.plot_histogram(np.array([-2.0, 0.0, 3.0]), alt="Counts.", bins=5)
    edges = figures[0].axes[0].patches[0].get_data().edges
    assert (edges[0], edges[-1]) == (-2.0, 3.0)


@pytest.mark.parametrize("letters", [2, 5, 6, 8, 11])
def test_the_labels_of_rows_are_not_cut_off(letters, displayed, figures):
    """Where height limits the squares, Matplotlib's usual layout leaves labels too little room."""
    plots.show_matrix(
        np.zeros((5, 3)), row_labels=["a" * letters, *"bcde"], column_labels=list("fgh"),
        title="grid, in thousandths", width=340, alt="x",
    )  # fmt: skip
    assert figures[0].axes[0].get_yticklabels()[0].get_window_extent().x0 > 0


def test_a_matrix_shows_its_numbers_readably_and_its_labels(displayed, figures):
    plots.show_matrix(
        [[1, -2], [0, 4]], alt="A matrix.", row_labels=["a", "b"], column_labels=["c", "d"]
    )
    axes = figures[0].axes[0]
    assert [text.get_text() for text in axes.texts] == ["1", "-2", "0", "4"]
    assert axes.texts[2].get_color() == "black"
    assert axes.texts[3].get_color() == "white"
    assert axes.get_images()[0].get_clim() == (-4, 4)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b"]
    with pytest.raises(ArgumentError, match="rows, columns"):
        plots.show_matrix([1, 2])


def test_matrices_with_the_same_limits_share_their_colors(displayed, figures):
    plots.show_matrix([[1, 3]], alt="Small.", limits=(0, 9))
    plots.show_matrix([[1, 9]], alt="Large.", limits=(0, 9))
    plots.show_matrix([[-1, 2]], alt="Signed.", limits=(-5, 3))
    found = [figure.axes[0].get_images()[0].get_clim() for figure in figures]
    assert found == [(0, 9), (0, 9), (-5, 5)]


def test_a_large_matrix_shows_no_numbers(displayed, figures):
    plots.show_matrix(np.ones((20, 20)), alt="Ones.")
    assert len(figures[0].axes[0].texts) == 0
