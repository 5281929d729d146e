"""The formulas of local derivatives: true at every point, by the names that people know."""

import math
import re
from collections.abc import Callable

import pytest

from autograd_lite import (
    Value,
    abs,
    clip,
    exp,
    formula,
    leaky_relu,
    log_softmax,
    max,
    maximum,
    minimum,
    relu,
    sigmoid,
    softmax,
    tanh,
    where,
)  # fmt: skip
from autograd_lite.core.primitive import TABLE, Primitive
from autograd_lite.losses import softmax_cross_entropy
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import snapshot

from .test_formula import sample


def formulas(root: Value, detail: str = "all", ascii: bool = False) -> dict[str, str]:
    """The local derivatives at the last operation, by the operand."""
    view = snapshot(root, Options(grads="always", detail=detail, digits=17, ascii=ascii))
    return {view.nodes[w.source].label: w.local_formula for w in view.incoming(view.root)}


def evaluate(formula: str, names: dict[str, float]) -> float:
    formula = re.sub(r"\|(\w+)\|", r"abs(\1)", formula.replace("^", "**"))
    formula = re.sub(r"\b(softmax)_(\d+)\(", r"\1(\2, ", formula)
    functions: dict[str, object] = {**TABLE, "LSE": TABLE["logsumexp"], "pi": math.pi}
    functions["softmax"] = lambda i, *xs: softmax(xs, i - 1)
    relations = formula.replace("[", "int(").replace("]", ")")
    return float(eval(relations, {"__builtins__": {"int": int, "abs": math.fabs}}, {**functions, **names}))


def rows() -> list[Primitive]:
    unreadable = {"unit", "polygamma"}  # their notation is nobody's function
    return [row for name, row in sorted(TABLE.items()) if name not in unreadable]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
@pytest.mark.parametrize("shift", [0.0, -0.7])
def test_what_is_written_is_the_number(row: Primitive, shift: float) -> None:
    node = sample(row.name)
    if shift and row.domain[0] == (-8.0, 8.0):
        operands = [
            Value(p.data + shift * (i - 1), p.name) if p.name else p for i, p in enumerate(node.parents)
        ]
        node = Value._apply(row, tuple(operands))
    node.name = "out"
    names = {p.name: p.data for p in node.parents if p.name} | {"out": node.data}
    view = snapshot(node, Options(grads="always", detail="all", digits=17, ascii=True))
    for wire in view.wires:
        if wire.local_formula and "..." not in wire.local_formula:
            found = evaluate(wire.local_formula, names)
            assert found == pytest.approx(wire.local or 0.0, rel=1e-9, abs=1e-12), wire.local_formula


x, y = Value(2.0, "x"), Value(-3.0, "y")


def named(node: Value, name: str) -> Value:
    node.name = name
    return node


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (lambda: relu(y), {"y": "[y > 0]"}),
        (lambda: maximum(x, y), {"x": "[x > y]", "y": "[y > x]"}),
        (lambda: minimum(x, 3), {"x": "[3 > x]"}),
        (lambda: named(max([x, y]), "m"), {"x": "[x = m]", "y": "[y = m]"}),
        (lambda: where(Value(1.0, "c"), x, y), {"c": "0", "x": "[c ≠ 0]", "y": "[c = 0]"}),
        (lambda: clip(y, -1, 1), {"y": "[y > −1]·[1 > y]"}),
        (lambda: abs(y), {"y": "sign(y)"}),
        (lambda: leaky_relu(y, 0.25), {"y": "1 if y > 0 else 0.25"}),
        (lambda: named(sigmoid(x), "a"), {"x": "a·(1 − a)"}),
        (lambda: named(tanh(x), "h"), {"x": "1 − h²"}),
        (lambda: named(exp(x), "e"), {"x": "e"}),
        (lambda: sigmoid(x), {"x": "σ(x)·(1 − σ(x))"}),
        (lambda: named(softmax([x, y], 1), "p"), {"x": "−p·softmax_1(x, y)", "y": "p·(1 − p)"}),
        (lambda: log_softmax([x, y], 1), {"x": "−softmax_1(x, y)", "y": "1 − softmax_2(x, y)"}),
    ],
)
def test_branches_and_outputs_are_written_as_in_a_lecture(
    make: Callable[[], Value], wanted: dict[str, str]
) -> None:
    assert formulas(make()) == wanted


def test_the_outputs_of_one_softmax_are_written_by_their_names() -> None:
    p = [named(q, f"p{i}") for i, q in enumerate(softmax([x, y]), 1)]
    view = snapshot(p[0] / p[1], Options(grads="always"))
    found = {(view.nodes[w.target].label, view.nodes[w.source].label): w.local_formula for w in view.wires}
    assert found["p₁", "x"] == "p₁·(1 − p₁)"
    assert found["p₁", "y"] == "−p₁·p₂"
    assert found["p₂", "x"] == "−p₂·p₁"


def test_cross_entropy_ends_with_the_share_less_the_target() -> None:
    loss = softmax_cross_entropy([x, y], 0)
    assert formulas(loss, "named") == {"x": "softmax_1(x, y) − 1", "y": "softmax_2(x, y)"}


def test_cases_in_latex() -> None:
    view = snapshot(leaky_relu(y), Options(grads="always"))
    assert view.wires[0].latex_local == r"\begin{cases} 1 & y > 0 \\ 0.01 & \text{else} \end{cases}"


def test_fractions_keep_to_themselves_in_formulas() -> None:
    assert formula(0.375 * x**1.5 / 0.625, fractions=True) == "3/5·x^(3/2)"
    assert formula(0.375 / x, fractions=True) == "3/8/x"
    assert formula(1 / (x * 0.375), fractions=True) == "1/(3/8·x)"
    assert formula(0.25 * x, "latex", fractions=True) == r"\frac{1}{4} \cdot x"
