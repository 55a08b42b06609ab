"""What goes wrong when the web course is built."""


class SiteError(RuntimeError):
    """The web course cannot be built; the message says why and what to do."""
