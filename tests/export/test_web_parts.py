"""What labs in pages run of the networks does what the library does."""

import numpy as np
import pytest

from course_lib import collection
from course_lib.export.web_parts import web_part


@pytest.fixture(scope="module")
def transfer():
    from course_lib.transfer import FeatureTransfer

    return FeatureTransfer()


@pytest.mark.parametrize("size", [(48, 64), (37, 51)])
def test_decode_draws_from_any_tap(transfer, size):
    image = collection.photograph("chelsea", size=size)
    features = transfer.autoencoder.encode(image[None])
    decode = web_part("decode", transfer).function
    for level, tap in enumerate(features):
        # Of the other taps only the sizes count.
        others = {one: 7.0 + 0.0 * maps for one, maps in features.items()}
        found = decode(level=float(level), **others | {tap: features[tap]})["images"]
        wanted = transfer.autoencoder.decode(features[tap], tap=tap, size=size)
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_untrained_sees_with_a_share_of_random_weights(transfer, share):
    from course_lib.features import random_encoder

    image = collection.photograph("chelsea", size=(48, 64))[None]
    encoder, other = transfer.autoencoder.encoder, random_encoder()
    pairs = zip(encoder.get_weights(), other.get_weights(), strict=True)
    other.set_weights([(1 - share) * trained + share * chance for trained, chance in pairs])
    found = web_part("untrained", transfer).function(images=image, untrained=share)
    for tap, wanted in other(image).items():
        # Random weights are rounded to three digits.
        np.testing.assert_allclose(found[tap], wanted, atol=2e-3 * float(np.abs(wanted).max()))
