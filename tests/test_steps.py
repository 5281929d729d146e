"""The sweep told as events: the events are the sweep."""

import math
import random
from collections import defaultdict
from collections.abc import Callable

import pytest

from autograd_lite import Constant, Value, circuit, cos, dot, maximum, relu, sin, tanh
from autograd_lite.steps import Addition, additions, backward_steps, forward_steps


def grown(seed: int, size: int = 40) -> Value:
    """A random circuit with shared nodes, repeated operands, constants and an n-ary operation."""
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(4)]
    for _ in range(size):
        a, b = rng.choice(nodes), rng.choice(nodes)
        made: list[Callable[[Value, Value], Value]] = [
            lambda a, b: a + b,
            lambda a, b: a * b,
            lambda a, b: sin(a),
            lambda a, b: tanh(a - b),
            lambda a, b: 3.0 * a,
            lambda a, b: a * a,
            lambda a, b: dot([a, b], [b, nodes[0]]),
            lambda a, b: maximum(a, b),
            lambda a, b: relu(a) + b / 2,
        ]
        nodes.append(rng.choice(made)(a, b))
    return nodes[-1] + nodes[-2]


@pytest.mark.parametrize("seed", range(30))
def test_the_totals_are_the_gradients(seed: int) -> None:
    root = grown(seed)
    last = {step.parent: step.total for step in backward_steps(root)}
    summed: dict[Value, list[float]] = defaultdict(list)
    for step in backward_steps(root):
        summed[step.parent].append(step.contribution)
    root.backward()
    for node in circuit(root):
        if node is not root and not node.is_constant:
            assert last.get(node, 0.0) == node.grad
            scale = sum(map(abs, summed[node]))
            assert math.isclose(math.fsum(summed[node]), node.grad, abs_tol=1e-14 * scale)


@pytest.mark.parametrize("seed", range(30))
def test_an_upstream_is_final_when_it_is_used(seed: int) -> None:
    root = grown(seed)
    used: dict[Value, float] = {}
    for step in backward_steps(root, 2.0):
        assert step.parent not in used
        assert used.setdefault(step.node, step.upstream) == step.upstream
    assert used[root] == 2.0


@pytest.mark.parametrize("seed", range(30))
def test_a_step_adds_up(seed: int) -> None:
    root = grown(seed)
    before: dict[Value, tuple[float, int]] = {}
    for step in backward_steps(root):
        total, paths = before.get(step.parent, (0.0, 0))
        assert (step.before, step.path) == (total, paths + 1)
        assert step.contribution == step.local * step.upstream
        assert step.total == step.before + step.contribution
        assert step.node.parents[step.position] is step.parent
        assert step.node.local_grads[step.position] == step.local
        before[step.parent] = step.total, step.path


def test_the_order_is_that_of_the_lecture() -> None:
    x = Value(1.0, "x")
    t = x**2
    u1, u2 = sin(t), 3 * t
    u = u1 + u2
    J = cos(u)
    steps = list(backward_steps(J))
    wires = [(step.node, step.parent) for step in steps]
    assert wires == [(J, u), (u, u1), (u, u2), (u1, t), (u2, t), (t, x)]
    assert round(steps[-1].total, 6) == 4.560792
    assert [step.node for step in forward_steps(J)] == [t, u1, u2, u, J]


def test_nothing_is_written_to_the_circuit() -> None:
    root = grown(1)
    before = [repr(node) for node in circuit(root)]
    list(backward_steps(root)), list(forward_steps(root))
    assert [repr(node) for node in circuit(root)] == before
    assert not any(node.swept for node in circuit(root))


def test_an_operand_used_twice_is_two_steps() -> None:
    x = Value(3.0)
    first, second = backward_steps(x * x)
    assert (first.position, second.position) == (0, 1)
    assert (first.total, second.total, second.path) == (3.0, 6.0, 2)


def test_no_step_where_no_gradient_flows() -> None:
    x = Value(-1.0)
    assert list(backward_steps(relu(x * x * x))) == []
    assert [step.parent for step in backward_steps(2.0 * x + Constant(1.0, "c"))][1:] == [x]
    assert list(backward_steps(Constant(2.0))) == []
    assert list(backward_steps(x)) == []


def test_forward_steps_are_what_was_computed() -> None:
    root = grown(2)
    steps = list(forward_steps(root))
    for step in steps:
        assert step.node.op is not None
        assert step.node.op.value(*(p.data for p in step.operands)) == step.value
        assert len(step.operands) == len(step.locals)
    assert [step.node for step in steps] == [v for v in circuit(root) if v.op is not None]


def test_a_deep_chain_and_a_wide_sum() -> None:
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    assert sum(1 for _ in backward_steps(y)) == sum(1 for _ in forward_steps(y)) == 50_000


def test_steps_are_told_as_they_are_asked_for() -> None:
    step = next(backward_steps(grown(3)))
    assert isinstance(step, Addition)
    with pytest.raises(AttributeError):
        step.total = 1.0  # type: ignore[misc]


def test_a_seed_that_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match="seed"):
        list(backward_steps(Value(1.0), "1"))  # type: ignore[arg-type]


def test_a_sweep_over_any_graph() -> None:
    below = {"f": [(0, "q", -4.0), (1, "z", 3.0)], "q": [(0, "x", 1.0), (1, "x", 2.0)]}
    order = ["f", "q", "unreached", "z", "x"]

    def wires(node: str) -> list[tuple[int, str, float]]:
        assert node != "unreached"
        return below.get(node, [])

    found = list(additions("f", 1.0, order, wires))
    assert [(step.parent, step.before, step.total, step.path) for step in found] == [
        ("q", 0.0, -4.0, 1),
        ("z", 0.0, 3.0, 1),
        ("x", 0.0, -4.0, 1),
        ("x", -4.0, -12.0, 2),
    ]
    # Where a path to q is missing, its known gradient counts.
    known = list(additions("f", 1.0, order, wires, {"q": 10.0}))
    assert [step.contribution for step in known] == [-4.0, 3.0, 10.0, 20.0]


def test_no_step_below_what_the_sweep_does_not_reach() -> None:
    x = Value(-1.0)
    hidden = sin(x)
    y = relu(hidden) + 2 * x
    assert {step.node for step in backward_steps(y)}.isdisjoint({hidden})
