"""Figures with alternative text, for notebooks that are compared strictly.

Every function here draws on a `matplotlib.figure.Figure` of its own (pyplot and the reader's
backend are not touched) and shows it at once, as one display of this form:

- `image/jpeg` (images) or `image/png` (plots), with the alternative text in the metadata of that
  format, under "alt": where IPython's own `Image` puts it and where nbconvert looks for it;
- `text/plain`, the same alternative text.

nbval leaves `image/jpeg`, `image/png` and metadata out of its comparison and compares the text. So
a figure may differ from machine to machine in its last bits, but a figure that is not drawn, or
shows something else, is noticed. An `<img alt="...">` written as HTML would be compared with all
its bytes, which differ between versions of Matplotlib.

JupyterLab 4 does not hand the alternative text on to the browser. There, and wherever else the
metadata is ignored, a screen reader finds it in a second display: the same words as HTML, hidden
from the eye where styles are allowed and readable as a caption where they are not.

In a lesson, the words are written beside the code and not in it: `alternatives` says how they come
to the figure. Elsewhere they are given as `alt=...`. Because they are compared, they must hold on
every machine: measured numbers belong into titles and labels, which are part of the image.
"""

from course_lib.plots.animations import show_clip
from course_lib.plots.arrays import as_image, stretched
from course_lib.plots.axes import CHANNELS, COLORS, LINE_STYLES, MARKERS
from course_lib.plots.charts import plot_bars, plot_histogram, plot_lines
from course_lib.plots.drawing import Drawing
from course_lib.plots.matrices import show_matrix
from course_lib.plots.scatter import plot_scatter
from course_lib.plots.side_by_side import (
    draw_images,
    show_difference,
    show_feature_maps,
    show_image,
    show_images,
)
from course_lib.plots.sounds import Player, show_sounds, show_spectrograms

__all__ = [
    "CHANNELS",
    "COLORS",
    "LINE_STYLES",
    "MARKERS",
    "Drawing",
    "Player",
    "as_image",
    "draw_images",
    "plot_bars",
    "plot_histogram",
    "plot_lines",
    "plot_scatter",
    "show_clip",
    "show_difference",
    "show_feature_maps",
    "show_image",
    "show_images",
    "show_matrix",
    "show_sounds",
    "show_spectrograms",
    "stretched",
]
