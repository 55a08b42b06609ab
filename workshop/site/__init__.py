"""The web course: lessons, guides and reference as pages that need no other host."""

from workshop.site.animations import PageAnimation, read_animations
from workshop.site.building import build_site
from workshop.site.lesson_pages import lesson_page
from workshop.site.pages import check_pages

__all__ = [
    "PageAnimation",
    "build_site",
    "check_pages",
    "lesson_page",
    "read_animations",
]
