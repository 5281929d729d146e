"""The table of operations on the site is made from the rows, and from what was measured of them."""

import importlib.util
from typing import Any

import pytest

from autograd_lite.core.primitive import BUILT_IN, TABLE

from .test_pages import DOCS


@pytest.fixture(scope="module")
def operations() -> Any:
    spec = importlib.util.spec_from_file_location("operations", DOCS / "operations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_row_has_its_formula_and_derivatives(operations: Any) -> None:
    text = operations.as_rst()
    for name in BUILT_IN:
        assert f"* - ``{name}``" in text
    for name, formula, derivatives in [
        ("div", r"\frac{x}{y}", [r"\frac{1}{y}", r"-\frac{x}{y^{2}}"]),
        ("tanh", r"\tanh(x)", [r"1 - \tanh^{2}(x)"]),
        ("floor", r"\left\lfloor x \right\rfloor", ["0"]),
        ("sum", "x_1 + x_2 + x_3", ["1"]),
    ]:
        assert operations.formulas_of(TABLE[name]) == (formula, derivatives)


@pytest.mark.parametrize(
    ("name", "kinks"),
    [("sin", ""), ("abs", "0"), ("hardtanh", "-1, 1"), ("floor", "whole numbers"), ("maximum", "x = y")],
)
def test_kinks_are_where_the_row_has_them(operations: Any, name: str, kinks: str) -> None:
    assert operations.kinks_of(TABLE[name]) == kinks


def test_errors_are_those_that_were_measured(operations: Any) -> None:
    errors = dict(operations.measured_errors())
    assert errors["sin"] == "0.5 · 0.5 · 0.5 · 0.5"
    assert set(errors) <= BUILT_IN
    assert all(each.split("\n")[0].count("·") >= 3 for each in errors.values())
