"""The command line of a demo and the folder that it writes to. This module needs only Python."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def output_folder(name: str, folder: str | Path | None = None) -> Path:
    """The folder for the output of a demo: ``folder``, or ``build/<name>``. It is created if missing."""
    chosen = Path("build", name) if folder is None else Path(folder)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def run(main: Callable[..., Any]) -> None:
    """Call ``main`` with the folder and the options of the command line that it takes."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # the terminal may not be able to show ∂
    about = inspect.getmodule(main)
    parser = argparse.ArgumentParser(
        description=(about.__doc__ or "").partition("\n")[0] if about else None
    )
    parser.add_argument("folder", nargs="?", help="where to write (default: build/ and the demo's name)")
    options = inspect.signature(main).parameters
    if "quick" in options:
        parser.add_argument("--quick", action="store_true", help="run a smaller version, in a few seconds")
    if "words" in options:
        parser.add_argument("--words", metavar="FILE", help="learn from the words in this file, one a line")
    try:
        main(**vars(parser.parse_args()))
    except OSError as error:
        parser.exit(1, f"{error.filename or 'the output'}: {error.strerror or error}\n")
