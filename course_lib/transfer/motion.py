"""What moves where in a video, and clips of which that is known exactly.

Motion is described backwards: the flow of a frame says, for each of its pixels, how many rows and
columns away the same thing was seen in the frame before. So a frame is carried along with the
motion by fetching, and no pixel stays empty.
"""

import dataclasses
from typing import Any

import numpy as np

from course_lib import collection, images
from course_lib.metrics.artifacts import warped

# The flow is searched on small frames: larger ones cost more and find little more.
FLOW_SIDE = 192
# How much looks count against smoothness of the motion: with less, small things stand still.
ATTACHMENT = 30
# By how much there-and-back may miss, in squared pixels: a share of the way, and a constant.
ROUND_TRIP = (0.01, 0.5)
# A pixel that looks different by more than this was hidden, whatever the flow says.
LOOKS_DIFFERENT = 0.15


@dataclasses.dataclass(frozen=True)
class MovingClip:
    """Frames of which it is known what moved where.

    Attributes:
        frames: array (frames, height, width, 3) float32 in [0, 1].
        flow: array (frames - 1, height, width, 2) float32, for every frame but the first: how many
            rows and columns away each pixel's content was in the frame before.
        visible: array (frames - 1, height, width) bool: whether it could be seen there.
    """

    frames: np.ndarray
    flow: np.ndarray
    visible: np.ndarray


