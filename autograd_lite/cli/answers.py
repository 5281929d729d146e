"""What is answered: the texts that are printed, and the files that are written."""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..check import gradcheck
from ..core.primitive import TABLE, Primitive
from ..core.transforms import gradients
from ..core.value import Value
from ..formulas.notation import fmt
from ..parse import Expression, ParsedCircuit
from ..program import record
from ..show import RenderError, draw, play
from ..show.text.columns import in_ascii
from ..show.text.table import table
from ..show.text.tree import tree
from ..support.files import write_whole
from ..support.hints import visible
from ..support.ieee import errstate
from ..support.saved import to_json
from .terminal import RequestError, print_to, say


class Asked:
    """A formula at its numbers, and what is to be shown of it."""

    def __init__(
        self,
        expression: Expression,
        values: dict[str, float],
        made: ParsedCircuit,
        options: argparse.Namespace,
    ) -> None:
        self.expression, self.values, self.options = expression, values, options
        self.nodes, self.root = made.nodes, made.root
        self.result = str(made.root.name)
        self.names = options.wrt or list(expression.names)
        for name in self.names:
            if name not in expression.names:
                have = ", ".join(expression.names) or "none"
                raise RequestError(f"{visible(name)} is not a variable of the formula, which has {have}")
        if options.order > 1:
            self._differentiate(options.order - 1)

    def _differentiate(self, times: int) -> None:
        """Put the derivative of that order, as a circuit, in place of the formula."""
        if len(self.names) != 1:
            raise RequestError(
                f"--order is by one variable: add --wrt {self.names[0] if self.names else 'x'}"
            )
        (name,) = self.names
        for _ in range(times):
            self.root = gradients(self.root, self.nodes[name])
        self.root.name = _derivative(self.result, name, times)

    def answer(self) -> tuple[str, int]:
        """The text, and the exit code."""
        options = self.options
        if self.root.is_constant and options.order == 1 and not options.json:
            value = fmt(self.root.data, options.digits or 4, options.ascii)
            return f"{value}: the formula has no variables, there is nothing to differentiate", 0
        if options.json:
            return self.as_json(), 0
        if options.grad:
            return self.gradients_alone(), 0
        if options.at is not None:
            return self.at_points(), 0
        if options.check:
            report = gradcheck(
                self.function(), tuple(Value(self.values[n], n) for n in self.names), raise_exception=False
            )
            return str(report), 0 if report else 1
        if options.program:
            program = record(self.function(), *[self.values[n] for n in self.names])
            return program.source if options.program == "source" else str(program), 0
        if self.root.is_constant:
            value = fmt(self.root.data, options.digits or 4, options.ascii)
            return f"{self.root.name} = {value}: a constant, all further derivatives are 0", 0
        looks = self.looks() | {"ascii": options.ascii, "max_nodes": None}
        if options.tree:
            return tree(self.root, **looks), 0
        return table(self.root, options.table or "text", not options.symbolic, **looks), 0

    def looks(self) -> dict[str, Any]:
        """The options that texts and pictures share."""
        options = self.options
        looks: dict[str, Any] = {"digits": options.digits} if options.digits else {}
        if options.detail:
            looks["detail"] = options.detail
        if options.wrt:
            looks["wrt"] = [self.nodes[name] for name in options.wrt]
        return looks

    def function(self) -> Callable[..., Any]:
        """What is differentiated, as a function of the variables that it is differentiated by."""
        if self.options.order > 1:
            raise RequestError("--order goes with tables, trees, --grad, --json and pictures")

        def formula(*xs: Any) -> Any:
            return self.expression(**{**self.values, **dict(zip(self.names, xs, strict=True))})

        named = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in self.names]
        vars(formula)["__signature__"] = inspect.Signature(named)
        return formula

    def slopes(self) -> dict[str, float]:
        """The derivative by each variable."""
        return {name: self.nodes[name].grad for name in self.names}

    def gradients_alone(self) -> str:
        """A line for each derivative."""
        lines = []
        for name, grad in self.slopes().items():
            number = (
                repr(grad) if self.options.digits is None else fmt(grad, self.options.digits, ascii=True)
            )
            lines.append(f"{_derivative(self.result, name, self.options.order)} = {number}")
        return "\n".join(lines)

    def as_json(self) -> str:
        """Formula, numbers and derivatives; nan and the infinities are strings."""
        found = {
            "formula": self.expression.text,
            "values": self.values,
            "name": self.root.name,
            "value": self.root.data,
            "gradient": self.slopes(),
        }
        return json.dumps(_for_json(found), ensure_ascii=False, indent=2)

    def at_points(self) -> str:
        """A line for each value of one variable: the result and its derivatives."""
        name, points = self.options.at
        if name not in self.expression.names:
            raise RequestError(f"{visible(name)} in --at is not a variable of the formula")
        if self.options.order > 1:
            raise RequestError("--at gives first derivatives: leave --order out")
        digits = self.options.digits
        rows = [[name, self.result, *[_derivative(self.result, n, 1) for n in self.names]]]
        for x in points:
            with errstate("ignore"):
                made = self.expression.build({**self.values, name: x})
                if not made.root.is_constant:
                    made.root.backward()
            numbers = [x, made.root.data, *[made.nodes[n].grad for n in self.names]]
            rows.append([repr(y) if digits is None else fmt(y, digits, ascii=True) for y in numbers])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.rjust, row, widths)) for row in rows)

    def write(self) -> None:
        """Write the pictures and the pages: all of them are made before the first file is written."""
        options = self.options
        shared = {"theme": options.theme, "direction": options.direction}
        of_draw = shared | {"style": options.style, "fit": options.fit}
        with tempfile.TemporaryDirectory() as folder:
            ready = [(name, self._made(draw, of_draw, Path(name), folder)) for name in options.draw]
            ready += [(name, self._made(play, shared, Path(name), folder)) for name in options.play]
        for name, content in ready:
            shown = visible(name, 400)
            try:
                write_whole(name, content)
            except OSError as error:
                raise RequestError(f"{shown} cannot be written: {error.strerror or error}") from error
            print_to(f"wrote {shown}", sys.stderr)

    def _made(self, make: Callable[..., Any], looks: dict[str, Any], path: Path, folder: str) -> bytes:
        """The content of a file for ``path``, which is made in ``folder``."""
        shown = visible(str(path), 400)
        if not path.parent.is_dir():
            where = visible(str(path.parent))
            raise RequestError(f"{shown} cannot be written: there is no folder {where}")
        given = {key: x for key, x in looks.items() if x is not None}
        copy = Path(folder) / f"copy{path.suffix}"
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                make(self.root, **self.looks() | given).save(copy)
        except (RenderError, ValueError, TypeError) as error:
            told = str(error).replace(f"{copy.name!r}", f"{path.name!r}")
            raise RequestError(visible(told, 400)) from error
        if copy.is_dir():
            raise RequestError(f"{shown} has no ending: a page is .html, a film .gif, a page a step .pdf")
        for warning in caught:
            say(f"warning: {visible(str(warning.message), 400)}")
        return copy.read_bytes()


def _derivative(result: str, name: str, order: int) -> str:
    """How a derivative is written in ASCII: ``df/dx``, ``d2f/dx2``."""
    power = str(order) if order > 1 else ""
    return f"d{power}{result}/d{name}{power}"


def _for_json(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: _for_json(each) for key, each in x.items()}
    return to_json(x) if isinstance(x, float) else x


def list_of_functions(ascii: bool) -> str:
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
