"""Imports point down only, and ``import autograd_lite`` costs the standard library alone."""

import ast
import io
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "autograd_lite"
FACE = "the package"

# What each folder, or file at the top of the package, may import. The package's own namespace
# gathers everything below it, so only the command line may import from it.
MAY_IMPORT = {
    "special": "",
    "support": "",
    "core": "special support",
    "formulas": "core special support",
    "parse": "core special support",
    "steps": "core support",
    "forensics": "core steps support",
    "program": "core special support",
    "check": "core support forensics formulas nn parse program",
    "testing": "core check support program",
    "nn": "core special support program",
    "losses": "core support",
    "optim": "support",
    "data": "support",
    "training": "core support program",
    "minimization": "core support program",
    "show.view": "core support formulas steps forensics",
    "show.text": "core support formulas steps forensics show.view",
    "show.picture": "core support formulas steps show.view show.text",
    "show.player": "core support formulas steps show.view show.text show.picture program",
    "show.plots": "core support",
    "show.draw": "core support formulas show.view show.text show.picture show.player",
    "show": "formulas show.view show.text show.picture show.player show.draw",
}
LOADS_LAZILY = {"cli", "__main__"}  # may import everything

# What a module may import at its head besides the standard library: it exists for it.
THIRD_PARTY = {
    "testing": {"hypothesis"},
    "support.elimination": {"numpy"},
    "support.value_arrays": {"numpy"},
    "program.array_call": {"numpy"},
    "program.array_loops": {"numpy"},
    "program.array_text": {"numpy"},
    "program.array_views": {"numpy"},
    "program.arrays": {"numpy"},
    "program.forward": {"numpy"},
    "program.fuse": {"numpy"},
    "program.grouping": {"numpy"},
    "program.instructions": {"numpy"},
    "program.plan": {"numpy"},
    "program.reverse": {"numpy"},
    "program.schedule": {"numpy"},
    "program.steps": {"numpy"},
    "program.tape": {"numpy"},
    "program.machine": {"numpy", "llvmlite"},
    "program.jax_branches": {"numpy"},
    "program.jax_rows": {"numpy"},
    "program.to_jax": {"numpy"},
}
# These never import anything but the standard library, not even in a function.
STANDARD_LIBRARY_ONLY = {"special", "core", "formulas", "parse", "steps", "forensics"}

TYPES_ONLY = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


class Import(NamedTuple):
    target: str  # absolute name; "autograd_lite.core.value" for `from . import value`
    line: int
    at_head: bool  # executed when the module is imported


@cache
def syntax(source: str) -> ast.Module:
    return ast.parse(source)


@cache
def imports(module: str, source: str, is_package: bool = False) -> list[Import]:
    """What `source` imports: in functions too, and for type checkers alone too."""
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
        elif isinstance(node, ast.Call) and called(node).endswith(("import_module", "__import__")):
            if node.args and isinstance(node.args[0], ast.Constant):
                name = str(node.args[0].value)
                yield Import(package + name if name[:1] == "." else name, node.lineno, at_head)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in TYPES_ONLY:
            for statement in node.body:
                yield from walk(statement, False)
            for statement in node.orelse:
                yield from walk(statement, at_head)
            return
        inner = at_head and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inner)

    return list(walk(syntax(source), True))


