"""The command line: it takes a formula and values, and prints the Forward/Backward table.

``python -m autograd_lite "cos(sin(x**2) + 3*x**2)" x=1``; the package also installs ``autograd-lite``.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from . import __version__
from .core.order import circuit
from .core.primitive import TABLE, Primitive, lookup
from .core.value import Value
from .forensics import find_nonfinite
from .formulas.notation import fmt
from .parse import Expression, ParsedCircuit, ParseError, parse
from .show.picture.fit import ROOMS
from .show.text.columns import in_ascii
from .show.text.table import table
from .show.text.tree import tree
from .show.view.options import Options
from .show.view.view import snapshot
from .support.hints import visible
from .support.ieee import errstate

__all__ = ["main"]

_PROGRAM = "autograd-lite"

#: Names for a result without a name: the first of these that is free is used.
_RESULTS = ("f", "y", "J", "L", "result")

#: Signs of the output in Unicode; where one of them cannot be shown, the output is in ASCII.
_UNICODE_SIGNS = "∂−·×≈²₁σ√├└│"

_EXAMPLES = """\
examples:
  autograd-lite "cos(sin(x**2) + 3*x**2)" x=1
  autograd-lite "(x + y)*z" x=-2 y=5 z=-4 --draw xyz.svg --style circuit
  autograd-lite "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)" x=1
  autograd-lite "sigmoid(w*x + b)" w=0.5 x=pi/2 b=-1 --tree
  autograd-lite --symbolic --latex "x**x"

