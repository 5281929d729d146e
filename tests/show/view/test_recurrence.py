"""Time steps of which the last is drawn."""

from collections.abc import Callable

import pytest

from autograd_lite import Constant, Value, circuit, dot, parameter, sigmoid, sin, tanh
from autograd_lite import sum as total
from autograd_lite.show import draw, play, table
from autograd_lite.show.view.view import View

from ...support.kinds import batch, named, recurrent


def lstm(steps: int) -> Value:
    """The summed error of a long short-term memory, with a loss at each step."""
    weights = {
        k: [parameter(0.1 * i - 0.2, f"{n}_{k}") for i, n in enumerate("wub")] for k in ("f", "i", "g", "o")
    }
    h: Value = Constant(0.0, "h0")
    c: Value = Constant(0.5, "c0")
    parts = []
    for t in range(1, steps + 1):
        x, made = Value(0.3 * t - 1, f"x{t}"), {}
        for k, (w, u, b) in weights.items():
            made[k] = named((tanh if k == "g" else sigmoid)(w * x + u * h + b), f"{k}{t}")
        c = named(made["f"] * c + made["i"] * made["g"], f"c{t}")
        h = named(made["o"] * tanh(c), f"h{t}")
        parts.append(named((h - 0.1 * t) ** 2, f"l{t}"))
    return named(total(parts), "E")


def elman(steps: int, units: int = 2) -> Value:
    """A recurrent layer of several units that all read each other, with one result at the end."""
    W = [[parameter(0.3 * (i - j) + 0.1, f"w{i}{j}") for j in range(units)] for i in range(units)]
    U, v = ([parameter(0.2 * i + 0.1, f"{n}{i}") for i in range(units)] for n in "uv")
    h: list[Value] = [Constant(0.0, f"h{i}_0") for i in range(units)]
    for t in range(1, steps + 1):
        x = Value(0.3 * t - 1, f"x{t}")
        h = [named(tanh(dot([*W[i], U[i]], [*h, x])), f"h{i}_{t}") for i in range(units)]
    return named((dot(v, h) - 1.0) ** 2, "L")


def rolled(root: Value, **options: object) -> View:
    root.backward()
    return draw(root, "network", **options).view  # type: ignore[arg-type]  # options by name


def rounds(view: View) -> list[tuple[str, str]]:
    return [(view.nodes[result].label, view.nodes[before].label) for result, before in view.rounds]


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (recurrent, [("h₉", "h₈")]),
        (lstm, [("h₉", "h₈"), ("c₉", "c₈")]),
        (elman, [("h0_9", "h0_8"), ("h1_9", "h1_8")]),
    ],
)
def test_of_many_equal_steps_the_last_is_drawn(
    make: Callable[[int], Value], found: list[tuple[str, str]]
) -> None:
    root = make(9)
    view = rolled(root)
    assert sorted(rounds(view)) == sorted(found)
    numbers = {(node.data, None if node.is_constant else node.grad) for node in circuit(root)}
    assert all((node.value, node.grad) in numbers for node in view.nodes)
    parameters = sorted(p.grad for p in circuit(root) if p.is_parameter)
    assert sorted(node.grad or 0.0 for node in view.nodes if node.kind == "param") == parameters
    assert max(node.copies for node in view.nodes) == 9
    assert "0" in next(text for text in view.captions if "9 equal steps" in text)


@pytest.mark.parametrize(
    ("steps", "plates", "drawn"), [(5, None, 5), (5, True, 1), (9, None, 1), (9, False, 9)]
)
def test_how_many_steps_are_drawn_can_be_chosen(steps: int, plates: bool | None, drawn: int) -> None:
    view = rolled(recurrent(steps), plates=plates)
    assert sum(node.label.startswith("x") for node in view.nodes) == drawn


def odd_steps(odd: int) -> Value:
    """Nine steps of which one has an operation of its own."""
    w, u, b = parameter(0.5, "w"), parameter(-0.3, "u"), parameter(0.1, "b")
    h: Value = Constant(0.0, "h0")
    for t in range(1, 10):
        h = tanh(w * h + u * Value(0.1 * t, f"x{t}") + b)
        h = named(sin(h) if t == odd else h, f"h{t}")
    return named(h**2, "L")


@pytest.mark.parametrize("odd", [1, 4, 8])
def test_steps_that_differ_are_not_folded(odd: int) -> None:
    assert not rolled(odd_steps(odd)).rounds
    assert rolled(odd_steps(0)).rounds


def test_samples_are_no_steps() -> None:
    assert not rolled(batch(4), plates=False).rounds
    assert not rolled(batch(9)).rounds


def test_a_step_that_is_asked_for_is_drawn() -> None:
    root = recurrent(9)
    third = next(node for node in circuit(root) if node.name == "h3")
    view = rolled(root, highlight=[third, root])
    assert "h₃" in [node.label for node in view.nodes]
    assert not view.rounds


def test_what_comes_from_the_step_before_is_an_input_of_tables_and_pages() -> None:
    root = recurrent(9)
    root.backward()
    before = next(line for line in str(table(root, plates=True)).split("\n") if line.startswith("inputs"))
    assert "h₈ = " in before
    steps = play(root, style="network").steps
    assert [step.title for step in steps if "h₈ =" in step.title] == []
    assert len(steps) == 1 + 1 + 3 + 1 + 3 + 1  # blank, inputs, three operations, the seed, back, the end
