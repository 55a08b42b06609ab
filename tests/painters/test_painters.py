"""Painters: the collection's style images repainted and compared, and what the painters promise.

Repainting is not exact to the bit: another Pillow, numpy or processor moves an edge by a pixel now
and then. Measured between numpy 2.0 with Pillow 10 and numpy 2.4 with Pillow 13, the mean
difference was at most 0.01 of 255 steps, and 0.005 % of the values differed by more than 24.
"""

import re
from functools import cache

import numpy as np
import pytest

from course_lib import collection, images, painters
from course_lib.errors import ArgumentError
from course_lib.painters import canvas, fields, palettes, scenes
from course_lib.painters.canvas import Brush, Canvas
from course_lib.painters.palettes import Palette, random_palette

NAMES = list(painters.PAINTERS)
GRAYS = ["#111111", "#444444", "#777777", "#aaaaaa", "#eeeeee"]
REDS = ["#200000", "#600008", "#a01010", "#e04030", "#ffd8d0"]


@pytest.fixture(scope="session")
def repainted():
    """The painters' own images, each painted once when first asked for."""
    kept: dict[str, np.ndarray] = {}

    def image(name: str) -> np.ndarray:
        if name not in kept:
            kept[name] = painters.paint(name)
        return kept[name]

    return image


def same_painting(one: np.ndarray, other: np.ndarray) -> bool:
    steps = np.abs(one - other) * 255
    return steps.mean() < 0.25 and (steps > 24).mean() < 0.001


def as_stored(image: np.ndarray) -> np.ndarray:
    return images.load_image(painters.style_bytes(image))


# ---- the collection ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_stored_image_is_what_the_painter_paints(name, repainted):
    stored = images.load_image(collection.data_path(f"styles/{name}.jpg"))
    assert stored.shape == (512, 512, 3)
    assert same_painting(stored, as_stored(repainted(name)))


@pytest.mark.parametrize("name", ["ink_wash", "turing", "woodcut", "stained_glass"])
def test_a_slightly_different_manner_would_be_noticed(name, repainted):
    assert not same_painting(repainted(name), painters.paint(name, scale=1.03))


def test_a_slightly_different_color_would_be_noticed(repainted):
    colors = Palette.of(painters.PAINTERS["turing"].palette).colors
    duller = painters.paint("turing", palette=0.97 * colors)
    assert not same_painting(repainted("turing"), duller)


def test_stored_images_are_small_enough_to_carry_along():
    folder = collection.data_path("styles")
    sizes = {name: (folder / f"{name}.jpg").stat().st_size for name in NAMES}
    assert max(sizes.values()) <= 150_000, sizes


def test_the_manifest_says_of_each_image_what_the_painter_says():
    assert len(NAMES) >= 14
    for path, said in painters.descriptions().items():
        noted = collection.info(path)
        assert {key: noted[key] for key in said} == said


def test_titles_differ_and_manners_are_sentences():
    assert len({painter.title for painter in painters.PAINTERS.values()}) == len(NAMES)
    for painter in painters.PAINTERS.values():
        assert re.fullmatch(r"[A-Z].{30,}\.", painter.manner), painter.name


def test_styles_are_written_one_file_for_each_painter(tmp_path, monkeypatch, repainted):
    few = {name: painters.PAINTERS[name] for name in ("ink_wash", "turing")}
    monkeypatch.setattr(painters, "PAINTERS", few)
    paths = painters.write_styles(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert [path.name for path in paths] == ["ink_wash.jpg", "turing.jpg"]
    assert [path.read_bytes() for path in paths] == [
        painters.style_bytes(repainted(name)) for name in few
    ]


def test_writing_styles_needs_a_folder(tmp_path):
    with pytest.raises(ArgumentError, match="no such folder"):
        painters.write_styles(tmp_path / "missing")


# ---- what every painter promises --------------------------------------------------------------


@cache
def small(name: str, seed: int) -> np.ndarray:
    return painters.paint(name, size=64, seed=seed)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("size", "scale"), [(32, 4.0), (97, 0.7)])
def test_any_size_and_scale_give_an_image(name, size, scale):
    image = painters.paint(name, size=size, seed=3, scale=scale, palette=["#000000", "#ffffff"])
    assert image.shape == (size, size, 3)
    assert image.dtype == np.float32
    assert np.isfinite(image).all()
    assert 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides_the_image(name):
    np.testing.assert_array_equal(small(name, 11), painters.paint(name, size=64, seed=11))
    assert np.abs(small(name, 11) - small(name, 12)).mean() > 0.03


@pytest.mark.parametrize("name", NAMES)
def test_the_palette_decides_the_colors(name):
    gray = painters.paint(name, size=64, palette=GRAYS).mean(axis=(0, 1))
    red = painters.paint(name, size=64, palette=REDS).mean(axis=(0, 1))
    assert np.ptp(gray) < 0.05
    assert red[0] - red[1:].max() > 0.08


