"""A lesson's slides: one HTML file that needs nothing else, no network and no other program."""

from __future__ import annotations

import html
import re
from math import ceil
from typing import Any

from course_lib.errors import BuildError
from course_lib.exercises import exercise
from course_lib.messages import translate
from course_lib.plots.lettering import width_of
from workshop.classroom.formulas import formula_image
from workshop.classroom.languages import notebook_in
from workshop.classroom.material import Material, Slide, read_material
from workshop.classroom.pages import phrase
from workshop.lessons import Lesson
from workshop.lessons.questions import OwnQuestion, questions_of

# The room for an image on a slide of 100 x 56.25 units: beside the text, or below it, where each
# line of text takes some of the height.
BESIDE, BELOW = (49, 40), (86, 38)
LINE_HEIGHT, LINE_LETTERS = 3.4, 75
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)
IMAGES = ("image/png", "image/jpeg")
# Texts with more letters than this are set smaller, so that they fit on a slide.
DENSE, DENSER = 320, 550
FORMULA_LETTERS, FORMULA_LINES = 250, 3
TAG = re.compile(r"<[^>]*>")
BLOCK_END = re.compile(r"</(?:p|li|tr)>")
# A browser may break a line between an image and the mark behind it, unless told not to.
MARKED = re.compile(r'(<img class="formula"[^>]*>)([,.;:?!)，。；：？！、）”]+)')
AIMS, QUESTIONS = "You will be able to", "Questions to check yourself"
HTML_NAMES = {"en": "en", "zh": "zh-CN"}


def slides_page(lesson: Lesson, material: Material, built: Any, language: str = "en") -> str:
    """The slides of a lesson as an HTML page.

    Title, aims, exercises and questions come from the lesson itself, the rest from the teacher's
    material, with the images of the executed notebook.

    Args:
        lesson: which lesson, with its words in the language.
        material: its teacher's material, in the language.
        built: the lesson's executed notebook.
        language: "en" or "zh".

    Returns:
        The page. Arrow keys turn the slides, N shows what to say.

    Raises:
        BuildError: an image that the lesson does not show, or a formula that cannot be set.
    """
    shown = _images(built)
    notebook = notebook_in(lesson, language)
    slides = [
        _title(lesson, language),
        _section(phrase(AIMS, language), _html(_aims(notebook.cells[0].source, language))),
        *[_authored(slide, shown, material) for slide in material.slides],
        *_exercises(material, language),
        _section(phrase(QUESTIONS, language), _html(_numbered(questions_of(notebook)))),
    ]
    title = phrase("Lesson {number}: {title}", language, number=lesson.number, title=lesson.title)
    return (
        PAGE.replace("LANGUAGE", HTML_NAMES[language])
        .replace("TITLE", html.escape(title))
        .replace("STYLE", STYLE)
        .replace("SCRIPT", SCRIPT)
        .replace("SLIDES", "\n".join(slides))
    )


def missing_images(lesson: Lesson, built: Any) -> list[str]:
    """The images that a lesson's slides name and its notebook does not show, a line each.

    Args:
        lesson: whose slides.
        built: its executed notebook.
    """
    material, shown, problems = read_material(lesson), _images(built), []
    for slide in material.slides:
        try:
            if slide.image:
                _image(slide.image, shown, material)
        except BuildError as error:
            problems.append(str(error))
    return problems


def _title(lesson: Lesson, language: str) -> str:
    number = phrase("Lesson {number}", language, number=lesson.number)
    title, sentence = lesson.title, _html(lesson.sentence)
    return (
        f'<section class="title"><p class="number">{number}</p><h1>{html.escape(title)}</h1>'
        f"{sentence}</section>"
    )


def _authored(slide: Slide, shown: dict[str, dict[str, Any]], material: Material) -> str:
    image = _image(slide.image, shown, material) if slide.image else None
    try:
        return _section(slide.title, _html(slide.text), image, slide.say)
    except ValueError as error:
        raise BuildError(
            f"{material.path.name}, slide {slide.title!r}: the formula cannot be set. {error}"
        ) from error


