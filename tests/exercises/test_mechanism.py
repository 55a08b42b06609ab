"""The mechanism of exercises: what it says about every kind of answer."""

import subprocess
import sys

import numpy as np
import pytest

from course_lib.errors import ExerciseError
from course_lib.exercises import (
    Case,
    Exercise,
    Misconception,
    NotYet,
    Verdict,
    exercise,
    exercises,
)
from course_lib.exercises.calling import for_lesson
from course_lib.exercises.comparing import explain_difference
from course_lib.exercises.outcomes import SourceCode

ROWS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
SQUARE = np.array([[1.0, 2.0], [5.0, 3.0]])


CASES = (Case("two rows", ROWS), Case("one row", ROWS[0]))


def make(reference="numpy:cumsum", cases=CASES, **more):
    settings = {"hints": ["first step", "second step"], **more}
    return Exercise("running-sum", 1, "Running sum", reference, cases=cases, **settings)


def judged(answer, **settings):
    return make(**settings).judge(answer)


# --- right ---------------------------------------------------------------------------------


def test_a_right_answer_is_returned_and_praised_in_one_line(capsys):
    def running_sum(values):
        return np.add.accumulate(values.ravel())

    assert make().check(running_sum).__wrapped__ is running_sum
    assert capsys.readouterr().out == (
        "Exercise running-sum: right. The lesson goes on with your answer.\n"
    )


def test_lists_and_float32_and_leftover_placeholders_are_fine_when_the_numbers_are_right():
    def running_sum(values):
        ...
        return np.cumsum(values).astype("float32")

    assert judged(running_sum).outcome == "right"


@pytest.mark.parametrize("framework", ["tensorflow", "jax", "torch"])
def test_tensors_of_any_framework_are_accepted(framework):
    module = pytest.importorskip(framework)
    convert = {"tensorflow": "convert_to_tensor", "jax": "numpy.asarray", "torch": "as_tensor"}
    tensor = module
    for name in convert[framework].split("."):
        tensor = getattr(tensor, name)
    assert judged(lambda values: tensor(np.cumsum(values))).outcome == "right"


def test_answers_cannot_spoil_the_inputs():
    def spoils(values):
        values *= 0
        return np.cumsum(values)

    before = ROWS.copy()
    assert judged(spoils).outcome == "not yet"
    assert np.array_equal(ROWS, before)


# --- what was judged right runs in the lesson ----------------------------------------------------


def means_of_channels(features):
    return features.reshape(-1, features.shape[-1]).mean(axis=0)


def means_exercise(**settings):
    cases = [Case("features of 2 x 3", np.arange(12, dtype="float32").reshape(1, 2, 3, 2))]
    return make(reference=f"{__name__}:means_of_channels", cases=cases, **settings)


def test_an_answer_gets_arrays_where_the_lesson_has_tensors_and_gives_back_tensors():
    keras = pytest.importorskip("keras")
    answer = means_exercise().check(means_of_channels)
    given = keras.ops.convert_to_tensor(np.arange(12, dtype="float32").reshape(1, 2, 3, 2))
    found = answer(given)
    assert keras.ops.is_tensor(found)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    assert np.allclose(found, means_of_channels(np.array(given)))


def test_functions_that_an_answer_is_given_give_it_arrays():
    keras = pytest.importorskip("keras")
    twice = for_lesson(lambda double, values: double(values).reshape(-1), np.zeros(2))
    found = twice(lambda values: 2 * keras.ops.convert_to_tensor(values), np.ones((2, 1)))
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [2.0, 2.0]


def test_so_do_the_layers_in_a_list_of_a_network():
    keras = pytest.importorskip("keras")

    class Listed(list):
        """As Keras keeps the layers of a model."""

    first = for_lesson(lambda layers, values: layers[0](values).mean(axis=0), np.zeros(2))
    layers = Listed([keras.layers.Rescaling(2.0)])
    assert first(layers, np.ones((3, 2), "float32")).tolist() == [2.0, 2.0]


