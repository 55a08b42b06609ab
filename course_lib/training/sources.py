"""Where batches come from: folders of images, random crops of them, and painted styles.

Every batch is a function of a seed and the number of the step. That is what makes a resumed run
see what an uninterrupted one would have seen.
"""

import collections
import hashlib
import os
import pathlib
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

import keras
import numpy as np

from course_lib import backend, painters
from course_lib import images as image_files
from course_lib.errors import TrainingError

# Below that a crop shows nothing but a plain color, or its noise.
PLAIN = 0.01
LARGEST_CACHE = 4 * backend.GIBIBYTE

Folders = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A folder of images, or several."""


class Images(Protocol):
    """Images by number, such as a `ImageFolder` or a list of arrays."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> np.ndarray:
        """An array (height, width, 3), uint8 or float32 in [0, 1]."""


class ImageFolder:
    """The images of some folders, shrunk and decoded.

    They are kept in memory as far as they fit; the rest is decoded again whenever it is needed.
    All are read once at the start, because only then is it known which can be used.

    Args:
        folders: one folder or a list of them; sub-folders count too, hidden files do not. The
            images of a folder named several times are shown so many times as often.
        smallest: images with a side below that are left out.
        leave_out: names of files to leave out, for instance those kept for measuring.
        longest_side: larger images are shrunk to it.
        memory: bytes to keep images in; by default a quarter of the free memory.

    Attributes:
        left_out: list of (path, reason) of files that could not be used.

    Raises:
        TrainingError: no folder, or no usable image in it.
    """

    def __init__(
        self,
        folders: Folders,
        *,
        smallest: int = 16,
        leave_out: Collection[str] = (),
        longest_side: int = 768,
        memory: int | None = None,
    ) -> None:
        folders = listed(folders)
        self.smallest, self.longest_side = smallest, longest_side
        self.paths: list[pathlib.Path] = []
        self.kept: dict[pathlib.Path, np.ndarray] = {}
        self.left_out: list[tuple[pathlib.Path, str]] = []
        room = cache_size() if memory is None else memory
        for folder, times in collections.Counter(map(pathlib.Path, folders)).items():
            for path in files_in(folder):
                if path.name in leave_out:
                    continue
                try:
                    image = self.read(path)
                except image_files.ImageError as error:
                    self.left_out.append((path, str(error).removeprefix(f"{path}: ")))
                    continue
                if image.nbytes <= room:
                    room -= image.nbytes
                    self.kept[path] = image
                self.paths += [path] * times
        if not self.paths:
            reasons = "; ".join(f"{path.name}: {reason}" for path, reason in self.left_out[:3])
            raise TrainingError(
                f"{', '.join(map(str, folders))}: holds no usable image of at least {smallest} x "
                f"{smallest} pixels. {reasons or 'There are no files in it.'}"
            )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> np.ndarray:
        """Image of that number: array (height, width, 3), uint8."""
        path = self.paths[number]
        if path in self.kept:
            return self.kept[path]
        try:
            return self.read(path)
        except image_files.ImageError as error:
            raise TrainingError(
                f"{error} It could be read when the training began. Put it back, then go on with "
                "--resume (resume=True)."
            ) from error

    def read(self, path: pathlib.Path) -> np.ndarray:
        """Decode and shrink one image; a ImageError says why it is of no use."""
        image = image_files.load_image(path)
        if max(image.shape) > self.longest_side:
            image = image_files.resize(image, self.longest_side)
        if min(image.shape[:2]) < self.smallest:
            raise image_files.ImageError(
                f"{image.shape[1]} x {image.shape[0]} pixels, where {self.smallest} are needed"
            )
        return image_files.to_uint8(image)

    def fingerprint(self) -> str:
        """A short text that changes when an image is added, taken away or replaced."""
        listed = [f"{path.name} {path.stat().st_size}" for path in self.paths]
        return (
            f"{len(listed)} files {hashlib.sha256(chr(10).join(listed).encode()).hexdigest()[:12]}"
        )


def listed(folders: Folders) -> list[str | os.PathLike[str]]:
    """A list of folders, whether one was given or several."""
    return [folders] if isinstance(folders, (str, os.PathLike)) else list(folders)