def _exercises(material: Material, language: str) -> list[str]:
    if not material.answers:
        return []
    titles = {one.id: translate(exercise(one.id).title, language) for one in material.answers}
    lines = [f"- `{name}`: {title}" for name, title in titles.items()]
    lines += ["", phrase('Stuck? `exercise("name").hint()`, as often as you like.', language)]
    heading = "Exercise of this lesson" if len(titles) == 1 else "Exercises of this lesson"
    return [_section(phrase(heading, language), _html("\n".join(lines)))]


def _section(title: str, text: str, image: dict[str, Any] | None = None, say: str = "") -> str:
    letters, figure = width_of(TAG.sub("", text)), ""
    # A formula on lines of its own takes the room of some lines of text.
    letters += FORMULA_LETTERS * text.count('class="formula display"')
    layout = "denser" if letters > DENSER else "dense" if letters > DENSE else ""
    if image:
        layout = "below" if _larger_below(image, text) else "beside"
        figure = (
            f'<figure><img src="data:{image["type"]};base64,{image["data"]}" '
            f'width="{image["width"]}" height="{image["height"]}" '
            f'alt="{html.escape(image["alt"])}"></figure>'
        )
    note = f"<aside>{_html(say)}</aside>" if say else ""
    return (
        f'<section class="{layout}"><h2>{_line(title)}</h2>'
        f'<div class="text">{text}</div>{figure}{note}</section>'
    )


def _larger_below(image: dict[str, Any], text: str) -> bool:
    """Whether an image gets larger below a text than beside it."""
    blocks = [width_of(TAG.sub("", block)) for block in BLOCK_END.split(text)]
    lines = sum(ceil(letters / LINE_LETTERS) for letters in blocks)
    lines += FORMULA_LINES * text.count('class="formula display"')
    ratio = image["width"] / image["height"]
    below = min(BELOW[0], (BELOW[1] - lines * LINE_HEIGHT) * ratio)
    return below > min(BESIDE[0], BESIDE[1] * ratio)


def _html(markdown: str) -> str:
    """Markdown as HTML, with its formulas as images."""
    from markdown_it import MarkdownIt

    formulas: list[str] = []

    def keep(match: re.Match) -> str:
        formulas.append(formula_image(match[1] or match[2], display=match[1] is not None))
        return f"FORMULA{len(formulas) - 1}END"

    rendered = MarkdownIt().enable("table").render(FORMULA.sub(keep, markdown))
    page = re.sub(r"FORMULA(\d+)END", lambda match: formulas[int(match[1])], rendered)
    return MARKED.sub(r'<span class="whole">\1\2</span>', page)


def _line(markdown: str) -> str:
    return _html(markdown).strip().removeprefix("<p>").removesuffix("</p>")


def _aims(opening: str, language: str) -> str:
    """The list below "You will be able to" in a lesson's first cell."""
    _, _, rest = opening.partition(f"**{phrase(AIMS, language)}**")
    return rest.partition(phrase("**You need:**", language))[0].strip()


def _numbered(questions: list[OwnQuestion]) -> str:
    return "\n".join(f"{number}. {one.ask}" for number, one in enumerate(questions, start=1))


def _images(built: Any) -> dict[str, dict[str, Any]]:
    """All images of an executed notebook by their alternative text."""
    found = {}
    for cell in built.cells:
        for output in cell.get("outputs", []):
            for kind in IMAGES:
                about = output.get("metadata", {}).get(kind, {})
                if kind in output.get("data", {}) and "alt" in about:
                    data = "".join(output.data[kind].split())
                    found[about["alt"]] = {**about, "type": kind, "data": data}
    return found


def _image(start: str, shown: dict[str, dict[str, Any]], material: Material) -> dict[str, Any]:
    fitting = [image for alt, image in shown.items() if alt.startswith(start)]
    if len(fitting) != 1:
        raise BuildError(
            f"{material.path.name}: {len(fitting)} images of the executed notebook have an "
            f"alternative text that starts with {start!r}; there must be one. The lesson may have "
            "changed: look up the `# alt:` line of the image you mean."
        )
    return fitting[0]


