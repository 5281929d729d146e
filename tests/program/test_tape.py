"""The tape gives the eager engine's numbers, in exact form to the last bit, at a point and in a batch."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import TABLE, Primitive, errstate, primitive, sin, softmax, tanh
from autograd_lite.core.primitive import Operand
from autograd_lite.program import BranchChanged, record
from autograd_lite.program.instructions import Instructions
from autograd_lite.program.plan import Schedule, plan_of
from autograd_lite.program.rewrite import as_written, rewritten
from autograd_lite.program.tape import TapePlan
from tests.program.test_engines import ALL, close, eager, flat, is_smooth, of_row
from tests.support.functions import functions, points
from tests.support.guards import guard_rows, guarded
from tests.support.search import examples

pytest.importorskip("llvmlite")


def exactly(f: Any, examples: Any) -> Any:
    """The value and the gradient of ``f`` by the tape in exact form."""
    from autograd_lite.program.machine import Machine

    recording = record(f, *examples, verify=False).recording
    machine = Machine(TapePlan(as_written(recording), None, [True] * len(examples)), exact=True)

    def run(xs: Any) -> tuple[float, tuple[float, ...]]:
        values = np.empty((1, 1))
        slopes, _ = machine.run(np.array(xs, float), None, None, values)
        return float(values[0, 0]), tuple(slopes.tolist())

    return run


@given(functions(most=12), points, points)
@examples(8)
def test_an_exact_tape_is_the_eager_engine_to_the_bit(f: Any, xs: Any, others: Any) -> None:
    with errstate("ignore"):
        program = record(f, *xs, verify=False)
        run = exactly(f, xs)
        # Where a branch is not selected, three or more paths may add in another order.
        piecewise = any(row is not None and row.piecewise for row in program.recording.rows)
        for at in (xs, others):
            value, slopes = eager(f, at)
            if all(map(math.isfinite, (value, *slopes))):
                found, gradient = run(at)
                assert found == value
                assert gradient == slopes or (piecewise and close(gradient, slopes, 1e-12))


def of_all_rows() -> tuple[Any, list[float]]:
    """A function with every row of the table, each at numbers of its own, and where it is."""
    parts = [of_row(row) for row in TABLE.values()]

    def f(*xs: float) -> Any:
        remaining = iter(xs)
        return [g(*(next(remaining) for _ in at)) for g, at in parts]

    return f, [x for _, at in parts for x in at]


def test_every_row_on_a_tape() -> None:
    f, xs = of_all_rows()
    expected = eager(lambda *xs: sum(f(*xs)), xs)
    assert exactly(lambda *xs: sum(f(*xs)), xs)(xs) == expected
    program = record(f, *xs, engine="tape", verify=False)
    assert np.allclose(program(*xs), f(*xs), rtol=1e-14)
    total = record(lambda *xs: sum(f(*xs)), *xs, engine="tape", verify=False)
    assert close(total.grad(*xs, argnums=range(len(xs))), expected[1], 1e-13)
    rows = np.array([xs] * 3).T
    values, slopes = total.batch(0, None).value_and_grad(*rows, argnums=range(len(xs)))
    assert close(values, [expected[0]] * 3, 1e-13)
    assert close(slopes, np.repeat(np.array(expected[1])[:, None], 3, 1), 1e-13)
    assert total.engine.startswith("tape: ")


def test_a_wrong_instruction_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TABLE["tanh"], "python", "math.tanh({}) * (1 + 1e-15)")
    assert exactly(tanh, [0.5])([0.5])[0] != math.tanh(0.5)


@given(
    functions(most=12), st.lists(points, min_size=2, max_size=20), st.sets(st.sampled_from(ALL), min_size=1)
)
@examples(4)
def test_a_batch_on_a_tape_is_a_loop(f: Any, samples: Any, varying: set[int]) -> None:
    samples = [[x if i in varying else samples[0][i] for i, x in enumerate(xs)] for xs in samples]
    with errstate("ignore"):
        if not all(is_smooth(f, xs) for xs in samples):
            return
        program = record(f, *samples[0], verify=False, engine="tape")
        axes = [0 if i in varying else None for i in ALL]
        columns = list(zip(*samples, strict=True))
        args = [np.array(c) if i in varying else c[0] for i, c in enumerate(columns)]
        each = [eager(f, xs) for xs in samples]
        weights = np.linspace(0.5, 1.0, len(samples))
        batch = program.batch(axes, "sum")
        for _ in range(2):  # nothing is left over from the first run
            total = batch.value_and_grad(*args, argnums=ALL, weights=weights)
            assert close(total[0], sum(w * value for w, (value, _) in zip(weights, each, strict=True)))
            for i in ALL:
                slopes = [w * gradient[i] for w, (_, gradient) in zip(weights, each, strict=True)]
                assert close(total[1][i], slopes if i in varying else sum(slopes))
        chosen = min(varying)
        values, found = program.batch(axes, None).value_and_grad(*args, argnums=chosen)
        assert close(values, [value for value, _ in each])
        assert close(found, [gradient[chosen] for _, gradient in each])
        assert batch.engine.startswith("tape: ")


def test_several_outputs_and_a_choice_of_inputs() -> None:
    f: Any = lambda x, y: [sin(x) * y, 2.0, x, softmax([x, y, 1.0], 1)]  # noqa: E731
    program = record(f, 0.5, 2.0, engine="tape")
    assert close(program(0.75, 1.5), f(0.75, 1.5), 1e-15)
    found = program.batch((0, None), None)(np.array([0.75, 0.25]), 1.5)
    assert close(np.transpose(found), [f(0.75, 1.5), f(0.25, 1.5)], 1e-15)
    g = lambda x, y, z: x * y * y + z  # noqa: E731
    program = record(g, 1.0, 2.0, 3.0, engine="tape")
    assert program.value_and_grad(2.0, 3.0, 5.0, argnums=(1, 0)) == (23.0, (12.0, 9.0))
    assert program.value_and_grad(2.0, 3.0, 5.0, argnums=2) == (23.0, 1.0)


@pytest.mark.parametrize("engine", ["numpy", "machine", "tape"])
def test_a_short_last_block_leaves_no_sample_out(engine: str) -> None:
    # Derivatives by what all samples share are summed over blocks of lanes, of which the last is short
    program = record(lambda w, v, x: tanh(w * x) + v * v * x, 0.5, 2.0, 1.0, engine=engine)
    batch = program.batch((None, None, 0), "sum")
    for count in (1, 8, 63, 64, 65, 72, 100, 129, 513, 520, 1000):
        xs = np.linspace(-1.0, 2.0, count)
        for _ in range(2):
            value, (by_w, by_v) = batch.value_and_grad(0.75, 1.5, xs, argnums=(0, 1))
            assert close(value, (np.tanh(0.75 * xs) + 2.25 * xs).sum(), 1e-13)
            assert close(by_w, (xs / np.cosh(0.75 * xs) ** 2).sum(), 1e-13)
            assert close(by_v, 3.0 * xs.sum(), 1e-13)


@pytest.mark.parametrize("output", [lambda x, y: x, lambda x, y: y, lambda x, y: 3.0])
def test_an_output_that_is_an_input_or_a_number(output: Any) -> None:
    program = record(output, 0.5, 2.0, engine="tape")
    value, slopes = eager(output, (0.75, 1.5)) if output(1.0, 2.0) != 3.0 else (3.0, (0.0, 0.0))
    xs = np.linspace(0.25, 0.75, 70)
    for _ in range(2):
        assert program.value_and_grad(0.75, 1.5, argnums=(0, 1)) == (value, slopes)
        total, (by_x, by_y) = program.batch((0, None), "sum").value_and_grad(xs, 1.5, argnums=(0, 1))
        assert close(total, sum(output(x, 1.5) for x in xs), 1e-14)
        assert by_x.tolist() == [slopes[0]] * 70
        assert by_y == 70 * slopes[1]


def test_more_exponents_than_have_code_of_their_own() -> None:
    f = lambda x: sum(x ** (0.5 + 0.25 * k) for k in range(40)) + x**0 + x**1  # noqa: E731
    program = record(f, 1.5, engine="tape", verify=False)
    assert close(program.value_and_grad(0.75, argnums=(0,)), eager(f, (0.75,)), 1e-14)
    recording = program.recording
    codes = Instructions(as_written(recording), [0], False).backward([True]).codes
    assert len(codes) < 25


@pytest.fixture
def own() -> Iterator[list[Primitive]]:
    """A row of any number of operands, and one of one."""
    many = lambda *xs: max(xs) - xs[0]  # noqa: E731
    rules = lambda xs, z: [-1.0, *[0.5] * (len(xs) - 1)]  # noqa: E731
    made = [
        primitive("tape_many", many, rules, "a row"),
        primitive("tape_one", lambda x: x**3, [lambda x, z: 3.0 * x * x], "a row"),
    ]
    yield made
    for row in made:
        del TABLE[row.name]
        delattr(Operand, row.name)


def test_rows_of_users_are_called_back(own: list[Primitive]) -> None:
    many, one = own
    f = lambda x, y: one(x) * many([x, y, 0.5]) + one(y)  # noqa: E731
    program = record(f, 0.5, 2.0, engine="tape")
    assert program.value_and_grad(0.75, 2.5, argnums=(0, 1)) == eager(f, (0.75, 2.5))
    ys = np.array([2.0, 2.5, 3.0])
    values, slopes = program.batch((None, 0), None).value_and_grad(0.75, ys, argnums=(0, 1))
    each = [eager(f, (0.75, y)) for y in ys]
    assert values.tolist() == [value for value, _ in each]
    assert np.transpose(slopes).tolist() == [list(gradient) for _, gradient in each]


def test_what_a_row_of_a_user_raises_reaches_the_caller(own: list[Primitive]) -> None:
    many, _ = own
    program = record(lambda x: many([x, 2.0]) * x, 1.0, engine="tape", verify=False)
    many.value = {(1.0, 2.0): 1.0}.__getitem__
    with pytest.raises(TypeError):
        program(1.0)
    many.value = lambda *xs: max(xs)
    assert program(1.0) == 2.0


def test_comparisons_and_numbers_that_are_not_finite() -> None:
    def f(x: Any, y: Any) -> Any:
        return sin(x) / y if x < y else x + y

    program = record(f, 1.0, 2.0, engine="tape")
    assert close(program.value_and_grad(0.5, 3.0, argnums=(0, 1)), eager(f, (0.5, 3.0)), 1e-15)
    with pytest.raises(BranchChanged, match=r"test_tape\.py"):
        program(2.0, 1.0)
    with pytest.raises(BranchChanged, match="sample 1"):
        program.batch((0, None))(np.array([1.0, 4.0]), 2.0)
    with pytest.warns(RuntimeWarning, match="div"):
        assert program(-1.0, 0.0) == -math.inf
    assert program(0.5, 3.0) == f(0.5, 3.0)  # the next run is as the first


def test_a_tape_stays_inside_its_buffers() -> None:
    from autograd_lite.program.machine import Machine

    f: Any = lambda xs, y: sum(sin(x) * y for x in xs[:5]) * y + tanh(xs[5]) + softmax(xs[:3], 1)  # noqa: E731
    recording = record(f, [0.5] * 6, 2.0, verify=False).recording
    for samples in (1, 7, 9, 40):
        for exact in (False, True):
            circuit = as_written(recording) if exact else rewritten(recording)
            tape = TapePlan(circuit, [False] * 6 + [True], [True] * 7)
            machine = Machine(tape, min(samples, tape.most_lanes), exact=exact)
            guard_rows(machine)
            xs, seeds, values, slopes = (guarded(samples) for _ in range(4))
            xs[:], seeds[:] = 2.0, 1.0
            shared = guarded(6)
            shared[:] = 0.5
            found, guard = machine.run(shared, xs[None], seeds, values[None], slopes[None])
            assert guard == 0.0
            value, by = eager(lambda *z: f(z[:6], z[6]), [0.5] * 6 + [2.0])
            assert np.allclose(values, value, rtol=1e-14)
            assert np.allclose(slopes, by[6], rtol=1e-14)
            assert np.allclose(found[:6], samples * np.array(by[:6]), rtol=1e-13)


def test_the_tape_that_is_written_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = rewritten(record(lambda x: sin(x) * x, 0.5, verify=False).recording)
    writer = Instructions(circuit, [0], False)
    assert writer.forward().stream.rows.tolist() == [0, 1, 0, 1, 2, 1, 0, 2]
    for wrong in (7, -1):
        monkeypatch.setattr(writer, "places", [0, wrong, 2])
        with pytest.raises(AssertionError, match="outside"):
            writer.forward()
    monkeypatch.setattr(writer, "places", [0, 2, 1])
    with pytest.raises(AssertionError, match="unwritten"):
        writer.forward()


def test_the_number_of_instructions_decides() -> None:
    def f(x: Any) -> Any:
        for k in range(20):
            x = sin(x) * tanh(x) if k % 3 else x * x + 0.5
        return x

    recording = record(f, 0.5, verify=False).recording
    assert isinstance(plan_of(recording, None, [True], None), Schedule)
    assert isinstance(plan_of(recording, None, [True], 1000), Schedule)
    assert isinstance(plan_of(recording, None, [True], 20), TapePlan)
    assert flat(record(f, 0.5, engine="tape").grad(0.25)) == pytest.approx(flat(eager(f, (0.25,))[1]))