def files_in(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """All files below a folder in a fixed order, hidden ones left out."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise TrainingError(f"{folder}: there is no such folder of images.")
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts[-2:])
    )


def cache_size() -> int:
    """How many bytes of decoded images to keep."""
    _, free = backend.memory()
    return LARGEST_CACHE if free is None else min(LARGEST_CACHE, free // 4)


class CropSource:
    """Random square crops of images.

    A crop is cut at a random place from an image shrunk by a random factor, and mirrored half of
    the time. Batch number k depends on the seed and on k alone.

    Args:
        images: a `ImageFolder`, or any sequence of arrays (height, width, 3), uint8 or float32
            in [0, 1], each side at least ``crop``.
        crop: side of the crops in pixels.
        seed: any whole number.
        least_std: a crop whose values deviate less, on a scale of 1, is replaced by the most
            varied one of its batch.
        grain: each crop gets `images.grain` of a random standard deviation up to this, from a
            random place.
    """

    def __init__(
        self,
        images: Images,
        *,
        crop: int = 128,
        seed: int = 0,
        least_std: float = 0.0,
        grain: float = 0.0,
    ) -> None:
        self.images, self.crop, self.seed = images, crop, seed
        self.least_std, self.grain = least_std, grain

    def batch(self, step: int, size: int) -> np.ndarray:
        """Batch number ``step``: array (size, crop, crop, 3), float32 in [0, 1]."""
        generator = np.random.default_rng([self.seed, step])
        chosen = generator.integers(len(self.images), size=size)
        crops = np.stack([shrunk_crop(self.images[k], self.crop, generator) for k in chosen])
        stds = crops.std(axis=(1, 2, 3))
        crops[stds < self.least_std] = crops[stds.argmax()]
        if self.grain:
            crops += np.stack([self.piece_of_grain(generator) for _ in crops])
        return np.clip(crops, 0.0, 1.0, out=crops)

    def piece_of_grain(self, generator: np.random.Generator) -> np.ndarray:
        """Grain of a random standard deviation from a random place: array (crop, crop, 1)."""
        top, left = (int(place) for place in generator.integers(image_files.GRAIN_SIDE, size=2))
        std = np.float32(generator.uniform(0.0, self.grain))
        return std * image_files.grain((self.crop, self.crop), top=top, left=left)


def shrunk_crop(image: np.ndarray, crop: int, generator: np.random.Generator) -> np.ndarray:
    """A random square of an image, shrunk by a random factor, mirrored half of the time.

    Args:
        image: array (height, width, 3).
        crop: side of the square to return.
        generator: a `numpy.random.Generator`.

    Returns:
        Array (crop, crop, 3), float32 in [0, 1].
    """
    largest = min(image.shape[:2]) / crop
    factor = int(min(largest, generator.choice([1, 1, 2, 3])))
    piece = image_files.random_crop(image, crop * factor, generator)
    # Averaging blocks of pixels is the exact way to shrink by a whole factor, and a cheap one.
    piece = piece.reshape(crop, factor, crop, factor, 3).mean((1, 3))
    return piece[:, ::-1] if generator.random() < 0.5 else piece


class EndlessPaintings:
    """Images by `painters.random_painting` without end: number k is always the same image.

    Painting takes longer than a training step. So a step draws from a window of recent numbers,
    which moves on slowly: each image is painted once and shown many times.

    Args:
        seed: any whole number.
        size: side of the images in pixels.
        window: number of images to draw from at any time.
        steps_each: steps after which the window moves on by one image.
    """

    def __init__(
        self, seed: int = 0, *, size: int = 256, window: int = 48, steps_each: int = 8
    ) -> None:
        self.seed, self.size = seed, size
        self.window, self.steps_each = window, steps_each
        self.painted: dict[int, np.ndarray] = {}
        self.lock = threading.Lock()

    def at_step(self, step: int, generator: np.random.Generator) -> np.ndarray:
        """An image to show at that step: array (size, size, 3), uint8."""
        # The window is full from the start: a resumed run must paint no more than this again.
        first = step // self.steps_each
        return self[first + int(generator.integers(self.window))]

    def __getitem__(self, number: int) -> np.ndarray:
        """Painting of that number."""
        with self.lock:
            if number not in self.painted:
                generator = np.random.default_rng([self.seed, number])
                image = painters.random_painting(generator, size=self.size)
                self.painted[number] = image_files.to_uint8(image)
                for old in [key for key in self.painted if key < number - 2 * self.window]:
                    del self.painted[old]
            return self.painted[number]


class StyleSource:
    """Crops of styles: paintings, the endless supply, and now and then a photograph.

    Args:
        photographs: a `ImageFolder` or sequence of images.
        paintings: likewise, or None.
        endless: an `EndlessPaintings`, or None.
        crop: side of the crops in pixels.
        seed: any whole number.
        proportions: how often each of the three is shown, relative to the others.
    """

    def __init__(
        self,
        photographs: Images,
        paintings: Images | None,
        endless: EndlessPaintings | None,
        *,
        crop: int = 128,
        seed: int = 0,
        proportions: tuple[float, float, float] = (0.2, 0.4, 0.4),
    ) -> None:
        self.sources = [photographs, paintings, endless]
        there = [
            share * (s is not None) for share, s in zip(proportions, self.sources, strict=True)
        ]
        self.proportions = np.array(there) / sum(there)
        self.crop, self.seed = crop, seed

    def batch(self, step: int, size: int) -> np.ndarray:
        """Batch number ``step``: array (size, crop, crop, 3), float32 in [0, 1]."""
        generator = np.random.default_rng([self.seed, step])
        crops = []
        for kind in generator.choice(3, size=size, p=self.proportions):
            source = self.sources[kind]
            if isinstance(source, EndlessPaintings):
                image = source.at_step(step, generator)
            else:
                image = source[int(generator.integers(len(source)))]
            crops.append(shrunk_crop(image, self.crop, generator))
        return np.stack(crops)


class Batches(keras.utils.PyDataset):
    """The batches of some steps in their order, made in the background while the device computes.

    Args:
        make_batch: function step -> batch.
        start: the first step.
        count: number of steps.
        shared: whether several of TensorFlow's devices share a batch.

    Attributes:
        error: what went wrong in the background, if anything.
    """

    def __init__(
        self, make_batch: Callable[[int], Any], start: int, count: int, *, shared: bool = False
    ) -> None:
        # With one worker Keras makes the batches in the foreground, except for TensorFlow's
        # devices: those are fed by a thread of TensorFlow, for which Keras' workers can make the
        # pipeline wait for ever.
        super().__init__(workers=1 if shared else 2, max_queue_size=8)
        self.make_batch, self.start, self.count = make_batch, start, count
        self.error: Exception | None = None

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Any]:
        """The batch of step ``start + index``."""
        try:
            return (self.make_batch(self.start + index),)
        except Exception as error:
            self.error = error
            raise
