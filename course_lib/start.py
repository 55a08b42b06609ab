"""Where the program `course` begins: it can be stopped before anything else has been imported."""

from course_lib import signals

signals.end_at_once()


def main() -> None:
    """Run the command."""
    try:
        from course_lib import cli

        cli.main()
    finally:
        # What is done is done: whoever stops the program now has no need to hear of it.
        signals.end_at_once(b"")