@pytest.mark.parametrize("name", NAMES)
def test_the_composition_is_the_same_at_every_size(name, repainted):
    half = painters.paint(name, size=256)
    blurred = [fields.blur(image, 0.04) for image in (canvas.shrink(repainted(name), 2), half)]
    assert np.abs(blurred[0] - blurred[1]).mean() < 0.03


@pytest.mark.parametrize("name", NAMES)
def test_images_have_light_and_dark_and_large_shapes(name, repainted):
    light = repainted(name).mean(axis=-1)
    assert np.ptp(np.percentile(light, [2, 98])) > 0.35
    assert fields.blur(light, 0.05).std() > 0.03


def test_two_painters_never_paint_alike():
    for k, name in enumerate(NAMES):
        for other in NAMES[:k]:
            assert np.abs(small(name, 11) - small(other, 11)).mean() > 0.05, (name, other)


# ---- the endless supply -----------------------------------------------------------------------


def test_the_supply_repeats_with_its_generator_and_moves_on():
    one, two = (np.random.default_rng(8) for _ in range(2))
    first = painters.random_painting(one, size=48)
    np.testing.assert_array_equal(first, painters.random_painting(two, size=48))
    following = painters.random_painting(one, size=48)
    assert first.shape == following.shape == (48, 48, 3)
    assert np.abs(first - following).mean() > 0.02


def test_the_supply_uses_every_painter_and_many_scales():
    generator = np.random.default_rng(1)
    recipes = [painters.random_recipe(generator) for _ in range(200)]
    assert {recipe["name"] for recipe in recipes} == set(NAMES)
    scales = [recipe["scale"] for recipe in recipes]
    assert min(scales) < 0.75
    assert max(scales) > 1.8
    assert len({recipe["seed"] for recipe in recipes}) == 200


def test_random_palettes_are_dark_and_bright_muted_and_vivid_warm_and_cold():
    generator = np.random.default_rng(2)
    labs = [palettes.to_oklab(random_palette(generator).colors) for _ in range(300)]
    light = np.array([lab[:, 0].mean() for lab in labs])
    strength = np.array([np.hypot(lab[:, 1], lab[:, 2]).mean() for lab in labs])
    yellow = np.array([lab[:, 2].mean() for lab in labs])
    assert (light < 0.48).mean() > 0.05
    assert (light > 0.68).mean() > 0.05
    assert (strength < 0.03).mean() > 0.05
    assert (strength > 0.11).mean() > 0.1
    assert (yellow > 0.03).mean() > 0.1
    assert (yellow < -0.03).mean() > 0.1


# ---- palettes ---------------------------------------------------------------------------------


def test_a_palette_runs_from_dark_to_light():
    palette = Palette(["#ffffff", "#000000", (0.5, 0.5, 0.5)])
    np.testing.assert_allclose(palette.colors[:, 0], [0, 0.5, 1])
    np.testing.assert_allclose(palette.ramp([0, 1]), [[0, 0, 0], [1, 1, 1]], atol=1e-6)


def test_pick_takes_the_color_of_tone_and_warmth():
    palette = Palette(["#101030", "#4060c0", "#c06020", "#f0e0c0"])
    picked = palette.pick(
        np.array([0.0, 0.45, 0.45, 1.0]), warmth=np.array([0.2, 0.0, 1.0, 0.6]), softness=1e-4
    )
    np.testing.assert_allclose(picked, palette.colors, atol=1e-4)


