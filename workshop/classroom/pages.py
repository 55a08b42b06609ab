"""What the sets say themselves: the texts beside the notebooks, and phrases in them."""

from typing import Any

README = {
    "en": """\
# The course in your class

Written by `course classroom`; `docs/classroom.md` in the course's repository is its manual.

| folder | for whom | what |
|---|---|---|
| `student/` | hand it out | the lessons, not run yet, with open exercises |
| `teacher/` | keep it | plan, answers and usual mistakes; in `slides/`, for the projector |
| `nbgrader/` | keep it | a course folder of nbgrader; `source/` holds the answers |

Do not hand out this folder as a whole: `teacher/` and `nbgrader/source/` hold the answers.

PLAN
""",
    "zh": """\
# 你课堂上的这门课程

由 `course classroom` 写成；手册是课程仓库里的 `docs/classroom.md`。

| 文件夹 | 给谁 | 里面是什么 |
|---|---|---|
| `student/` | 发给学生 | 各课，还没有运行，练习空着 |
| `teacher/` | 留给自己 | 计划、答案和常见错误；`slides/` 里是投影用的幻灯片 |
| `nbgrader/` | 留给自己 | nbgrader 的课程文件夹；`source/` 里有答案 |

不要把这个文件夹整个发出去：`teacher/` 和 `nbgrader/source/` 里有答案。

PLAN
""",
}

STUDENT_README = {
    "en": """\
# Autoencoders in image style transfer

Open the lessons in JupyterLab, one after the other, and begin with the lowest number. Run a cell
with Shift + Enter. Where a lesson says **Before you run**, stop, and write down what you expect.

An exercise is a function with its body left open. Write it, run the cell, and read what the check
says. `exercise("...").hint()`, with the exercise's name, gives a hint, and each further call one
more. The lesson goes on even where you skip an exercise.
""",
    "zh": """\
# 图像风格迁移中的自编码器

在 JupyterLab 里一课接一课地打开，从编号最小的开始。用 Shift + Enter 运行一个单元。\
课里写着**运行下一个单元之前**的地方，停下来，写下你预料会看到什么。

练习是一个函数，函数体空着。写好它，运行单元，读一读检查怎么说。\
`exercise("...").hint()`，写上练习的名字，会给一个提示，每再运行一次就多给一个。\
跳过一个练习，课也会继续。
""",
}

NBGRADER_CONFIG = '''\
"""Settings of this nbgrader course; run nbgrader in the folder of this file."""

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.course_id = "style-transfer"

# What stands in the students' version where the answer was.
c.ClearSolutions.code_stub = {"python": "STUB"}

# Grading runs the whole lesson. A cell that trains may take a while on a busy server.
c.Execute.timeout = 600
'''

# What the sets say themselves, with places for what differs.
PHRASES = {
    # On slides:
    "Lesson {number}": "第 {number} 课",
    "Lesson {number}: {title}": "第 {number} 课：{title}",
    "You will be able to": "学完本课，你能够",
    "**You need:**": "**你需要**",
    "Exercise of this lesson": "本课的练习",
    "Exercises of this lesson": "本课的练习",
    'Stuck? `exercise("name").hint()`, as often as you like.': (
        '卡住了？`exercise("name").hint()`，想用几次就用几次。'
    ),
    "Questions to check yourself": "自测题",
    # In the teacher's notebooks:
    "## For the teacher: {minutes} minutes, {all_minutes} with the optional parts": (
        "## 给教师：{minutes} 分钟，加上选学部分 {all_minutes} 分钟"
    ),
    "Needs {prerequisites}.": "需要：{prerequisites}。",
    "lesson {number}": "第 {number} 课",
    ", ": "，",
    "| | lesson | minutes | with optional parts | graded | points |": (
        "| | 课 | 分钟 | 加上选学部分 | 计分的练习 | 分数 |"
    ),
    "in all": "合计",
    "| minutes | sections | |": "| 分钟 | 小节 | |",
    "*Optional.*": "*选学。*",
    "**What many believe at first**": "**许多人起初会这样想**",
    "**Questions to ask on the way**": "**路上可以问的问题**",
    "- *{belief}* {remedy}": "- *{belief}* {remedy}",
    "**For the teacher, exercise `{id}`, {points} {unit}.** ": (
        "**给教师：练习 `{id}`，{points} 分**。"
    ),
    "The next cell holds a model answer; `{reference}` is the library's.": (
        "下一个单元里是参考答案；`{reference}` 是库里的做法。"
    ),
    "Usual mistakes, each with what the check says to it:": ("常见的错误，各附检查对它说的话："),
    # In the notebooks to hand out:
    "In this class the solutions come from the teacher; exercise(...).solution() says so.": (
        "在这个班上，答案由老师给出；exercise(...).solution() 会这样说。"
    ),
    "# Graded, points: {points}. This cell shows what your answer has earned. Leave it as it is.": (
        "# 计分，满分 {points} 分。这个单元显示你的答案得了多少分。请保持原样。"
    ),
    "# Your answer goes here.": "# 在这里写你的答案。",
}


def phrase(english: str, language: str, **filled: Any) -> str:
    """A phrase of the sets' own in a language.

    Args:
        english: as it stands in `PHRASES`, with places such as "{minutes}".
        language: "en" or "zh".
        **filled: what stands in the places.
    """
    words = english if language == "en" else PHRASES[english]
    return words.format(**filled) if filled else words
