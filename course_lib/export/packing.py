"""Files for pages that are opened without a server: data as text in classic scripts."""

import base64
import gzip
from pathlib import Path

# Letters in one script, whole groups of four, each of which is three bytes. After each, a page can
# show how much has come.
PIECE = 600_000


def pack(name: str, data: bytes, folder: Path) -> int:
    """Write data so that a page can load it however it was opened.

    A page that was opened as a file may not fetch one, but it may load scripts. So the data is
    compressed, written as text, and cut into scripts that hand it to ``course.deliver``, which
    `docs/web/labs/base.js` defines.

    Args:
        name: what the page calls it.
        data: its bytes.
        folder: where the scripts ``NAME-0.js``, ``NAME-1.js`` and so on are written.

    Returns:
        The number of scripts.
    """
    # The same bytes give the same scripts: no time is written into them.
    text = base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    for number, piece in enumerate(pieces):
        script = f'course.deliver("{name}",{number},"{piece}");\n'
        (folder / f"{name}-{number}.js").write_text(script, encoding="ascii")
    return len(pieces)
