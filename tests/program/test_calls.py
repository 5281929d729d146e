"""Calls of compiled programs: arrays of every layout, results in the caller's arrays, threads, memory."""

import gc
import pickle
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("llvmlite")
from hypothesis import given  # noqa: E402 - NumPy may be missing
from hypothesis import strategies as st  # noqa: E402

from autograd_lite import Value  # noqa: E402
from autograd_lite.program import record  # noqa: E402
from autograd_lite.program.choosing import Choice  # noqa: E402
from autograd_lite.program.engines import Dense  # noqa: E402
from tests.support.guards import guarded  # noqa: E402
from tests.support.search import examples  # noqa: E402

PROGRAMS: dict[int, Any] = {}
BATCHES: dict[Any, Any] = {}


def f(w: Any, x: Any, y: Any) -> Any:
    return (w @ x) * y + sum(each * each for each in x)


def by_hand(w: Any, X: Any, y: Any) -> tuple[Any, tuple[Any, Any, Any]]:
    """The value and the derivatives of ``f`` at each sample; X has a row for each."""
    s = X @ w
    return s * y + (X * X).sum(1), (y[:, None] * X, y[:, None] * w + 2.0 * X, s)


def program_of(width: int) -> Any:
    if width not in PROGRAMS:
        examples = np.ones(width), np.ones(width), 1.0
        PROGRAMS[width] = record(f, *examples, engine="machine", verify=False)
    return PROGRAMS[width]


def batch_of(width: int, axis: int, reduce: str | None) -> Any:
    key = width, axis, reduce
    if key not in BATCHES:
        BATCHES[key] = program_of(width).batch((None, axis, 0), reduce=reduce)
    return BATCHES[key]


LAYOUTS = {
    "as it lies": lambda x: x,
    "by columns": np.asfortranarray,
    "every second": lambda x: np.repeat(np.repeat(x, 2, axis=0), 2, axis=-1)[::2, ::2],
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
}


@given(
    st.sampled_from([3, 19]),
    st.integers(1, 150),
    st.sampled_from([0, 1]),
    st.sampled_from(["mean", "sum", None]),
    st.sampled_from(list(LAYOUTS)),
    st.integers(0, 2),
    st.booleans(),
)
@examples(15)
def test_batches_of_every_layout(
    width: int, count: int, axis: int, reduce: str | None, layout: str, argnum: int, with_out: bool
) -> None:
    rng = np.random.default_rng([width, count])
    w, X, y = rng.normal(size=width), rng.normal(size=(count, width)), rng.normal(size=count)
    values, slopes = by_hand(w, X, y)
    value, slope = values, slopes[argnum]
    if reduce is not None:
        scale = 1.0 / count if reduce == "mean" else 1.0
        value = scale * values.sum()
        slope = scale * (slope.sum(0) if argnum == 0 else slope)
    batch = batch_of(width, axis, reduce)
    given_ = w, LAYOUTS[layout](X if axis == 0 else np.ascontiguousarray(X.T)), y
    out = (None if reduce else np.empty(count), np.empty(np.shape(slope))) if with_out else None
    for _ in range(2):  # the second call is the quick one
        found = batch.value_and_grad(*given_, argnums=argnum, out=out)
        assert np.allclose(found[0], value, rtol=1e-12, atol=1e-12)
        assert np.allclose(found[1], slope, rtol=1e-12, atol=1e-12)
        assert found[1].shape == slope.shape
        assert np.allclose(batch(*given_), value, rtol=1e-12, atol=1e-12)
        if out is not None:
            assert found[1] is out[1]
            assert reduce or found[0] is out[0]


@given(st.sampled_from([3, 19]), st.integers(1, 140), st.sampled_from([0, 1]))
@examples(10)
def test_calls_stay_inside_the_callers_arrays(width: int, count: int, axis: int) -> None:
    rng = np.random.default_rng([width, count])
    w, X, y = (guarded(n) for n in (width, width * count, count))
    values, each, slopes = (guarded(n) for n in (count, width * count, width))
    for array in (w, X, y):
        array[:] = rng.normal(size=len(array))
    samples = X.reshape((count, width) if axis == 0 else (width, count))
    rows = samples if axis == 0 else samples.T
    expected, (_, by_x, _) = by_hand(w, rows, y)
    for _ in range(2):
        batch = batch_of(width, axis, "mean")
        batch.value_and_grad(w, samples, y, out=(None, slopes))
        assert np.allclose(slopes, (y[:, None] * rows).mean(0))
        batch = batch_of(width, axis, None)
        batch.value_and_grad(w, samples, y, argnums=1, out=(values, each.reshape(count, width)))
        assert np.allclose(values, expected)
        assert np.allclose(each.reshape(count, width), by_x)


