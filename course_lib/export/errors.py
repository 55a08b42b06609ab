"""What can go wrong with an export."""


class ExportError(RuntimeError):
    """Something cannot be exported; the message says why and what to do."""
