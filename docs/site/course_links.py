"""Two kinds of links that the web course adds by itself: to lessons and into the reference.

Where prose says "lesson 5" or "lessons 5 and 6", the words lead there. Where it names something as
`course_lib.losses.gram_matrix`, the name leads to its docstring, and a name that does not exist is
a fault.
"""

import pkgutil
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

LESSONS = re.compile(
    r"\b[Ll]essons? \d+(?:(?:, | and | to )\d+\b)*|第 \d+(?:(?:、| 和 | 至 )\d+)* 课"
)
NUMBER = re.compile(r"第 (?P<chinese>\d+) 课|(?:[Ll]essons? )?(?P<number>\d+)")
NAME = re.compile(r"course_lib(\.\w+)+")
# Words in these lead somewhere already, or are read as they stand.
CLOSED = (nodes.reference, nodes.title, nodes.literal, nodes.literal_block, addnodes.pending_xref)


class LinkLessons(SphinxTransform):
    """Make a link of each "lesson N" whose lesson is there, on every page but its own."""

    default_priority = 400

    def apply(self, **kwargs):
        """Replace the words in the page at hand."""
        pages = {
            int(name.rpartition("/")[2][:2]): name
            for name in self.env.found_docs
            if re.match(r"notebooks/\d\d-", name)
        }
        pages = {number: page for number, page in pages.items() if page != self.env.docname}
        for text in list(self.document.findall(nodes.Text)):
            if not _inside(text, CLOSED) and LESSONS.search(text):
                text.parent.replace(text, list(self.linked(str(text), pages)))

    def linked(self, words, pages):
        """The words, cut at each mention of a lesson, which is a link."""
        end = 0
        for mention in LESSONS.finditer(words):
            for match in NUMBER.finditer(words, *mention.span()):
                page = pages.get(int(match["chinese"] or match["number"]))
                if page is not None:
                    yield nodes.Text(words[end : match.start()])
                    yield self.link(match[0], page)
                    end = match.end()
        yield nodes.Text(words[end:])

    def link(self, words, page):
        """A link to a page of the site."""
        target = addnodes.pending_xref(
            "",
            nodes.inline(words, words),
            refdomain="std",
            reftype="doc",
            reftarget=f"/{page}",
            refdoc=self.env.docname,
            refexplicit=True,
            refwarn=True,
        )
        return target


class LinkNames(SphinxTransform):
    """Make a link of each literal that names a part of `course_lib`."""

    default_priority = 400

    def apply(self, **kwargs):
        """Replace the literals in the page at hand."""
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext()
            if not NAME.fullmatch(name) or _inside(literal, CLOSED[:2] + CLOSED[4:]):
                continue
            link = addnodes.pending_xref(
                "",
                literal.deepcopy(),
                refdomain="py",
                reftype="obj",
                reftarget=home(name),
                refdoc=self.env.docname,
                refexplicit=True,
                refwarn=True,
            )
            literal.parent.replace(literal, link)


def home(name):
    """The name under which something is documented: that of the module that it comes from."""
    try:
        found = pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return name
    module, inner = getattr(found, "__module__", ""), getattr(found, "__qualname__", "")
    return f"{module}.{inner}" if module.startswith("course_lib") and inner else name


def _inside(node, kinds):
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


def setup(app):
    """Register both with Sphinx."""
    app.add_transform(LinkLessons)
    app.add_transform(LinkNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