In the shell, put the formula in quotes. A subexpression that is written twice is one node.
"""


class _RequestError(Exception):
    """A request that cannot be fulfilled; the message is for the user."""


class _Parser(argparse.ArgumentParser):
    """A parser of arguments whose messages are readable, and whose output may be full or closed."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.format_usage()}{_PROGRAM}: error: {visible(message, 400)}\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        if message and (code := _print(message.removesuffix("\n"), file)):
            raise SystemExit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 after an error message on stderr.

    It is 1 when the reader of the output has left, and 130 after Ctrl-C.

    :param argv: the arguments; those of the process when left out.
    :raises SystemExit: from ``--help``, ``--version`` and arguments that are not understood.

    >>> main(["x*y", "x=3", "y=-2", "--grad"])
    df/dx = -2.0
    df/dy = 3.0
    0
    """
    words = sys.argv[1:] if argv is None else list(argv)
    parser = _parser()
    options = parser.parse_intermixed_args(_with_minus_marked(words))
    options.ascii = options.ascii or not _writable(_UNICODE_SIGNS)
    try:
        text = _functions(options.ascii) if options.functions else _answer(parser, options)
    except (ParseError, _RequestError) as error:
        _tell(str(error))
        return 2
    except KeyboardInterrupt:
        return 130  # what a shell reports of a command that Ctrl-C ended
    return _print(text if _writable(text) else in_ascii(text), sys.stdout)


def _with_minus_marked(words: Sequence[str]) -> list[str]:
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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM,
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
        help="a formula, or statements 't = x**2; sin(t)', and a value for each variable: "
        "a number or a formula of numbers, such as pi/2",
    )
    what = parser.add_argument_group("output (default: the Forward/Backward table)")
    form = what.add_mutually_exclusive_group()
    form.add_argument("--tree", action="store_true", help="the circuit as an indented tree")
    form.add_argument("--markdown", action="store_true", help="the table in Markdown")
    form.add_argument("--latex", action="store_true", help="the table in LaTeX")
    form.add_argument("--grad", action="store_true", help="the gradients alone, to all digits")
    what.add_argument(
        "--symbolic", action="store_true", help="the table without numbers; values may be left out"
    )
    what.add_argument("--digits", type=_digits, help="significant digits, 1 to 17 (default: 4)")
    what.add_argument(
        "--ascii",
        action="store_true",
        help="ASCII only (default: only where the terminal cannot show Unicode)",
    )
    picture = parser.add_argument_group("picture")
    picture.add_argument(
        "--draw",
        action="append",
        default=[],
        metavar="FILE",
        help="draw the circuit: .svg .png .pdf .dot, or .html to step through it; may be repeated",
    )
    picture.add_argument("--style", choices=("card", "circuit", "scope"), help="default: card")
    picture.add_argument("--theme", choices=("light", "dark", "mono"), help="default: light")
    picture.add_argument("--direction", choices=("LR", "TB"), help="default: LR, left to right")
    picture.add_argument(
        "--fit", choices=tuple(ROOMS), help="make the type large enough for a slide or a page"
    )
    about = parser.add_argument_group("about")
    about.add_argument("--functions", action="store_true", help="list what a formula can use")
    about.add_argument("--version", action="version", version=f"{_PROGRAM} {__version__}")
    return parser


def _digits(text: str) -> int:
    if len(text.strip()) > 2 or not text.strip().isdecimal() or not 1 <= int(text) <= 17:
        raise argparse.ArgumentTypeError(f"{text.strip()!r:.60} is not a whole number from 1 to 17")
    return int(text)


def _answer(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """The text to print for a formula; pictures are written as a side effect."""
    words = [word.removeprefix(" ") for word in options.words]
    if not words:
        parser.error('a formula is missing, for example: "cos(sin(x**2) + 3*x**2)" x=1')
    if options.symbolic and (options.tree or options.grad):
        parser.error("--symbolic is for tables: leave out --tree or --grad")
    looks = {key: getattr(options, key) for key in ("style", "theme", "direction", "fit")}
    looks = {key: value for key, value in looks.items() if value is not None}
    if looks and not options.draw:
        parser.error(f"--{next(iter(looks))} is for a picture: add --draw FILE")
    with warnings.catch_warnings(record=True) as caught, errstate("warn"):
        warnings.simplefilter("always", RuntimeWarning)
        expression = parse(words[0])
        made = _build(expression, _values(words[1:]), options.symbolic)
    with errstate("ignore"):
        if not made.root.is_constant:
            made.root.backward()
        if not options.symbolic:
            _warn(made, [str(warning.message) for warning in caught])
        for path in options.draw:
            _draw(made, path, looks | ({"digits": options.digits} if options.digits else {}))
        return _shown(expression, made, options)


def _values(words: Sequence[str]) -> dict[str, float]:
    """The variables' values, from words such as ``x=-2`` and ``y=pi/2``."""
    values: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise _RequestError(
                f"{visible(word)} is not NAME=VALUE: "
                "one formula comes first, in quotes, then values such as x=1"
            )
        if name in values:
            raise _RequestError(f"{visible(name)} is given twice: leave one of its values out")
        try:
            value = parse(text)
            if value.names:
                reason = f"{visible(value.names[0])} is not a number: a value is one, such as -2 or pi/2"
                found = re.search(rf"\b{re.escape(value.names[0])}\b", text)
                raise ParseError(reason, text, found and found.start())
            values[name] = value().data
        except ParseError as error:
            raise _RequestError(f"the value of {visible(name)}: {error}") from error
    return values


def _build(expression: Expression, values: dict[str, float], symbolic: bool) -> ParsedCircuit:
    """The circuit, with a name for its result."""
    missing = [name for name in expression.names if name not in values]
    unused = [name for name in values if name not in expression.names]
    if symbolic and missing and not unused:
        # Where the formulas do not depend on the values, any values serve.
        with errstate("ignore"):
            made = expression.build({**dict.fromkeys(missing, 0.5), **values})
            by_number = _decided_by_number(made.root)
        if by_number:
            raise _RequestError(
                f"what {by_number} does depends on the values: give one to {_in_a_row(missing)}"
            )
    elif len(missing) > 1 and not unused and not any(map(lookup, missing)):
        add = " ".join(f"{name}=1" for name in missing)
        raise _RequestError(f"there is no value for {_in_a_row(missing)}: add some, {add} for example")
    else:
        made = expression.build(values)
    if made.root.name is None:
        made.root.name = next(n for n in (*_RESULTS, "") if n not in made.nodes) or None
    return made


def _decided_by_number(root: Value) -> str:
    """The first operation whose formulas depend on the values; empty if there is none."""
    for node in circuit(root):
        if node.op is not None and node.op.piecewise:
            return node.op.name
    view = snapshot(root, Options(max_nodes=None))
    for wire in view.wires:
        if wire.local is not None and not wire.local_formula:
            return view.nodes[wire.target].expression
    return ""


