"""Two circuits side by side: what differs is marked with the number of the first, the rest is not."""

from typing import Any

import pytest

from autograd_lite import Value, parameter, sigmoid, sin
from autograd_lite.show import Drawing, draw, side_by_side

from ...support.circuits import gormley, sarkar


def neuron(w: Value, b: Value) -> Value:
    z = w * 2.0 + b
    a = sigmoid(z)
    z.name, a.name = "z", "a"
    a.zero_grad()
    a.backward()
    return a


def marks(pair: Drawing) -> dict[str, set[str]]:
    """The numbers after ≠ in the statement of each node of the second circuit, by its name."""
    found: dict[str, set[str]] = {}
    first = len(pair.view.nodes) // 2
    for line in pair.dot.replace("\xa0", " ").splitlines():
        name = line.split()[0] if line.strip() else ""
        parts = {part.split("<")[0] for part in line.split("≠ ")[1:]}
        if name[:1] == "n" and name[1:].isdigit() and "->" not in line:
            i = int(name[1:])
            assert i >= first or not parts
            if parts:
                found[pair.view.nodes[i].label] = parts
    return found


def test_a_step_is_seen_by_the_numbers_that_it_changes() -> None:
    w, b = parameter(0.5, "w"), parameter(0.25, "b")
    first = draw(neuron(w, b))
    b.data = 0.75
    found = marks(side_by_side(first, neuron(w, b)))
    assert found["b"] == {"0.25", "0.1731"}
    assert found["z"] == {"1.25", "0.1731"}
    assert "0.7773" in found["a"]
    assert "0.5" not in found["w"]  # its value is the same


def test_equal_circuits_have_no_marks() -> None:
    pair = side_by_side(gormley(), gormley())
    assert "≠" not in pair.dot
    assert len(pair.view.nodes) == 2 * len(draw(gormley()).view.nodes)
    assert not pair.view.apart
    assert {node.scope for node in pair.view.nodes} == {"before", "after"}


def test_a_wire_says_which_local_derivative_differs() -> None:
    def root(x: Value) -> Value:
        y = sin(x)
        y.name = "y"
        y.backward()
        return y

    pair = side_by_side(root(Value(1.0, "x")), root(Value(2.0, "x")), ("at 1", "at 2"))
    (wire,) = (line for line in pair.dot.splitlines() if 'id="e1"' in line)
    assert "≠ 0.5403" in wire.replace("\xa0", " ")
    assert "∂y/∂x" in wire
    assert pair.svg.count("<svg") == 1


def test_what_only_one_has_is_emphasized_and_names_its_own_root() -> None:
    pair = side_by_side(sarkar(), gormley())
    assert pair.view.apart == frozenset(range(len(pair.view.nodes))) - {
        i for i, node in enumerate(pair.view.nodes) if node.label == "x"
    }
    f, J = sarkar(), gormley()
    f.backward()
    J.backward()
    dot = side_by_side(f, J).dot
    assert "∂f/∂q = −4" in dot
    assert "∂J/∂u = 0.6441" in dot


@pytest.mark.parametrize(
    ("error", "more"),
    [
        (ValueError, {"titles": ("a", "a")}),
        (ValueError, {"blanks": "grad"}),
        (ValueError, {"direction": "up"}),
        (TypeError, {"colour": "red"}),
        (TypeError, {"after": 3}),
    ],
)
def test_what_cannot_be_compared_is_refused(error: type[Exception], more: dict[str, Any]) -> None:
    with pytest.raises(error):
        side_by_side(**{"before": sarkar(), "after": sarkar(), **more})
