"""Where the sweep does not go, every view says that no gradient flows, and shows no contribution."""

import math
from collections.abc import Callable

import pytest

from autograd_lite import Value, errstate, find_nonfinite, log, maximum, relu, sin, sqrt, where
from autograd_lite.show import Options, draw, play, table, tree
from autograd_lite.show.player.slots import NOT_TAKEN, NOTHING_ARRIVES
from autograd_lite.show.view.view import View, snapshot

SAYS_SO = "no gradient flows"


def under_relu(x: Value) -> Value:
    return relu(-sqrt(x))


def under_where(x: Value) -> Value:
    return where(1.0, x, log(x))


def under_maximum(x: Value) -> Value:
    return maximum(x + 1.0, -sqrt(x))


def below_a_finite_slope(x: Value) -> Value:
    return relu(-sin(x + 1.0)) + 2 * x


CIRCUITS: list[tuple[Callable[[Value], Value], float]] = [
    (under_relu, 0.0),
    (under_where, 1.0),
    (under_maximum, 1.0),
    (below_a_finite_slope, 2.0),
]


@pytest.fixture(params=CIRCUITS, ids=lambda each: each[0].__name__)
def swept(request: pytest.FixtureRequest) -> tuple[Value, float]:
    """A circuit at x = 0 with a branch that is not selected, and the derivative by x."""
    made, derivative = request.param
    with errstate("ignore"):
        y: Value = made(Value(0.0, "x"))
    y.name = "y"
    y.backward()
    return y, derivative


def unreached(view: View) -> list[str]:
    """The ids of the wires that the sweep does not go along though they have a derivative."""
    return [wire.id for wire in view.wires if wire.local is not None and not wire.walked]


def unspaced(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("detail", ["all", "sums", "named"])
def test_contributions_sum_to_the_gradient(swept: tuple[Value, float], detail: str) -> None:
    y, derivative = swept
    view = snapshot(y, Options(detail=detail))
    for i, node in enumerate(view.nodes):
        parts = [w.contribution for w in view.outgoing(i) if w.contribution is not None]
        if i != view.root and node.kind != "const":
            assert math.fsum(parts) == node.grad
    (x,) = (node for node in view.nodes if node.label == "x")
    assert x.grad == derivative


@pytest.mark.parametrize("style", ["text", "markdown", "latex"])
def test_a_table_says_so(swept: tuple[Value, float], style: str) -> None:
    y, _ = swept
    view = snapshot(y)
    dead = sum(not w.walked and view.nodes[w.source].kind != "const" for w in view.wires)
    text = table(y, style)
    assert text.count(SAYS_SO) == dead > 1
    assert "nan" not in text
    # The symbolic table is true at every point: it has the formula that says when a gradient flows.
    symbolic = table(y, style, numbers=False)
    rules = [w.local_formula for w in view.wires if not w.walked and view.nodes[w.source].kind != "const"]
    assert symbolic.count(SAYS_SO) == sum(rule in ("", "0") for rule in rules)
    assert "nan" not in symbolic


def test_a_tree_says_so(swept: tuple[Value, float]) -> None:
    y, _ = swept
    text = tree(y)
    assert text.count(SAYS_SO) > 1
    assert "× 0" not in text
    assert "= nan" not in text


@pytest.mark.parametrize("style", ["card", "circuit"])
def test_a_picture_says_so(swept: tuple[Value, float], style: str) -> None:
    y, _ = swept
    drawing = draw(y, style)
    wires = unreached(drawing.view)
    assert wires
    lines = unspaced(drawing.dot).split("\n")
    for wire in wires:
        (edge,) = (line for line in lines if f'[id="{wire}" class="edge"' in line)
        assert SAYS_SO in edge  # its tooltip, and on a card its label
    shown = [line for line in lines if f">{SAYS_SO}</FONT>" in line]
    assert len(shown) == len(wires)
    assert not any(" × " in line for line in shown)


def test_a_picture_says_nothing_before_a_sweep(swept: tuple[Value, float]) -> None:
    y, _ = swept
    for style in ("card", "circuit"):
        assert f">{SAYS_SO}</FONT>" not in unspaced(draw(y, style, grads="never").dot)


def test_the_player_says_so(swept: tuple[Value, float]) -> None:
    y, _ = swept
    player = play(y)
    told = {
        step.title: " ".join(s.text for group in step.groups for line in group for s in line)
        for step in player.steps
        if step.phase == "backward"
    }
    view = draw(y).view
    stopped = {w for w in view.wires if w.local is None and not w.is_flat}
    for said, idle in [
        (NOT_TAKEN, stopped),
        (NOTHING_ARRIVES, {w for w in view.wires if not w.reached} - stopped),
    ]:
        assert idle
        assert " ".join(told.values()).count(said) == len(idle)
    assert not any("nan" in text or "≈ 0" in unspaced(text) for text in told.values())


def test_nothing_is_called_non_finite(swept: tuple[Value, float]) -> None:
    y, _ = swept
    found = find_nonfinite(y)
    assert found is None or found.direction == "forward"


def test_a_wire_that_is_walked_at_a_zero_gradient_keeps_its_contribution() -> None:
    x = Value(0.0, "x")
    with errstate("ignore"):
        y = 0.0 * sqrt(x)
    y.backward()
    view = snapshot(y)
    (wire,) = (w for w in view.wires if view.nodes[w.source].label == "x")
    assert wire.walked
    assert wire.contribution is not None
    assert math.isnan(wire.contribution)
    found = find_nonfinite(y)
    assert found is not None
    assert found.direction == "backward"
