"""The command line: it takes a formula and values, and prints the Forward/Backward table.

``python -m autograd_lite "cos(sin(x**2) + 3*x**2)" x=1``; the package also installs ``autograd-lite``.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence

from ..forensics import find_nonfinite
from ..parse import ParseError, parse
from ..show.text.columns import in_ascii
from ..support.hints import visible
from ..support.ieee import errstate
from .answers import Asked, list_of_functions
from .arguments import ArgumentReader, reader, with_minus_marked
from .request import build, formula_of, given_values, points_of
from .terminal import RequestError, print_to, say, writable

__all__ = ["main"]

#: Signs of the output in Unicode; where one of them cannot be shown, the output is in ASCII.
_UNICODE_SIGNS = "∂−·×≈²₁σ√├└│"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 after an error message on stderr.

    It is 1 when ``--check`` finds a derivative that is off or the reader of the output has left, and 130
    after Ctrl-C.

    :param argv: the arguments; those of the process when left out.
    :raises SystemExit: from ``--help``, ``--version`` and arguments that are not understood.

    >>> main(["x*y", "x=3", "y=-2", "--grad"])
    df/dx = -2.0
    df/dy = 3.0
    0
    """
    words = sys.argv[1:] if argv is None else list(argv)
    parser = reader()
    options = parser.parse_intermixed_args(with_minus_marked(words))
    options.ascii = options.ascii or not writable(_UNICODE_SIGNS)
    try:
        code = 0
        if options.functions:
            text = list_of_functions(options.ascii)
        else:
            text, code = _answer(parser, options)
    except (ParseError, RequestError) as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130  # what a shell reports of a command that Ctrl-C ended
    return print_to(text if writable(text) else in_ascii(text), sys.stdout) or code


def _answer(parser: ArgumentReader, options: argparse.Namespace) -> tuple[str, int]:
    """The text to print for a formula, and the exit code; files are written as a side effect."""
    words = [word.removeprefix(" ") for word in options.words]
    if not words and options.file is None:
        parser.error('a formula is missing, for example: "cos(sin(x**2) + 3*x**2)" x=1')
    other = [name for name in ("tree", "grad", "json", "at", "check", "program") if getattr(options, name)]
    if options.symbolic and other:
        parser.error(f"--symbolic is for tables: leave out --{other[0]}")
    looks = [name for name in ("style", "theme", "direction", "fit") if getattr(options, name) is not None]
    if looks and not (options.draw or options.play):
        parser.error(f"--{looks[0]} is for a picture: add --draw FILE")
    text, rest = formula_of(words, options.file)
    with warnings.catch_warnings(record=True) as caught, errstate("warn"):
        warnings.simplefilter("always", RuntimeWarning)
        values = given_values(rest)
        if options.at is not None:
            options.at = name, points = points_of(options.at)
            if name in values:
                raise RequestError(f"{name} has a value and stands in --at: leave one of them out")
            values[name] = points[0]
        expression = parse(text)
        made = build(expression, values, options.symbolic)
        asked = Asked(expression, values, made, options)
    with errstate("ignore"):
        if not asked.root.is_constant:
            asked.root.backward()
        if not options.symbolic and options.at is None:
            _warn(asked, [str(warning.message) for warning in caught])
        answered = asked.answer()
        asked.write()
        return answered


def _warn(asked: Asked, messages: list[str]) -> None:
    """Report on stderr which operation made the first number that cannot be trusted."""
    if not messages and (found := find_nonfinite(asked.root)) is not None:
        messages = [str(found)]
    if messages:
        more = len(dict.fromkeys(messages)) - 1
        also = f" (and {more} more like it)" if more else ""
        say(f"warning: {visible(messages[0], 400)}{also}")