@pytest.mark.parametrize("engine", ["machine", "numpy", "python"])
def test_what_is_refused_is_told_and_nothing_is_written(engine: str) -> None:
    w, X, y = np.ones(3), np.ones((4, 3)), np.ones(4)
    program = record(f, w, X[0], 1.0, engine=engine, verify=False)
    batch = program.batch((None, 0, 0))
    read_only = np.zeros(3)
    read_only.flags.writeable = False
    shared = np.zeros(12)
    for _ in range(2):
        expected = batch.value_and_grad(w, X, y)
        program.value_and_grad(w, X[0], 1.0)
        bad = [np.zeros(4), np.zeros((3, 1)), np.zeros(3, np.float32), read_only, [0.0] * 3, w, X[0]]
        for out in bad:
            before = np.array(out)
            with pytest.raises((TypeError, ValueError)):
                batch.value_and_grad(w, X, y, out=(None, out))
            with pytest.raises((TypeError, ValueError)):
                program.value_and_grad(w, X[0], 1.0, out=(None, out))
            assert (np.array(out) == before).all()
        with pytest.raises((TypeError, ValueError)):
            batch.value_and_grad(w, X, y, argnums=(0, 1), out=(None, (shared[:3], shared[2:])))
        for out in (np.zeros(3), (None,), (np.zeros(1), np.zeros(3))):
            with pytest.raises((TypeError, ValueError)):
                batch.value_and_grad(w, X, y, out=out)
        for wrong in ((w[:2], X, y), (w, X[:, :2], y), (w, X, y[:3]), (w, X[:0], y[:0]), (w, X + 0j, y)):
            with pytest.raises((TypeError, ValueError)):
                batch.value_and_grad(*wrong)
        with pytest.raises(TypeError):
            batch.value_and_grad(w, X)
        # What is no array of floats is converted as ever
        for other in ((w.tolist(), X.tolist(), y.tolist()), (w, X.astype(np.float32), y.astype(int))):
            found = batch.value_and_grad(*other)
            assert found[0] == expected[0]
            assert np.allclose(found[1], expected[1])


@pytest.mark.parametrize("engine", ["machine", "numpy"])
def test_a_bare_call_looks_at_every_array_before_it_writes(engine: str) -> None:
    squares = record(lambda x: x @ x, np.ones(3), engine=engine, verify=False)
    call, x, value = squares.bare(), np.ones(3), np.full(1, 7.0)
    for slopes in (np.full(2, 7.0), np.full(4, 7.0), np.full((2, 3), 7.0)):
        for taken in ((x, slopes, value), (x, np.full(3, 7.0), np.full(2, 7.0))):
            with pytest.raises((TypeError, ValueError)):
                call(*taken)
            assert all((room == 7.0).all() for room in taken[1:])
    assert call(x, np.empty(3), value) == value[0] == 3.0


def test_what_is_no_array_of_floats_never_reaches_machine_code() -> None:
    call = record(lambda x: x @ x, np.ones(3), engine="machine", verify=False).bare()
    strange: list[Any] = [
        None, 1.0, 3, "abc", [1.0] * 3, object(), np.ndarray, np.float64(1.0), np.array(1.0), np.empty(0),
        np.empty((0, 3)), np.ones(3, ">f8"), np.ones(3, int), np.ones(3, np.float32), np.ones(3, complex),
        np.ones(3, object), np.ones(3, [("x", float)]), np.ones(3, "M8[s]"), np.array(["abc"] * 3),
        np.ones(6)[::2], np.ones(3)[::-1], np.broadcast_to(1.0, 3), memoryview(b"abc"),
        np.ones(3).view(type("Subclass", (np.ndarray,), {})),
        np.zeros(25, np.uint8)[1:].view(float), np.ma.masked_array([1.0] * 3, [True, False, False]),
    ]  # fmt: skip
    x, slopes, value = np.ones(3), np.full(3, 7.0), np.full(1, 7.0)
    for thing in strange:
        for given_ in ((thing, slopes, value), (x, thing, value), (x, slopes, thing)):
            if given_[2] is not None and not (given_[2] is thing and getattr(thing, "ndim", 1) == 0):
                with pytest.raises(TypeError, match="takes"):
                    call(*given_)
                assert slopes.tolist() == [7.0] * 3
                assert value == 7.0
    assert call(pickle.loads(pickle.dumps(x)), slopes, None) == 3.0
    assert slopes.tolist() == [2.0] * 3


