"""Arithmetic of named constants is part of a picture: what a lecture is about does not fold away."""

from autograd_lite import Constant, Value, log, sigmoid
from autograd_lite.show import draw, play, table, tree
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import View, snapshot

from .cases import named


def log_loss(y: Constant) -> Value:
    a = named(sigmoid(Value(1.1, "z")), "a")
    loss = named(-(y * log(a) + (1 - y) * log(1 - a)), "L")
    loss.backward()
    return loss


def expressions(view: View) -> dict[str, tuple[str, str]]:
    return {n.label: (n.kind, n.expression) for n in view.nodes}


def test_one_minus_a_named_target_is_a_constant_node() -> None:
    loss = log_loss(Constant(1.0, "y"))
    view = snapshot(loss)
    found = expressions(view)
    assert found["y"] == ("const", "")
    (less,) = (name for name, what in found.items() if what == ("const", "1 − y"))
    (into,) = (w for w in view.wires if view.nodes[w.source].label == less)
    assert view.nodes[into.target].expression.startswith(f"{less}·")
    assert (into.local, into.contribution) == (None, None)
    (other,) = (w for w in view.incoming(into.target) if w is not into)
    assert (other.local_formula, other.local) == (less, 0.0)
    assert f"{less} = 1 − y" in table(loss)
    assert f"{less} = 1 − y" in tree(loss)
    assert "dashed" in draw(loss, "circuit").dot
    assert play(loss).steps


def test_folded_it_is_part_of_the_formula() -> None:
    view = snapshot(log_loss(Constant(0.0, "y")), Options(detail="named"))
    root = view.nodes[view.root]
    assert root.expression == "−(y·log(a) + (1 − y)·log(1 − a))"
    assert [w.local_formula for w in view.incoming(view.root) if w.local is not None] == [
        "−y/a",
        "(1 − y)/(1 − a)",
    ]


def test_a_name_by_mapping_counts_and_numbers_alone_stay_numbers() -> None:
    y, two = Constant(1.0), Constant(2.0) * 3
    root = Value(2.0, "x") * (1 - y) + two
    assert "1 − y" in {what for _, what in expressions(snapshot(root, Options(names={"y": y}))).values()}
    assert {kind for kind, _ in expressions(snapshot(root)).values()} == {"leaf", "op", "out"}


def test_what_a_named_constant_was_computed_from_is_not_drawn() -> None:
    pixel = Constant(51.0, "pixel")
    share = named(pixel / 255, "share")
    view = snapshot(Value(2.0, "w") * share)
    assert expressions(view) == {"w": ("leaf", ""), "share": ("const", ""), "v₁": ("out", "w·share")}
