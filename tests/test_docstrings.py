"""What every public name says of itself: a sentence, an example that is run, and what it raises."""

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

import autograd_lite
from autograd_lite.core.primitive import BUILT_IN, Primitive

MODULES = [
    "", "check", "data", "forensics", "losses", "minimization", "nn", "optim", "parse", "program", "show",
    "show.plots", "steps", "testing", "training",
]  # fmt: skip


def public() -> dict[str, Any]:
    """Functions and classes by the name that users import them by, each once."""
    found: dict[int, tuple[str, Any]] = {}
    for name in MODULES:
        module = importlib.import_module(f"autograd_lite.{name}".rstrip("."))
        for each in getattr(module, "__all__", vars(module)):
            thing = getattr(module, each)
            ours = getattr(thing, "__module__", "").startswith("autograd_lite")
            if each[0] != "_" and ours and (inspect.isfunction(thing) or inspect.isclass(thing)):
                found.setdefault(id(thing), (f"{name}.{each}".lstrip("."), thing))
    return dict(found.values())


PUBLIC = public()

#: Examples that would take seconds: tests/test_data.py tries it.
NO_EXAMPLE = {"data.digits"}


def methods(thing: Any) -> Iterator[tuple[str, Any]]:
    """The functions that a class defines for its users, properties among them."""
    if not inspect.isclass(thing):
        return
    for name, member in vars(thing).items():
        function = getattr(member, "fget", None) or getattr(member, "func", None) or member
        function = getattr(function, "__func__", function)
        if inspect.isfunction(function) and (name[0] != "_" or name == "__call__"):
            yield name, function


def raises(function: Any) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except OSError:  # Hypothesis has wrapped it
        return False
    return any(isinstance(node, ast.Raise) and node.exc is not None for node in ast.walk(tree))


def complaint(name: str, thing: Any) -> str:
    """What is missing in the documentation of a function or a class."""
    text = inspect.getdoc(thing) or ""
    if not re.match(r"\S.*?[.:)](?:\n\n|\Z)", text, re.DOTALL):
        return f"{name}: the first paragraph is no sentence"
    for inner, function in methods(thing):
        said = inspect.getdoc(function) or ""
        if not said:
            return f"{name}.{inner} has no docstring"
        if raises(function) and ":raises" not in said and inner != "__call__":
            return f"{name}.{inner} raises what it does not say"
    if inspect.isfunction(thing) and raises(thing) and ":raises" not in text:
        return f"{name} raises what it does not say"
    if name in NO_EXAMPLE or (isinstance(thing, type) and issubclass(thing, BaseException)):
        return ""
    makers = [PUBLIC.get(maker) for maker in re.findall(r":(?:func|meth):`(?:\w+\.)*(\w+)`", text)]
    makers += [other for full, other in PUBLIC.items() if f":func:`{full.rpartition('.')[2]}`" in text]
    texts = [text, *(inspect.getdoc(each) or "" for _, each in methods(thing))]
    texts += [inspect.getdoc(each) or "" for each in makers if each is not None]
    return "" if any(">>>" in each for each in texts) else f"{name} has no example"


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented(name: str) -> None:
    assert complaint(name, PUBLIC[name]) == ""


def test_every_operation_says_what_it_is_and_is_in_the_table_of_the_documentation() -> None:
    for name in BUILT_IN:
        row = getattr(autograd_lite, name, autograd_lite.TABLE[name])
        assert not isinstance(row, Primitive) or row.__doc__, name


def test_what_is_not_documented_is_told() -> None:
    def silent() -> None: ...

    def without_example() -> None:
        """Nothing."""

    def raising() -> None:
        """Nothing.

        >>> 1
        1
        """
        raise ValueError

    class Half:
        """A class.

        >>> 1
        1
        """

        def method(self) -> None:
            raise NotImplementedError

    assert "no sentence" in complaint("f", silent)
    assert "no example" in complaint("f", without_example)
    assert "raises" in complaint("f", raising)
    assert "no docstring" in complaint("f", Half)