def _in_a_row(names: Sequence[str]) -> str:
    shown = [f"{name:.40}" for name in names[:8]] + [f"{len(names) - 8} more"] * (len(names) > 8)
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _warn(made: ParsedCircuit, messages: list[str]) -> None:
    """Report on stderr which operation made the first number that cannot be trusted."""
    if not messages and (found := find_nonfinite(made.root)) is not None:
        messages = [str(found)]
    if messages:
        more = len(dict.fromkeys(messages)) - 1
        also = f" (and {more} more like it)" if more else ""
        _tell(f"warning: {visible(messages[0], 400)}{also}")


def _draw(made: ParsedCircuit, path: str, options: dict[str, Any]) -> None:
    from .show import RenderError, draw

    shown = visible(path, 400)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            draw(made.root, **options).save(path)
    except OSError as error:
        raise _RequestError(f"{shown} cannot be written: {error.strerror or error}") from error
    except (RenderError, ValueError) as error:
        raise _RequestError(visible(str(error), 400)) from error
    for warning in caught:
        _tell(f"warning: {visible(str(warning.message), 400)}")
    _print(f"wrote {shown}", sys.stderr)


def _shown(expression: Expression, made: ParsedCircuit, options: argparse.Namespace) -> str:
    if made.root.is_constant:
        value = fmt(made.root.data, options.digits or 4, options.ascii)
        return f"{value}: the formula has no variables, there is nothing to differentiate"
    if options.grad:
        return _gradients(expression, made, options.digits)
    looks = {"digits": options.digits or 4, "ascii": options.ascii, "max_nodes": None}
    if options.tree:
        return tree(made.root, **looks)
    style = "markdown" if options.markdown else "latex" if options.latex else "text"
    return table(made.root, style, not options.symbolic, **looks)


def _gradients(expression: Expression, made: ParsedCircuit, digits: int | None) -> str:
    lines = []
    for name in expression.names:
        grad = made.nodes[name].grad
        number = repr(grad) if digits is None else fmt(grad, digits, ascii=True)
        lines.append(f"d{made.root.name}/d{name} = {number}")
    return "\n".join(lines)


def _functions(ascii: bool) -> str:
    """A line for every row of the table: how it is written, and what it is."""
    calls = [(_usage(row), row) for row in TABLE.values()]
    width = max(len(call) for call, _ in calls)
    lines = []
    for call, row in calls:
        also = f" (also {', '.join(row.aliases)})" if row.aliases and row.fix == "call" else ""
        lines.append(f"{call:{width}}  {row.__doc__}{also}")
    lines.append("\nconstants: pi e tau inf nan; a comparison stands in where(x > 0, a, b)")
    text = "\n".join(lines)
    return in_ascii(text) if ascii else text


def _usage(row: Primitive) -> str:
    if row.arity is None:
        given = inspect.signature(row.gather).parameters.values()
        names = [p.name for p in given if p.kind is not p.VAR_POSITIONAL]
        return f"{row.name}({', '.join(names) or 'a, b, ...'})"
    *operands, _ = inspect.signature(row.rules[0]).parameters
    if row.fix == "infix":
        return f"{operands[0]} {row.symbol} {operands[1]}"
    if row.fix == "prefix":
        return row.symbol + operands[0]
    return f"{row.name}({', '.join(operands)})"


def _writable(text: str) -> bool:
    """Whether the standard output can show ``text``."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeError:
        return False
    return True


def _tell(message: str) -> None:
    _print(f"{_PROGRAM}: {message}", sys.stderr)


def _print(text: str, file: Any) -> int:
    """Print to ``file``, a standard stream; the result is the exit code, 0 where that can be done."""
    if file is None:  # the process was started without it
        return 0
    try:
        print(text, file=file, flush=True)
    except OSError as error:
        # Without another output Python would report that again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
        if isinstance(error, BrokenPipeError):
            return 1  # the reader closed the pipe
        if file is not sys.stderr:
            _tell(f"the output cannot be written: {error.strerror or error}")
        return 2
    return 0
