"""A demo as a script: where it writes, and its command line. Needs nothing but Python."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def output_folder(name: str, folder: str | Path | None = None) -> Path:
    """Where the demo ``name`` writes: ``folder``, or ``build/<name>``; made when it is missing."""
    chosen = Path("build", name) if folder is None else Path(folder)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def run(main: Callable[..., Any]) -> None:
    """Call ``main`` as a script does: with the folder and the ``--quick`` of the command line."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack ∂
    about = inspect.getmodule(main)
    parser = argparse.ArgumentParser(
        description=(about.__doc__ or "").partition("\n")[0] if about else None
    )
    parser.add_argument("folder", nargs="?", help="where to write; build/ and its name if left out")
    if "quick" in inspect.signature(main).parameters:
        parser.add_argument(
            "--quick", action="store_true", help="a few seconds: what takes longer is smaller"
        )
    try:
        main(**vars(parser.parse_args()))
    except OSError as error:
        parser.exit(1, f"{error.filename or 'the output'}: {error.strerror or error}\n")
