"""The table of operations as reStructuredText, from the rows that the package computes with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

from autograd_lite import TABLE, Primitive, Value, errstate
from autograd_lite.core.primitive import BUILT_IN
from autograd_lite.formulas import expression, local_formula

RELIABILITY = Path(__file__).with_name("reliability.md")
PARAGRAPH = "\n\n       "
HEADER = ("operation", "formula", "derivatives", "kinks and jumps", "drawn from", "errors")


def as_rst() -> str:
    """The whole table, as a ``list-table``."""
    errors = dict(measured_errors())
    lines = [".. list-table::", "   :header-rows: 1", "   :class: operations", ""]
    for cells in [
        HEADER,
        *(cells_of(row, errors.get(name, "")) for name, row in TABLE.items() if name in BUILT_IN),
    ]:
        lines += [f"   {'* -' if i == 0 else '  -'} {cell}" for i, cell in enumerate(cells)]
    return "\n".join(lines)


def cells_of(row: Primitive, errors: str) -> tuple[str, ...]:
    names = ", ".join(f"``{name}``" for name in (row.name, *row.aliases))
    doc = str(row.__doc__).replace("|", r"\|")  # a bar would begin a substitution
    formula, derivatives = formulas_of(row)
    return (
        f"{names}{PARAGRAPH}{doc}",
        maths(formula),
        PARAGRAPH.join(map(maths, derivatives)),
        kinks_of(row),
        drawn_from(row),
        errors,
    )


def maths(formula: str) -> str:
    return f":math:`{formula}`"


def formulas_of(row: Primitive) -> tuple[str, list[str]]:
    """The LaTeX of an operation and of its local derivatives, each where its operand is selected.

    Of any number of operands, the first stands for all.
    """
    nodes = list(examples(row))
    written = [written_name(p.name) for p in nodes[0].parents]
    names = [None if p.is_constant else name for p, name in zip(nodes[0].parents, written, strict=True)]
    derivatives = []
    for i, name in enumerate(names if row.arity else names[:1]):
        if name is None:
            continue
        there = (local_formula(node, i, names, "latex") for node in nodes)
        derivatives.append(next(filter(None, there), "0"))
    return expression(nodes[0], names, "latex"), derivatives


def examples(row: Primitive) -> Iterator[Value]:
    """Nodes of a row whose operands come in every order of size."""
    unselected = [(0.0, 0.5, 0.75)] if row.arity == 3 else []
    for a, b, c in (*permutations((0.25, 0.5, 0.75)), *unselected):
        with errstate("ignore"):
            if row.arity is None:
                xs = [Value(a, "x_1"), Value(b, "x_2"), Value(c, "x_3")]
                ws = [Value(a, "w_1"), Value(b, "w_2"), Value(c, "w_3")]
                try:
                    made = row(xs)
                except (TypeError, ValueError):  # two lists, or a list and an index
                    made = row(ws, xs) if row.name == "dot" else row(xs, 0)
                yield made[0] if isinstance(made, list) else made
            else:
                fixed = row.operands[0] == "n"  # the order of a derivative, which is a number
                names = row.operands[fixed:]
                values = [Value(x, name) for name, x in zip(names, (a, b, c), strict=False)]
                yield row(*((1.0,) if fixed else ()), *values)


def written_name(name: str | None) -> str | None:
    return name if name is None or len(name) == 1 or "_" in name else rf"\mathrm{{{name}}}"


def kinks_of(row: Primitive) -> str:
    """Where the row says that it has no derivative."""
    if row.kink is None:
        return ""
    with errstate("ignore"):
        if row.arity == 1:
            at = [x / 2 for x in range(-6, 7) if row.kink(x / 2) == 0]
            if at == [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]:
                return "whole numbers"
            if at == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]:
                return "midway between whole numbers"
            return ", ".join(f"{x:g}" for x in at)
        if row.arity is None:
            return "ties" if row.piecewise else "all 0"
        places = {  # in which a row of several operands may have its kinks, with a point for each
            "whole {0}/{1}": (1.5, 0.5, 2.0),
            "{0} = {1}": (0.5, 0.5, 2.0),
            "{0} = {2}": (2.0, 0.5, 2.0),
            "{0} = 0": (0.0, 0.5, 2.0),
            "{1} = 0": (0.5, 0.0, 2.0),
            "{0} = {1} = 0": (0.0, 0.0, 2.0),
        }
        found: list[str] = []
        for words, point in places.items():
            fits = row.arity > 2 or "{2}" not in words
            if not fits or not is_kink(row, point[: row.arity]):
                continue
            if not found or "{2}" in words:  # the first says what the others are cases of
                found.append(words.format(*row.operands))
        return ", ".join(found)


def is_kink(row: Primitive, point: tuple[float, ...]) -> bool:
    assert row.kink is not None
    try:
        return row.kink(*point) == 0
    except ValueError:  # a quotient by 0
        return False


def drawn_from(row: Primitive) -> str:
    """The intervals in which tests draw operands."""
    domain = row.domain if row.arity is not None else row.domain[:1]
    intervals = [f"({low:g}, {high:g})".replace("-", "−") for low, high in domain]
    return intervals[0] if len(set(intervals)) == 1 else ", ".join(intervals)


def measured_errors() -> Iterator[tuple[str, str]]:
    """By row, the worst errors of value and three derivatives, and why, from the page on reliability."""
    text = RELIABILITY.read_text(encoding="utf-8").split("## Digits")[1].split("\n## ")[0]
    for name, cells in re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.MULTILINE):
        *numbers, reason = (cell.strip() for cell in cells.split("|"))
        yield name, " · ".join(numbers) + (f"{PARAGRAPH}{reason}" if reason else "")
