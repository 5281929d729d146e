"""Functions that the text of a program calls, written out: so it runs without the package.

They are taken from the source of :mod:`autograd_lite.special` and of the table's rows of any number of
operands, with all that they use in turn.
"""

from __future__ import annotations

import ast
import inspect
import re
from copy import deepcopy
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from .. import special
from ..core import gathered
from ..core.primitive import TABLE, Primitive
from ..support.syntax import module_tree

#: What stands in the text for names that are of use to Values alone.
_INSTEAD_OF = {
    "Operand": "Operand = ()  # all numbers are plain here",
    "is_watched": "def is_watched():\n    return False  # nothing is recorded here",
}


class Carried:
    """Collects definitions, each behind those that it needs when it is made, and what they import.

    :raises OSError: where the source of the package is not at hand.
    """

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self._definitions: dict[str, str | None] = {}

    @property
    def text(self) -> str:
        """The definitions."""
        return "\n\n".join(dict.fromkeys(text for text in self._definitions.values() if text))

    def special(self, name: str) -> None:
        """Add the function of :mod:`autograd_lite.special` of this name."""
        self.definition(special, name)

    def value(self, row: Primitive, name: str) -> None:
        """Add the function of that ``name`` that gives the value of a built-in row."""
        if name in self._definitions:
            return
        self._definitions[name] = None
        if row.python == f"{row.name}({{}})":
            made = self._of_row(row, 1)
            self._settle(name, f"{name} = {made}")
            return
        operands = ", ".join(row.operands) if row.arity else "*xs"
        template = row.python
        body = template.format(*row.operands) if "{0}" in template else template.replace("{}", operands)
        for needed in re.findall(r"\bspecial\.(\w+)", body):
            self.special(needed)
        self._settle(name, f"def {name}({operands}):\n    return {body.replace('special.', '')}")

    def rules(self, row: Primitive) -> None:
        """Add the function ``name_by`` that gives all local derivatives of a row."""
        name = f"{row.name}_by"
        if name not in self._definitions:
            self._definitions[name] = None
            self._settle(name, f"{name} = {self._of_row(row, 2)}")

    def _settle(self, name: str, text: str) -> None:
        """Put a definition behind those that it needs."""
        del self._definitions[name]
        self._definitions[name] = text

    def _of_row(self, row: Primitive, position: int) -> str:
        """The argument at this position where the row is registered, as an expression."""
        call = _definitions_in(gathered)[row.name].value
        return ast.unparse(_Rewritten(self, gathered, set()).visit(deepcopy(call.args[position])))

    def definition(self, module: ModuleType, name: str) -> None:
        """Add what a module calls by this name, and all that it needs."""
        if name in self._definitions:
            return
        node = _definitions_in(module).get(name)
        if name in _INSTEAD_OF:
            self._definitions[name] = _INSTEAD_OF[name]
        elif isinstance(node, ast.ImportFrom) and node.level:
            self.definition(import_module("." * node.level + (node.module or ""), module.__package__), name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.imports[ast.unparse(node)] = None
        elif node is not None:
            self._definitions[name] = None
            own = deepcopy(node)
            self._settle(name, ast.unparse(_Rewritten(self, module, _bound_in(own)).visit(own)))


class _Rewritten(ast.NodeTransformer):
    """A definition without its words and types, in which other definitions have the names of the text."""

    def __init__(self, carried: Carried, module: ModuleType, bound: set[str]) -> None:
        self.carried, self.module, self.bound = carried, module, bound

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        return self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        self.bound = self.bound | _bound_in(node)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> Any:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        assert node.value is not None
        return self.visit(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id == "special":
            self.carried.special(node.attr)
            return ast.Name(node.attr, node.ctx)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        row = self._row(node.func)
        if row is not None and row.arity is None:  # it takes a list there
            node.args = [ast.Starred(node.args[0], ast.Load())]
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> Any:
        row = self._row(node)
        if row is not None:
            self.carried.value(row, f"{row.name}_value")
            return ast.Name(f"{row.name}_value", node.ctx)
        if node.id not in self.bound:
            self.carried.definition(self.module, node.id)
        return node

    def _row(self, node: ast.expr) -> Primitive | None:
        if self.module is not gathered or not isinstance(node, ast.Name) or node.id in self.bound:
            return None
        return TABLE.get(node.id)


def _bound_in(node: ast.AST) -> set[str]:
    """The names that a function binds."""
    bound = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    stored = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return bound | {each.id for each in stored if isinstance(each.ctx, ast.Store)}


@cache
def _definitions_in(module: ModuleType) -> dict[str, Any]:
    """What each name of a module is, as syntax that nobody may change."""
    found: dict[str, Any] = {}
    for node in module_tree(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in ast.walk(ast.Tuple(targets, ast.Store())):
                if isinstance(name, ast.Name):
                    found[name.id] = node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                one = type(node)(**{**vars(node), "names": [alias]})
                found[alias.asname or alias.name] = one
    return found