PAGE = """\
<!DOCTYPE html>
<html lang="LANGUAGE">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TITLE</title>
<style>
STYLE</style>
</head>
<body>
<main>
SLIDES
</main>
<script>
SCRIPT</script>
</body>
</html>
"""

# One slide fills the window; sizes follow the window, so that a projector shows what a laptop does.
STYLE = """\
:root { --unit: min(1vw, 1.7778vh); --ink: #1d2733; --accent: #0b5c8a; }
* { box-sizing: border-box; }
html { scroll-snap-type: y mandatory; }
body { margin: 0; color: var(--ink); background: #fff;
  font: calc(2.05 * var(--unit))/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans",
  "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
section { height: 100vh; padding: calc(4 * var(--unit)) calc(7 * var(--unit)); overflow: hidden;
  scroll-snap-align: start; display: grid; grid-template-rows: auto minmax(0, 1fr) auto;
  gap: calc(2 * var(--unit)) calc(4 * var(--unit)); border-bottom: 1px solid #dde3e8; }
section.beside { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); }
section.beside h2, section.beside aside { grid-column: 1 / -1; }
section.below { grid-template-rows: auto auto minmax(0, 1fr) auto; }
section .text { font-size: calc(2.8 * var(--unit)); }
section.below .text, section.beside .text { font-size: calc(2.3 * var(--unit)); }
section.dense .text { font-size: calc(2.35 * var(--unit)); }
section.denser .text { font-size: calc(1.9 * var(--unit)); }
h2 { margin: 0; font-size: calc(3.5 * var(--unit)); line-height: 1.2; color: var(--accent); }
.text > :first-child { margin-top: 0; }
.text > :last-child { margin-bottom: 0; }
p, ul, ol { margin: 0 0 .7em; }
ul, ol { padding-left: 1.2em; }
li { margin-bottom: .35em; }
code { font: .92em ui-monospace, "DejaVu Sans Mono", Consolas, monospace;
  background: #eef2f5; padding: .05em .3em; border-radius: .2em; }
pre { background: #eef2f5; padding: .7em 1em; border-radius: .3em; line-height: 1.35; }
pre code { padding: 0; background: none; }
table { border-collapse: collapse; margin-bottom: .8em; }
th, td { text-align: left; padding: .25em .9em .25em 0; border-bottom: 1px solid #cfd8df; }
figure { margin: 0; min-height: 0; display: flex; justify-content: center; align-items: center; }
section.beside figure { align-items: start; }
figure img { width: 100%; height: 100%; object-fit: contain; }
section.beside figure img { object-position: top; }
img.formula { vertical-align: var(--drop); }
.whole { white-space: nowrap; }
img.display { display: block; margin: .6em auto; }
.title { align-content: center; grid-template-rows: auto auto auto; background: #f2f6f9; }
.title h1 { margin: 0; font-size: calc(6 * var(--unit)); line-height: 1.1; color: var(--accent); }
.title p { margin: 0; font-size: calc(2.6 * var(--unit)); max-width: 34em; }
.title .number { text-transform: uppercase; letter-spacing: .12em; color: #51606e; }
aside { display: none; background: #fff6d8; border-left: .3em solid #c98a00;
  padding: .6em 1em; font-size: calc(1.7 * var(--unit)); }
aside p { margin: 0; }
body.notes aside { display: block; }
@media print {
  @page { size: 297mm 167mm; margin: 0; }
  html { scroll-snap-type: none; }
  :root { --unit: 2.97mm; }
  section { height: 167mm; border: 0; break-after: page; }
  aside { display: none; }
}
"""

SCRIPT = """\
const slides = [...document.querySelectorAll("section")];
const here = () => Math.round(scrollY / innerHeight);
function go(number) {
  const target = slides[Math.max(0, Math.min(slides.length - 1, number))];
  target.scrollIntoView();
}
const turns = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1,
  ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in turns) go(here() + turns[event.key]);
  else if (event.key === "Home") go(0);
  else if (event.key === "End") go(slides.length - 1);
  else if (event.key.toLowerCase() === "n") document.body.classList.toggle("notes");
  else return;
  event.preventDefault();
});
"""
