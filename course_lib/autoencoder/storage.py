"""Models of the autoencoder's room in files: weights and architecture, without pickle."""

import io
import json
import pathlib
import zipfile
import zlib
from typing import Any, Self

import numpy as np

from course_lib.errors import ModelError
from course_lib.files import write_atomically

FORMAT = "course autoencoder 1"
# What reading an .npz file raises that is damaged, of another kind, or holds pickled objects.
# Where a bit has turned, zipfile may take it for encrypted, or packed in a way it does not know.
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


class StoredModel:
    """What a Keras model inherits, besides, that is kept in an ``.npz`` file of this room's."""

    def save(self, path: Any, **kwargs: Any) -> None:
        """Write weights and architecture to an ``.npz`` file, atomically and without pickle.

        Args:
            path: file to write; one that is there is replaced only when all is written.
            **kwargs: for other endings than ``.npz``, handed on to ``keras.Model.save``.
        """
        if pathlib.Path(path).suffix != ".npz":
            return super().save(path, **kwargs)  # type: ignore[misc]
        return save_model(self, path)

    @classmethod
    def load(cls, path: Any) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelError: the file does not hold such a model.
        """
        return load_model(path, cls)


def networks_of(folder: Any) -> dict[str, Any]:
    """The networks that a training has left in a folder.

    Args:
        folder: what ``course train --out`` named.

    Returns:
        Dictionary with an `Autoencoder` under "autoencoder" and a `PaintingDecoder` under
        "painter"; what the folder has not got is left out.

    Raises:
        ModelError: there is none of both, or a file is damaged.
    """
    from course_lib.autoencoder import Autoencoder, PaintingDecoder

    kinds: dict[str, Any] = {"autoencoder": Autoencoder, "painter": PaintingDecoder}
    paths = {name: pathlib.Path(folder).expanduser() / f"{name}.npz" for name in kinds}
    found = {name: kinds[name].load(path) for name, path in paths.items() if path.is_file()}
    if not found:
        raise ModelError(
            f"{folder}: there is neither autoencoder.npz nor painter.npz in it. Give a folder that "
            "`course train` wrote."
        )
    return found


def save_model(model: Any, path: Any, *, dtype: str = "float16") -> None:
    """Write a model's weights and configuration to an ``.npz`` file.

    Args:
        model: a model of this module.
        path: file to write. It is replaced in one step, so that no half file is ever left.
        dtype: type to store numbers in. Half precision changes an image by less than 1/255.
    """
    config = {"format": FORMAT, "class": type(model).__name__, "config": model.get_config()}
    arrays = {
        f"{number:03d}": weight.astype(dtype) for number, weight in enumerate(model.get_weights())
    }
    write_arrays(path, {"config": np.array(json.dumps(config)), **arrays})


def write_arrays(path: Any, arrays: dict[str, np.ndarray]) -> None:
    """Write named arrays to a compressed ``.npz`` file in one step, so that none is ever half.

    Args:
        path: the file; replaced if it exists.
        arrays: dictionary name -> array.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    write_atomically(pathlib.Path(path), buffer.getvalue())


def load_model(path: Any, kind: type) -> Any:
    """Make the model that `save_model` stored.

    Args:
        path: an ``.npz`` file.
        kind: the class that it must hold.

    Returns:
        A model of that class, with its weights.

    Raises:
        ModelError: not such a file, another class, or arrays that do not fit.
    """
    path = pathlib.Path(path)
    try:
        with np.load(path, allow_pickle=False) as stored:
            described = dict(json.loads(str(stored["config"])))
            arrays = [stored[name] for name in sorted(set(stored.files) - {"config"})]
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise ModelError(
            f"{path}: this is not a file of weights that save() wrote ({error}). "
            "Train it again, or take the file that comes with the course."
        ) from error
    format_name, class_name = described.get("format"), described.get("class")
    if format_name != FORMAT or class_name != kind.__name__:
        raise ModelError(
            f"{path}: holds {class_name!r} in format {format_name!r}, "
            f"but {kind.__name__!r} in format {FORMAT!r} was asked for."
        )
    try:
        model = kind(**described["config"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path}: describes a {kind.__name__} that cannot be made ({error})."
        ) from error
    if not model.built:
        model.build()
    expected = [tuple(weight.shape) for weight in model.weights]
    found = [array.shape for array in arrays]
    if expected != found:
        raise ModelError(
            f"{path}: the arrays do not fit the architecture stored with them "
            f"({len(found)} arrays for {len(expected)} weights). The file is damaged."
        )
    if not all(array.dtype.kind == "f" and np.isfinite(array).all() for array in arrays):
        raise ModelError(f"{path}: some of its weights are not numbers. It is damaged.")
    model.set_weights([array.astype("float32") for array in arrays])
    return model
