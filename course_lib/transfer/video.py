"""Style transfer for videos: frame by frame, and yet one image in motion.

A transfer that knows nothing of time flickers: a little noise, or a shift by half a pixel, and the
strokes lie differently. Two remedies, both in `SteadyTransfer`:

- the statistics by which the painting decoder normalizes a frame are a running mean over the
  frames, so that the whole image does not change its colors when something enters it;
- the last stylized frame is carried along with the motion, and the new one is mixed with it
  wherever the same thing could be seen before.

Files are read and written in `clips`, motion is found in `motion`.
"""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib import images, statistics
from course_lib.autoencoder import SMALLEST_IMAGE
from course_lib.backend import memory_advice, program
from course_lib.errors import TransferError
from course_lib.transfer.clips import QUALITY, Frame, open_clip, writing
from course_lib.transfer.codes import StyleCode
from course_lib.transfer.common import Prepared, Progress, in_kept_colors, mixed
from course_lib.transfer.feature import FeatureTransfer, with_grain
from course_lib.transfer.motion import FLOW_SIDE, carry, motion_between
from course_lib.transfer.strokes import HANDED_ON, pass_sizes, stroke_factor, with_detail
from course_lib.transfer.tiles import remembered

# Of the running mean and of the last frame, how much is kept where nothing speaks against it.
MOMENTUM = 0.9
KEEP = 0.8
# A new scene: frames that differ by more than this, on average over all pixels.
CUT = 0.2
# What is painted at once: more frames need more memory and are hardly faster on a CPU.
BATCH = 8
BATCH_PIXELS = 600_000
# Larger frames are painted in tiles, each by its own statistics.
LARGEST_WHOLE = 2_500_000
LARGEST_STYLE = 1024
# Proportions of a mask and an image may differ by this much, which rounding explains.
SAME_PROPORTIONS = 0.02


def running_mean(values: Any, keep: float, *, starts: Any = None) -> np.ndarray:
    """The mean of what has been so far, the older the less: each time a share is kept.

    Args:
        values: array (frames, ...), one entry for each frame.
        keep: share of the old mean that is kept, from 0 to below 1.
        starts: array (frames,) bool: where a new scene begins, which remembers nothing. The first
            frame always does.

    Returns:
        Array of the same shape: mean_t = keep * mean_(t-1) + (1 - keep) * value_t, and in the first
        frame of a scene the value itself.
    """
    means = np.array(values, dtype="float64")
    for number in range(1, len(means)):
        if starts is None or not starts[number]:
            means[number] = keep * means[number - 1] + (1 - keep) * means[number]
    return means


