"""What is answered: the texts that are printed."""

from __future__ import annotations

import argparse
import inspect
import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from ..check import gradcheck
from ..core.primitive import TABLE, Primitive
from ..core.transforms import derivative, gradients
from ..core.value import Value, parameter
from ..formulas import formula
from ..formulas.notation import fmt
from ..parse import Expression, ParsedCircuit
from ..program import record
from ..show.text.columns import in_ascii
from ..show.text.table import table
from ..show.text.tree import tree
from ..support.hints import visible
from ..support.ieee import errstate
from ..support.saved import to_json
from .looks import as_typed, looks_of
from .request import build
from .terminal import RequestError, line_width


class Asked:
    """A formula at its numbers, and what is to be told of it."""

    def __init__(
        self, expression: Expression, values: dict[str, float], options: argparse.Namespace
    ) -> None:
        self.expression, self.values, self.options = expression, values, options
        lost = [name for name in options.parameters or () if name not in expression.names]
        if lost:
            raise RequestError(f"{visible(lost[0])} is not a variable of the formula: {self._variables}")
        made = self._built(values)
        self.nodes, self.root = made.nodes, made.root
        self.result = str(made.root.name)
        self.names = options.wrt or list(expression.names)
        for name in self.names:
            if name not in self.nodes or self.nodes[name].is_constant:
                raise RequestError(f"{visible(name)} is not a variable of the formula: {self._variables}")
        self.root = self._differentiated(self.root, self.nodes)

    @property
    def _variables(self) -> str:
        return f"it has {', '.join(self.expression.names) or 'none'}"

    def _built(self, values: Mapping[str, float]) -> ParsedCircuit:
        learned = {
            name: parameter(values[name], name) for name in self.options.parameters or () if name in values
        }
        numbers: dict[str, float | Value] = {**values, **learned}
        return build(self.expression, numbers, self.options.symbolic)

    def _differentiated(self, root: Value, nodes: Mapping[str, Value]) -> Value:
        """The circuit of the derivative one below the order that is asked for."""
        times = self.options.order - 1
        if not times:
            return root
        if len(self.names) != 1:
            raise RequestError(
                f"--order is by one variable: add --wrt {self.names[0] if self.names else 'x'}"
            )
        (name,) = self.names
        for _ in range(times):
            root = gradients(root, nodes[name])
        root.name = _derivative(self.result, name, times)
        return root

    def at(self, **changes: float) -> ParsedCircuit:
        """The same, swept, where some variables have other values."""
        with errstate("ignore"):
            made = self._built({**self.values, **changes})
            root = self._differentiated(made.root, made.nodes)
            if not root.is_constant:
                root.backward()
        return ParsedCircuit(root, made.nodes)

    @cached_property
    def looks(self) -> dict[str, Any]:
        """The options of Python's functions for everything that is shown."""
        return looks_of(self.options, self.nodes)

    def answer(self) -> tuple[str, int]:
        """The text, and the exit code."""
        options = self.options
        if options.json:
            return self.as_json(), 0
        if options.at is not None:
            return self.at_points(), 0
        if self.root.is_constant and options.order == 1:
            value = fmt(self.root.data, options.digits or 4, bool(options.ascii))
            return f"{value}: the formula has no variables, there is nothing to differentiate", 0
        if options.grad:
            return self.gradients_alone(), 0
        if options.formula:
            return self.formulas(), 0
        if options.check:
            inputs = tuple(Value(self.values[n], n) for n in self._variables_asked("--check"))
            report = gradcheck(self.function(), inputs, raise_exception=False)
            return str(report), 0 if report else 1
        if options.program:
            program = record(self.function(), *(self.values[n] for n in self._variables_asked("--program")))
            return program.source if options.program == "source" else str(program), 0
        if self.root.is_constant:
            value = fmt(self.root.data, options.digits or 4, bool(options.ascii))
            return f"{self.root.name} = {value}: a constant, all further derivatives are 0", 0
        return self._shown(), 0

    def _shown(self) -> str:
        options = self.options
        looks = {"max_nodes": None, **self.looks, "ascii": options.ascii or not options.unicode}
        style = options.table or "text"
        wide = line_width() if options.tree or style == "text" else None
        try:
            if options.tree:
                text = tree(self.root, width=wide, **looks)
            else:
                text = table(self.root, style, not options.symbolic, width=wide, **looks)
        except (ValueError, TypeError) as error:  # what an option says of another
            raise RequestError(visible(as_typed(str(error)), 400)) from error
        return text if text.key is None or not options.key else text.key

    def function(self) -> Callable[..., Any]:
        """What is differentiated, as a function of the variables that it is differentiated by."""

        def asked(*xs: Any) -> Any:
            return self.expression(**{**self.values, **dict(zip(self.names, xs, strict=True))})

        if self.options.order > 1:
            return derivative(asked, self.options.order - 1)
        named = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in self.names]
        vars(asked)["__signature__"] = inspect.Signature(named)
        return asked

    def _variables_asked(self, option: str) -> list[str]:
        """The variables that are differentiated by, which have values to change."""
        for name in self.names:
            if name not in self.values:
                raise RequestError(
                    f"{option} is by variables, and {visible(name)} is computed: {self._variables}"
                )
        return self.names

    def slopes(self, nodes: Mapping[str, Value]) -> dict[str, float]:
        """The derivative by each variable."""
        return {name: nodes[name].grad for name in self.names}

    def written(self, x: float) -> str:
        """A number with all its digits, or those asked for."""
        return repr(x) if self.options.digits is None else fmt(x, self.options.digits, ascii=True)

    def derivatives(self) -> list[str]:
        """What the derivatives are called."""
        return [_derivative(self.result, name, self.options.order) for name in self.names]

    def gradients_alone(self) -> str:
        """A line for each derivative."""
        numbers = map(self.written, self.slopes(self.nodes).values())
        return "\n".join(
            f"{name} = {number}" for name, number in zip(self.derivatives(), numbers, strict=True)
        )

    def formulas(self) -> str:
        """A line for the formula, and one for each of its derivatives."""
        options = self.options
        how = {key: x for key, x in self.looks.items() if key in ("digits", "fractions")}
        how["ascii"] = options.ascii or not options.unicode
        slopes = zip(
            self.derivatives(), gradients(self.root, [self.nodes[n] for n in self.names]), strict=True
        )
        lines = []
        for name, root in [(str(self.root.name), self.root), *slopes]:
            lines.append(f"{name} = {formula(root, options.formula, **how)}")
        return "\n".join(lines)

    def as_json(self) -> str:
        """Formula, numbers and derivatives; nan and the infinities are strings."""
        found: dict[str, Any] = {
            "formula": self.expression.text,
            "values": self.values,
            "name": self.root.name,
        }
        if self.options.order > 1:
            found["order"] = self.options.order
        if self.options.at is None:
            found |= {"value": self.root.data, "gradient": self.slopes(self.nodes)}
        else:
            name, points = self.options.at
            del found["values"][name]
            made = [(x, self.at(**{name: x})) for x in points]
            found["at"] = [
                {name: x, "value": root.data, "gradient": self.slopes(nodes)} for x, (root, nodes) in made
            ]
        return json.dumps(_for_json(found), ensure_ascii=False, indent=2)

    def at_points(self) -> str:
        """A line for each value of one variable: the result and its derivatives."""
        name, points = self.options.at
        heads = [name, str(self.root.name), *self.derivatives()]
        rows = []
        for x in points:
            root, nodes = self.at(**{name: x})
            rows.append([self.written(y) for y in (x, root.data, *self.slopes(nodes).values())])
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        total = sum(widths) + 2 * len(widths) - 2
        if total <= (line_width() or total):
            return "\n".join("  ".join(map(str.rjust, row, widths)) for row in (heads, *rows))
        pad = max(map(len, heads))
        points_below = [
            [f"{head:{pad}} = {cell}" for head, cell in zip(heads, row, strict=True)] for row in rows
        ]
        return "\n\n".join(map("\n".join, points_below))


def _derivative(result: str, name: str, order: int) -> str:
    """How a derivative is written in ASCII: ``df/dx``, ``d2f/dx2``."""
    power = str(order) if order > 1 else ""
    return f"d{power}{result}/d{name}{power}"


def _for_json(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: _for_json(each) for key, each in x.items()}
    if isinstance(x, list):
        return [_for_json(each) for each in x]
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