def test_an_answer_that_gives_lists_or_tensors_for_arrays_gives_the_lesson_arrays():
    keras = pytest.importorskip("keras")
    for answer in (
        lambda values: [float(one) for one in np.cumsum(values)],
        lambda values: keras.ops.convert_to_tensor(np.cumsum(values)),
        lambda values: [[one] for one in np.cumsum(values)],
    ):
        outcome = make().judge(answer).outcome
        assert outcome == ("right" if np.ndim(answer(ROWS)) == 1 else "not yet")
        if outcome == "right":
            assert isinstance(make().check(answer)(ROWS), np.ndarray)


def test_whole_numbers_as_floats_can_be_indices_in_the_lesson():
    largest = make(reference="numpy:argmax", cases=[Case("two rows", ROWS)])
    places = largest.check(lambda values: np.float32(5))
    assert [0, 1, 2, 3, 4, "here"][places(ROWS)] == "here"


def test_an_answer_cannot_spoil_the_arrays_of_the_lesson():
    def spoils(values):
        values += 0
        values[:] = np.cumsum(values).reshape(values.shape)
        return values.ravel()

    mine = ROWS.copy()
    make().check(spoils)(mine)
    assert np.array_equal(mine, ROWS)


def test_an_answer_through_which_a_gradient_is_taken_is_handed_on_as_it_is():
    assert make(as_given=True).check(np.cumsum) is np.cumsum


# --- not attempted -------------------------------------------------------------------------


def only_dots(values): ...


def dots_below_a_docstring(values):
    """The running sum."""
    ...


def returned_dots(values):
    return ...


def dots_as_a_value(values):
    total = ...
    return total + values


def dots_inside_the_result(values):
    return np.cumsum([...])


def prepared_but_not_finished(values):
    flat = values.ravel()  # noqa: F841
    ...


def only_pass(values):
    pass


def not_implemented(values):
    raise NotImplementedError("your turn")


@pytest.mark.parametrize(
    "answer",
    [
        ...,
        None,
        only_dots,
        dots_below_a_docstring,
        returned_dots,
        dots_as_a_value,
        dots_inside_the_result,
        prepared_but_not_finished,
        only_pass,
        not_implemented,
        lambda values: ...,
    ],
    ids=lambda answer: getattr(answer, "__name__", str(answer)),
)
def test_what_counts_as_not_attempted(answer, capsys):
    assert make().check(answer) is np.cumsum
    said = capsys.readouterr().out
    assert "not attempted yet" in said
    assert 'exercise("running-sum").hint()' in said
    assert "Observed" not in said


def test_dots_as_an_index_are_numpy_and_not_a_placeholder():
    def indexed(values):
        return values[..., 0]

    assert judged(indexed).outcome == "not yet"


# --- not yet -------------------------------------------------------------------------------


def test_not_yet_says_what_was_observed_on_which_input_and_goes_on_with_the_library(capsys):
    assert make().check(lambda values: values.ravel() + 1) is np.cumsum
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "Exercise running-sum: not yet.",
        "Observed: given two rows, it returned [2, 3, 4, 5, 6, 8] of shape (6,); expected was "
        "[1, 3, 6,",
        "10, 15, 22] of shape (6,).",
        "Hint: first step",
        "The lesson goes on with the library's own answer.",
    ]


def forgets_to_return(values):
    np.cumsum(values)


def raises(values):
    wide = values.reshape(-1)
    return wide @ np.ones(99)


def misspells(values):
    return np.cumsum(value)  # noqa: F821


def takes_too_few():
    return 0


def never_stops_calling(values):
    return never_stops_calling(values)


