"""The web course: lessons, guides and reference as pages that need no other host."""

from course_lib.site.animations import Animation, read_animations
from course_lib.site.building import build_site
from course_lib.site.lesson_pages import lesson_page
from course_lib.site.pages import check_pages

__all__ = [
    "Animation",
    "build_site",
    "check_pages",
    "lesson_page",
    "read_animations",
]
