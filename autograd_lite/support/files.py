"""Files that are written completely or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write ``content`` to a file beside ``path``, then move it to ``path`` in one step.

    An existing file is replaced and its permissions are kept; a symbolic link stays a link.

    :raises OSError: when the file cannot be written; the file at ``path`` is then unchanged.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{os.getpid()}-{os.urandom(6).hex()}.part")
    try:
        if target.exists() and not target.is_file():
            raise OSError(errno.EINVAL, "this is not a regular file")
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
        # The caller knows `path`, not the name of the draft.
        why = error.strerror or str(error)
        raise OSError(error.errno or errno.EIO, why, os.fspath(path)) from None