@pytest.mark.parametrize(
    ("answer", "observed", "hint"),
    [
        (forgets_to_return, "given two rows, it returned nothing", "`return` missing"),
        (raises, "at the line `return wide @ np.ones(99)`", "Read the line above"),
        (misspells, "NameError: name 'value' is not defined", "nothing has defined"),
        (takes_too_few, "stopped with TypeError", "names and the number of the arguments"),
        (never_stops_calling, "RecursionError", "calls itself"),
        (lambda values: "22", "it returned a str", "Return an array of shape (6,)"),
        (lambda values: {"sum": 22}, "it returned a dict", "Return an array"),
        (lambda values: values.sum(), "the shape ()", "reduce over fewer axes"),
        (lambda values: np.cumsum(values)[:, None], "the shape (6, 1)", "keepdims"),
        (lambda values: np.cumsum(values) / 0.0, "contains NaN or infinity", "division by zero"),
        (lambda values: -np.cumsum(values), "expected was", "Only the sign"),
        (lambda values: 2 * np.cumsum(values), "expected was", "always 2 times"),
        (42, "check was given 42, not a function", "without calling it"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value))[:24],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_common_mistakes_are_recognized(answer, observed, hint):
    verdict = judged(answer)
    assert verdict.outcome == "not yet"
    assert observed in verdict.observed
    assert hint in verdict.hint


def test_swapped_axes_are_recognized():
    verdict = judged(
        lambda values: values, reference="numpy:transpose", cases=[Case("a square", SQUARE)]
    )
    assert verdict.hint == "Rows and columns are swapped."


def test_one_number_is_asked_for():
    verdict = judged(
        lambda values: values.sum(axis=0), reference="numpy:sum", cases=[Case("two rows", ROWS)]
    )
    assert verdict.observed == "given two rows, the result has the shape (3,); expected was ()."
    assert "sum or average over every axis" in verdict.hint


def test_an_unsigned_result_is_not_taken_for_its_negative():
    wrapped = np.array([255, 254], dtype=np.uint8)
    difference = explain_difference(wrapped, np.array([1, 2], dtype=np.uint8), "two bytes")
    assert difference is not None
    assert difference.hint == ""


def test_nested_results_name_the_part_that_is_wrong():
    expected = {"mean": np.float32(2.0), "maps": (np.zeros(2), np.ones(2))}
    found = {"mean": 2.0, "maps": (np.zeros(2), np.zeros(2))}
    difference = explain_difference(found, expected, "a batch")
    assert difference.observed.startswith(
        "entry 'maps': value 2: given a batch, it returned [0, 0]"
    )
    assert explain_difference(expected, expected, "a batch") is None
    assert "keys mean, maps" in explain_difference({"mean": 2.0}, expected, "a batch").hint
    assert "Return 2 values" in explain_difference((1,), (1, 2), "a batch").hint


def test_the_worst_entry_of_a_large_result_is_named():
    expected, found = np.zeros((3, 4)), np.zeros((3, 4))
    expected[1, 2] = 5.0
    difference = explain_difference(found, expected, "an image")
    assert difference.observed == "given an image, the entry at (1, 2) is 0; expected was 5."


# --- an unknown mistake does not get the hint for another ----------------------------------------


def test_rounding_is_not_called_a_factor():
    verdict = judged(lambda values: (np.cumsum(values) / 300).astype("float16") * np.float16(300))
    assert "float16" in verdict.hint
    nearly = judged(lambda values: np.cumsum(values) * 1.0005)
    assert nearly.hint == "first step"


def test_an_error_inside_the_function_is_not_taken_for_wrong_arguments():
    verdict = judged(lambda values: np.cumsum(values, direction=1))
    assert "unexpected keyword argument" in verdict.observed
    assert "Keep the names" not in verdict.hint


def test_another_error_of_the_same_kind_is_not_a_known_mistake():
    known = Misconception(lambda values: values.reshape(7), "counted wrongly")
    verdict = judged(lambda values: values @ np.ones(99), misconceptions=[known])
    assert verdict.hint != "counted wrongly"


def test_the_same_shape_in_another_order_is_not_enough_for_swapped_axes():
    settings = {"reference": "numpy:transpose", "cases": [Case("two rows", ROWS)]}
    assert judged(lambda values: values, **settings).hint == "The axes are there, in another order."
    assert judged(lambda values: values + 1, **settings).hint == "first step"


# --- misconceptions and checks -------------------------------------------------------------


def test_a_known_mistake_gets_its_own_hint_whatever_its_code_looks_like():
    known = Misconception(lambda values: np.cumsum(values, axis=-1).ravel(), "each row on its own")
    verdict = judged(
        lambda values: np.concatenate([np.cumsum(row) for row in np.atleast_2d(values)]),
        misconceptions=[Misconception(lambda values: values.ravel(), "nothing summed"), known],
    )
    assert verdict == Verdict("not yet", verdict.observed, "each row on its own")


def test_a_known_mistake_must_agree_on_every_case():
    known = Misconception(lambda values: np.cumsum(values)[::-1], "backwards")
    verdict = judged(
        lambda values: np.cumsum(values)[::-1] if values.ndim == 2 else values,
        misconceptions=[known],
    )
    assert verdict.hint == "first step"


def test_a_known_mistake_may_be_one_that_raises():
    known = Misconception(lambda values: values.reshape(7), "counted wrongly")
    assert (
        judged(lambda values: values.reshape(7), misconceptions=[known]).hint == "counted wrongly"
    )


def test_invariants_are_checked_after_the_cases():
    def grows(answer, reference):
        assert np.array_equal(reference(np.ones(3)), [1, 2, 3])
        last = answer(np.ones(4))[-1]
        return None if last == 4 else NotYet(f"the sum of four ones is {last:g}", "count again")

    def stops_at_three(values):
        return np.cumsum(values) if values.size != 4 else np.array([1, 2, 3, 3.0])

    assert judged(np.cumsum, checks=[grows]).outcome == "right"
    verdict = judged(stops_at_three, checks=[grows])
    assert verdict == Verdict("not yet", "the sum of four ones is 3", "count again")


def test_an_error_inside_an_invariant_is_explained_like_any_other():
    def on_four(answer, reference):
        return NotYet("never reached", "") if answer(np.ones(4)).any() else None

    def breaks_on_four(values):
        if values.size == 4:
            raise ValueError("four is too many")
        return np.cumsum(values)

    verdict = judged(breaks_on_four, checks=[on_four])
    assert "given [1, 1, 1, 1] of shape (4,), it stopped with ValueError" in verdict.observed


# --- hints and solutions -------------------------------------------------------------------


def test_hints_go_one_step_further_and_the_last_one_names_the_solution(capsys):
    asked = make()
    for _ in range(3):
        asked.hint()
    assert capsys.readouterr().out.splitlines() == [
        "Hint 1 of 2: first step",
        "Hint 2 of 2: second step",
        'That was the last hint. The solution: exercise("running-sum").solution()',
        "Hint 2 of 2: second step",
        'That was the last hint. The solution: exercise("running-sum").solution()',
    ]


def test_the_solution_is_the_library_source_as_python_code():
    solution = make(reference="course_lib.exercises.comparing:number").solution()
    assert isinstance(solution, SourceCode)
    assert repr(solution).startswith("def number(value: Any) -> str:")
    assert solution._repr_markdown_().startswith("```python\ndef number")
    assert solution._repr_markdown_().endswith("\n```")


# --- definitions ---------------------------------------------------------------------------


def test_exercises_are_listed_by_lesson():
    assert [one.id for one in exercises(3)].count("reconstruction-loss") == 1
    assert all(one.lesson == 3 for one in exercises(3))
    numbers = [one.lesson for one in exercises()]
    assert numbers == sorted(numbers)


def test_an_unknown_id_is_answered_with_the_nearest_one():
    with pytest.raises(ExerciseError, match="Did you mean: reconstruction-loss"):
        exercise("reconstruction-los")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"hints": []}, "no hints"),
        ({"cases": []}, "checks nothing"),
        ({"reference": "numpy.cumsum"}, "module:function"),
    ],
)
def test_incomplete_definitions_are_refused(settings, words):
    with pytest.raises(ExerciseError, match=words):
        make(**settings)


def test_a_case_that_breaks_the_reference_is_a_fault_of_the_exercise():
    with pytest.raises(ExerciseError, match="its own reference numpy:cumsum fails"):
        judged(np.cumsum, cases=[Case("a text", "words", nonsense=True)])


def test_defining_exercises_imports_no_framework():
    code = (
        "import sys; from course_lib.exercises import exercises; exercises();"
        "print([n for n in ('keras', 'tensorflow', 'jax', 'torch') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
