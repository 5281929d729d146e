"""Imports point down only, and ``import autograd_lite`` costs the standard library alone."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "autograd_lite"

# Modules and subpackages of the package. Imports go to the same layer or a lower one. The package's
# own namespace gathers everything below it, so only the command line may import from it.
LAYERS = {
    "context": 0,
    "storage": 0,
    "trainable": 0,
    "ieee": 0,
    "gammas": 0,
    "special": 0,
    "row": 0,
    "primitives": 0,
    "value": 1,
    "flatten": 1,
    "order": 1,
    "protocol": 1,
    "adjoints": 2,
    "affine": 2,
    "structure": 2,
    "transforms": 2,
    "initial": 2,
    "module": 2,
    "objective": 2,
    "samples": 2,
    "notation": 2,
    "terms": 2,
    "typeset": 2,
    "formulas": 2,
    "steps": 2,
    "scan": 2,
    "forensics": 2,
    "check": 3,
    "testing": 3,
    "program": 3,
    "nn": 3,
    "losses": 3,
    "optim": 3,
    "training": 3,
    "minimization": 3,
    "data": 3,
    "parse": 3,
    "show": 4,
    "__init__": 5,
    "cli": 6,
    "__main__": 6,
}
CORE = 2  # up to here the standard library is all there is
APART = 3  # modules of this layer do not know each other ...
ACQUAINTED = {("testing", "check")}  # ... but for these
STRANGERS = {("show", "nn"), ("optim", "value"), ("optim", "primitives")}

# The one way back inside a layer: a node asks `flatten` to pickle it, which makes nodes again.
RETURNS = {("value", "flatten")}

# What a module may import at its head besides the standard library: it exists for it.
THIRD_PARTY = {"testing": {"hypothesis"}, "program": {"numpy"}}


TYPES_ONLY = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


class Import(NamedTuple):
    target: str  # absolute name; "autograd_lite.value" for `from . import value`
    line: int
    at_head: bool  # executed when the module is imported


def imports(module: str, source: str, is_package: bool = False) -> Iterator[Import]:
    """What `source` can import: in functions too, but not what is for type checkers only."""
    package = module if is_package else module.rpartition(".")[0]

    def absolute(node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = package.split(".")
        base = parts[: len(parts) - node.level + 1]
        return ".".join([*base, *([node.module] if node.module else [])])

    def walk(node: ast.AST, at_head: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, at_head)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node)
            for alias in node.names:
                # A name taken from a package may be a module of it.
                yield Import(f"{base}.{alias.name}", node.lineno, at_head)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            if node.args and isinstance(node.args[0], ast.Constant):
                name = str(node.args[0].value)
                yield Import(package + name if name[:1] == "." else name, node.lineno, at_head)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in TYPES_ONLY:
            for otherwise in node.orelse:
                yield from walk(otherwise, at_head)
            return
        inner = at_head and not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        )
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inner)

    return walk(ast.parse(source), True)


def unit(name: str) -> str:
    """The entry of LAYERS that a dotted name inside the package belongs to."""
    first = name.split(".")[1] if "." in name else "__init__"
    # `from autograd_lite import sin` names no module: it comes from the package's namespace.
    is_module = first in LAYERS or any((ROOT / PACKAGE).glob(f"{first}.py"))
    return first if is_module or (ROOT / PACKAGE / first).is_dir() else "__init__"


def violations(module: str, source: str, is_package: bool = False) -> list[str]:
    """What `source`, as the text of `module`, imports against the rules."""
    own = "__init__" if module == PACKAGE else module.split(".")[1]
    if own not in LAYERS:
        return [f"{module} is in no layer: give it one in LAYERS of tests/test_layers.py"]
    found = []
    for target, line, at_head in imports(module, source, is_package):
        top = target.split(".")[0]
        other = unit(target) if top == PACKAGE else top
        where = f"{module}, line {line}: imports {other}"
        if top == PACKAGE:
            if other == own:
                continue
            if other not in LAYERS:
                found.append(f"{where}, which is in no layer")
            elif LAYERS[other] > LAYERS[own]:
                found.append(f"{where}, from layer {LAYERS[own]} up to layer {LAYERS[other]}")
            elif LAYERS[own] == LAYERS[other] == APART and (own, other) not in ACQUAINTED:
                found.append(f"{where}, but modules of layer {APART} do not import each other")
            elif (own, other) in STRANGERS:
                found.append(f"{where}, but {own} must not know {other}")
        elif top not in sys.stdlib_module_names:
            if LAYERS[own] <= CORE:
                found.append(f"{where}, but the core imports the standard library only")
            elif at_head and top not in THIRD_PARTY.get(own, ()):
                found.append(f"{where} at module level: import it in the function that needs it")
    return list(dict.fromkeys(found))


def modules() -> list[tuple[str, Path]]:
    """Every module of the package by its dotted name."""
    files = sorted((ROOT / PACKAGE).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [(name.removesuffix(".__init__"), file) for name, file in zip(names, files, strict=True)]


@pytest.mark.parametrize(("module", "file"), [pytest.param(*m, id=m[0]) for m in modules()])
def test_imports_point_down(module: str, file: Path) -> None:
    found = violations(module, file.read_text(encoding="utf-8"), file.name == "__init__.py")
    assert not found, "\n".join(found)


def test_layers_have_no_cycles() -> None:
    """Imports inside a layer are allowed; going round in a circle is not, even inside functions."""
    below: dict[str, set[str]] = {}
    for module, file in modules():
        own = "__init__" if module == PACKAGE else module.split(".")[1]
        for target, _, _ in imports(module, file.read_text("utf-8"), file.name == "__init__.py"):
            if target.split(".")[0] != PACKAGE or (own, unit(target)) in RETURNS:
                continue
            below.setdefault(own, set()).add(unit(target))
            below[own].discard(own)
    assert below
    assert find_cycle(below) == []


def find_cycle(below: dict[str, set[str]]) -> list[str]:
    """The units that are left when all that stand on nothing left have been taken away."""
    left = {name: set(targets) for name, targets in below.items()}
    while free := [name for name in left if not left[name] & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_the_cycle_finder_finds_a_cycle() -> None:
    assert find_cycle({"a": {"b", "c"}, "b": {"c"}}) == []
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("value", "from .show import draw", "layer 1 up to layer 4"),
        ("value", "def f():\n    from .transforms import grad", "line 2"),
        ("value", "from autograd_lite import sin", "up to layer 5"),
        ("value", "from . import sin", "up to layer 5"),
        ("value", "import autograd_lite.cli as c", "up to layer 6"),
        ("value", "import importlib\nimportlib.import_module('autograd_lite.show')", "line 2"),
        ("value", "from importlib import import_module\nimport_module('.show')", "layer 4"),
        ("value", "try:\n    import numpy\nexcept ImportError:\n    pass", "standard library"),
        ("steps", "def f():\n    import graphviz", "standard library only"),
        ("nn", "from .losses import hinge", "do not import each other"),
        ("check", "from .testing import circuits", "do not import each other"),
        ("program.schedule", "from ..nn import MLP", "do not import each other"),
        ("losses", "from .show import draw", "up to layer 4"),
        ("show.dot", "from ..nn import Layer", "show must not know nn"),
        ("show.dot", "from .. import nn", "show must not know nn"),
        ("show.dot", "import graphviz", "at module level"),
        ("optim", "from .value import Value", "optim must not know value"),
        ("optim", "import scipy.optimize", "at module level"),
        ("parse", "class A:\n    import jax", "at module level"),
        ("testing", "import numpy", "at module level"),
        ("novelty", "import math", "in no layer"),
        ("show.dot", "from ..cli import main", "up to layer 6"),
        ("value", "if not TYPE_CHECKING:\n    from .show import draw", "up to layer 4"),
        ("value", "if TYPE_CHECKING:\n    pass\nelse:\n    import numpy", "line 4"),
    ],
)
def test_the_checker_rejects(module: str, source: str, complaint: str) -> None:
    found = violations(f"{PACKAGE}.{module}", source)
    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("value", "from .primitives import TABLE"),
        ("value", "import math, collections.abc"),
        ("value", "if TYPE_CHECKING:\n    from .show import Drawing"),
        ("value", "from typing import TYPE_CHECKING"),
        ("testing", "from hypothesis import strategies\nfrom .check import gradcheck"),
        ("program.run", "import numpy as np\nfrom .schedule import levels\nfrom .. import value"),
        (
            "show.dot",
            "def f():\n    import graphviz\nfrom ..steps import steps\nfrom . import view",
        ),
        ("cli", "from autograd_lite import __version__\nfrom .show import draw"),
    ],
)
def test_the_checker_accepts(module: str, source: str) -> None:
    assert violations(f"{PACKAGE}.{module}", source) == []


def test_relative_imports_of_a_package_are_its_own() -> None:
    assert violations(f"{PACKAGE}.show", "from ..nn import MLP", is_package=True)
    assert violations(f"{PACKAGE}.show", "from .nn import MLP", is_package=True) == []


def loaded_by(statement: str) -> set[str]:
    """The modules outside the standard library that `statement` loads in a fresh interpreter."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); before = set(sys.modules); {statement}; "
        "print(*(set(sys.modules) - before))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return {name.split(".")[0] for name in run.stdout.split()} - sys.stdlib_module_names


def test_importing_the_package_loads_the_standard_library_only() -> None:
    assert loaded_by(f"import {PACKAGE}") == {PACKAGE}


def test_the_import_watcher_sees_a_third_party_module() -> None:
    assert "hypothesis" in loaded_by("import hypothesis")
