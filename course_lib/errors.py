"""The errors of this course: one base, and a kind for each sort of trouble.

The message of every one says what was wrong, with which value, and what to do. Most are also the
error of Python's that they are a case of, so that ``except ValueError`` works as one expects.
"""

from course_lib.messages import translate


class CourseError(Exception):
    """Something that the reader can mend; the message says what, and how."""

    def __str__(self) -> str:
        """The message in the reader's language, where it has been translated."""
        return translate(super().__str__())


class ArgumentError(CourseError, ValueError):
    """An argument has a wrong type, shape or range, or is none of the choices."""


class ImageError(CourseError, ValueError):
    """An image cannot be read, used or written. The message says why and what to do."""


class FileError(CourseError, OSError):
    """A file cannot be written: it is there already, its folder is not, or the system refused."""


class CollectionError(CourseError, RuntimeError):
    """Something that comes with the course is missing, damaged or unknown."""


class DeviceError(CourseError, RuntimeError):
    """The machine, its workers or its settings do not allow what was asked."""


class OutOfMemoryError(DeviceError):
    """There was not enough memory for what was asked; the message says how to need less."""


class ModelError(CourseError, ValueError):
    """A network is unknown, does not fit its stored weights, or cannot take what it is given."""


class TransferError(CourseError, ValueError):
    """An image, a video or a sound cannot be stylized as asked."""


class TrainingError(CourseError, ValueError):
    """Training cannot start or go on: what was wrong, and what to do."""


class ExerciseError(CourseError, ValueError):
    """There is no such exercise, or it is written so that it cannot be checked."""


class BuildError(CourseError, RuntimeError):
    """Lessons, a classroom's set, the web course or an export cannot be built."""
