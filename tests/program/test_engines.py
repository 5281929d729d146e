"""Every engine gives the eager engine's numbers: on random circuits, on every row, at edges."""

import math
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from autograd_lite import (
    TABLE,
    Primitive,
    dot,
    errstate,
    grad,
    hessian,
    jvp,
    log,
    log_softmax,
    logsumexp,
    primitive,
    relu,
    softmax,
    sqrt,
    take,
    tanh,
    value_and_grad,
    where,
)
from autograd_lite import sum as sum_of
from autograd_lite.core.primitive import Operand
from autograd_lite.program import BranchChanged, jit, record
from tests.support.functions import INPUTS, functions, points
from tests.support.search import examples

DENSE = ["numpy", "machine"]
ALL = tuple(range(INPUTS))


def eager(f: Any, xs: Any) -> tuple[float, tuple[float, ...]]:
    return value_and_grad(f, tuple(range(len(xs))))(*xs)  # type: ignore[no-any-return]  # a pair


def flat(x: Any) -> Any:
    """All numbers of a result, side by side."""
    return np.concatenate([np.ravel(each) for each in x]) if isinstance(x, tuple) else np.ravel(x)


def close(found: Any, expected: Any, digits: float = 1e-9) -> bool:
    """Equal to so many digits; what is not finite is equal to itself."""
    a, b = flat(found), flat(expected)
    return len(a) == len(b) and np.allclose(a, b, rtol=digits, atol=digits * 1e-3, equal_nan=True)


def is_smooth(f: Any, xs: Any) -> bool:
    """Whether the numbers at ``xs`` are finite, and neither a tie nor a kink that rounding decides."""
    value, slopes = eager(f, xs)
    if not all(map(math.isfinite, (value, *slopes))):
        return False
    for sign in (1e-13, -1e-13):
        moved = eager(f, [x * (1 + sign * (i + 1)) for i, x in enumerate(xs)])
        if not (close(moved[0], value, 1e-10) and close(moved[1], slopes, 1e-9)):
            return False
    return True


@given(functions(), points, points)
@examples(60)
def test_straight_line_python_is_the_eager_engine(f: Any, xs: Any, others: Any) -> None:
    with errstate("ignore"):
        program = record(f, *xs, verify=False, engine="python")
        for at in (xs, others):
            value, slopes = eager(f, at)
            found, gradient = program.value_and_grad(*at, argnums=ALL)
            assert found == value == program(*at) or value != value
            # Where a branch is not selected, three or more paths may add in another order.
            piecewise = any(row is not None and row.piecewise for row in program.recording.rows)
            assert gradient == slopes or close(gradient, slopes, 1e-12 if piecewise else 0.0)


@pytest.mark.parametrize("engine", DENSE)
@given(functions(most=12), points, points)
@examples(10)
def test_grouped_engines_at_a_point(engine: str, f: Any, xs: Any, others: Any) -> None:
    with errstate("ignore"):
        program = record(f, *xs, verify=False, engine=engine)
        note(program.source)
        for at in (xs, others):
            if is_smooth(f, at):
                value, slopes = eager(f, at)
                found, gradient = program.value_and_grad(*at, argnums=ALL)
                assert close(found, value)
                assert close(program(*at), value)
                assert close(gradient, slopes)


@pytest.mark.parametrize("engine", DENSE)
@given(
    functions(most=12),
    st.lists(points, min_size=1, max_size=6),
    st.sets(st.integers(0, INPUTS - 1), min_size=1),
)
@examples(5)
def test_a_batch_is_a_loop(engine: str, f: Any, samples: Any, varying: set[int]) -> None:
    samples = [[x if i in varying else samples[0][i] for i, x in enumerate(xs)] for xs in samples]
    with errstate("ignore"):
        if not all(is_smooth(f, xs) for xs in samples):
            return
        program = record(f, *samples[0], verify=False, engine=engine)
        note(program.source)
        axes = [0 if i in varying else None for i in ALL]
        args = [
            np.array(column) if i in varying else column[0]
            for i, column in enumerate(zip(*samples, strict=True))
        ]
        weights = np.linspace(0.5, 1.0, len(samples))
        each = [eager(f, xs) for xs in samples]
        total = program.batch(axes, "sum").value_and_grad(*args, argnums=ALL, weights=weights)
        assert close(total[0], sum(w * value for w, (value, _) in zip(weights, each, strict=True)))
        for i in ALL:
            slopes = [w * gradient[i] for w, (_, gradient) in zip(weights, each, strict=True)]
            assert close(total[1][i], slopes if i in varying else sum(slopes))
        values, gradients = program.batch(axes, None).value_and_grad(*args, argnums=ALL)
        assert close(values, [value for value, _ in each])
        assert close(np.transpose(gradients), [gradient for _, gradient in each])


