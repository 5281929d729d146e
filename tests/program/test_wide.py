"""Wide matrices: their products are NumPy's, and the numbers are the eager engine's."""

from typing import Any

import numpy as np
import pytest

from autograd_lite import dot, tanh, value_and_grad
from autograd_lite.program import record
from tests.support.guards import guard_rows, guarded

pytest.importorskip("llvmlite")

from autograd_lite.program import machine
from autograd_lite.program.machine import Machine, wide
from autograd_lite.program.plan import Schedule


def network(weights: Any, biases: Any, xs: Any) -> Any:
    """Two layers, of which the second has no biases of its own, and a third of the first's weights."""
    first = [tanh(dot(list(row), xs, b)) for row, b in zip(weights[0], biases, strict=True)]
    second = [tanh(dot(list(row), first)) for row in weights[1]]
    third = [dot(list(row), second, 0.5) for row in weights[0]]
    return sum(x * x for x in third) * second[0]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every matrix is wide, and blocks are short."""
    monkeypatch.setattr(wide, "_WIDE", 2)
    monkeypatch.setattr(machine, "_WIDE_LANES", 16)


@pytest.mark.parametrize("wanted", [(0, 1, 2), (0,), (2,)])
def test_wide_products_give_the_numbers_of_the_eager_engine(wanted: Any) -> None:
    random = np.random.default_rng(5)
    weights, biases = random.normal(size=(2, 5, 5)), random.normal(size=5)
    samples = random.normal(size=(37, 5))
    program = record(network, weights, biases, samples[0], engine="machine", verify=False)
    batch, alone = (program.batch((None, None, 0), reduce) for reduce in ("sum", None))
    eager = [value_and_grad(network, wanted)(weights, biases, x) for x in samples]
    for count in (2, 16, 37, 37):  # what the run before leaves does not matter
        xs, each = samples[:count], eager[:count]
        value, slopes = batch.value_and_grad(weights, biases, xs, argnums=wanted)
        assert np.allclose(value, sum(v for v, _ in each), rtol=1e-13)
        for k, i in enumerate(wanted):
            found = [gradient[k] for _, gradient in each]
            assert np.allclose(slopes[k], found if i == 2 else sum(found), rtol=1e-12, atol=1e-12)
        assert np.allclose(alone(weights, biases, xs), [v for v, _ in each])


def test_wide_products_stay_inside_their_buffers() -> None:
    f = lambda w, b, xs: sum(tanh(dot(list(row), xs, c)) for row, c in zip(w, b, strict=True))  # noqa: E731
    recording = record(f, np.ones((4, 3)), np.ones(4), np.ones(3), verify=False).recording
    plan = Schedule(recording, [False] * 16 + [True] * 3, [True] * 16 + [False] * 3)
    code = Machine(plan, 16)
    guard_rows(code)
    for samples in (3, 16, 35):
        xs = guarded(3 * samples).reshape(3, samples)
        xs[:] = 0.25
        seeds, values = guarded(samples), guarded(samples)
        seeds[:] = 1.0
        shared, guard = code.run(np.full(16, 0.5), xs, seeds, values[None])
        assert guard == 0.0
        slope = 1.0 - np.tanh(0.875) ** 2
        assert np.allclose(values, 4.0 * np.tanh(0.875), rtol=1e-14)
        assert np.allclose(shared[:12], 0.25 * samples * slope, rtol=1e-13)
        assert np.allclose(shared[12:16], samples * slope, rtol=1e-13)


def test_an_error_inside_numpy_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    program = record(network, np.ones((2, 3, 3)), np.ones(3), np.ones(3), engine="machine", verify=False)

    def fails(*arrays: Any, **named: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(wide.np, "matmul", fails)  # type: ignore[attr-defined]  # it is NumPy
    with pytest.raises(MemoryError):
        program.batch((None, None, 0))(np.ones((2, 3, 3)), np.ones(3), np.ones((4, 3)))
