"""The labs: images that answer when the reader moves a control.

`lab = style_lab()`, then `lab.show()`, shows a lab and, under it, still images for readers who
cannot move its controls.
"""

from course_lib.widgets.ablation import AblationLab as ablation_lab
from course_lib.widgets.background import Background, Newest
from course_lib.widgets.bottleneck import BottleneckLab as bottleneck_lab
from course_lib.widgets.compare import CompareLab as compare_lab
from course_lib.widgets.convolution import ConvolutionBench as convolution_bench
from course_lib.widgets.features import FeatureBrowser as feature_browser
from course_lib.widgets.gram import GramExplorer as gram_explorer
from course_lib.widgets.lab import Lab, Sheet
from course_lib.widgets.live import PaintingLive as painting_live
from course_lib.widgets.live import loss_chart
from course_lib.widgets.pixel import PixelLab as pixel_lab
from course_lib.widgets.style import StyleLab as style_lab

__all__ = [
    "Background",
    "Lab",
    "Newest",
    "Sheet",
    "ablation_lab",
    "bottleneck_lab",
    "compare_lab",
    "convolution_bench",
    "feature_browser",
    "gram_explorer",
    "loss_chart",
    "painting_live",
    "pixel_lab",
    "style_lab",
]
