"""Exercises of lesson 15, many machines."""

from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_ten = np.arange(10)
_seven = np.array([30, 11, 52, 73, 24, 95, 46])


# --- Amdahl's law ---------------------------------------------------------------------------


def speedup(workers: int, serial: float) -> float:
    """How many times as fast some work is done by several workers: Amdahl's law.

    Args:
        workers: number of workers.
        serial: share of the work, from 0 to 1, that one of them has to do alone.

    Returns:
        Time of one worker divided by the time of all together.

    Source: Amdahl, "Validity of the Single Processor Approach to Achieving Large Scale Computing
    Capabilities", AFIPS 1967.
    """
    return 1 / (serial + (1 - serial) / workers)


def _one_worker_is_no_faster_than_itself(answer: Answer, reference: Answer) -> NotYet | None:
    alone = float(answer(1, 0.3))
    if abs(alone - 1) > 1e-6:
        return NotYet(
            f"with one worker, and 0.3 of the work serial, it returned {alone:.3g} and not 1.",
            "One worker takes 0.3 + 0.7 of the time. See what your formula makes of the two.",
        )
    return None


register(
    Exercise(
        id="amdahl-speedup",
        lesson=15,
        title="Amdahl's law",
        reference="course_lib.exercises.lesson15:speedup",
        cases=[
            Case("4 workers and a serial share of 0.1", 4, 0.1),
            Case("100 workers and a serial share of 0.05", 100, 0.05),
            Case("8 workers and nothing serial", 8, 0.0),
        ],
        checks=[_one_worker_is_no_faster_than_itself],
        misconceptions=[
            Misconception(
                lambda workers, serial: float(workers),
                "That would be right if all of the work could be split. The serial part takes as "
                "long as before.",
            ),
            Misconception(
                lambda workers, serial: serial + (1 - serial) / workers,
                "This is the new time as a fraction of the old one. How many times as fast is it? "
                "Divide 1 by it.",
            ),
            Misconception(
                lambda workers, serial: 1 / (serial + 1 / workers),
                "You split all of the work and do the serial part on top of it. Only `1 - serial` "
                "is split.",
            ),
            Misconception(
                lambda workers, serial: 1 / ((1 - serial) + serial / workers),
                "You swapped the two parts: `1 - serial` is what the workers divide among "
                "themselves.",
            ),
            Misconception(
                lambda workers, serial: serial + (1 - serial) * workers,
                "You averaged speeds. Times add up: add the times of the two parts, then divide. "
                "(Yours is Gustafson's law, for work that grows with the number of workers.)",
            ),
            Misconception(
                lambda workers, serial: (1 - serial) * workers,
                "The serial part is missing. It still has to be done, and it takes time.",
            ),
        ],
        hints=[
            "Say the whole work takes one worker time 1. How long does the serial part take?",
            "The rest, `1 - serial`, is divided among the workers.",
            "The speedup is 1 divided by the sum of the two times.",
        ],
    )
)


# --- splitting a collection -----------------------------------------------------------------


def split_collection(items: np.ndarray, number: int, count: int) -> np.ndarray:
    """The items that one of several workers takes: every count-th, beginning with its number.

    Args:
        items: array, in the same order for every worker.
        number: which worker, from 0.
        count: number of workers.

    Returns:
        The items numbered number, number + count, number + 2 * count and so on. Over all workers
        each item occurs exactly once.
    """
    return items[number::count]


def _shares(answer: Answer, items: Any, count: int) -> Any:
    return [np.atleast_1d(answer(items, number, count)) for number in range(count)]


def _nothing_lost_or_doubled(answer: Answer, reference: Answer) -> NotYet | None:
    taken = np.concatenate(_shares(answer, _ten, 3)).tolist()
    lost = sorted(set(range(10)) - set(taken))
    doubled = sorted({item for item in taken if taken.count(item) > 1})
    if lost or doubled:
        what = f"lost: {lost}" if lost else f"taken twice: {doubled}"
        return NotYet(
            f"of the items 0 to 9, split among 3 workers, these were {what}.",
            "Each item must belong to exactly one worker, even when the division has a remainder.",
        )
    return None


def _blocks(items: Any, number: int, count: int) -> Any:
    size = len(items) // count
    return items[number * size : (number + 1) * size]


