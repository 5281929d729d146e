"""Completion in shells, where the package argcomplete is installed.

``eval "$(register-python-argcomplete autograd-lite)"`` turns it on in bash and zsh.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from ..parse import ParseError, parse


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks for completions, and end; do nothing for anyone else."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    try:
        import argcomplete
    except ImportError:  # the shell was set up for it by another Python
        return
    argcomplete.autocomplete(parser)


def names_wanted(parsed_args: argparse.Namespace, **_: Any) -> list[str]:
    """``x=`` for every variable of the formula that has no value yet."""
    formula, *given = parsed_args.words or [""]
    try:
        names = parse(formula).names
    except ParseError:
        return []
    return [f"{name}=" for name in names if not any(word.startswith(f"{name}=") for word in given)]