def test_oklab_and_back():
    colors = np.random.default_rng(3).random((50, 3))
    np.testing.assert_allclose(palettes.from_oklab(palettes.to_oklab(colors)), colors, atol=1e-6)
    # The lightness of white is 1 and that of sRGB's pure red 0.628, by Ottosson's table.
    np.testing.assert_allclose(palettes.to_oklab(np.eye(3)[0])[0], 0.628, atol=1e-3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["#123456"], "at least two colors, this has 1"),
        ([], "at least two colors, this has 0"),
        (["#123456", "red"], "'red' is not a color"),
        (["#123456", "#12345g"], "'#12345g' is not a color"),
        ([(0, 0, 0), (0, 0, 255)], "between 0 and 1"),
        ("sunset strip", "'sunset strip' is not one of our palettes: moonlight"),
    ],
)
def test_wrong_palettes_are_refused(wrong, message):
    with pytest.raises(ArgumentError, match=re.escape(message)):
        painters.paint("drip", size=32, palette=wrong)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "rembrandt"}, "'rembrandt' is not one of our painters: impressionist"),
        ({"name": "drip", "size": 16}, "size: 16"),
        ({"name": "drip", "size": 100.0}, "size: 100.0"),
        ({"name": "drip", "scale": 0}, "scale: 0"),
        ({"name": "drip", "scale": float("nan")}, "scale: nan"),
        ({"name": "drip", "seed": -1}, "seed: -1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ArgumentError, match=re.escape(message)):
        painters.paint(**arguments)


# ---- scenes, fields, brushes ------------------------------------------------------------------


@pytest.mark.parametrize("name", list(scenes.SCENES))
def test_scenes_describe_every_pixel(name):
    scene = scenes.SCENES[name](fields.generator(4), 80)
    for values in vars(scene).values():
        assert values.shape == (80, 80)
        assert np.isfinite(values).all()
    for values in (scene.tone, scene.warmth, scene.detail):
        assert 0 <= values.min() <= values.max() <= 1
    assert np.ptp(scene.tone) > 0.5
    assert len(np.unique(scene.label)) >= 4


def test_a_smooth_field_is_the_same_at_every_size():
    small = fields.smooth_noise(fields.generator(0), 50, 6)
    large = fields.smooth_noise(fields.generator(0), 200, 6)
    np.testing.assert_allclose(canvas.shrink(large, 4), small, atol=0.02)
    cut = (slice(10, 20), slice(5, 45))
    np.testing.assert_array_equal(
        fields.smooth_noise(fields.generator(0), 50, 6, window=cut), small[cut]
    )


def test_a_smooth_field_has_the_promised_spread():
    field = fields.smooth_noise(fields.generator(1), 400, 60)
    assert abs(field.mean()) < 0.05
    assert field.std() == pytest.approx(0.5, abs=0.03)


def test_borders_and_their_distance():
    numbers = np.zeros((10, 10), int)
    numbers[:, 4:] = 1
    assert fields.borders(numbers).sum(axis=0).tolist() == [0, 0, 0, 10, 0, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(fields.border_distance(numbers)[0, [3, 4, 9]], [0, 0.1, 0.6])


def test_traced_paths_follow_the_field_and_have_the_length_asked_for():
    angle = np.full((64, 64), 0.5)
    middle, lengths = np.array([0.3, 0.6]), np.array([0.1, 0.2])
    paths = canvas.trace(angle, middle, middle, lengths)
    ends = paths[:, -1] - paths[:, 0]
    np.testing.assert_allclose(np.hypot(*ends.T), lengths, rtol=1e-5)
    np.testing.assert_allclose(np.arctan2(ends[:, 1], ends[:, 0]), 0.5, rtol=1e-5)
    np.testing.assert_allclose(paths[:, 3], np.stack([middle, middle], axis=1), rtol=1e-6)


def test_a_later_stroke_covers_an_earlier_one():
    sheet = Canvas(fields.generator(0), 64, np.zeros(3))
    across = np.array([[(0.1, 0.5), (0.5, 0.5), (0.9, 0.5)], [(0.5, 0.1), (0.5, 0.5), (0.5, 0.9)]])
    red, green = (1, 0, 0), (0, 1, 0)
    sheet.lay(
        across, np.array([0.2, 0.2]), np.array([red, green]), brush=Brush(bristle=0, taper=0.1)
    )
    image = sheet.finish()
    np.testing.assert_allclose(image[32, 32], green, atol=1e-6)
    np.testing.assert_allclose(image[32, 12], red, atol=1e-6)
    np.testing.assert_allclose(image[12, 12], 0, atol=1e-6)


def test_a_stroke_covers_its_area_without_holes():
    sheet = Canvas(fields.generator(0), 200, np.zeros(3))
    path = np.array([[(0.2, 0.3), (0.5, 0.5), (0.8, 0.7)]])
    sheet.lay(path, np.array([0.1]), np.ones((1, 3)), brush=Brush(bristle=0, taper=0.05))
    area = sheet.finish()[..., 0].mean()
    assert area == pytest.approx(np.hypot(0.6, 0.4) * 0.1, rel=0.03)


def test_a_dry_brush_leaves_gaps():
    def covered(dry: float) -> float:
        sheet = Canvas(fields.generator(0), 128, np.zeros(3))
        path = np.array([[(0.1, 0.5), (0.5, 0.5), (0.9, 0.5)]])
        sheet.lay(path, np.array([0.3]), np.ones((1, 3)), brush=Brush(bristle=0, dry=dry))
        return float((sheet.finish()[..., 0] > 0.5).mean())

    assert 0 < covered(0.9) < 0.7 * covered(0.3) < covered(0)


def test_light_comes_from_the_upper_left():
    x, y = fields.grid(128)
    hill = 60 * np.exp(-(np.square(x - 0.5) + np.square(y - 0.5)) / 0.02)
    lit = canvas.relight(np.full((128, 128, 3), 0.5, np.float32), hill, 0.5)
    assert lit[48, 48].mean() > 0.6 > 0.4 > lit[80, 80].mean()
