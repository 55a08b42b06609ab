"""Settings of Sphinx for the web course; `course site` lays out what it reads."""

import os
import sys
from pathlib import Path

# The reference is made from the docstrings of modules that load a framework; it need not talk.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent))

import course_lib

project = "Autoencoders in image style transfer"
author = "The course's authors"
release = course_lib.__version__
language = "en"
html_title = project
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "course_links",
    "course_languages",
]
exclude_patterns = ["extra", "node_modules"]
templates_path = ["templates"]
# Words that the search in Chinese shall not cut; only the Chinese pages come with this file.
html_search_options = {"dict": str(Path(__file__).parent / "terms.txt")}

# The notebooks are executed already: what is shown is what their tests compare.
nb_execution_mode = "off"
# No lab is on these pages, so its program is not wanted from another host.
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 3

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
add_module_names = False
toc_object_entries_show_parents = "hide"

mathjax_path = "formulas.js"
# The menu would load more programs when it is opened, and there are none here.
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "furo"
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_extra_path = ["extra"]
html_css_files = ["course.css", "self-test.css", "figures.css"]
PROGRAMS = ("words.js", "course.js", "self-test.js", "figures.js")
html_js_files = [(name, {"defer": "defer"}) for name in PROGRAMS]
html_scaled_image_link = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "navigation_with_keys": True,
    "top_of_page_buttons": [],
    # The bar with the switch of the language, which templates/page.html fills.
    "announcement": "languages",
    "light_css_variables": {
        "color-brand-primary": "#0b5394",
        "color-brand-content": "#0b5394",
        "code-font-size": "0.78rem",
    },
    "dark_css_variables": {"color-brand-primary": "#8ab8ff", "color-brand-content": "#8ab8ff"},
}