def of_row(row: Primitive) -> tuple[Any, list[float]]:
    """A function that is one operation, and a point in its domain."""
    if row.name in ("polygamma", "sinc_derivative", "log_ndtr_derivative"):
        return lambda x: row(1.0, x), [1.25]
    if row.name in ("softmax", "log_softmax", "take"):
        return lambda *xs: row(list(xs), 1), [0.25, 1.5, -0.75]
    if row.name == "dot":
        return lambda x, y, z: row([x, y], [y, z], x), [0.25, 1.5, -0.75]
    if row.arity is None:
        return lambda *xs: row(list(xs)), [0.25, 1.5, 0.75]
    return row, [low + 0.6180339 * (high - low) for low, high in row.domain]


def spread_over(row: Primitive, count: int) -> list[list[float]]:
    """Points in the domain of a row."""
    if row.arity is None:
        intervals = [(-2.0, 2.0)] * 3
    elif row.name in ("polygamma", "sinc_derivative", "log_ndtr_derivative"):
        intervals = [row.domain[1]]
    else:
        intervals = row.domain
    shares = [[(0.137 + 0.618034 * i + 0.381 * j) % 1 for j in range(len(intervals))] for i in range(count)]
    return [[a + t * (b - a) for t, (a, b) in zip(share, intervals, strict=True)] for share in shares]


class SideBySide:
    """Every row of the table as one program: each is an operation on inputs of its own.

    :ivar xs: a point in the domain of each, one after the other.
    :ivar rows: the name of each row, its function, and which of the inputs are its own.
    """

    def __init__(self) -> None:
        self.xs: list[float] = []
        self.rows: list[tuple[str, Any, slice]] = []
        for name, row in TABLE.items():
            f, at = of_row(row)
            self.rows.append((name, f, slice(len(self.xs), len(self.xs) + len(at))))
            self.xs += at

    def each(self, *xs: Any) -> list[Any]:
        """The values of all rows."""
        return [f(*xs[own]) for _, f, own in self.rows]

    def total(self, *xs: Any) -> Any:
        """Their sum, whose derivative by the inputs of a row is that of the row."""
        return sum_of(self.each(*xs))

    def wrong(self, samples: Any, values: Any, slopes: Any, digits: tuple[float, float]) -> dict[str, Any]:
        """What is found and expected by the name of each row whose numbers are not the eager engine's.

        Inputs, values and slopes have a row each, with an entry for each sample.
        """
        found = {}
        for value, (name, f, own) in zip(values, self.rows, strict=True):
            expected = [eager(f, at) for at in np.transpose(samples[own]).tolist()]
            slope = np.transpose(slopes[own])
            if not (
                close(value, [v for v, _ in expected], digits[0])
                and close(slope, [gradient for _, gradient in expected], digits[1])
            ):
                found[name] = value, slope, expected
        return found


@pytest.mark.parametrize("engine", ["python", *DENSE])
def test_every_row_in_every_engine(engine: str) -> None:
    rows = SideBySide()
    xs, argnums = rows.xs, range(len(rows.xs))
    values, total = record(rows.each, *xs, engine=engine), record(rows.total, *xs, engine=engine)
    column = np.array(xs)[:, None]
    slopes = np.array(total.value_and_grad(*xs, argnums=argnums)[1])[:, None]
    assert not rows.wrong(column, np.array(values(*xs))[:, None], slopes, (1e-14, 1e-13))
    if engine != "python":
        samples = np.repeat(column, 2, 1)
        _, each = total.batch(0, None).value_and_grad(*samples, argnums=argnums)
        found = values.batch(0, None)(*samples)
        assert not rows.wrong(samples, found, np.array(each), (1e-14, 1e-13))


