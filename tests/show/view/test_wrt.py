"""What is differentiated by: the rest of the circuit counts as given."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Constant, Value, circuit, gradients
from autograd_lite.show import draw, play, table, tree
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import snapshot

from ...support.circuits import sarkar
from ...support.drawn import roots


@given(roots(), st.data())
@settings(max_examples=50)
def test_only_what_depends_on_it_has_a_gradient(root: Value, data: st.DataObject) -> None:
    by = data.draw(st.sampled_from([node for node in circuit(root) if not node.is_constant]))
    options = Options(grads="always", detail="all", max_nodes=None)
    whole, view = snapshot(root, options), snapshot(root, replace(options, wrt=by))
    for before, after in zip(whole.nodes, view.nodes, strict=False):
        assert after.label == before.label
        assert after.grad in (None, before.grad)
    moving = [n for n in view.nodes if not n.given]
    assert all(n.grad is not None for n in moving)
    for wire in view.wires:
        if view.nodes[wire.source].given:
            assert (wire.local, wire.contribution) == (None, None)
    (at,) = view.wrt
    derivative = gradients(root, by)
    expected = derivative.data if isinstance(derivative, Value) else derivative
    assert view.nodes[at].grad == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_tables_trees_pictures_and_pages_leave_out_the_rest() -> None:
    f = sarkar()
    f.backward()
    x = next(v for v in circuit(f) if v.name == "x")
    for text in (table(f, wrt=x), tree(f, wrt=x), draw(f, wrt=x).dot, draw(f, "circuit", wrt=x).dot):
        assert "∂q/∂x" in text
        assert "∂q/∂y =" not in text
        assert "∂f/∂z" not in text
        assert "differentiated by x" in text.replace("\xa0", " ")
    assert "result   ∂f/∂x = −4\n" in table(f, wrt=x)
    said = [
        run.text for step in play(f, wrt=x).steps for group in step.groups for line in group for run in line
    ]
    assert "∂q/∂x" in said
    assert not any("∂f/∂z" in text for text in said)


def test_an_operation_can_be_what_is_differentiated_by() -> None:
    f = sarkar()
    f.backward()
    q = f.parents[0]
    text = table(f, wrt=[q], detail="named")
    assert "result   ∂f/∂q = −4" in text
    assert "∂q/∂x" not in text


@pytest.mark.parametrize("wrt", [Value(1.0), Constant(2.0, "c"), "nobody", 3])
def test_what_is_not_of_the_circuit_is_refused(wrt: Any) -> None:
    for form in (table, tree, draw, play):
        with pytest.raises((TypeError, ValueError), match="wrt"):
            form(sarkar(), wrt=wrt)
