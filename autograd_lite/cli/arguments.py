"""The words of the command line: what they may be, and the help."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from .. import __version__
from ..show.text.table import TABLE_STYLES
from ..support.hints import visible
from .completion import names_wanted
from .looks import add_files, add_notation
from .terminal import COMMAND, print_to
from .words import derivative_order, name_list

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
  autograd-lite "x*y + sin(x)" x=1 y=2 --formula text
  autograd-lite "x*y + sin(x)" x=1 y=2 --blanks grad --d dz --draw sheet.svg
  autograd-lite "x*y + sin(x)" x=1 y=2 --blanks grad --d dz --draw key.svg --key
  autograd-lite "sigmoid(w*x + b)" w=1 x=2 b=0 --parameters w,b --draw unit.svg --style network

In the shell, put the formula in quotes. A subexpression that is written twice is one node.
The exit code is 0, 1 where --check finds a derivative that is off, and 2 after a mistake.
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

    ``-x**2`` is a formula, and so is anything that comes after ``--``. A word that begins with a space has
    one more, so that :func:`_unmarked` gives back every word.
    """
    marked = []
    ended = False
    for word in words:
        if word == "--" and not ended:
            ended = True
        elif word[:1] == " " or (word[:1] == "-" and (ended or (word[:2] != "--" and word != "-h"))):
            marked.append(" " + word)
        else:
            marked.append(word)
    return marked


def _unmarked(word: str) -> str:
    return word.removeprefix(" ")


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
    parser.register("type", None, _unmarked)
    words = parser.add_argument(
        "words",
        nargs="*",
        metavar="FORMULA NAME=VALUE",
        help="a formula, or statements 't = x**2; sin(t)', and a value for each variable: a number or a "
        "formula of numbers, such as pi/2; - reads the formula from the standard input",
    )
    words.completer = names_wanted  # type: ignore[attr-defined]  # where argcomplete looks for it
    parser.add_argument("--file", metavar="FILE", help="read the formula from a file; - as above")
    parser.add_argument(
        "--wrt",
        type=name_list,
        metavar="x,y",
        help="differentiate by these alone, inputs or named steps (default: all inputs)",
    )
    parser.add_argument(
        "--order",
        type=derivative_order,
        default=1,
        metavar="N",
        help="derivatives of this order, by one variable",
    )
    parser.add_argument(
        "--at", metavar="x=1,2,3", help="value and gradients where one variable has each of these values"
    )
    parser.add_argument(
        "--parameters",
        type=name_list,
        metavar="w,b",
        help="what is learned; weighted sums by them are the units of --style network",
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
        "--check",
        action="store_true",
        help="compare the derivatives with differences; exit code 1 if one is off",
    )
    form.add_argument(
        "--program",
        choices=("source", "schedule"),
        help="the formula recorded: as Python, or as a schedule",
    )
    form.add_argument(
        "--formula", choices=("text", "latex"), help="the formula and those of its derivatives"
    )
    what.add_argument(
        "--symbolic", action="store_true", help="the table without numbers; values may be left out"
    )
    add_notation(parser.add_argument_group("what is shown, and how it is written"))
    add_files(parser.add_argument_group("pictures and pages"))
    about = parser.add_argument_group("about")
    about.add_argument("--functions", action="store_true", help="list what a formula can use")
    about.add_argument("--version", action="version", version=f"{COMMAND} {__version__}")
    return parser