def test_an_engine_that_is_wrong_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = SideBySide()
    column = np.array(rows.xs)[:, None]
    slopes = np.array(eager(rows.total, rows.xs)[1])[:, None]
    monkeypatch.setattr(TABLE["tanh"], "array", "np.tanh({}) * (1 + 1e-12)")
    values = record(rows.each, *rows.xs, engine="numpy", verify=False)(*rows.xs)
    assert rows.wrong(column, np.array(values)[:, None], slopes, (1e-14, 1e-13)).keys() == {"tanh"}
    slopes[rows.rows[0][2]] *= 1.0 + 1e-12
    assert rows.wrong(column, np.array(values)[:, None], slopes, (1e-11, 1e-13)).keys() == {rows.rows[0][0]}


@pytest.fixture
def rows() -> Iterator[list[Primitive]]:
    """Two rows of a user: one of any number of operands, and one of one."""
    made = [
        primitive(
            "engines_many",
            lambda *xs: max(xs) - xs[0],
            lambda xs, z: [-1.0, *[0.5] * (len(xs) - 1)],
            "a row",
        ),
        primitive("engines_one", lambda x: x**3, [lambda x, z: 3.0 * x * x], "a row"),
    ]
    yield made
    for row in made:
        del TABLE[row.name]
        delattr(Operand, row.name)


@pytest.mark.parametrize("engine", ["python", *DENSE])
def test_users_rows_are_called_back(engine: str, rows: list[Primitive]) -> None:
    many, one = rows
    f = lambda x, y: one(x) * many([x, y]) + one(y)  # noqa: E731
    program = record(f, 0.5, 2.0, engine=engine)
    assert program.value_and_grad(0.75, 2.5, argnums=(0, 1)) == eager(f, (0.75, 2.5))
    if engine != "python":
        ys = np.array([2.0, 2.5, 3.0])
        found = program.batch((None, 0), None).value_and_grad(0.75, ys, argnums=(0, 1))
        each = [eager(f, (0.75, y)) for y in ys]
        assert found[0].tolist() == [value for value, _ in each]
        assert np.transpose(found[1]).tolist() == [list(slopes) for _, slopes in each]


@pytest.mark.parametrize("engine", ["python", *DENSE])
def test_unselected_branches_add_nothing(engine: str) -> None:
    def f(x: Any) -> Any:
        return where(x, log(x), 0.0) * 2.0 + where(relu(x), sqrt(x), x)

    program = record(f, 1.0, engine=engine)
    for x in (2.0, 0.0, -1.0):
        with errstate("ignore"):
            expected = eager(f, (x,))
            assert close(program.value_and_grad(x, argnums=(0,)), expected, 1e-14), x
            if engine != "python":
                batch = program.batch(0, "sum").value_and_grad(np.array([x]), argnums=(0,))
                assert close((batch[0], batch[1][0][0]), (expected[0], expected[1][0]), 1e-14), x


@pytest.mark.parametrize("engine", ["python", *DENSE])
@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
def test_every_comparison_is_a_guard(engine: str, compare: Any) -> None:

    def f(x: Any, y: Any) -> Any:
        return x * 2.0 if compare(x, y) else y * 3.0

    for at in ((1.0, 2.0), (2.0, 1.0), (1.0, 1.0)):
        program = record(f, *at, engine=engine, verify=False)
        for left, right in ((1.0, 2.0), (2.0, 1.0), (1.0, 1.0), (math.nan, 1.0)):
            if compare(*at) == compare(left, right):
                assert close(program(left, right), f(left, right), 0.0)
            else:
                with pytest.raises(BranchChanged, match=r"test_engines\.py"):
                    program(left, right)


