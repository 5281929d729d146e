"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write ``content`` beside ``path`` and put it in its place in one step.

    A file that is replaced hands on its permissions, and a link stays one.

    :raises OSError: when that fails; what was at ``path`` is then as it was.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{os.getpid()}-{os.urandom(6).hex()}.part")
    try:
        if target.exists() and not target.is_file():
            raise OSError(errno.EINVAL, "this is no ordinary file")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        # The draft's name would tell nobody anything.
        why = error.strerror or str(error)
        raise OSError(error.errno or errno.EIO, why, os.fspath(path)) from None
