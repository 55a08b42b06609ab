"""The texts that go into the sets beside the notebooks."""

README = """\
# The course in your class

Written by `course classroom`; `docs/classroom.md` in the course's repository is its manual.

| folder | for whom | what |
|---|---|---|
| `student/` | hand it out | the lessons, not run yet, with open exercises |
| `teacher/` | keep it | plan, answers and usual mistakes; in `slides/`, for the projector |
| `nbgrader/` | keep it | a course folder of nbgrader; `source/` holds the answers |

Do not hand out this folder as a whole: `teacher/` and `nbgrader/source/` hold the answers.

PLAN
"""

STUDENT_README = """\
# Autoencoders in image style transfer

Open the lessons in JupyterLab, one after the other, and begin with the lowest number. Run a cell
with Shift + Enter. Where a lesson says **Before you run**, stop, and write down what you expect.

An exercise is a function with its body left open. Write it, run the cell, and read what the check
says. `exercise("...").hint()`, with the exercise's name, gives a hint, and each further call one
more. The lesson goes on even where you skip an exercise.
"""

NBGRADER_CONFIG = '''\
"""Settings of this nbgrader course; run nbgrader in the folder of this file."""

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.course_id = "style-transfer"

# What stands in the students' version where the answer was.
c.ClearSolutions.code_stub = {"python": "# Your answer goes here."}

# Grading runs the whole lesson. A cell that trains may take a while on a busy server.
c.Execute.timeout = 600
'''
