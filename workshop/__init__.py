"""The workshop: what makes the course out of its sources, and needs a checkout to do it.

Building and checking lessons, classroom sets, the web course, galleries and benchmarks. It stands
beside `course_lib` and uses it; what a reader installs is `course_lib` alone.
"""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
