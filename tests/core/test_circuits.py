"""Random circuits: reverse mode, forward mode and a high-precision reference agree."""

from __future__ import annotations

import copy
import pickle
from itertools import count
from typing import Any

import mpmath
import pytest
from hypothesis import given, note, target
from hypothesis import strategies as st

from autograd_lite import Value, circuit, gradients, jvp
from autograd_lite.testing import Recipe, circuits, values

from ..support.references import REFERENCES

UNIT = 2.0**-53


def swept(recipe: Recipe, seed: float = 1.0) -> tuple[Value, list[Value]]:
    xs = values(recipe)
    y = recipe(*xs)
    y.backward(seed)
    return y, xs


def precise(recipe: Recipe, xs: list[Any], noise: dict[int, Any] | None = None) -> Any:
    """The recipe in mpmath, each result shifted by ``noise`` relative to itself."""
    step = count()

    def apply(name: str, operands: list[Any]) -> Any:
        k, z = next(step), REFERENCES[name](*operands)
        return z * (1 + noise[k]) if noise else z

    return recipe(*xs, apply=apply)


@given(circuits())
def test_reverse_and_forward_agree(recipe: Recipe) -> None:
    y, xs = swept(recipe)
    scale = max(1e-300, *(abs(x.grad) for x in xs))
    for i, x in enumerate(xs):
        tangents = tuple(float(i == j) for j in range(len(xs)))
        value, tangent = jvp(lambda *zs: recipe(*zs) + 0.0 * zs[0], recipe.inputs, tangents)
        assert value == y.data
        condition = sum(abs(v.grad * v.data) for v in circuit(y)) + scale
        assert tangent == pytest.approx(x.grad, rel=1e-9, abs=1e-12 * condition)


@given(circuits(max_steps=8), st.randoms(use_true_random=False))
def test_gradients_against_high_precision(recipe: Recipe, random: Any) -> None:
    y, xs = swept(recipe)
    note(str(recipe))
    with mpmath.workdps(60):
        exact = [mpmath.mpf(x) for x in recipe.inputs]
        for i, x in enumerate(xs):

            def along(t: Any, i: int = i, noise: Any = None) -> Any:
                return precise(recipe, [*exact[:i], t, *exact[i + 1 :]], noise)

            def slope(noise: Any = None, i: int = i) -> Any:
                h = mpmath.mpf(10) ** -20
                return (along(exact[i] + h, noise=noise) - along(exact[i] - h, noise=noise)) / (2 * h)

            truth = slope()
            spread = mpmath.mpf(0)
            for _ in range(3):
                noise = {k: UNIT * random.uniform(-1, 1) for k in range(len(recipe.steps))}
                spread = max(spread, abs(slope(noise) - truth))
            largest = max(abs(v.grad) for v in circuit(y))
            tolerance = 256 * spread + 64 * UNIT * largest
            error = abs(x.grad - truth)
            target(float(error / tolerance) if tolerance else 0.0, label=f"input {i}")
            assert error <= tolerance, f"{float(error)} against {float(tolerance)}"


@given(circuits())
def test_sweeps_are_linear_and_add_up(recipe: Recipe) -> None:
    y, xs = swept(recipe)
    once = [v.grad for v in circuit(y)]
    y.backward()
    assert [v.grad for v in circuit(y)] == [2 * g for g in once]
    _, doubled = swept(recipe, seed=2.0)
    assert [x.grad for x in doubled] == [x.grad for x in xs]


@given(circuits(min_inputs=2))
def test_symbolic_gradients_equal_the_sweep(recipe: Recipe) -> None:
    y, xs = swept(recipe)
    largest = max(abs(v.grad) for v in circuit(y))
    for symbolic, x in zip(gradients(y, xs), xs, strict=True):
        assert symbolic.data == pytest.approx(x.grad, rel=1e-9, abs=1e-12 * largest)


@given(circuits(max_steps=6))
def test_a_copy_is_the_same_circuit(recipe: Recipe) -> None:
    y, _ = swept(recipe)
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        ours, theirs = circuit(y), circuit(twin)
        assert [(v.data, v.grad, v.op, v.name, v.local_grads) for v in ours] == [
            (v.data, v.grad, v.op, v.name, v.local_grads) for v in theirs
        ]
        index = {v: i for i, v in enumerate(ours)}
        again = {v: i for i, v in enumerate(theirs)}
        assert [[index[p] for p in v.parents] for v in ours] == [
            [again[p] for p in v.parents] for v in theirs
        ]


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0), st.integers(0)), max_size=25))
def test_small_integers_are_exact(program: list[tuple[str, int, int]]) -> None:
    def run(x: Any, y: Any) -> Any:
        results = [x, y]
        for sign, i, j in program:
            a, b = results[i % len(results)], results[j % len(results)]
            z = a + b if sign == "+" else a - b if sign == "-" else a * b
            results.append(z if abs(getattr(z, "data", z)) < 2**20 else a)
        return results[-1]

    class Dual:
        def __init__(self, data: int, dx: int) -> None:
            self.data, self.dx = data, dx

        def __add__(self, o: Dual) -> Dual:
            return Dual(self.data + o.data, self.dx + o.dx)

        def __sub__(self, o: Dual) -> Dual:
            return Dual(self.data - o.data, self.dx - o.dx)

        def __mul__(self, o: Dual) -> Dual:
            return Dual(self.data * o.data, self.dx * o.data + self.data * o.dx)

        def __abs__(self) -> Dual:
            return self if self.data >= 0 else Dual(-self.data, -self.dx)

    x, y = Value(3.0), Value(-2.0)
    run(x, y).backward()
    for dx, node in (((1, 0), x), ((0, 1), y)):
        exact = run(Dual(3, dx[0]), Dual(-2, dx[1])).dx
        if abs(exact) < 2**50:
            assert node.grad == exact
