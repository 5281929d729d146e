"""Batches in blocks: the same numbers as in one piece, one block held, nothing half done."""

import gc
import itertools
import os
import signal
import threading
import tracemalloc
import weakref
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, tanh
from autograd_lite.program import BranchChanged, record, streaming
from tests.support.search import examples

X, Y = np.random.default_rng(0).normal(size=(300, 2)), np.linspace(-1.0, 1.0, 300)
WEIGHTS = np.linspace(0.5, 2.0, 300)


def loss(w: Any, x: Any, y: Any) -> Any:
    return (tanh(w[0] * x[0] + w[1] * x[1]) - y) ** 2


def in_blocks(array: Any, cuts: list[int]) -> Iterator[Any]:
    for start, stop in zip([0, *cuts], [*cuts, len(array)], strict=True):
        yield array[start:stop]


def close(found: Any, expected: Any) -> bool:
    return all(np.allclose(a, b, rtol=1e-12) for a, b in zip(found, expected, strict=True))


@cache
def batch_of(engine: str, reduce: str | None) -> Any:
    return record(loss, [0.5, 0.25], [0.0, 0.0], 0.0, engine=engine).batch((None, 0, 0), reduce)


@pytest.mark.parametrize("engine", ["numpy", "machine"])
@pytest.mark.parametrize("reduce", ["mean", "sum", None])
@given(cuts=st.lists(st.integers(1, 299), unique=True, max_size=5).map(sorted), weigh=st.booleans())
@examples(8)
def test_blocks_are_the_whole(engine: str, reduce: Any, cuts: list[int], weigh: bool) -> None:
    batch = batch_of(engine, reduce)
    whole: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    if weigh and reduce is not None:
        whole, parts = {"weights": WEIGHTS}, {"weights": in_blocks(WEIGHTS, cuts)}
    w = [0.5, -0.25]
    value, slopes = batch.value_and_grad(w, X, Y, argnums=(0, 1, 2), **whole)
    found, more = batch.value_and_grad(
        w, in_blocks(X, cuts), in_blocks(Y, cuts), argnums=(0, 1, 2), **parts
    )
    assert np.allclose(found, value, rtol=1e-12)
    assert close(more[0], slopes[0])
    assert close(more[1], slopes[1])
    assert close([more[2]], [slopes[2]])
    again = batch(w, in_blocks(X, cuts), in_blocks(Y, cuts))
    assert np.allclose(again, batch(w, X, Y), rtol=1e-12)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of few samples."""
    monkeypatch.setattr(streaming, "_AT_A_TIME", 3)


def in_file(array: Any, file: Path) -> Any:
    found = np.memmap(file, mode="w+", shape=array.shape, dtype=array.dtype)
    found[...] = array
    return found


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_arrays_in_files_are_the_whole(tmp_path: Path, axis: int, dtype: Any) -> None:
    x = X.astype(dtype) if axis == 0 else X.T.astype(dtype)
    batch = record(loss, [0.5, 0.25], np.zeros(2), 0.0).batch((None, axis, 0))
    expected = batch.value_and_grad([0.5, -0.25], x, Y, weights=WEIGHTS)
    file = in_file(x, tmp_path / "x")
    for y in (Y, list(Y), in_file(Y, tmp_path / "y")):
        found = batch.value_and_grad([0.5, -0.25], file, y, weights=WEIGHTS)
        assert found[0] == pytest.approx(expected[0], rel=1e-12)
        assert close(found[1], expected[1])


@pytest.mark.usefixtures("small")
def test_structures_of_arrays_are_cut_at_every_number(tmp_path: Path) -> None:
    program = record(
        lambda p: loss(p["w"], p["xy"][0], p["xy"][1]), {"w": [0.5, 0.25], "xy": ([0.0, 0.0], 0.0)}
    )
    batch = program.batch([{"w": None, "xy": 0}], None)
    whole = batch({"w": [0.5, 1.0], "xy": (X, Y)})
    columns = [in_file(X[:, 0].copy(), tmp_path / "0"), X[:, 1]]
    assert np.allclose(batch({"w": [0.5, 1.0], "xy": (columns, Y)}), whole, rtol=1e-12)
    blocks = (
        {"w": [0.5, 1.0], "xy": (x, y)} for x, y in zip(in_blocks(X, [9]), in_blocks(Y, [9]), strict=True)
    )
    assert np.allclose(batch(blocks), whole, rtol=1e-12)


def test_one_block_is_held() -> None:
    held: list[Any] = []
    most = []

    class Array(np.ndarray[Any, Any]):
        pass

    def blocks() -> Iterator[Any]:
        for _ in range(10):
            block = np.ones((1000, 2)).view(Array)
            held.append(weakref.ref(block))
            yield block
            del block
            gc.collect()
            most.append(sum(ref() is not None for ref in held))

    batch = record(lambda x: x[0] * x[1], [0.5, 0.25]).batch(0)
    assert batch(blocks()) == 1.0
    assert max(most) == 0  # when the next is read


def test_a_file_larger_than_the_peak_of_memory(tmp_path: Path) -> None:
    file = np.memmap(tmp_path / "x", mode="w+", shape=(4_000_000,), dtype=float)
    batch = record(lambda w, x: w * x + w, 2.0, 1.0).batch((None, 0))
    batch(2.0, file[:100])
    tracemalloc.start()
    try:
        assert batch(2.0, file) == 2.0
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < file.nbytes / 1.5


def test_an_interruption_leaves_nothing_half_done() -> None:
    w = Value(2.0, "w")
    w.grad = 5.0

    def blocks() -> Iterator[Any]:
        yield np.ones(10)
        raise KeyboardInterrupt

    batch = record(lambda x: w * x, 1.0, parameters=[w]).batch(0, "sum")
    with pytest.raises(KeyboardInterrupt):
        batch.value_and_grad(blocks())
    assert w.grad == 5.0
    batch.value_and_grad(in_blocks(np.ones(10), [3]))
    assert w.grad == 15.0


@pytest.mark.usefixtures("small")
def test_ctrl_c_is_heard_between_blocks(tmp_path: Path) -> None:
    file = np.memmap(tmp_path / "x", mode="w+", shape=(2_000_000,), dtype=float)
    batch = record(lambda x: x * x, 1.0).batch(0)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        batch(itertools.repeat(file))  # it has no end
    timer.join()


def test_a_progress_bar_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    batch = record(lambda x: x * x, 1.0).batch(0)
    assert batch(np.ones(100), progress=True) == 1.0
    assert "100/100" in capsys.readouterr().err
    assert batch(in_blocks(np.ones(100), [30]), progress=True) == 1.0
    assert "100sample" in capsys.readouterr().err
    assert batch.grad(np.ones(2), progress=True).tolist() == [1.0, 1.0]


def test_what_does_not_fit_is_told() -> None:
    batch = record(loss, [0.5, 0.25], [0.0, 0.0], 0.0).batch((None, 0, 0))
    w = [0.5, 0.25]
    for args, message in (
        ((w, iter([X]), Y), "y must come in blocks"),
        ((w, iter([X, X]), iter([Y])), "y has fewer blocks"),
        ((w, iter([]), iter([])), "no blocks"),
        ((w, iter([X]), iter([Y[:9]])), "different numbers of samples"),
        ((w, iter([X[:0]]), iter([Y[:0]])), "no samples"),
        ((w, iter([X[0]]), iter([Y])), "x must have 2 axes"),
        ((w, X, Y[:9]), "different numbers of samples"),
        ((w, X[0], Y), "x must have 2 axes"),
    ):
        with pytest.raises(ValueError, match=message):
            batch(*args)
    for args in ((w, X, Y[:9]), (w, X[0], Y)):
        with pytest.raises(ValueError, match="different numbers of samples"):
            batch(*args, progress=True)
    with pytest.raises(ValueError, match="x must have 2 axes"):
        batch(w, Y, Y, progress=True)
    with pytest.raises(ValueError, match="weights must come in blocks"):
        batch(w, iter([X]), iter([Y]), weights=WEIGHTS)
    with pytest.raises(ValueError, match="the sum 0"):
        batch(w, iter([X[:2]]), iter([Y[:2]]), weights=iter([[1.0, -1.0]]))
    with pytest.raises(ValueError, match="weights need"):
        batch.program.batch((None, 0, 0), None)(w, iter([X]), iter([Y]), weights=iter([WEIGHTS]))
    guarded = record(lambda x: x if x > 0.0 else -x, 1.0).batch(0)
    with pytest.raises(BranchChanged, match="block 1, sample 1"):
        guarded(iter([[1.0], [1.0, -1.0]]))


@pytest.mark.parametrize("reduce", ["mean", None])
def test_huge_arrays_are_taken_piece_by_piece(reduce: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(1000, 2)), rng.normal(size=1000)
    found = []
    for huge in (streaming._HUGE, 0):
        monkeypatch.setattr(streaming, "_HUGE", huge)
        monkeypatch.setattr(streaming, "_AT_A_TIME", 256)
        batch = record(lambda x, y: (x[0] * x[1] - y) ** 2, np.ones(2), 1.0, verify=False).batch(0, reduce)
        found.append(batch.value_and_grad(X, y, argnums=(0, 1)))
    assert np.allclose(found[0][0], found[1][0], rtol=1e-14)
    for a, b in zip(found[0][1], found[1][1], strict=True):
        assert np.allclose(a, b, rtol=1e-14)