def _full_blocks(items: Any, number: int, count: int) -> Any:
    size = -(-len(items) // count)
    return items[number * size : (number + 1) * size]


register(
    Exercise(
        id="split-collection",
        lesson=15,
        title="A collection shared out",
        reference="course_lib.exercises.lesson15:split_collection",
        cases=[
            Case("the items 0 to 9, worker 0 of 3", _ten, 0, 3),
            Case("the items 0 to 9, worker 2 of 3", _ten, 2, 3),
            Case("7 items, worker 1 of 2", _seven, 1, 2),
            Case("7 items, worker 0 of 4", _seven, 0, 4),
        ],
        checks=[_nothing_lost_or_doubled],
        misconceptions=[
            Misconception(
                _blocks,
                "Blocks of rounded-down length lose the remainder of the division. Take every "
                "`count`-th item instead.",
            ),
            Misconception(
                _full_blocks,
                "With blocks of rounded-up length nothing is lost, but the last worker has less to "
                "do, or nothing. Take every `count`-th item instead.",
            ),
            Misconception(
                lambda items, number, count: np.array_split(items, count)[number],
                "Blocks lose nothing, but neighboring images are often alike: one worker would get "
                "all the large ones. Take every `count`-th item instead.",
            ),
            Misconception(
                lambda items, number, count: items[::count],
                "You did not use `number`: all workers would do the same items.",
            ),
            Misconception(
                lambda items, number, count: items[number:count],
                "`items[number:count]` ends at `count`. The step is the third number of a slice.",
            ),
            Misconception(
                lambda items, number, count: items[number - 1 :: count],
                "Workers count from 0: number 0 starts with item 0.",
            ),
            Misconception(
                lambda items, number, count: items[number],
                "This is one item. The worker also takes the one `count` later, and so on.",
            ),
        ],
        hints=[
            "With 3 workers, worker 0 takes the items 0, 3, 6, ...; worker 1 takes 1, 4, 7, ...",
            "A slice has three numbers: `items[first:end:step]`; `end` may be left out.",
            "The first is `number`, the step is `count`.",
        ],
    )
)


# --- the gradient of a shared batch ---------------------------------------------------------

_random = np.random.default_rng(15)
_uneven = _random.normal(size=(2, 5)).astype("float32")
_even = _random.normal(size=(3, 4)).astype("float32")


def average_gradients(gradients: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The gradient of a batch from those of its parts.

    Args:
        gradients: array (devices, parameters): the gradient of the mean loss of each part.
        sizes: array (devices,): the number of crops in each part.

    Returns:
        Array (parameters,): the gradient of the mean loss of all crops.
    """
    shares = np.asarray(sizes) / np.sum(sizes)
    return np.sum(shares[:, None] * gradients, axis=0)


def _agreed(answer: Answer, reference: Answer) -> NotYet | None:
    same = answer(np.full((3, 2), 4.0), np.array([1, 2, 5]))
    if not np.allclose(same, 4.0, atol=1e-4):
        return NotYet(
            f"three devices all had the gradient 4, and the mean came out as {same[0]:.3g}.",
            "The devices' shares must sum to 1.",
        )
    return None


register(
    Exercise(
        id="average-gradients",
        lesson=15,
        title="The gradient of a shared batch",
        reference="course_lib.exercises.lesson15:average_gradients",
        cases=[
            Case("2 devices with 6 crops and 2 crops", _uneven, np.array([6, 2])),
            Case("3 devices with 4 crops each", _even, np.array([4, 4, 4])),
        ],
        checks=[_agreed],
        misconceptions=[
            Misconception(
                lambda gradients, sizes: np.mean(gradients, axis=0),
                "A plain mean is right if all parts are the same size. A device with 6 crops "
                "counts three times as much as one with 2.",
            ),
            Misconception(
                lambda gradients, sizes: np.sum(gradients, axis=0),
                "This is the sum: with 100 devices the step would be 100 times as long.",
            ),
            Misconception(
                lambda gradients, sizes: np.sum(sizes[:, None] * gradients, axis=0),
                "You multiplied by the numbers of crops. Also divide by the total number of crops.",
            ),
            Misconception(
                lambda gradients, sizes: np.mean(sizes[:, None] * gradients, axis=0),
                "You multiplied by the numbers of crops and divided by the number of devices. "
                "Divide by the total number of crops.",
            ),
            Misconception(
                lambda gradients, sizes: (
                    np.sum(gradients / sizes[:, None], axis=0) / np.sum(1 / sizes)
                ),
                "In yours, the smaller part counts more. It is the other way around.",
            ),
            Misconception(
                lambda gradients, sizes: np.mean(gradients, axis=1),
                "You averaged over the parameters. Each parameter keeps its own number; take the "
                "mean over the devices, axis 0.",
            ),
        ],
        hints=[
            "The mean of all crops is a mean of the parts' means, each weighted by its size.",
            "The devices' shares are `sizes / sizes.sum()`, one number per device.",
            "Multiply each row by its share (`shares[:, None] * gradients`) and add up the rows.",
        ],
        tolerance=1e-4,
    )
)