@pytest.mark.parametrize("engine", DENSE)
def test_the_number_of_an_input_is_not_a_number(engine: str) -> None:
    """Inputs are numbered, and 1 == 1.0 in Python."""
    f = lambda a, b: logsumexp([b, 1.0]) + dot([a, b, a], [b, 1.0, 0.0]) + softmax([b, 1.0], 0)  # noqa: E731
    program = record(f, 0.5, 0.25, engine=engine)
    assert close(program.value_and_grad(1.5, 2.5, argnums=(0, 1)), eager(f, (1.5, 2.5)), 1e-14)
    values, _ = program.batch((None, 0), None).value_and_grad(1.5, np.array([2.5, 0.5]))
    assert close(values, [eager(f, (1.5, b))[0] for b in (2.5, 0.5)], 1e-14)


@pytest.mark.parametrize("engine", ["python", *DENSE])
def test_argnums_in_any_order(engine: str) -> None:
    f = lambda x, y: x[0] * x[1] * y  # noqa: E731
    program = record(f, [1.0, 2.0], 3.0, engine=engine)
    assert program.value_and_grad([2.0, 3.0], 5.0, argnums=(1, 0)) == (30.0, (6.0, [15.0, 10.0]))
    g = record(lambda x, y: x * y * y, 1.0, 2.0, engine=engine)
    assert g.value_and_grad(2.0, 3.0, argnums=(1, 0)) == (18.0, (12.0, 9.0))
    if engine != "python":
        value, (dy, dx) = program.batch((None, 0), "sum").value_and_grad(
            [2.0, 3.0], [5.0, 7.0], argnums=(1, 0)
        )
        assert (value, dy.tolist() if hasattr(dy, "tolist") else dy) == (72.0, [6.0, 6.0])
        assert dx == [36.0, 24.0]


@pytest.mark.parametrize("engine", DENSE)
def test_sums_of_products_of_every_kind_of_operands(engine: str) -> None:
    """Repeated operands, convolutions, and sides of which only the bias varies."""

    def f(w0: Any, w1: Any, w2: Any, w3: Any, x: Any, y: Any, b: Any) -> Any:
        hidden = [w0 * x + w1 * x + b, w2 * x + w3 * x + b, w0 * x + w0 * y, w0 * w2 + w1 * w3 + b]
        windows = [w0 * x + w1 * y, w0 * y + w1 * b, w0 * b + w1 * x]
        shared = [w0 * w1 + w2 * w3 + b, w1 * w2 + w3 * w0 + b, w0 * w1 + w2 * w3]
        return sum(tanh(each) for each in (*hidden, *windows, *shared)) * b

    numbers = [0.5, -0.25, 0.75, 1.25, -0.5, 0.3, 0.9]
    program = record(f, *numbers, engine=engine)
    assert close(program.value_and_grad(*numbers, argnums=range(7)), eager(f, numbers), 1e-13)
    for varying in ((4,), (5,), (0, 4), (4, 5), (6,)):
        columns = [[x, 0.5 * x, x - 0.25] if i in varying else x for i, x in enumerate(numbers)]
        axes = [0 if i in varying else None for i in range(7)]
        samples = [[c[s] if isinstance(c, list) else c for c in columns] for s in range(3)]
        each = [eager(f, xs) for xs in samples]
        value, slopes = program.batch(axes, "sum").value_and_grad(*map(np.array, columns), argnums=range(7))
        assert close(value, sum(v for v, _ in each), 1e-13), varying
        for i in range(7):
            found = [gradient[i] for _, gradient in each]
            assert close(slopes[i], found if i in varying else sum(found), 1e-12), (varying, i)


@pytest.mark.parametrize("engine", ["python", *DENSE])
def test_an_index_that_is_none_is_told(engine: str) -> None:
    program = record(lambda xs, i: take(xs, i) * 2.0, [1.0, 2.0, 3.0], 1.0, engine=engine, verify=False)
    assert program([1.0, 2.0, 3.0], 2.0) == 6.0
    with pytest.raises(IndexError):
        program([1.0, 2.0, 3.0], 7.0)


