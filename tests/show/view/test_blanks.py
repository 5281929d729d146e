"""Exercise sheets: what is blank is nowhere to be read, and the key has the right answers."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from autograd_lite import Value, exp
from autograd_lite.show import draw, play, table, tree
from autograd_lite.show.view.blanks import sheet
from autograd_lite.show.view.options import Options
from autograd_lite.steps import backward_steps

from ...support.circuits import gormley, sarkar
from ...support.drawn import roots

FORMS: list[Callable[..., Any]] = [
    table, tree, draw,
    lambda root, **options: table(root, "markdown", **options),
    lambda root, **options: draw(root, "circuit", **options),
]  # fmt: skip
_NUMBERED = re.compile(r"\[(\d+)\][\s\xa0]+([^\s\xa0<|,;\]\"]+)")


def plain(sheet: Any) -> str:
    text = sheet.dot if hasattr(sheet, "dot") else str(sheet)
    return text.replace("&#93;", "]").replace("\\", "")


def answers(sheet: Any) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for number, answer in _NUMBERED.findall(plain(sheet)):
        if answer not in ("×", "=", "+", "to"):
            found.setdefault(int(number), set()).add(answer)
    return found


@pytest.mark.parametrize("form", FORMS)
def test_the_key_has_the_numbers_of_the_circuit(form: Callable[..., Any]) -> None:
    root = gormley()
    made = form(root, blanks="grad")
    in_order = [step.contribution for step in backward_steps(root)]
    in_order.insert(5, in_order[3] + in_order[4])  # the gradient of t, before it is used
    expected = {k: {f"{x:.4g}".replace("-", "−")} for k, x in enumerate(in_order, 1)}
    assert answers(made.key) == expected
    assert answers(made) == {k: {"______"} for k in expected}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["value", "grad", "all"])
def test_what_is_blank_is_nowhere_on_the_sheet(form: Callable[..., Any], kind: str) -> None:
    x, y = Value(1.234, "x"), Value(2.345, "y")
    p = exp(x) * y
    p.name = "p"
    root = p * p / 7
    root.name = "r"
    root.backward()
    made = form(root, blanks=kind)
    hidden = {answer for each in answers(made.key).values() for answer in each}
    assert hidden
    assert all(len(each) == 1 for each in answers(made.key).values())
    # 1/7 is the derivative on the last wire, too, and 2.345 is given.
    for answer in hidden - {"1", "2", "2.345", "0.1429"}:
        assert answer not in plain(made), answer
    assert set(answers(made)) == set(answers(made.key))


@given(roots())
def test_every_blank_has_a_number_of_its_own_and_they_run_from_one(root: Value) -> None:
    if root.op is None:
        return
    view = sheet(root, Options(blanks="all", max_nodes=None))
    numbers = set(view.blanks.values())
    assert numbers == set(range(1, len(numbers) + 1))
    for wire in view.wires:
        assert (("contribution", wire.id) in view.blanks) == (wire.contribution is not None)
    for i, node in enumerate(view.nodes):
        assert (("value", node.id) in view.blanks) == bool(node.expression)
        parts = [w.contribution for w in view.outgoing(i) if w.contribution is not None]
        assert (("grad", node.id) in view.blanks) == bool(parts)
        if len(parts) > 1:
            assert math.isclose(node.grad or 0.0, math.fsum(parts), rel_tol=1e-9, abs_tol=1e-9)


def test_a_sheet_about_one_node_leaves_the_others_alone() -> None:
    root = sarkar()
    q = root.parents[0]
    made = table(root, blanks=[q])
    assert answers(made.key) == {1: {"3"}, 2: {"−4"}}
    # As the derivative of the product by z, q would give its value away.
    assert "∂f/∂z += q              = [1]" in made


def test_a_sheet_asks_for_gradients_before_any_sweep() -> None:
    x = Value(3.0, "x")
    y = x * x
    assert "[1] ______" in tree(y, blanks="grad")
    assert y.grad == 0


def test_a_symbolic_sheet_asks_for_formulas() -> None:
    made = table(gormley(), numbers=False, blanks="local")
    assert "∂u₁/∂t = [2] ______" in made
    assert made.key is not None
    assert "∂u₁/∂t = [2] cos(t)" in made.key
    with pytest.raises(ValueError, match="local"):
        table(gormley(), numbers=False, blanks="grad")


def test_what_has_no_blanks_has_no_key() -> None:
    assert table(gormley()).key is None
    assert draw(gormley()).key is None


def test_a_sheet_as_a_page_asks_too() -> None:
    steps = play(sarkar(), quiz=True).steps
    page = draw(sarkar(), blanks="grad")._content(".html", 150, {}).decode()
    assert f'max="{len(steps) - 1}"' in page


@pytest.mark.parametrize(
    ("error", "form", "blanks"),
    [
        (ValueError, table, "gradient"),
        (TypeError, tree, 3),
        (TypeError, draw, ["grad", 3]),
        (ValueError, table, Value(1.0)),
        (ValueError, play, "grad"),
        (ValueError, lambda root, **options: draw(root, "scope", **options), "grad"),
        (ValueError, lambda root, **options: table(root, grads="never", **options), "grad"),
    ],
)
def test_blanks_that_cannot_be_are_refused(error: type[Exception], form: Any, blanks: Any) -> None:
    with pytest.raises(error, match="blanks"):
        form(sarkar(), blanks=blanks)
