"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` beside ``path`` and put it in its place in one step.

    :raises OSError: when that fails; what was at ``path`` is then as it was.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with scratch.open("xb") as file:
            file.write(content)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
