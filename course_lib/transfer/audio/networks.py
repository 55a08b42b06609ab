"""Networks for spectrograms: convolutions along time, with frequencies as channels."""

from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.transfer.audio.spectrograms import FREQUENCIES


def as_images(maps: Any) -> Any:
    """Maps (frames, frequencies) as a batch (1, frames, 1, frequencies)."""
    return ops.convert_to_tensor(np.asarray(maps, "float32")[None, :, None])


def along_time(
    filters: int, width: int, *, name: str | None = None, **options: Any
) -> keras.layers.Conv2D:
    """A convolution along time over all frequencies at once."""
    return keras.layers.Conv2D(filters, (width, 1), padding="same", name=name, **options)


@keras.saving.register_keras_serializable("course_lib")
class SoundAutoencoder(keras.Model):
    """A convolutional autoencoder for spectrograms, with frequencies as channels.

    Args:
        code: number of channels of the code.
        hidden: number of channels between.
        width: frames that a convolution sees.
        frequencies: number of channels of the input.
    """

    def __init__(
        self,
        code: int = 32,
        *,
        hidden: int = 128,
        width: int = 5,
        frequencies: int = FREQUENCIES,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.options = {
            "code": code, "hidden": hidden, "width": width, "frequencies": frequencies
        }  # fmt: skip
        self.encoder_layers = [along_time(hidden, width, activation="relu"), along_time(code, 1)]
        self.decoder_layers = [
            along_time(hidden, 1, activation="relu"), along_time(frequencies, width)
        ]  # fmt: skip
        sizes = [frequencies, hidden, code, hidden]
        for layer, channels in zip(self.encoder_layers + self.decoder_layers, sizes, strict=True):
            layer.build((None, None, 1, channels))
        self.built = True

    def encode(self, maps: Any) -> Any:
        """Code (batch, frames, 1, code) of maps (batch, frames, 1, frequencies)."""
        for layer in self.encoder_layers:
            maps = layer(maps)
        return maps

    def decode(self, code: Any) -> Any:
        """The way back."""
        for layer in self.decoder_layers:
            code = layer(code)
        return code

    def call(self, maps: Any) -> Any:
        """Encode and decode."""
        return self.decode(self.encode(maps))

    def get_config(self) -> dict[str, Any]:
        """What it takes to build another one like it."""
        return super().get_config() | self.options


def random_features(
    filters: int = 256, *, width: int = 11, frequencies: int = FREQUENCIES, seed: int = 0
) -> keras.layers.Conv2D:
    """One convolution along time with random kernels: enough to describe a sound's texture.

    Args:
        filters: number of kernels.
        width: frames that each of them sees.
        frequencies: number of channels of the input.
        seed: of the kernels.

    Returns:
        A layer (batch, frames, 1, frequencies) -> (batch, frames, 1, filters).

    Source: Ulyanov and Lebedev, "Audio Texture Synthesis and Style Transfer", 2016, who take 4,096
    kernels.
    """
    std = np.sqrt(2.0 / (width * frequencies))
    kernels = keras.initializers.RandomNormal(stddev=std, seed=seed)
    layer = along_time(filters, width, activation="relu", kernel_initializer=kernels)
    layer.build((None, None, 1, frequencies))
    layer.trainable = False
    return layer