@pytest.mark.parametrize("engine", ["machine", "numpy"])
def test_a_batch_looks_at_shared_and_varying_results_before_it_writes(engine: str) -> None:
    w, X, y = np.ones(3), np.ones((4, 3)), np.ones(4)
    batch = record(f, w, X[0], 1.0, engine=engine, verify=False).batch((None, 0, 0), reduce="sum")
    batch.value_and_grad(w, X, y, argnums=(0, 1))
    rooms = [np.full(3, 7.0), np.full((4, 3), 7.0), np.full(4, 7.0)]
    call = batch._engines[0, 1].engine.call
    for wrong in (0, 1, 2):
        for size in (2, 4, 9, 24):
            given = [np.full(size, 7.0) if i == wrong else room for i, room in enumerate(rooms)]
            if size != rooms[wrong].size:
                with pytest.raises((TypeError, ValueError)):
                    call(w, X, y, *given)
                assert all((room == 7.0).all() for room in given)


@pytest.mark.parametrize("engine", ["machine", "numpy", "python"])
def test_no_gradient_is_added_where_a_result_is_refused(engine: str) -> None:
    w = Value(2.0)
    program = record(lambda x: w * x @ x, np.ones(3), parameters=[w], engine=engine, verify=False)
    batch, room = program.batch(), np.full(2, 7.0)
    for _ in range(2):
        with pytest.raises(ValueError, match="shape"):
            program.grad(np.ones(3), out=room)
        with pytest.raises(ValueError, match="shape"):
            batch.grad(np.ones((4, 3)), out=room)
        with pytest.raises(ValueError, match="weights"):
            batch.grad(np.ones((4, 3)), weights=[1.0] * 3)
        assert w.grad == 0.0
        assert (room == 7.0).all()


def test_a_circuit_has_no_place_in_an_array() -> None:
    program, room = program_of(3), np.full((), 7.0)
    with pytest.raises(TypeError, match="out"):
        program(np.ones(3), np.ones(3), Value(1.0), out=room)
    assert room == 7.0


def test_results_go_where_the_caller_wants_them() -> None:
    program = program_of(3)
    w, x, y = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0]), 2.0
    slopes, others = np.empty(3), np.empty(6)[::2]  # the second is no contiguous array
    for _ in range(2):
        value, found = program.value_and_grad(w, x, y, out=(None, slopes))
        assert found is slopes
        assert slopes.tolist() == (y * x).tolist()
        assert program.grad(w, x, y, argnums=1, out=others) is others
        assert others.tolist() == (y * w + 2.0 * x).tolist()
        pair = program.value_and_grad(w, x, y, argnums=(2, 0), out=(None, (None, slopes)))
        assert pair[1][0] == w @ x
        assert pair[1][1] is slopes
        assert value == pair[0] == (w @ x) * y + x @ x
        several = program.batch((None, 0, 0)).grad(w, x[None], np.array([y]), argnums=[1, 0])
        assert several[0].tolist() == [(y * w + 2.0 * x).tolist()]
        assert several[1].tolist() == (y * x).tolist()
    squares = record(lambda x: x * x, x, engine="machine", verify=False)
    assert squares(x, out=slopes) is slopes
    assert slopes.tolist() == (x * x).tolist()


def test_an_array_for_one_number_is_filled_and_returned() -> None:
    program, slope, others = program_of(3), np.empty(()), np.empty(3)
    w, x = np.ones(3), np.arange(3.0)
    batch = program.batch((None, None, 0))
    for _ in range(2):
        assert program.grad(w, x, 2.0, argnums=2, out=slope) is slope
        assert slope == 3.0
        found = program.grad(w, x, 2.0, argnums=(2, 0), out=(slope, others))
        assert found[0] is slope
        assert found[1] is others
        assert batch.grad(w, x, np.array([2.0, 4.0]), argnums=2).tolist() == [1.5, 1.5]


def test_arrays_that_are_not_aligned_are_copied() -> None:
    program = record(lambda x: x @ x, np.ones(3), engine="machine")
    xs = np.zeros(8 * 6 + 1, np.uint8)[1:].view(float).reshape(2, 3)
    xs[:] = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    for _ in range(2):
        assert program.grad(xs[0]).tolist() == [2.0, 4.0, 6.0]
        assert program.batch(0, "sum").grad(xs).tolist() == [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]