def moving_clip(
    background: Any = "coffee",
    *,
    moving: Any = "chelsea",
    frames: int = 16,
    size: tuple[int, int] = (128, 192),
    camera: float = 1.0,
    disc: float = 0.5,
    noise: float = 0.0,
    seed: int = 0,
) -> MovingClip:
    """Film a photograph with a moving camera while something round slides through the view.

    The camera moves along an arc and turns a little; the round thing crosses the view from left to
    right and comes a little closer. Both are known formulas, so the flow is exact.

    Args:
        background: name of a photograph, or an image that is larger than the view.
        moving: the same; the square in its middle is cut to a disc.
        frames: number of frames, 2 or more.
        size: (height, width) of the view.
        camera: how far the camera moves; 0 puts it on a stand.
        disc: diameter of the disc, as a share of the view's height; 0 leaves it out.
        noise: standard deviation of the camera's noise, which is new in every frame.
        seed: of the noise.

    Returns:
        A `MovingClip`.

    Raises:
        ValueError: fewer than two frames.
    """
    if frames < 2:
        raise ValueError(f"frames={frames}: nothing moves in fewer than two.")
    height, width = size
    ground = _photograph(background, max(size) * 5 // 4)
    round_thing = _square(moving, max(2, round(height * disc)))
    side = len(round_thing) if disc else 0
    grid = np.moveaxis(np.indices(size), 0, -1).astype("float64")
    times = np.linspace(0.0, 1.0, frames)
    cameras = [_camera(camera * (time - 0.5), ground.shape[:2], size) for time in times]
    paths = [_path_of_disc(time, side, size) for time in times]
    generator = np.random.default_rng(seed)
    shown, flows, seen = [], [], []
    for number in range(frames):
        cover = _cover(paths[number], grid, side)
        behind = _sampled(ground, apply(cameras[number], grid))
        front = _sampled(round_thing, apply(paths[number], grid))
        frame = behind + cover[..., None] * (front - behind)
        frame = np.clip(frame + noise * generator.standard_normal(frame.shape), 0, 1)
        shown.append(frame.astype("float32"))
        if number:
            in_front = cover > 0.5
            before = np.where(
                in_front[..., None],
                apply(inverse(paths[number - 1]), apply(paths[number], grid)),
                apply(inverse(cameras[number - 1]), apply(cameras[number], grid)),
            )
            flows.append((before - grid).astype("float32"))
            inside = np.all((before >= 0) & (before <= [height - 1, width - 1]), axis=-1)
            was_in_front = _cover(paths[number - 1], before, side) > 0.5
            seen.append(inside & (in_front == was_in_front))
    return MovingClip(np.stack(shown), np.stack(flows), np.stack(seen))


def _photograph(source: Any, longer_side: int) -> np.ndarray:
    image = collection.photograph(source) if isinstance(source, str) else images.load_image(source)
    # Never enlarged: the frames would be blurred.
    return images.resize(image, min(longer_side, max(image.shape[:2])))


def _square(source: Any, side: int) -> np.ndarray:
    """The square in the middle of an image, (side, side, 3)."""
    image = collection.photograph(source) if isinstance(source, str) else images.load_image(source)
    return images.resize(images.center_crop(image, min(image.shape[:2])), (side, side))


# A similarity: (scale times rotation) @ (row, column) + shift, as (2 x 2 matrix, shift).
Similarity = tuple[np.ndarray, np.ndarray]


def similarity(scale: float, angle: float, about: Any, to: Any) -> Similarity:
    """The map that scales and turns about a point, and puts that point elsewhere.

    Args:
        scale: factor.
        angle: in radians.
        about: (row, column) of the point.
        to: (row, column) where it goes.

    Returns:
        A matrix (2, 2) and a shift (2,).
    """
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    matrix = np.array([[cosine, -sine], [sine, cosine]])
    return matrix, np.asarray(to) - matrix @ np.asarray(about)


def apply(mapping: Similarity, places: np.ndarray) -> np.ndarray:
    """Move places (..., 2) by a matrix and a shift."""
    matrix, shift = mapping
    return places @ matrix.T + shift


def inverse(mapping: Similarity) -> Similarity:
    """The map that moves everything back."""
    matrix, shift = mapping
    back = np.linalg.inv(matrix)
    return back, -back @ shift


def _camera(time: float, ground: tuple[int, ...], view: tuple[int, int]) -> Similarity:
    """From the view's pixels to the background's, at a time from -0.5 to 0.5."""
    middle = np.array(view) / 2 - 0.5
    room = np.maximum(np.array(ground) - view, 0) / 2 * 0.8
    swing = np.array([np.cos(np.pi * time) - 0.5, 2 * time])
    return similarity(
        1.0 + 0.06 * time, 0.06 * time, middle, np.array(ground) / 2 - 0.5 + room * swing
    )


def _path_of_disc(time: float, side: int, view: tuple[int, int]) -> Similarity:
    """From the view's pixels to the disc's, at a time from 0 to 1."""
    height, width = view
    place = (height * (0.5 + 0.06 * np.sin(2 * np.pi * time)), width * (0.28 + 0.44 * time))
    return similarity(1.1 - 0.2 * time, -0.3 * time, place, (side / 2 - 0.5, side / 2 - 0.5))


def _cover(path: Similarity, places: np.ndarray, side: int) -> np.ndarray:
    """How much of each place the disc covers: 1 inside, 0 outside, soft over one pixel."""
    distance = np.linalg.norm(apply(path, places) - (side / 2 - 0.5), axis=-1)
    return np.clip(side / 2 - 0.5 - distance, 0.0, 1.0)


def _sampled(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """An image's values at places (height, width, 2), between pixels by cubic splines."""
    from scipy.ndimage import map_coordinates

    where = np.moveaxis(places, -1, 0)
    channels = [
        map_coordinates(channel, where, order=3, mode="mirror")
        for channel in np.moveaxis(image, -1, 0)
    ]
    return np.clip(np.stack(channels, axis=-1), 0.0, 1.0)


# ---- motion found in the frames ---------------------------------------------------------------


def optical_flow(before: Any, now: Any, *, side: int = FLOW_SIDE) -> np.ndarray:
    """Find out from two frames alone what moved where.

    Args:
        before: image (height, width, 3), the earlier frame.
        now: image of the same size, the later one.
        side: longer side, in pixels, at which motion is searched.

    Returns:
        Array (height, width, 2) float32: how many rows and columns away each pixel of ``now`` was
        in ``before``.

    Source: Zach, Pock and Bischof, "A Duality Based Approach for Realtime TV-L1 Optical Flow",
    DAGM 2007, computed by scikit-image, from coarse to fine. Its motion may jump at the edge of
    a thing; that of least-squares methods is smeared across.
    """
    small = _small((before, now), side)
    return _enlarged(_searched(*small), np.shape(now)[:2])


def carry(image: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Carry a frame along with the motion: as it would look one frame later.

    Args:
        image: image (height, width, 3), the frame before.
        flow: array (height, width, 2), where in it each pixel of the new frame was: rows and
            columns away.

    Returns:
        Image (height, width, 3) float32, bilinearly interpolated. What was outside gets the
        nearest pixel of the edge.
    """
    return warped(image, flow)[0].astype("float32")


def comes_home(backward: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Which pixels of a frame find their way back, by the flows of two frames.

    From a pixel, follow the flow into the frame before, and from there the opposite flow into this
    frame again. What was hidden in the frame before has no true partner there, so it ends up
    somewhere else.

    Args:
        backward: array (height, width, 2), flow of the frame: its way into the frame before.
        forward: array (height, width, 2), flow of the frame before: its way into this frame.

    Returns:
        Array (height, width) bool.

    Source: Sundaram, Brox and Keutzer, "Dense Point Trajectories by GPU-Accelerated Large
    Displacement Optical Flow", ECCV 2010, equation 5; used for stylizing videos by Ruder,
    Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016.
    """
    share, constant = ROUND_TRIP
    there_and_back = carry(forward, backward)
    missed = np.sum((backward + there_and_back) ** 2, axis=-1)
    way = np.sum(backward**2, axis=-1) + np.sum(there_and_back**2, axis=-1)
    return missed < share * way + constant


def motion_between(
    before: Any, now: Any, *, side: int = FLOW_SIDE
) -> tuple[np.ndarray, np.ndarray]:
    """The motion from one frame to the next, and where it can be trusted.

    Args:
        before: image (height, width, 3), the earlier frame.
        now: image of the same size, the later one.
        side: longer side, in pixels, at which motion is searched.

    Returns:
        The flow of ``now``, (height, width, 2), as `optical_flow` gives it; and an array (height,
        width) in [0, 1], soft at its edges: 0 for what was hidden before or came in from outside,
        and for what looks different after it was carried along.
    """
    from scipy.ndimage import gaussian_filter, uniform_filter

    first, second = _small((before, now), side)
    backward, forward = _searched(first, second), _searched(second, first)
    # Noise differs from pixel to pixel, a wrong place differs all over.
    carried, inside = warped(first, backward)
    change = uniform_filter(np.abs(carried - second).mean(axis=-1), 5)
    good = inside & comes_home(backward, forward) & (change < LOOKS_DIFFERENT)
    trust = np.where(good, gaussian_filter(good.astype("float32"), 1.0), 0.0)
    size = np.shape(now)[:2]
    return _enlarged(backward, size), _enlarged(trust[..., None], size, lengths=False)[..., 0]


def _small(frames: Any, side: int) -> list[np.ndarray]:
    """Frames whose longer side is at most ``side``."""
    frames = [images.check_image(frame, name="frame") for frame in frames]
    return [images.resize(frame, min(side, max(frame.shape[:2]))) for frame in frames]


def _searched(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """The flow of ``now`` at the size of the frames."""
    from skimage.registration import optical_flow_tvl1

    reference, moving = now.mean(axis=-1), before.mean(axis=-1)
    flow = optical_flow_tvl1(reference, moving, attachment=ATTACHMENT, dtype=np.float32)
    return np.moveaxis(flow, 0, -1)


def _enlarged(values: np.ndarray, size: tuple[int, ...], lengths: bool = True) -> np.ndarray:
    """A map at another size, bilinear; if its values are lengths in pixels, they grow as well."""
    from skimage.transform import resize

    if values.shape[:2] == tuple(size):
        return values.astype("float32")
    scale = np.divide(size, values.shape[:2]) if lengths else 1.0
    larger = resize(values, size, order=1, mode="edge")
    return (larger * scale).astype("float32")
