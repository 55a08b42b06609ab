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
