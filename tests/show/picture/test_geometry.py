"""What stands where in a picture, by Graphviz's own layout: for circuits of every kind in every style.

``HYPOTHESIS_PROFILE=intense`` looks at all of them, ``python -m tests.stress geometry`` counts.
"""

import os
import re
from functools import cache
from itertools import pairwise

import pytest

from autograd_lite.show import draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.drawing import Drawing

from ...support.kinds import KINDS, swept
from ...support.layouts import Layout, layout_of, out_of_order

ALL = os.environ.get("HYPOTHESIS_PROFILE") == "intense"
SOME = (
    "gormley",
    "recurrent 3",
    "batch 3",
    "convolution 4",
    "horner 4",
    "mlp 2-3-1 tanh",
    "mlp 2-3-3-1 relu",
    "classes 2-2",
)

kinds = pytest.mark.parametrize("kind", KINDS if ALL else SOME)
pytestmark = pytest.mark.skipif("dot" not in engines.available(), reason="dot is not installed")


@cache
def drawn(kind: str, style: str) -> tuple[Drawing, Layout] | None:
    """A kind in a style with its layout; None where a circuit has neither scopes nor units."""
    try:
        drawing = draw(swept(kind), style)
    except ValueError:
        return None
    return drawing, layout_of(drawing.dot)


def test_there_are_many_kinds() -> None:
    assert len(KINDS) >= 60
    assert set(SOME) <= set(KINDS)


@kinds
@pytest.mark.parametrize("style", ["circuit", "network", "scope"])
def test_no_text_is_struck_by_a_wire_that_is_not_its_own(kind: str, style: str) -> None:
    if found := drawn(kind, style):
        assert not found[1].struck()


#: Gates with so many wires that Graphviz lays some beside each other; networks have a style of their own.
WIDE = re.compile("mlp|classes|horner 15|products 12")


@kinds
@pytest.mark.parametrize("style", ["circuit", "network", "scope"])
def test_no_wires_run_beside_each_other(kind: str, style: str) -> None:
    if style == "circuit" and WIDE.match(kind):
        pytest.skip("a network has units, and a style of its own")
    if found := drawn(kind, style):
        assert not found[1].crowded()


@kinds
def test_the_operands_of_a_gate_stand_in_order(kind: str) -> None:
    if kind.startswith("mixed"):
        pytest.skip("inputs that are used everywhere at random cannot all be in order")
    found = drawn(kind, "circuit")
    assert found is not None
    assert not out_of_order(found[0].view, found[1])


@kinds
def test_the_wires_into_a_unit_end_in_the_order_of_its_weights(kind: str) -> None:
    if found := drawn(kind, "network"):
        drawing, layout = found
        entries: dict[str, list[float]] = {}
        for unit, place, id in re.findall(r":(u\d+)p(\d+):w \[id=\"(e\d+)\"", drawing.dot):
            entries.setdefault(unit, []).append(-layout.end(id) + 1e-6 * int(place))
        assert all(a < b for heights in entries.values() for a, b in pairwise(heights))


@kinds
@pytest.mark.parametrize("style", ["card", "circuit", "network", "scope"])
def test_no_type_is_small(kind: str, style: str) -> None:
    if found := drawn(kind, style):
        assert min(text.size for text in found[1].texts) >= 9
        result = max(text.size for text in found[1].texts)
        assert result >= 14


def test_a_text_that_is_struck_is_found() -> None:
    layout = layout_of("digraph { rankdir=LR; a -> b; x [shape=plain label=middle]; }")
    (text,) = [t for t in layout.texts if t.text == "middle"]
    height = (text.below + text.above) / 2
    points = tuple((float(x), height) for x in range(int(text.left) - 50, int(text.right) + 50))
    (wire,) = layout.wires
    layout.wires = [type(wire)("e", points, ("a", "b"))]
    assert layout.struck() == ["'middle' by a->b"]
    layout.wires = [type(wire)("e", points, ("a", "x"))]
    assert not layout.struck()


def test_wires_that_run_beside_each_other_are_found() -> None:
    layout = layout_of("digraph { a -> b; c -> d; }")
    one, two = layout.wires
    level = [tuple((float(x), y) for x in range(0, 400, 2)) for y in (0.0, 3.0, 30.0)]
    layout.wires = [type(one)("e", level[0], one.ends), type(two)("f", level[1], two.ends)]
    assert len(layout.crowded()) == 1
    layout.wires = [type(one)("e", level[0], one.ends), type(two)("f", level[2], two.ends)]
    assert not layout.crowded()
    fan = tuple((float(x), 0.02 * x) for x in range(0, 400, 2))
    layout.wires = [type(one)("e", level[0], ("a", "b")), type(two)("f", fan, ("a", "d"))]
    assert len(layout.crowded(apart=20)) == 1
    assert not layout.crowded(apart=250)