@pytest.mark.parametrize("engine", ["python", "numpy"])
def test_every_engine_fills_the_callers_arrays(engine: str) -> None:
    program = record(f, np.ones(3), np.ones(3), 1.0, engine=engine, verify=False)
    slopes = np.empty(3)
    assert program.grad(np.ones(3), np.full(3, 2.0), 3.0, out=slopes).tolist() == [6.0] * 3
    batch = program.batch((None, 0, 0))
    assert batch.grad(np.ones(3), np.ones((2, 3)), np.array([1.0, 3.0]), out=slopes) is slopes
    assert slopes.tolist() == [2.0] * 3


def test_a_long_batch_is_run_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_lite.program import machine

    monkeypatch.setattr(machine, "_AT_ONCE", 1)
    batch = record(f, np.ones(3), np.ones(3), 1.0, engine="machine", verify=False).batch((None, 0, 0))
    rng = np.random.default_rng(0)
    w, X, y = rng.normal(size=3), rng.normal(size=(1000, 3)), rng.normal(size=1000)
    values, (slopes, *_) = by_hand(w, X, y)
    for _ in range(2):
        value, found = batch.value_and_grad(w, X, y)
        assert np.isclose(value, values.mean())
        assert np.allclose(found, slopes.mean(0))


def test_a_function_on_arrays_holds_them() -> None:
    import weakref

    recording = program_of(3).recording
    for engine in ("machine", "numpy"):
        arrays = [np.ones(shape) for shape in ((3,), (4, 10), (10,), (1, 10), (3,))]
        made = Dense(engine, recording, [False] * 3 + [True] * 4, [True] * 3 + [False] * 4).engine
        call = made.on(*arrays)
        assert call(0, 10) == 0.0
        assert arrays[-1].tolist() == [10.0] * 3
        alive = [weakref.ref(each) for each in arrays]
        del arrays
        gc.collect()
        assert all(each() is not None for each in alive)
        del call


def test_threads_have_rows_of_their_own() -> None:
    batch = program_of(19).batch((None, 0, 0))
    rng = np.random.default_rng(1)
    w, X, y = rng.normal(size=19), rng.normal(size=(60_000, 19)), rng.normal(size=60_000)
    expected = batch.value_and_grad(w, X, y)
    found: list[bool] = []

    def work(k: int) -> None:
        for _ in range(5):
            value, slopes = batch.value_and_grad(k * w, X, y)
            found.append(np.allclose(slopes, expected[1]) and np.isfinite(value))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20


def test_a_single_sample_that_is_called_back_has_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch may be a schedule, and one sample a tape, which leaves rare exponents to Python."""
    from autograd_lite.program.callbacks import quiet
    from autograd_lite.program.machine import rows

    def yielding(row: Any) -> Any:
        function = quiet(row)

        def called(*xs: float) -> float:
            time.sleep(1e-6)  # another thread goes on
            return function(*xs)

        return called

    monkeypatch.setattr(rows, "quiet", yielding)
    monkeypatch.setattr(Choice, "most", lambda choice, operations, samples=None: 10_000 if samples else 9)
    program = record(lambda x: sum(x ** (0.5 + 0.25 * k) for k in range(40)), 0.5, verify=False)
    batch = program.batch()
    batch.value_and_grad(np.linspace(0.1, 0.9, 100))
    found: list[bool] = []

    def work(x: float) -> None:
        expected = program.grad(x)
        for _ in range(10):
            found.append(np.isclose(batch.grad(np.array([x]))[0], expected, rtol=1e-12))

    threads = [threading.Thread(target=work, args=(0.2 * k,)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 40


def test_ten_thousand_calls_hold_nothing() -> None:
    batch, program = batch_of(8, 0, "mean"), program_of(8)
    w, X, y, slopes = np.ones(8), np.ones((5, 8)), np.ones(5), np.empty(8)
    one = 1.0 + float(len(y))  # a number of its own
    calls: list[Callable[[], Any]] = [
        lambda: batch.value_and_grad(w, X, y),
        lambda: batch.value_and_grad(w, X, y, out=(None, slopes)),
        lambda: batch(w, X[:1], y[:1]),
        lambda: program.value_and_grad(w, X[0], one),
        lambda: program.value_and_grad(w, X[0], one, out=(None, slopes)),
    ]
    for call in calls:
        call()
        call()
    gc.collect()  # what other tests left refers to None
    held = [sys.getrefcount(each) for each in (w, X, y, slopes, one, None, float)]
    for call in calls:
        for _ in range(2000):
            call()
    for _ in range(200):
        with pytest.raises(ValueError, match="shape"):
            batch.value_and_grad(w, X[:, :3], y)
    gc.collect()
    now = [sys.getrefcount(each) for each in (w, X, y, slopes, one, None, float)]
    assert all(abs(a - b) < 100 for a, b in zip(now, held, strict=True))
