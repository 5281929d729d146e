"""A program as a module of JavaScript, translated from its straight-line Python."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from ...core.primitive import BUILT_IN
from ...support.syntax import module_tree
from ..carried import Carried
from ..recording import Recording
from ..source import standalone
from . import lacking
from .statements import definition

#: Functions whose JavaScript is not a translation: JavaScript has them, or IEEE's result by itself.
_OWN = {
    "cbrt": "const cbrt = Math.cbrt;",
    "exp2": "const exp2 = (x) => $power(2, x);",
    "divide": "const divide = (x, y) => x / y;",
    "power": "const power = (x, y) => $power(x, y);",
}

#: JavaScript takes no more arguments than this.
_MOST_INPUTS = 65_000


def javascript_of(recording: Recording, paths: Sequence[str], name: str, each: bool = False) -> str:
    """The functions of a program as JavaScript; see :func:`.source.standalone`.

    :param name: what errors call the program.
    :raises ValueError: where an operation has no JavaScript.
    """
    own = dict.fromkeys(row.name for row in recording.rows if row is not None and row.name not in BUILT_IN)
    if own:
        raise ValueError(
            f"{name} has no JavaScript: {', '.join(own)} is a row of your own, of which the package knows "
            "Python only. Write it with the rows of the table, or compute in Python"
        )
    if recording.inputs > _MOST_INPUTS:
        raise ValueError(
            f"{name} has {recording.inputs:,} inputs, and a function of JavaScript takes at most "
            f"{_MOST_INPUTS:,}"
        )
    wanted = ["each"] if each else ["value", "value_and_gradient"][: 1 + (len(recording.roots) == 1)]
    collected = _Collected(
        module_tree(standalone(recording, paths, each=each, quiet=True)), _branch_error(recording)
    )
    for function in wanted:
        collected.add(function)
    body = "\n\n".join(collected.texts.values())
    return "\n\n".join([*_helpers(body), body])


def module_of(recording: Recording, paths: Sequence[str], name: str) -> str:
    """The program as a module that exports its functions; see :meth:`.program.Program.to_javascript`."""
    text = javascript_of(recording, paths, name)
    for function, called in (("value", "value"), ("value_and_gradient", "valueAndGradient")):
        text = re.sub(rf"^function {function}\(", f"export function {called}(", text, flags=re.M)
    return f"// A program of autograd_lite: {name!r}\n\n{text}\n"


def _branch_error(recording: Recording) -> str:
    """What a comparison raises that comes out otherwise than when the program was recorded."""
    places = [f"{guard.place} was {str(guard.outcome).lower()}" for guard in recording.guards]
    return (
        f"const changed = (i, left, right) => new Error(`the comparison at ${{{json.dumps(places)}[i]}} "
        "when this program was recorded and is not now, with ${left} and ${right}`);"
    )


class _Collected:
    """The definitions that are used, each behind those that it is made from, as JavaScript."""

    def __init__(self, module: ast.Module, changed: str) -> None:
        self.texts: dict[int, str] = {}
        self._own = {**_OWN, "changed": changed}
        self._nodes: dict[str, ast.stmt] = {}
        self._take(module)

    def _take(self, module: ast.Module) -> None:
        for node in module.body:
            for name in [node.name] if isinstance(node, ast.FunctionDef) else _stored(node):
                self._nodes.setdefault(name, node)

    def add(self, name: str) -> None:
        """Add the definition of a name, and all that it needs."""
        node = self._nodes[name]
        if id(node) in self.texts:
            return
        self.texts[id(node)] = ""
        text = self._own.get(name)
        if text is None:
            self._name_lacking(node)
            used = {each.id: None for each in ast.walk(node) if isinstance(each, ast.Name)}
            for other in used:
                if other in self._nodes:
                    self.add(other)
            text = definition(node)
        del self.texts[id(node)]  # behind what it needs
        self.texts[id(node)] = text

    def _name_lacking(self, node: ast.AST) -> None:
        """Call the functions of ``math`` that JavaScript lacks by the names that they have here."""
        for each in ast.walk(node):
            function = each.func if isinstance(each, ast.Call) else None
            name = f"math_{function.attr}" if isinstance(function, ast.Attribute) else ""
            if name in vars(lacking):
                each.func = ast.Name(name, ast.Load())  # type: ignore[attr-defined]  # it is a call
                if name not in self._nodes:
                    carried = Carried()
                    carried.definition(lacking, name)
                    self._take(module_tree(carried.text))


def _stored(node: ast.stmt) -> list[str]:
    if not isinstance(node, ast.Assign):
        return []
    return [each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)]


@cache
def _all_helpers() -> dict[str, str]:
    text = files(__package__).joinpath("helpers.js").read_text(encoding="utf-8")
    return {
        name: block
        for block in text.strip().split("\n\n")
        for name in re.findall(r"^const (\$\w+)", block, re.M)
    }


def _helpers(text: str) -> list[str]:
    """The helpers that a text calls, and those that they call."""
    known, found = _all_helpers(), dict[str, str]()
    waiting = [text]
    while waiting:
        for name in re.findall(r"\$\w+", waiting.pop()):
            if name in known and name not in found:
                found[name] = known[name]
                waiting.append(known[name])
    return list(found.values())
