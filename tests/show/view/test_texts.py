"""The formulas and glyphs of a view: steps, operations that change nothing."""

from autograd_lite import (
    Value,
    ceil,
    draw,
    floor,
    primitive,
    relu,
    sign,
    sqrt,
    step,
)
from autograd_lite import round as rounded
from autograd_lite.show.player.tell import tell
from autograd_lite.show.view.view import snapshot

from .cases import named, runs_of


def test_a_step_has_no_branch_that_was_not_taken() -> None:
    x = Value(1.7, "x")
    steps = [floor(x), ceil(x), rounded(x), sign(x), step(x), x // 2.0]
    for made in steps:
        y = named(made + x, "y")
        y.backward()
        (wire,) = (w for w in snapshot(y).wires if w.local is None)
        assert wire.is_flat
        dot = draw(y, style="circuit").dot
        assert "not taken" not in dot
        assert "local" in runs_of(dot)
        assert "not taken" not in draw(y).dot
        said = [run.text for s in tell(snapshot(y)).steps for g in s.groups for line in g for run in line]
        assert not any("not taken" in text for text in said)
    y = named(relu(-x) + x, "y")
    y.backward()
    (wire,) = (w for w in snapshot(y).wires if w.local is None)
    assert not wire.is_flat
    assert "not taken" in draw(y, style="circuit").dot


def test_to_look_for_a_step_warns_of_nothing() -> None:
    odd = primitive(
        "odd_selection", lambda x: x, [lambda x, z: sqrt(x - 2.0)], "for this test", piecewise=True,
        domain=(2.0, 9.0), replace=True,
    )  # fmt: skip
    y = named(odd(Value(2.0, "x")), "y")
    y.backward()
    (wire,) = snapshot(y).wires
    assert wire.local is None
    assert not wire.is_flat


def test_an_operation_that_changes_nothing_is_shown() -> None:
    x = Value(2.0, "x")
    for made, expected in ((x * 1, "x·1"), (1 * x, "1·x"), (x / 1, "x/1"), (x + 0, "x + 0")):
        assert snapshot(made).nodes[-1].expression == expected
