"""Python runs this at its start where tests/offline is on PYTHONPATH."""

import network_guard

network_guard.close_network()
