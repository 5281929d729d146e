"""The words of the command line: what they may be, and the help."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Sequence
from typing import Any, NoReturn

from .. import __version__
from ..show.picture.fit import ROOMS
from ..show.picture.palette import THEMES
from ..show.text.table import TABLE_STYLES
from ..show.view.options import DETAILS, DIRECTIONS
from ..support.hints import visible
from .terminal import COMMAND, print_to

_EXAMPLES = """\
examples:
  autograd-lite "cos(sin(x**2) + 3*x**2)" x=1
  autograd-lite "(x + y)*z" x=-2 y=5 z=-4 --draw xyz.svg --style circuit
  autograd-lite "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)" x=1
  autograd-lite "sigmoid(w*x + b)" w=0.5 x=pi/2 b=-1 --tree
  autograd-lite --symbolic --latex "x**x"
  autograd-lite "x**3" x=2 --order 2 --grad
  autograd-lite "exp(-x)*sin(y)" y=1 --at x=0,0.5,1
  autograd-lite "relu(x)" x=0 --json
  autograd-lite "x*y + sin(x)" x=1 y=2 --program source

In the shell, put the formula in quotes. A subexpression that is written twice is one node.
"""


class ArgumentReader(argparse.ArgumentParser):
    """A parser of arguments whose messages are readable, and whose output may be full or closed."""

    def error(self, message: str) -> NoReturn:
        """End with the usage and a message, and the exit code 2."""
        self.exit(2, f"{self.format_usage()}{COMMAND}: error: {visible(message, 400)}\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        if message and (code := print_to(message.removesuffix("\n"), file)):
            raise SystemExit(code)


def with_minus_marked(words: Sequence[str]) -> list[str]:
    """The words, with a space before every minus sign that does not start an option.

    ``-x**2`` is a formula, and so is anything that comes after ``--``.
    """
    marked = []
    ended = False
    for word in words:
        if word == "--" and not ended:
            ended = True
        elif word[:1] == "-" and (ended or (word[:2] != "--" and word != "-h")):
            marked.append(" " + word)
        else:
            marked.append(word)
    return marked


def reader() -> ArgumentReader:
    """What reads the words of the command line."""
    parser = ArgumentReader(
        prog=COMMAND,
        usage="%(prog)s [options] FORMULA [NAME=VALUE ...]",
        description="Differentiate a formula by a sweep through its circuit, and show every step.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="FORMULA NAME=VALUE",
        help="a formula, or statements 't = x**2; sin(t)', and a value for each variable: a number or a "
        "formula of numbers, such as pi/2; - reads the formula from the standard input",
    )
    parser.add_argument("--file", metavar="FILE", help="read the formula from a file")
    parser.add_argument(
        "--wrt",
        type=_names_in,
        metavar="x,y",
        help="differentiate by these variables alone (default: all)",
    )
    parser.add_argument(
        "--order",
        type=_derivative_order,
        default=1,
        metavar="N",
        help="derivatives of this order, by one variable",
    )
    what = parser.add_argument_group("output (default: the Forward/Backward table)")
    form = what.add_mutually_exclusive_group()
    form.add_argument("--table", choices=TABLE_STYLES, help="the table as this")
    form.add_argument("--tree", action="store_true", help="the circuit as an indented tree")
    form.add_argument(
        "--markdown", action="store_const", const="markdown", dest="table", help="--table markdown"
    )
    form.add_argument("--latex", action="store_const", const="latex", dest="table", help="--table latex")
    form.add_argument("--grad", action="store_true", help="the gradients alone, to all digits")
    form.add_argument("--json", action="store_true", help="value and gradients as JSON, to all digits")
    form.add_argument(
        "--at", metavar="x=1,2,3", help="value and gradients where one variable has each of these values"
    )
    form.add_argument(
        "--check",
        action="store_true",
        help="compare the derivatives with differences; exit code 1 if one is off",
    )
    form.add_argument(
        "--program",
        choices=("source", "schedule"),
        help="the formula recorded: as Python, or as a schedule",
    )
    what.add_argument(
        "--symbolic", action="store_true", help="the table without numbers; values may be left out"
    )
    what.add_argument("--digits", type=_digits, help="significant digits, 1 to 17 (default: 4)")
    what.add_argument("--detail", choices=DETAILS, help="how much is shown: every operation, or less")
    what.add_argument(
        "--ascii",
        action="store_true",
        help="ASCII only (default: only where the terminal cannot show Unicode)",
    )
    picture = parser.add_argument_group("pictures and pages")
    picture.add_argument(
        "--draw",
        action="append",
        default=[],
        metavar="FILE",
        help="draw the circuit: .svg .png .pdf .tikz .dot, or .html to step through it; may be repeated",
    )
    picture.add_argument(
        "--play",
        action="append",
        default=[],
        metavar="FILE",
        help="step through it: .html, .gif, or .pdf with a page a step; may be repeated",
    )
    picture.add_argument("--style", choices=("card", "circuit"), help="default: card")
    picture.add_argument("--theme", choices=tuple(THEMES), help="default: light")
    picture.add_argument("--direction", choices=DIRECTIONS, help="default: LR, left to right")
    picture.add_argument(
        "--fit", choices=tuple(ROOMS), help="make the type large enough for a slide or a page"
    )
    about = parser.add_argument_group("about")
    about.add_argument("--functions", action="store_true", help="list what a formula can use")
    about.add_argument("--version", action="version", version=f"{COMMAND} {__version__}")
    return parser


def _names_in(text: str) -> list[str]:
    names = [unicodedata.normalize("NFKC", name.strip()) for name in text.split(",")]
    for name in names:
        if not name.isidentifier():
            raise argparse.ArgumentTypeError(f"{name!r:.60} is not the name of a variable")
    return [*dict.fromkeys(names)]


def _derivative_order(text: str) -> int:
    if text.strip() not in ("1", "2", "3", "4"):
        raise argparse.ArgumentTypeError(f"{text.strip()!r:.60} is not an order from 1 to 4")
    return int(text)


def _digits(text: str) -> int:
    if len(text.strip()) > 2 or not text.strip().isdecimal() or not 1 <= int(text) <= 17:
        raise argparse.ArgumentTypeError(f"{text.strip()!r:.60} is not a whole number from 1 to 17")
    return int(text)
