# PYTHON_ARGCOMPLETE_OK: by this word argcomplete knows which scripts it may ask.
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
from .completion import complete
from .files import write_files
from .looks import OF_FILES, OF_PAGES, OF_PICTURES, given, spelled
from .request import formula_of, given_values, points_of
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
    complete(parser)
    options = parser.parse_intermixed_args(with_minus_marked(words))
    options.unicode = writable(_UNICODE_SIGNS)
    try:
        code = 0
        if options.functions:
            text = list_of_functions(bool(options.ascii) or not options.unicode)
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
    if not options.words and options.file is None:
        parser.error('a formula is missing, for example: "cos(sin(x**2) + 3*x**2)" x=1')
    _refuse_contradictions(parser, options)
    text, rest = formula_of(options.words, options.file)
    with warnings.catch_warnings(record=True) as caught, errstate("warn"):
        warnings.simplefilter("always", RuntimeWarning)
        values = given_values(rest)
        expression = parse(text)
        if options.at is not None:
            options.at = name, points = points_of(options.at)
            if name in values:
                raise RequestError(f"{name} has a value and stands in --at: leave one of them out")
            if name not in expression.names:
                raise RequestError(f"{visible(name)} in --at is not a variable of the formula")
            values[name] = points[0]
        asked = Asked(expression, values, options)
    with errstate("ignore"):
        if not asked.root.is_constant:
            asked.root.backward()
        if not options.symbolic and options.at is None:
            _warn(asked, [str(warning.message) for warning in caught])
        answered = asked.answer()
        write_files(asked)
        return answered


def _refuse_contradictions(parser: ArgumentReader, options: argparse.Namespace) -> None:
    """End with a message where one option says nothing without another, or against it."""
    other = [
        name
        for name in ("tree", "grad", "json", "at", "check", "program", "formula")
        if getattr(options, name)
    ]
    if options.symbolic and other:
        parser.error(f"--symbolic is for tables: leave out --{other[0]}")
    if options.at and (not_rows := [name for name in other if name not in ("at", "grad", "json")]):
        parser.error(f"--at gives rows of numbers: leave out --{not_rows[0]}")
    if options.at and (options.table or options.draw or options.play):
        what = "table" if options.table else "draw" if options.draw else "play"
        parser.error(f"--at gives rows of numbers: leave out --{what}, or give its variable one value")
    if options.key and not options.blanks:
        parser.error("--key answers an exercise sheet: add --blanks grad")
    for names, files, example in (
        (OF_PICTURES, options.draw, "--draw FILE"),
        (OF_PAGES, options.play, "--play FILE"),
        (OF_FILES, options.draw or options.play, "--draw FILE"),
    ):
        if (alone := given(options, names)) and not files:
            parser.error(f"--{spelled(next(iter(alone)))} is for a picture: add {example}")


def _warn(asked: Asked, messages: list[str]) -> None:
    """Report on stderr which operation made the first number that cannot be trusted."""
    if not messages and (found := find_nonfinite(asked.root)) is not None:
        messages = [str(found)]
    if messages:
        more = len(dict.fromkeys(messages)) - 1
        also = f" (and {more} more like it)" if more else ""
        say(f"warning: {visible(messages[0], 400)}{also}")