class SteadyTransfer:
    """Feature-based transfer for the frames of one video, in their order, batch by batch.

    Args:
        style: image, or a `StyleCode`.
        transfer: a `FeatureTransfer`; by default one with the painting decoder and without grain,
            whose strokes would stand still on the screen while the image moves.
        strength: 1 is full style; at 0 a frame is only encoded and decoded.
        momentum: share of the running mean of the statistics that is kept from frame to frame; 0
            normalizes each frame by its own. Only for the painting decoder, and for frames of up
            to 2.5 million pixels.
        keep: share of the last stylized frame that is kept, carried along with the motion; 0 looks
            for no motion, which is much faster.
        stroke: how large the strokes are, as in `FeatureTransfer`; larger frames are painted from
            coarse to fine, each pass with its own running mean.
        keep_colors: None, or "luminance": the result's brightness, the content's colors.
        flow_side: longer side, in pixels, at which motion is searched.

    Raises:
        TransferError: a share outside [0, 1), or an unknown stroke or way to keep colors.

    Source: Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, who start
    an optimization from the carried frame; here it is mixed with what a decoder paints.
    """

    def __init__(
        self,
        style: Any,
        *,
        transfer: FeatureTransfer | None = None,
        strength: float = 1.0,
        momentum: float = MOMENTUM,
        keep: float = KEEP,
        stroke: Any = "medium",
        keep_colors: str | None = None,
        flow_side: int = FLOW_SIDE,
    ):
        for name, share in {"momentum": momentum, "keep": keep}.items():
            if not 0.0 <= share < 1.0:
                raise TransferError(f"{name}={share}: give a share from 0 (nothing) to below 1.")
        if keep_colors not in (None, "luminance"):
            raise TransferError(
                f"keep_colors={keep_colors!r}: for a video there are None and 'luminance'."
            )
        stroke_factor(stroke)
        self.transfer = transfer or FeatureTransfer(grain=0.0)
        self.style = style if isinstance(style, StyleCode) else self.transfer.style_code(style)
        self.strengths = self.transfer.strengths(strength, None)
        self.strength, self.momentum, self.keep = strength, momentum, keep
        self.stroke, self.keep_colors, self.flow_side = stroke, keep_colors, flow_side
        self.painter = self.transfer.painter
        self.reset()

    def reset(self) -> None:
        """Forget all frames: the next one begins another video."""
        self.last_frame: Any = None
        self.last_image: Any = None
        # Of each pass, by the longer side of its frames.
        self.memory: dict[int, Any] = {}

    def __call__(self, frames: Any) -> np.ndarray:
        """Stylize the next frames.

        Args:
            frames: images (batch, height, width, 3) float32 in [0, 1], the next of the video; each
                side at least 16.

        Returns:
            Images of the same shape, float32 in [0, 1].
        """
        frames = np.stack(
            [images.check_image(one, min_side=SMALLEST_IMAGE, name="frame") for one in frames]
        )
        starts = self.new_scenes(frames)
        painted = self.painted(frames, starts)
        kept = [Prepared(frame, (self.style,), self.keep_colors) for frame in frames]
        painted = np.stack([*map(in_kept_colors, kept, painted)])
        if self.keep:
            painted = self.carried_on(frames, painted, starts)
        self.last_frame = frames[-1]
        return painted

    def new_scenes(self, frames: np.ndarray) -> np.ndarray:
        """Which frames have nothing to do with the one before, array (batch,) bool."""
        before = frames[:1] if self.last_frame is None else self.last_frame[None]
        change = np.abs(np.diff(frames, axis=0, prepend=before)).mean(axis=(1, 2, 3))
        starts = change > CUT
        starts[0] |= self.last_frame is None
        return starts

    def painted(self, frames: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """The frames in the manner of the style, with smoothed statistics."""
        if not self.painter or frames[0].size > 3 * LARGEST_WHOLE:
            options = {"strength": self.strength, "stroke": self.stroke}
            return np.stack([self.transfer(one, self.style, **options) for one in frames])
        sizes = pass_sizes(frames.shape[1:3], self.stroke)
        copies = [np.stack([images.resize(one, size) for one in frames]) for size in sizes[:-1]]
        copies.append(frames)
        alone = len(copies) == 1
        painted = self.one_pass(copies[0], copies[0], starts, alone=alone)
        lift = functools.partial(with_detail, share=HANDED_ON)
        grain = self.transfer.grain * self.strength
        for before, contents in itertools.pairwise(copies):
            plain = [self.transfer.plain(one, grain=grain) for one in before]
            lifted = np.stack([*map(lift, painted, plain, contents)])
            painted = self.one_pass(lifted, contents, starts, alone=alone)
        return painted

    def one_pass(
        self, frames: np.ndarray, contents: np.ndarray, starts: np.ndarray, *, alone: bool
    ) -> np.ndarray:
        """Frames painted once, at their own size, by the running mean of that size.

        Args:
            frames: images (batch, height, width, 3): the contents, or what a coarser pass has made
                of them.
            contents: the contents at that size, which less than full strength goes back to.
            starts: array (batch,) bool, where a new scene begins.
            alone: whether this is the only pass, which takes the style at its own size.
        """
        side = max(frames.shape[1:3])
        style = self.style if alone else self.style.at(side)
        asked = keras_numpy(self.painter.targets_of(style.measured))
        # At first the style stands for a memory; it has no weight in the first frame's means.
        taps = {tap: style.measured[tap] for tap in self.transfer.taps}
        memory = self.memory.get(side, (taps, asked))
        weights = running_mean(
            np.eye(len(frames) + 1), self.momentum, starts=np.concatenate([[True], starts])
        )[1:]
        grain = self.transfer.grain * self.strength
        grained = np.stack([with_grain(frame, grain) for frame in frames])
        arguments = [grained, weights, memory, asked, self.strengths]
        again = frames is not contents and min(self.strengths.values()) < 1.0
        if again:
            arguments.append(contents)
        drawn, kept = painting_program(self.transfer, again=again)(*keras_numpy(arguments))
        self.memory[side] = keras_numpy(kept)
        return np.clip(ops.convert_to_numpy(drawn), 0.0, 1.0)

    def carried_on(self, frames: np.ndarray, painted: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Mix every image with the one before it, carried along with the motion."""
        mixtures = []
        before, image = self.last_frame, self.last_image
        for frame, new, start in zip(frames, painted, starts, strict=True):
            if not start:
                flow, trust = motion_between(before, frame, side=self.flow_side)
                new = new + self.keep * trust[..., None] * (carry(image, flow) - new)
            before, image = frame, new
            mixtures.append(new)
        self.last_image = image
        return np.stack(mixtures)


def painting_program(transfer: FeatureTransfer, *, again: bool) -> Callable:
    """`paint` as one compiled program, which all styles of a transfer share.

    Args:
        transfer: the `FeatureTransfer`.
        again: whether it paints what is painted already, and is given the contents as well.
    """

    def make() -> Callable:
        def run(*arguments: Any) -> tuple:
            return paint(transfer, *arguments)

        return program(run, [transfer.autoencoder, transfer.painter])

    return remembered(transfer, ("frames", again), make)


def paint(
    transfer: FeatureTransfer,
    frames: Any,
    weights: Any,
    memory: Any,
    asked: list,
    strengths: dict,
    contents: Any = None,
) -> tuple:
    """The painting decoder's images, and what to remember of them.

    Args:
        transfer: the `FeatureTransfer`.
        frames: tensor (batch, height, width, 3).
        weights: tensor (batch, 1 + batch): how much of the memory and of each frame is in each
            frame's means.
        memory: the last means: a dictionary tap -> (mean, std) of the content, and a list
            of them for the sites of the painter.
        asked: list of (mean, std) that the style asks for at the sites.
        strengths: dictionary tap -> strength there.
        contents: tensor (batch, height, width, 3) whose statistics strength 0 asks for; None where
            these are the frames'.

    Returns:
        Tensor (batch, height, width, 3), and the new memory.
    """
    painter = transfer.painter
    measured, _, features = transfer.look(frames)
    if contents is not None:
        measured, _, _ = transfer.look(contents)
    own = {tap: smoothed(measured[tap], memory[0][tap], weights) for tap in measured}
    targets = painter.targets_of(own)
    kept: list[tuple] = []

    def inject(site: int, features: Any) -> Any:
        means = statistics.channel_statistics(features)
        mean, std = smoothed(means, memory[1][len(kept)], weights)
        kept.append((mean[-1:], std[-1:]))
        strength = strengths[painter.taps[painter.sites[site] - 1]]
        shift, scale = (mixed(targets[site][k], [asked[site][k]], strength, [1.0]) for k in (0, 1))
        return (features - mean) / std * scale + shift

    images = painter.walk(features, inject, size=ops.shape(frames)[1:3])
    last = {tap: tuple(x[-1:] for x in pair) for tap, pair in own.items()}
    return images, (last, kept)


def smoothed(pair: tuple, memory: tuple, weights: Any) -> tuple:
    """Mean and standard deviation of a batch as weighted sums over its frames and the memory.

    Args:
        pair: two tensors (batch, 1, 1, channels).
        memory: two tensors (1, 1, 1, channels).
        weights: tensor (batch, 1 + batch).

    Returns:
        Two tensors (batch, 1, 1, channels).
    """
    together = [ops.concatenate([old, new], axis=0) for old, new in zip(memory, pair, strict=True)]
    return tuple(ops.einsum("bf,fxyc->bxyc", weights, values) for values in together)


def keras_numpy(values: Any) -> Any:
    """Nested tuples, lists and dictionaries of arrays, tensors or numbers, as float32 arrays."""
    return keras.tree.map_structure(
        lambda value: np.asarray(ops.convert_to_numpy(value), "float32"), values
    )


# ---- files ------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class StylizedVideo:
    """What `stylize_video` has made.

    Attributes:
        path: the file or folder.
        frames: number of frames in it.
        seconds: how long it plays.
        finished: whether the clip came to its end, or to the seconds asked for.
    """

    path: Path
    frames: int
    seconds: float
    finished: bool


@memory_advice("stylize the video", "Take smaller frames: size=640 (`course stylize --size 640`).")
def stylize_video(
    source: Any,
    style: Any,
    out: Any,
    *,
    strength: float = 1.0,
    momentum: float = MOMENTUM,
    keep: float = KEEP,
    stroke: Any = "medium",
    keep_colors: str | None = None,
    transfer: FeatureTransfer | None = None,
    size: int | None = None,
    rate: float | None = None,
    seconds: float | None = None,
    batch: int | None = None,
    mask: Any = None,
    sound: Any = None,
    quality: int = QUALITY,
    overwrite: bool = False,
    progress: Progress = None,
) -> StylizedVideo:
    """Stylize a video file: its sound is kept, and its length costs no memory.

    Args:
        source: a video file, an animated GIF, WebP or PNG, or a folder of images.
        style: path of a style image, an image, or a `StyleCode`.
        out: where to: .mp4, .m4v, .mov, .mkv, .webm, .gif, .webp, .apng, or a name without a suffix
            for a folder of PNG files. See `clips.writing` for what is replaced.
        strength: 1 is full style; at 0 a frame is only encoded and decoded.
        momentum: as `SteadyTransfer` takes it, and so are the next four.
        keep: share of the last stylized frame that is kept.
        stroke: how large the strokes are.
        keep_colors: None or "luminance".
        transfer: a `FeatureTransfer`.
        size: longer side in pixels that larger frames are brought to; None keeps them.
        rate: frames a second of a folder, 25 by default.
        seconds: stop after that much of the video: to try a style, or before a damaged part.
        batch: frames painted at once; by default as many as fit well, at most 8.
        mask: array (height, width) in [0, 1] of the frames' proportions: where the style applies;
            or the path of a video or a folder of images that is such a mask frame by frame. Its
            last frame stays until the end. None is everywhere.
        sound: a file whose sound takes the place of the video's, as long as the images last.
        quality: from 1 to 100, for videos and WebP.
        overwrite: replace ``out`` if it is there already.
        progress: function (share), told after every batch which share of the frames is done; where
            their number is not known, it stays at 0. Where it returns True, what is finished is
            kept.

    Returns:
        A `StylizedVideo`.

    Raises:
        TransferError: the source cannot be read, ``out`` cannot be written, or nothing was finished
            before it was to stop. Nothing is left of ``out`` then.
        KeyboardInterrupt: as it came; what was finished is kept, and plays.
    """
    if seconds is not None and not seconds > 0:
        raise TransferError(f"seconds={seconds!r}: give more than 0, or None for the whole video.")
    if batch is not None and not (isinstance(batch, (int, np.integer)) and batch > 0):
        raise TransferError(f"batch={batch!r}: give a whole number of frames, 1 or more.")
    clip = open_clip(source, size=size, rate=rate)
    if sound is not None:
        clip.sound = Path(sound)
    masks = None if mask is None else mask_frames(mask, clip.size)
    steady = SteadyTransfer(
        style_of(style, clip.size),
        transfer=transfer,
        strength=strength,
        momentum=momentum,
        keep=keep,
        stroke=stroke,
        keep_colors=keep_colors,
    )
    interrupted, finished, end = None, False, Fraction(0)
    total = clip.count
    if seconds is not None and total:
        total = min(total, max(1, round(seconds * clip.rate)))
    with writing(out, clip, overwrite=overwrite, quality=quality) as sink:
        try:
            for frames in in_batches(clip, batch or batch_size(clip.size), seconds=seconds):
                images = steady(np.stack([frame.image for frame in frames]))
                for frame, image in zip(frames, images, strict=True):
                    if masks:
                        image = frame.image + next(masks) * (image - frame.image)
                    sink.add(dataclasses.replace(frame, image=image))
                    end = frame.start + (frame.duration or 1 / clip.rate)
                if progress and progress(min(1.0, sink.count / total) if total else 0.0):
                    break
            else:
                finished = True
                sink.to_the_end = seconds is None and sound is None
        except KeyboardInterrupt as stop:
            interrupted = stop
    if interrupted:
        raise interrupted
    return StylizedVideo(Path(out), sink.count, float(end), finished)


def mask_frames(mask: Any, size: tuple[int, int]) -> Iterator[np.ndarray]:
    """Masks (height, width, 1) in [0, 1], one for each frame of that size, without end."""
    if not isinstance(mask, (str, Path)):
        yield from itertools.repeat(fitted_mask(mask, size)[..., None])
    for frame in open_clip(mask):
        shown = frame.image.mean(axis=-1) * (1 if frame.alpha is None else frame.alpha)
        last = fitted_mask(shown, size)[..., None]
        yield last
    yield from itertools.repeat(last)


def fitted_mask(mask: Any, size: tuple[int, int]) -> np.ndarray:
    """A mask brought to the size of an image.

    Args:
        mask: array (height, width) in [0, 1].
        size: (height, width) of the image.

    Returns:
        Array of that size, float32 in [0, 1].

    Raises:
        TransferError: it does not have the image's proportions.
    """
    check_proportions(np.shape(mask), size)
    return images.resize(images.load_image(np.asarray(mask, "float32")), size)[..., 0]


def check_proportions(mask: tuple[int, ...], size: tuple[int, ...]) -> None:
    """Raise a `TransferError` where a mask of that size does not fit an image of that size.

    Args:
        mask: (height, width) of the mask.
        size: (height, width) of the image.
    """
    (height, width), (tall, wide) = size, mask
    if abs(height * wide / (width * tall) - 1) > SAME_PROPORTIONS:
        raise TransferError(
            f"the mask of {tall} x {wide} does not have the proportions of the image of "
            f"{height} x {width} (height x width). Cut it to fit."
        )


def style_of(style: Any, size: tuple) -> Any:
    """A style as `SteadyTransfer` takes it; an image file no larger than it is good for."""
    if not isinstance(style, (str, Path)):
        return style
    image = images.load_image(style, min_side=SMALLEST_IMAGE)
    largest = min(LARGEST_STYLE, max(*size, 256))
    return images.resize(image, largest) if max(image.shape) > largest else image


def batch_size(size: tuple) -> int:
    """How many frames of that (height, width) are painted at once."""
    return int(np.clip(BATCH_PIXELS // (size[0] * size[1]), 1, BATCH))


def in_batches(clip: Any, count: int, *, seconds: float | None = None) -> Iterator[list[Frame]]:
    """Lists of ``count`` frames, the last one shorter; none that starts after ``seconds``."""
    frames: list[Frame] = []
    for frame in clip:
        if seconds is not None and float(frame.start) >= seconds:
            break
        frames.append(frame)
        if len(frames) == count:
            yield frames
            frames = []
    if frames:
        yield frames
