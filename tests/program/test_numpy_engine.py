"""The engine on NumPy: blocks of every size, quick calls, sums as products, calls inside calls."""

import threading
from typing import Any

import numpy as np
import pytest

from autograd_lite import dot, primitive, relu, tanh, value_and_grad
from autograd_lite.program import record
from autograd_lite.program.arrays import Arrays


def network(w: Any, v: Any, x: Any, label: Any) -> Any:
    """A layer with biases beside its weights, and one output: sums along every axis."""
    hidden = [relu(dot(list(row[:-1]), list(x), row[-1])) for row in w]
    return relu(1.0 - label * (dot(list(v), hidden) + sum(w[:, 0]))) + tanh(hidden[0]) * hidden[1]


random = np.random.default_rng(11)
W, V = random.normal(size=(4, 4)), random.normal(size=4)
X, LABELS = random.normal(size=(700, 3)), np.where(np.arange(700) % 2, 1.0, -1.0)
EXAMPLE = (W, V, X[0], 1.0)


def expected(count: int) -> tuple[float, Any, Any]:
    each = [value_and_grad(network, (0, 1))(W, V, X[s], LABELS[s]) for s in range(count)]
    slopes = [np.mean([slope[i] for _, slope in each], axis=0) for i in (0, 1)]
    return float(np.mean([value for value, _ in each])), *slopes


def test_blocks_of_every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Arrays, "most_lanes", lambda plan: 64)
    batch = record(network, *EXAMPLE, engine="numpy", verify=False).batch((None, None, 0, 0))
    for count in (5, 130, 1, 64, 65, 3, 17, 31, 2, 9, 130):  # more sizes than have views at a time
        value, *slopes = expected(count)
        for _ in range(2):  # the first call goes the general way
            found, (w, v) = batch.value_and_grad(W, V, X[:count], LABELS[:count], argnums=(0, 1))
            assert found == pytest.approx(value, rel=1e-13)
            assert np.allclose(w, slopes[0], rtol=1e-11, atol=1e-13)
            assert np.allclose(v, slopes[1], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("axes", [(None, None, 0, 0), (None, None, 1, 0), (None, None, -1, 0)])
@pytest.mark.parametrize("reduce", ["mean", "sum", None])
def test_quick_calls_give_what_the_first_call_gave(axes: Any, reduce: Any) -> None:
    batch = record(network, *EXAMPLE, engine="numpy", verify=False).batch(axes, reduce)
    args = (W, V, X[:7] if axes[2] == 0 else X[:7].T, LABELS[:7])
    for argnums in (0, 2, 3):
        first, again = (batch.value_and_grad(*args, argnums=argnums) for _ in range(2))
        assert batch._quick[argnums] is not None
        assert np.array_equal(first[0], again[0]) or np.allclose(first[0], again[0], rtol=1e-15)
        assert np.allclose(first[1], again[1], rtol=1e-14, atol=0)
        assert np.shape(first[1]) == np.shape(again[1])
        room = np.empty_like(first[1])
        assert batch.value_and_grad(*args, argnums=argnums, out=(None, room))[1] is room
        assert np.allclose(room, first[1], rtol=1e-14, atol=0)
    assert np.allclose(batch(*args), first[0], rtol=1e-15)
    assert np.allclose(batch(*args), first[0], rtol=1e-15)


def test_quick_calls_refuse_what_has_to_be_looked_at() -> None:
    batch = record(network, *EXAMPLE, engine="numpy", verify=False).batch((None, None, 0, 0))
    args = (W.copy(), V, X[:7], LABELS[:7])
    value, slopes = batch.value_and_grad(*args)
    for other in (
        (W.tolist(), V, X[:7], LABELS[:7]),
        (W, V, X[:7].astype(object).tolist(), LABELS[:7].astype(int)),
        (W, V, np.asfortranarray(X[:7]), LABELS[:14:2] * 0 + LABELS[:7]),
        (W, V, X[:14:2] * 0 + X[:7], LABELS[:7].astype(">f8")),
    ):
        found = batch.value_and_grad(*other)
        assert found[0] == pytest.approx(value, rel=1e-15)
        assert np.allclose(found[1], slopes, rtol=1e-14)
    with pytest.raises(ValueError, match="shares memory"):
        batch.value_and_grad(*args, out=(None, args[0]))
    assert np.array_equal(args[0], W)
    with pytest.raises(ValueError, match="shape"):
        batch.value_and_grad(*args, out=(None, np.empty(4)))
    with pytest.raises(ValueError, match="numbers of samples"):
        batch.value_and_grad(W, V, X[:7], LABELS[:6])
    with pytest.raises(ValueError, match="no samples"):
        batch.value_and_grad(W, V, X[:0], LABELS[:0])
    assert np.isnan(batch.value_and_grad(W * np.nan, V, X[:7], LABELS[:7])[0])


@pytest.mark.parametrize("engine", ["numpy", "machine"])
def test_threads_take_turns(engine: str) -> None:
    if engine == "machine":
        pytest.importorskip("llvmlite")
    batch = record(network, *EXAMPLE, engine=engine, verify=False).batch((None, None, 0, 0))
    counts = (3, 60, 200)
    wanted = {count: batch.value_and_grad(W, V, X[:count], LABELS[:count]) for count in counts}
    wrong: list[Any] = []

    def work(count: int) -> None:
        for _ in range(25):
            value, slopes = batch.value_and_grad(W, V, X[:count], LABELS[:count])
            if value != wanted[count][0] or not np.array_equal(slopes, wanted[count][1]):
                wrong.append((count, value))

    threads = [threading.Thread(target=work, args=(count,)) for count in counts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong or all(abs(value - wanted[count][0]) < 1e-13 for count, value in wrong)


@pytest.mark.parametrize("engine", ["numpy", "machine"])
def test_a_row_may_call_the_program_that_calls_it(engine: str) -> None:
    if engine == "machine":
        pytest.importorskip("llvmlite")
    calls: list[Any] = []
    results: list[Any] = []

    def value(x: float) -> float:
        if calls:
            results.append(calls.pop()())
        return x * x

    row = primitive("squared_inside", value, [lambda x, z: 2.0 * x], "sq")
    program = record(lambda x: row(x) * 3.0 + x, 0.5, engine=engine, verify=False)
    batch = program.batch(0, "sum")
    samples = np.array([1.0, 2.0])
    assert batch(samples) == 18.0
    assert program(1.0) == 4.0
    calls += [lambda: batch(samples), lambda: batch.value_and_grad(samples)[1].tolist()]
    assert batch(samples) == 18.0  # a sample calls the gradient, and another the batch itself
    calls += [lambda: program(2.0)]
    assert program(1.0) == 4.0
    assert results == [18.0, [7.0, 13.0], 14.0]  # the innermost first
