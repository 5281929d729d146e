"""Strategies for users: what they draw lies where they say, prints short, and finds planted faults."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import TABLE, Primitive, Value, errstate, gradcheck, primitive, value_and_grad
from autograd_lite.core.primitive import Operand
from autograd_lite.testing import (
    PACKAGED,
    Recipe,
    apply_row,
    circuits,
    inputs,
    operands,
    programs,
    rows,
    values,
    within,
)


def session(recipe: Recipe) -> Any:
    """What the printed recipe gives when it is pasted after an import of its names."""
    namespace = {name: getattr(autograd_lite, name) for name in ("Value", *PACKAGED)}
    *statements, expression = str(recipe).split("; ")
    exec("; ".join(statements), namespace)
    return eval(expression, namespace)


@given(circuits() | rows())
def test_what_is_printed_runs_and_is_the_same_circuit(recipe: Recipe) -> None:
    with errstate("ignore"):
        pasted, made = session(recipe), recipe(*values(recipe))
        pasted.backward()
        made.backward()
    ours, theirs = (
        [(v.data, v.op, v.grad) for v in autograd_lite.circuit(root) if v.op] for root in (made, pasted)
    )
    assert ours == theirs


def test_recipes_print_short() -> None:
    recipe = Recipe((1.5, 2.0), (("mul", (0, 1)), ("sum", (2, 0, 2)), ("neg", (3,)), ("sin", (4,))))
    assert str(recipe) == "x0, x1 = Value(1.5), Value(2.0); v0 = x0 * x1; sin(-sum([v0, x0, v0]))"
    assert repr(Recipe((1.0,), (("softmax", (0, 0, 1.0)),))) == "x0 = Value(1.0); softmax([x0, x0], 1)"
    assert str(Recipe((1.0,), (("dot", (0, 0, 0)),))) == "x0 = Value(1.0); dot([x0], [x0], x0)"
    pruned = Recipe((1.0, 2.0, 3.0), (("sin", (0,)), ("exp", (2,)))).pruned()
    assert pruned == Recipe((3.0,), (("exp", (0,)),))
    assert len(Recipe((1.0, 2.0, 3.0), (("exp", (2,)),)).pruned(min_inputs=2).inputs) == 2


def operands_of(recipe: Recipe, xs: Any) -> Iterator[tuple[Primitive, list[float], float]]:
    seen = []

    def apply(name: str, given_: list[float]) -> float:
        seen.append((TABLE[name], given_, TABLE[name].ieee_value(given_)))
        return seen[-1][2]

    recipe(*xs, apply=apply)
    yield from seen


@given(circuits(magnitude=3.0))
def test_magnitude_bounds_every_number(recipe: Recipe) -> None:
    assert all(abs(x) <= 3.0 for x in recipe.inputs)
    assert all(abs(z) <= 3.0 for _, _, z in operands_of(recipe, recipe.inputs))


@given(circuits(min_inputs=2, max_inputs=3), st.data())
def test_circuits_and_other_inputs_stay_inside_the_domains(recipe: Recipe, data: Any) -> None:
    assert 2 <= len(recipe.inputs) <= 3
    for xs in (recipe.inputs, data.draw(inputs(recipe))):
        assert all(within(row, given_) for row, given_, _ in operands_of(recipe, xs))
        assert recipe.is_smooth_at(xs)


def test_other_inputs_are_other_inputs() -> None:
    recipe = Recipe((1.5,), (("log", (0,)),))
    assert find(inputs(recipe), lambda xs: abs(xs[0] - 1.5) > 1.0)


@given(rows())
def test_rows_lie_in_their_domain(recipe: Recipe) -> None:
    ((name, step),) = recipe.steps
    row = TABLE[name]
    numbers = [recipe.inputs[p] if isinstance(p, int) else p for p in step]
    assert all(low <= x <= high for x, (low, high) in zip(numbers, row.domain * 9, strict=False))
    with errstate("ignore"):
        assert isinstance(apply_row(row, numbers), float)


def test_circuits_grow_from_every_row() -> None:
    """An operand of any number, an index and an order among them."""
    grown: set[str] = set()

    @given(st.data())
    @settings(max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck))
    def grow(data: Any) -> None:
        for name in PACKAGED:
            recipe = data.draw(circuits(rows=[name], max_steps=3))
            grown.update(row for row, _ in recipe.steps)

    grow()
    assert grown >= set(PACKAGED)


def test_a_row_is_tried_over_its_whole_domain() -> None:
    low, high = TABLE["exp"].domain[0]
    near = (high - low) * 1e-9
    wanted: list[Callable[[float], bool]] = [
        lambda x: x < low + near,
        lambda x: high - near < x,
        lambda x: 0 < x < 1e-9,
    ]
    for condition in wanted:
        assert find(operands(TABLE["exp"]).map(lambda xs: xs[0]), condition)


@pytest.fixture
def faulty() -> Iterator[Any]:
    """Registers rows that are right but for a part of their domain."""
    made: list[Primitive] = []

    def register(low: float, high: float, domain: tuple[float, float]) -> Primitive:
        def factor(x: Any) -> float:
            return 1.01 if low < getattr(x, "data", x) < high else 1.0

        made.append(
            primitive(
                f"faulty_{len(made)}",
                lambda x: math.exp(x / 20.0),
                [lambda x, z: z / 20.0 * factor(x)],
                "exp(x/20), with a rule that is wrong somewhere",
                domain=domain,
            )
        )
        return made[-1]

    yield register
    for row in made:
        del TABLE[row.name]
        delattr(Operand, row.name)


def is_wrong(recipe: Recipe) -> bool:
    """Whether a derivative is off by more than a plain difference is."""
    xs, h = recipe.inputs, 1e-6
    slopes = autograd_lite.grad(recipe, tuple(range(len(xs))))(*xs)
    moved = [[recipe(*xs[:i], x + step, *xs[i + 1 :]) for step in (h, -h)] for i, x in enumerate(xs)]
    differences = [(above - below) / (2 * h) for above, below in moved]
    return any(abs(d - s) > 1e-3 * abs(s) + 1e-7 for d, s in zip(differences, slopes, strict=True))


@pytest.mark.parametrize(
    ("strategy", "low", "high", "domain"),
    [
        ("circuits", 7.0, 8.0, (-8.0, 8.0)),  # where a bound on results used to leave it out
        ("circuits", 60.0, 70.0, (50.0, 100.0)),
        ("rows", 7.9, 8.0, (-8.0, 8.0)),
        ("rows", -95.0, -90.0, (-100.0, -1.0)),
    ],
)
def test_a_wrong_rule_deep_inside_the_domain_is_tried(
    strategy: str, low: float, high: float, domain: tuple[float, float], faulty: Any
) -> None:
    row = faulty(low, high, domain)
    grown = circuits(rows=[row.name, "sin", "add"], max_steps=4)
    found = find(
        grown if strategy == "circuits" else rows([row.name]),
        is_wrong,
        settings=settings(
            max_examples=2000, database=None, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert row.name in str(found)
    assert len(str(found)) < 60  # it shrinks to the row, once or twice
    assert low < found.inputs[0] < high
    assert not gradcheck(row, found.inputs, raise_exception=False).ok


def test_a_right_row_is_found_right(faulty: Any) -> None:
    row = faulty(1.0, -1.0, (-8.0, 8.0))

    @given(rows([row.name]))
    @settings(max_examples=20, database=None)
    def right(recipe: Recipe) -> None:
        assert gradcheck(recipe, recipe.inputs)

    right()


@given(programs(engines=("python", "numpy"), max_steps=6))
def test_programs_are_their_recipes(recorded: Any) -> None:
    recipe, program = recorded.recipe, recorded.program
    with errstate("ignore"):
        value, slopes = value_and_grad(recipe, tuple(range(len(recipe.inputs))))(*recipe.inputs)
        found, gradient = program.value_and_grad(*recipe.inputs, argnums=range(len(recipe.inputs)))
    assert found == pytest.approx(value, rel=1e-12)
    assert gradient == pytest.approx(slopes, rel=1e-9, abs=1e-12 * max(map(abs, slopes)))
    assert str(recipe) in repr(recorded)
    assert recorded.engine in repr(recorded)


def test_named_values() -> None:
    assert [v.name for v in values(Recipe((1.0, 2.0), ()))] == ["x0", "x1"]
    assert isinstance(values(Recipe((1.0,), ()))[0], Value)


@pytest.mark.parametrize("strategy", [rows, circuits])
def test_a_name_of_no_row_is_told(strategy: Any) -> None:
    with pytest.raises(LookupError, match="nosuchrow"):
        find(strategy(rows=["nosuchrow"]) if strategy is circuits else strategy(["nosuchrow"]), bool)
