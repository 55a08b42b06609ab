"""Settings of the unit tests."""

import os

from hypothesis import settings

# No deadline: the machine may be busy with something else. In CI the examples are always the same.
settings.register_profile("course", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("course")
