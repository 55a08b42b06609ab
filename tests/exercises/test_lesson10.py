"""Lesson 10: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np

from course_lib.transfer.strokes import enlarged
from tests.exercises.helpers import Wrong, accepts, refuses


def measured(features):
    mean = features.mean((1, 2), keepdims=True)
    return mean, np.sqrt(features.var((1, 2), keepdims=True) + 1e-5)


def given(features, target):
    """The features with the mean and the standard deviation of a target."""
    mean, std = measured(features)
    return (features - mean) / std * target[1] + target[0]


def relu(features):
    return np.where(features > 0, features, 0)


# --- a level of the painting decoder -----------------------------------------------------------


def right(features, convolutions, targets):
    x = given(features, targets[0])
    for number, convolution in enumerate(convolutions):
        x = given(x + convolution(relu(x)), targets[number + 1])
    return x


def with_step(step):
    def paint(features, convolutions, targets):
        x = given(features, targets[0])
        for number, convolution in enumerate(convolutions):
            x = given(step(x, convolution), targets[number + 1])
        return x

    return paint


def entry_only(features, convolutions, targets):
    x = given(features, targets[0])
    for convolution in convolutions:
        x = x + convolution(relu(x))
    return x


def end_only(features, convolutions, targets):
    for convolution in convolutions:
        features = features + convolution(relu(features))
    return given(features, targets[-1])


def not_at_the_entry(features, convolutions, targets):
    for convolution, target in zip(convolutions, targets[1:], strict=True):
        features = given(features + convolution(relu(features)), target)
    return features


def not_at_the_end(features, convolutions, targets):
    for number, convolution in enumerate(convolutions):
        features = given(features, targets[number])
        features = features + convolution(relu(features))
    return features


def inside_the_branch(features, convolutions, targets):
    x = given(features, targets[0])
    for number, convolution in enumerate(convolutions):
        x = x + given(convolution(relu(x)), targets[number + 1])
    return x


PAINT_LEVEL = [
    Wrong("at the entry only", entry_only, "only at the entry"),
    Wrong("at the end only", end_only, "only at the end"),
    Wrong("not at the entry", not_at_the_entry, "first target is for the entry"),
    Wrong("not at the end", not_at_the_end, "the last target is never used"),
    Wrong("inside the branch", inside_the_branch, "what the convolution adds"),
    Wrong(
        "no addition",
        with_step(lambda x, convolution: convolution(relu(x))),
        "replaces the features",
    ),
    Wrong("no ReLU", with_step(lambda x, convolution: x + convolution(x)), "ReLU is missing"),
    Wrong(
        "ReLU after the convolution",
        with_step(lambda x, convolution: relu(convolution(x)) + x),
        "comes before the convolution",
    ),
    Wrong(
        "ReLU of what is added to",
        with_step(lambda x, convolution: relu(x) + convolution(relu(x))),
        "for the convolution alone",
    ),
    Wrong("ReLU at the end", lambda *arguments: relu(right(*arguments)), "Do not pass the result"),
    Wrong(
        "one target for all",
        lambda features, convolutions, targets: right(
            features, convolutions, [targets[0] for _ in targets]
        ),
        "first target is used everywhere",
    ),
    Wrong(
        "targets from the end",
        lambda features, convolutions, targets: right(
            features, convolutions, list(reversed(targets))
        ),
        "targets are used from the end",
    ),
    Wrong(
        "convolutions from the end",
        lambda features, convolutions, targets: right(
            features, list(reversed(convolutions)), targets
        ),
        "convolutions are used from the end",
    ),
    Wrong(
        "mean and standard deviation exchanged",
        lambda features, convolutions, targets: right(
            features, convolutions, [(std, mean) for mean, std in targets]
        ),
        "You swapped mean and standard deviation",
    ),
    Wrong("nothing done", lambda features, convolutions, targets: features, "Begin with"),
]


def by_recursion(features, convolutions, targets):
    x = given(features, targets[0])
    if not convolutions:
        return x
    return by_recursion(x + convolutions[0](relu(x)), convolutions[1:], targets[1:])


def test_paint_level_in_other_words_is_accepted():
    accepts("paint-level", right, by_recursion)


# --- a draft, with the detail of the content -----------------------------------------------------


def up(image, content):
    return enlarged(image, content.shape[:2])


def clipped(image):
    return np.minimum(np.maximum(image, 0), 1)


def by_detail(painted, before, content):
    return clipped(up(painted, content) + (content - up(before, content)))


WITH_DETAIL = [
    Wrong("draft alone", lambda p, b, c: clipped(up(p, c)), "enlarged and blurred"),
    Wrong("whole content", lambda p, b, c: clipped(up(p, c) + c), "twice and too bright"),
    Wrong("not clipped", lambda p, b, c: up(p, c) - up(b, c) + c, "Clip them"),
    Wrong("wrong sign", lambda p, b, c: clipped(up(p, c) - (c - up(b, c))), "wrong sign"),
    Wrong("the content", lambda p, b, c: clipped(up(p, c) + c - up(p, c)), "unpainted"),
    Wrong("the detail alone", lambda p, b, c: clipped(c - up(b, c)), "detail alone. Add"),
    Wrong("the mean", lambda p, b, c: clipped((up(p, c) + c) / 2), "half a photograph"),
    Wrong("exchanged", lambda p, b, c: by_detail(b, p, c), "You swapped `painted`"),
    Wrong("zeros", lambda p, b, c: np.zeros_like(c), "What has painting changed?"),
]


def test_a_part_of_the_detail_is_refused():
    """Half of the detail gets no other mistake's hint."""
    half = Wrong(
        "half", lambda p, b, c: clipped(up(p, c) + (c - up(b, c)) / 2), "What has painting changed?"
    )
    refuses("with-detail", half)


