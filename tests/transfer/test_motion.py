"""Motion: known clips, the flow that is found, and what of it is trusted."""

import numpy as np
import pytest

from course_lib import images
from course_lib.metrics import warping_error
from course_lib.transfer import motion


@pytest.fixture(scope="module")
def clip():
    """The first five of twelve frames: at this pace real cameras see the world."""
    whole = motion.moving_clip(frames=12, size=(96, 144), noise=0.02)
    return motion.MovingClip(whole.frames[:5], whole.flow[:4], whole.visible[:4])


def test_the_true_flow_carries_each_frame_into_the_next():
    clean = motion.moving_clip(frames=4, size=(96, 144))
    error = warping_error(clean.frames, flow=clean.flow, visible=clean.visible)
    assert error < 0.2 * warping_error(clean.frames)
    assert error < 0.6 * warping_error(clean.frames, flow=clean.flow)
    assert error < 0.8 * warping_error(clean.frames, flow=-clean.flow, visible=clean.visible)


def test_without_camera_and_disc_nothing_moves():
    still = motion.moving_clip(frames=3, size=(64, 96), camera=0, disc=0)
    assert np.abs(still.flow).max() < 1e-6
    assert np.array_equal(still.frames[0], still.frames[2])
    # Rounding may put a pixel of the edge just outside.
    assert still.visible[:, 1:-1, 1:-1].all()


def test_motion_is_found_and_what_was_hidden_is_not_trusted(clip):
    flow, trust = motion.motion_between(clip.frames[1], clip.frames[2])
    error = np.linalg.norm(flow - clip.flow[1], axis=-1)
    assert np.median(error) < 0.5
    assert trust[clip.visible[1]].mean() > 0.75
    assert trust[~clip.visible[1]].mean() < 0.35
    assert trust.min() >= 0 and trust.max() <= 1


def test_motion_is_searched_small_and_enlarged(clip):
    large = [images.resize(frame, (192, 288)) for frame in clip.frames[1:3]]
    flow, trust = motion.motion_between(*large, side=144)
    assert flow.shape == (192, 288, 2) and trust.shape == (192, 288)
    expected = clip.flow[1].repeat(2, 0).repeat(2, 1) * 2
    assert np.median(np.linalg.norm(flow - expected, axis=-1)) < 1.0


def test_a_pixel_without_partner_does_not_come_home():
    backward = np.zeros((6, 20, 2), "float32")
    backward[..., 1] = -3
    forward = -backward
    assert motion.comes_home(backward, forward).all()
    backward[2, 10] = [2, 5]
    home = motion.comes_home(backward, forward)
    assert not home[2, 10] and home.sum() == home.size - 1
