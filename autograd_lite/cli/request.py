"""What is asked: a formula, and the numbers of its variables."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TextIO

from ..core.order import circuit
from ..core.primitive import lookup
from ..core.value import Value
from ..parse import MAX_LENGTH, Expression, ParsedCircuit, ParseError, parse
from ..show.view.options import Options
from ..show.view.view import snapshot
from ..support.hints import visible
from ..support.ieee import errstate
from .terminal import RequestError

#: Names for a result without a name: the first of these that is free is used.
_RESULTS = ("f", "y", "J", "L", "result")


def given_values(words: Sequence[str]) -> dict[str, float]:
    """The variables' values, from words such as ``x=-2`` and ``y=pi/2``."""
    values: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = unicodedata.normalize("NFKC", name.strip())
        if re.search(r"[,\s]\s*\w+\s*=(?!=)", text):
            raise RequestError(
                f"{visible(word)} holds several values: write each as a word of its own, x=1 y=2"
            )
        if not equals or not name.isidentifier():
            raise RequestError(
                f"{visible(word)} is not NAME=VALUE: "
                "one formula comes first, in quotes, then values such as x=1"
            )
        if name in values:
            raise RequestError(f"{visible(name)} is given twice: leave one of its values out")
        values[name] = _number_in(text, name)
    return values


def points_of(text: str) -> tuple[str, list[float]]:
    """The variable and its values in ``x=1,2,3``."""
    name, equals, given = text.partition("=")
    name = unicodedata.normalize("NFKC", name.strip())
    if not equals or not name.isidentifier():
        raise RequestError(f"--at takes a variable and its values, x=1,2,3, not {visible(text)}")
    return name, [_number_in(each, name) for each in given.split(",")]


def pairs_in(option: str, text: str) -> dict[str, float | None]:
    """The names in ``x=1,y=2``, the text of an option, with their numbers, None where there is none."""
    found: dict[str, float | None] = {}
    for word in listed(text):
        name, equals, number = word.partition("=")
        name = name.strip()
        if not name.isidentifier():
            raise RequestError(f"{option} takes names and numbers such as x=1,y=2, not {visible(word)}")
        found[name] = _number_in(number, name) if equals else None
    return found


def listed(text: str) -> list[str]:
    """The words between the commas of an option, in the spelling of a formula's names."""
    return [unicodedata.normalize("NFKC", word.strip()) for word in text.split(",")]


def node_named(name: str, nodes: Mapping[str, Value]) -> Value:
    """The node of the circuit that has this name."""
    if name not in nodes:
        raise RequestError(
            f"{visible(name)} is not in the formula, which names {', '.join(nodes) or 'nothing'}"
        )
    return nodes[name]


def _number_in(text: str, name: str) -> float:
    try:
        value = parse(text)
        if value.names:
            reason = f"{visible(value.names[0])} is not a number: a value is one, such as -2 or pi/2"
            found = re.search(rf"\b{re.escape(value.names[0])}\b", text)
            raise ParseError(reason, text, found and found.start())
        return value().data
    except ParseError as error:
        raise RequestError(f"the value of {visible(name)}: {error}") from error


def formula_of(words: list[str], file: str | None) -> tuple[str, list[str]]:
    """The text of the formula, and the words behind it; without a file there is at least one word."""
    if file == "-":
        return _formula_text("the standard input", sys.stdin), words
    if file is not None:
        return _formula_text(visible(file, 400), file), words
    if words[0] == "-":
        return _formula_text("the standard input", sys.stdin), words[1:]
    if len(words) == 1 and re.fullmatch(r"\s*\w+\s*=[^=;\n]*", words[0]) and not parse(words[0]).names:
        raise RequestError(f"{visible(words[0])} is a value: a formula comes before it, in quotes")
    return words[0], words[1:]


def _formula_text(where: str, file: str | TextIO | None) -> str:
    """The text of a file, or of a stream, which is None where the process was started without it."""
    try:
        if isinstance(file, str):
            with open(file, encoding="utf-8") as opened:
                text = opened.read(MAX_LENGTH + 1)
        else:
            text = "" if file is None else file.read(MAX_LENGTH + 1)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise RequestError(f"{where} cannot be read: {why}") from error
    if not text.strip():
        raise RequestError(f"{where} holds no formula")
    return text


def build(expression: Expression, values: Mapping[str, float | Value], symbolic: bool) -> ParsedCircuit:
    """The circuit, with a name for its result."""
    missing = [name for name in expression.names if name not in values]
    unused = [name for name in values if name not in expression.names]
    if symbolic and missing and not unused:
        # Where the formulas do not depend on the values, any values serve.
        with errstate("ignore"):
            made = expression.build({**dict.fromkeys(missing, 0.5), **values})
            by_number = _decided_by_number(made.root)
        if by_number:
            raise RequestError(
                f"what {by_number} does depends on the values: give one to {_in_a_row(missing)}"
            )
    elif len(missing) > 1 and not unused and not any(map(lookup, missing)):
        add = " ".join(f"{name}=1" for name in missing)
        raise RequestError(f"there is no value for {_in_a_row(missing)}: add some, {add} for example")
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