def test_with_detail_in_other_words_is_accepted():
    accepts("with-detail", by_detail, lambda p, b, c: clipped(c + up(p - b, c)))


# --- how far from the style --------------------------------------------------------------------


def differences(features, style):
    """Means and standard deviations side by side: (batch, 2 * channels), minus the style's."""
    both = [np.concatenate(measured(one), axis=-1)[:, 0, 0] for one in (features, style)]
    return both[0] - both[1]


def gap(features, style):
    return np.abs(differences(features, style)).sum(axis=1)


def halves(painted, style, content, half):
    channels = painted.shape[-1]
    part = np.s_[:, half * channels : (half + 1) * channels]
    left, whole = (np.abs(differences(one, style)[part]).sum(1) for one in (painted, content))
    return np.mean(left / whole)


def by_variances(painted, style, content):
    def apart(features):
        means = np.abs(features.mean((1, 2)) - style.mean((1, 2)))
        return (means + np.abs(features.var((1, 2)) - style.var((1, 2)))).sum(-1)

    return (apart(painted) / apart(content)).mean()


STYLE_DISTANCE = [
    Wrong(
        "the way gone",
        lambda painted, style, content: np.mean(1 - gap(painted, style) / gap(content, style)),
        "how far the painting has come",
    ),
    Wrong(
        "not divided",
        lambda painted, style, content: gap(painted, style).mean(),
        "Divide by the photograph's own distance",
    ),
    Wrong(
        "upside down",
        lambda painted, style, content: (gap(content, style) / gap(painted, style)).mean(),
        "upside down",
    ),
    Wrong(
        "distance to the photograph",
        lambda painted, style, content: (gap(painted, content) / gap(style, content)).mean(),
        "from the photograph. Measure",
    ),
    Wrong(
        "whole batch divided at once",
        lambda painted, style, content: gap(painted, style).sum() / gap(content, style).sum(),
        "a hard pair outweighs",
    ),
    Wrong(
        "images added up",
        lambda painted, style, content: (gap(painted, style) / gap(content, style)).sum(),
        "batch are added up",
    ),
    Wrong(
        "one number for each image",
        lambda painted, style, content: gap(painted, style) / gap(content, style),
        "one number for each image",
    ),
    Wrong(
        "means only",
        lambda painted, style, content: halves(painted, style, content, 0),
        "Only the means",
    ),
    Wrong(
        "standard deviations only",
        lambda painted, style, content: halves(painted, style, content, 1),
        "Only the standard deviations",
    ),
    Wrong(
        "squared",
        lambda painted, style, content: np.mean(
            (differences(painted, style) ** 2).sum(1) / (differences(content, style) ** 2).sum(1)
        ),
        "squared here",
    ),
    Wrong(
        "signs cancel",
        lambda painted, style, content: (
            abs(differences(painted, style).sum(1)).mean()
            / abs(differences(content, style).sum(1)).mean()
        ),
        "opposite sign",
    ),
    Wrong("variances", by_variances, "compared variances"),
    Wrong(
        "channel by channel",
        lambda painted, style, content: np.mean(
            np.abs(differences(painted, style)) / np.abs(differences(content, style))
        ),
        "channel by channel",
    ),
    Wrong(
        "position by position",
        lambda painted, style, content: np.mean(np.abs(painted - content)),
        "means and standard deviations",
    ),
]


def image_by_image(painted, style, content):
    shares = []
    for one, wanted, before in zip(painted, style, content, strict=True):
        left = np.abs(one.mean((0, 1)) - wanted.mean((0, 1))).sum()
        left += np.abs(one.std((0, 1)) - wanted.std((0, 1))).sum()
        whole = np.abs(before.mean((0, 1)) - wanted.mean((0, 1))).sum()
        whole += np.abs(before.std((0, 1)) - wanted.std((0, 1))).sum()
        shares.append(left / whole)
    return sum(shares) / len(shares)


def test_style_distance_in_other_words_is_accepted():
    accepts(
        "style-distance",
        image_by_image,
        lambda painted, style, content: np.mean(gap(painted, style) / gap(content, style)),
    )


MISTAKES = {
    "paint-level": PAINT_LEVEL,
    "with-detail": WITH_DETAIL,
    "style-distance": STYLE_DISTANCE,
}