@pytest.mark.parametrize("engine", ["python", *DENSE])
def test_programs_of_derivatives_know_the_other_branch(engine: str) -> None:
    """What is not selected at the example may be selected elsewhere. Each row has an input of its own."""
    functions: list[Any] = [
        *[lambda x, row=TABLE[name]: row(x) ** 2 for name in ("relu", "leaky_relu", "elu", "abs")],
        *[lambda x, row=TABLE[name]: row(x, 0.25) ** 2 for name in ("maximum", "minimum")],
        lambda x: where(relu(x), x * x, x * x * x),
        lambda x: TABLE["clip"](x, -0.5, 0.5) ** 2,
        lambda x: TABLE["xlogy"](relu(x), x * x + 1.0),
    ]
    count = len(functions)

    def total(xs: Any) -> Any:
        return sum(f(x) for f, x in zip(functions, xs, strict=True))

    for first in (-1.0, 2.0):
        program = record(total, [first] * count, engine=engine)
        slope = jit(grad(total), engine=engine, verify=False)
        slope([first] * count)
        for x in (-1.0, 2.0, 0.4):
            xs = [x] * count
            slopes = [grad(f)(x) for f in functions]
            assert close(program.jacobian(xs), slopes, 1e-13)
            assert close(slope(xs), slopes, 1e-13)
            assert close(program.hessian(xs), np.diag([grad(grad(f))(x) for f in functions]), 1e-13)
            assert close(program.jvp((xs,), ([1.0] * count,))[1], sum(slopes), 1e-13)


@pytest.mark.parametrize("engine", ["python", *DENSE])
def test_constants_that_are_not_finite(engine: str) -> None:
    with errstate("ignore"):
        for f in (
            lambda x: x / 0.0,
            lambda x: x * math.inf,
            lambda x: x + math.nan,
            lambda x: x * -math.inf,
        ):
            program = record(f, 1.0, engine=engine)
            assert close(program.value_and_grad(2.0, argnums=(0,)), eager(f, (2.0,)), 0.0)
            exec(program.source, {})
            if engine != "python":
                assert close(program.batch(reduce=None)(np.array([2.0])), [eager(f, (2.0,))[0]], 0.0)


def near(found: Any, expected: Any) -> bool:
    """Equal to 12 digits of each number, however small."""
    pairs = zip(flat(found), flat(expected), strict=True)
    return all(abs(a - b) <= 1e-12 * abs(b) + 1e-300 for a, b in pairs)


@pytest.mark.parametrize("engine", ["python", *DENSE])
@pytest.mark.parametrize("row", [softmax, log_softmax], ids=["softmax", "log_softmax"])
def test_one_less_a_share_near_1_keeps_its_digits(engine: str, row: Any) -> None:
    """By a fixed index and by one that is data; recorded where the sizes are in another order."""
    recorded = [0.3, 0.2, 0.1, 0.6]
    chosen = record(row, recorded, 2.0, engine=engine)
    for i in (0, 3):
        f = lambda v, i=i: row(v, i)  # noqa: E731
        fixed = record(f, recorded, engine=engine)
        for gap in (0.0, 3.0, 37.0, 40.0, 300.0, 800.0, math.inf):
            xs = [1.0, 1.0 - gap, 0.5 - gap, -gap]
            with errstate("ignore"):
                expected = value_and_grad(f)(xs)
            if math.isfinite(expected[0]):
                assert near(fixed.value_and_grad(xs, argnums=(0,)), expected), (i, gap)
                assert near(chosen.value_and_grad(xs, float(i), argnums=(0,)), expected), (i, gap)
    alone = record(lambda x: log_softmax([x], 0) + softmax([x], 0), 2.0, engine=engine)
    assert close(alone.value_and_grad(5.0, argnums=(0,)), (1.0, 0.0), 0.0)


@pytest.mark.parametrize("engine", ["python", *DENSE])
@pytest.mark.parametrize("f", [lambda v: softmax(v, 1), lambda v: log_softmax(v, 0) * v[2], logsumexp])
def test_second_order_where_another_operand_is_the_largest(engine: str, f: Any) -> None:
    program = record(f, [0.0, 1.0, 2.0], engine=engine)
    for xs in ([40.0, 0.0, 1.0], [0.0, 800.0, 1.0], [1e3, 1e3 + 1, 1e3]):
        with errstate("ignore"):
            assert near(np.array(program.hessian(xs)), np.array(hessian(f)(xs)))
            rates = ([1.0, 0.5, 2.0],)
            assert near(program.jvp((xs,), rates)[1], jvp(f, (xs,), rates)[1])