def called(node: ast.Call) -> str:
    """The name by which a function is called, without what comes before its last point."""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    files = sorted((ROOT / PACKAGE).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return {name.removesuffix(".__init__"): file for name, file in zip(names, files, strict=True)}


MODULES = modules()


def unit(name: str) -> str:
    """The entry of MAY_IMPORT that a dotted name inside the package belongs to."""
    parts = name.split(".")[1:]
    if not parts:
        return FACE
    if parts[0] == "show" and ".".join(parts[:2]) in MAY_IMPORT:
        return ".".join(parts[:2])
    known = parts[0] in MAY_IMPORT or parts[0] in LOADS_LAZILY
    # `from autograd_lite import sin` names no module: it comes from the package's namespace.
    return parts[0] if known or f"{PACKAGE}.{parts[0]}" in MODULES else FACE


def violations(module: str, source: str, is_package: bool = False) -> list[str]:
    """What `source`, as the text of `module`, imports against the rules."""
    own = unit(module)
    if own not in MAY_IMPORT and own not in {FACE, *LOADS_LAZILY}:
        return [f"{module} has no place: give it one in MAY_IMPORT of tests/test_layers.py"]
    inside = module.removeprefix(f"{PACKAGE}.")
    heads = {
        name
        for place, names in THIRD_PARTY.items()
        if f"{inside}.".startswith(f"{place}.")
        for name in names
    }
    found = []
    for target, line, at_head in imports(module, source, is_package):
        top = target.split(".")[0]
        other = unit(target) if top == PACKAGE else top
        where = f"{module}, line {line}: imports {other}"
        if top == PACKAGE:
            if other == own or own in LOADS_LAZILY:
                continue
            known = MAY_IMPORT.get(own, "").split()
            if other in LOADS_LAZILY or (own != FACE and other not in known):
                found.append(f"{where}, which {own} must not know")
        elif top not in sys.stdlib_module_names:
            if own in STANDARD_LIBRARY_ONLY:
                found.append(f"{where}, but {own} imports the standard library only")
            elif at_head and top not in heads:
                found.append(f"{where} at module level: import it in the function that needs it")
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    file = MODULES[module]
    found = violations(module, file.read_text(encoding="utf-8"), file.name == "__init__.py")
    assert not found, "\n".join(found)


def test_no_modules_go_round_in_a_circle() -> None:
    """Not even by imports inside functions or for type checkers."""
    below: dict[str, set[str]] = {name: set() for name in MODULES}
    for module, file in MODULES.items():
        is_package = file.name == "__init__.py"
        for target, _, _ in imports(module, file.read_text("utf-8"), is_package):
            name = target
            while name and name not in MODULES:
                name = name.rpartition(".")[0]
            # A folder's face hands on names of the modules inside: they do not stand on it.
            if name and name != module and not module.startswith(f"{name}."):
                below[module].add(name)
    assert find_circle(below) == []


def test_the_rules_themselves_go_round_in_no_circle() -> None:
    assert find_circle({name: set(below.split()) for name, below in MAY_IMPORT.items()}) == []


def find_circle(below: dict[str, set[str]]) -> list[str]:
    """The names that are left when all that stand on nothing left have been taken away."""
    left = {name: set(targets) for name, targets in below.items()}
    while free := [name for name in left if not left[name] & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_the_circle_finder_finds_a_circle() -> None:
    assert find_circle({"a": {"b", "c"}, "b": {"c"}}) == []
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("core.value", "from ..show import draw", "core must not know"),
        ("core.value", "def f():\n    from ..check import gradcheck", "line 2"),
        ("core.value", "from autograd_lite import sin", "imports the package"),
        ("core.value", "if TYPE_CHECKING:\n    from ..show import Drawing", "line 2"),
        ("core.value", "import importlib\nimportlib.import_module('autograd_lite.show')", "line 2"),
        ("core.value", "try:\n    import numpy\nexcept ImportError:\n    pass", "standard library"),
        ("steps", "def f():\n    import graphviz", "standard library only"),
        ("nn.layers", "from ..losses import hinge", "nn must not know"),
        ("show.picture.dot", "from ...nn import Layer", "must not know"),
        ("show.view.view", "from ..text.table import table", "must not know"),
        ("show.picture.dot", "import graphviz", "at module level"),
        ("optim", "from .core.value import Value", "optim must not know"),
        ("minimization", "class A:\n    import scipy", "at module level"),
        ("testing", "import numpy", "at module level"),
        ("novelty", "import math", "has no place"),
        ("losses", "from .cli import main", "losses must not know"),
    ],
)
def test_the_checker_rejects(module: str, source: str, complaint: str) -> None:
    MODULES.setdefault(f"{PACKAGE}.novelty", ROOT / PACKAGE / "novelty.py")
    try:
        found = violations(f"{PACKAGE}.{module}", source)
    finally:
        del MODULES[f"{PACKAGE}.novelty"]
    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("core.value", "from .table import TABLE\nfrom ..special import erf"),
        ("core.value", "import math, collections.abc"),
        ("testing", "from hypothesis import strategies\nfrom .check import gradcheck"),
        ("program.arrays", "import numpy as np\nfrom .schedule import levels"),
        ("show.picture.dot", "def f():\n    import graphviz\nfrom ..view import view"),
        ("cli", "from autograd_lite import __version__\nfrom .show import draw"),
    ],
)
def test_the_checker_accepts(module: str, source: str) -> None:
    assert violations(f"{PACKAGE}.{module}", source) == []


def test_relative_imports_of_a_package_are_its_own() -> None:
    assert violations(f"{PACKAGE}.show", "from ..nn import MLP", is_package=True)
    assert violations(f"{PACKAGE}.nn", "from .layers import MLP", is_package=True) == []


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


# The core is to be read in one sitting: at most so many lines of code, without docstrings and comments.
CORE_LINES = {
    "adjoints": 101,
    "gathered": 190,
    "node": 170,
    "operators": 65,
    "order": 130,
    "primitive": 150,
    "registration": 100,
    "table": 285,
    "transforms": 225,
    "value": 300,
}
MACHINERY, ROWS, ANY_FILE = 1160, 460, 300


def code_lines(source: str) -> int:
    """How many lines of a module are code: no docstring, comment or blank line is counted."""
    documented: set[int] = set()
    for node in ast.walk(syntax(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if first is not None and ast.get_docstring(node, clean=False) is not None:
                documented.update(range(first.lineno, (first.end_lineno or 0) + 1))
    layout = {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
        tokenize.ENDMARKER,
    }  # fmt: skip
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in layout:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - documented)


def test_code_lines_are_counted() -> None:
    source = '"""Words.\n\nMore."""\n\nx = (\n    1\n)  # one\n\ndef f():\n    """Words."""\n    return x\n'
    assert code_lines(source) == 5


def test_the_core_keeps_its_size() -> None:
    lines = {
        name.rpartition(".")[2]: code_lines(file.read_text("utf-8"))
        for name, file in MODULES.items()
        if name.startswith(f"{PACKAGE}.core.")
    }
    assert lines.keys() == CORE_LINES.keys()
    assert {name: n for name, n in lines.items() if n > CORE_LINES[name]} == {}
    rows = lines["table"] + lines["gathered"]
    assert rows <= ROWS
    assert sum(lines.values()) - rows <= MACHINERY


def test_every_file_is_one_thing() -> None:
    sources = {name: file.read_text("utf-8") for name, file in MODULES.items()}
    long = {name: source for name, source in sources.items() if source.count("\n") > ANY_FILE}
    lines = {name: code_lines(source) for name, source in long.items()}
    assert {name: n for name, n in lines.items() if n > ANY_FILE} == {}


def test_the_top_of_the_package_holds_twenty_files_and_folders_at_most() -> None:
    """A file that has become several things may become a folder, but none is added beside it."""
    top = [name for name in MODULES if name.count(".") == 1]
    assert len(top) <= 20
    assert len([name for name in top if MODULES[name].name != "__init__.py"]) < 10


def test_hardly_a_name_stands_in_two_modules() -> None:
    """But for the float functions of rows, which are called as their rows are."""
    found: dict[str, set[str]] = {}
    for module, file in MODULES.items():
        for node in syntax(file.read_text("utf-8")).body:
            names = []
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            for name in names:
                found.setdefault(name, set()).add(module)
    rows = {name for name, where in found.items() if any(".core." in each for each in where)}
    special = {name for name, where in found.items() if any(".special" in each for each in where)}
    twice = {n: w for n, w in found.items() if len(w) > 1 and n not in rows & special}
    del twice["__all__"]
    assert len(twice) < 15, twice
