"""NumPy's own functions on the arrays that transforms give: derivatives against formulas and NumPy."""

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import Value, grad, hessian, jacobian, jit, load_program, nn, record, value_and_grad
from autograd_lite.minimization import least_squares, minimize

np = pytest.importorskip("numpy")

A = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]])
B = np.array([1.0, -2.0, 0.5])
SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])


def minors(a: Any) -> Any:
    """The matrix of signed minors, which is the derivative of the determinant."""
    sides = range(len(a))
    return np.array(
        [
            [(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in sides]
            for i in sides
        ]
    )


def test_linear_systems() -> None:
    inverse = np.linalg.inv(A)
    x = inverse @ B
    value, slopes = value_and_grad(lambda a: np.linalg.solve(a, B) @ B)(A)
    assert value == pytest.approx(B @ x)
    np.testing.assert_allclose(slopes, -np.outer(inverse.T @ B, x), atol=1e-12)
    np.testing.assert_allclose(jacobian(lambda b: np.linalg.solve(A, b))(B), inverse, atol=1e-12)
    np.testing.assert_allclose(
        grad(lambda a: np.sum(np.linalg.inv(a)))(A), -np.outer(inverse.sum(0), inverse.sum(1)), atol=1e-12
    )
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])  # which needs an exchange of rows
    assert jacobian(lambda b: np.linalg.solve(swap, b))(B[:2]).tolist() == swap.tolist()
    many = np.stack([A, 2 * A])
    np.testing.assert_allclose(jacobian(lambda b: np.linalg.solve(many, b))(B)[1], inverse / 2, atol=1e-12)


@pytest.mark.parametrize("a", [A, SINGULAR, np.zeros((3, 3)), np.diag([2.0, 0.0, 0.0]), A[:1, :1]])
def test_determinants(a: Any) -> None:
    value, slopes = value_and_grad(np.linalg.det)(a)
    assert value == pytest.approx(np.linalg.det(a), abs=1e-12)
    np.testing.assert_allclose(slopes, minors(a), atol=1e-12)


def test_the_second_derivative_of_a_determinant_of_rank_one() -> None:
    found = hessian(lambda v: np.linalg.det(np.diag(v)))(np.array([2.0, 0.0, 0.0]))
    np.testing.assert_allclose(found, [[0, 0, 0], [0, 0, 2], [0, 2, 0]])


def test_logarithms_of_determinants_and_triangles() -> None:
    np.testing.assert_allclose(grad(lambda a: np.linalg.slogdet(a)[1])(A), np.linalg.inv(A).T, atol=1e-12)
    assert grad(lambda a: np.linalg.slogdet(-a).logabsdet)(A)[0, 0] == pytest.approx(np.linalg.inv(A)[0, 0])
    value, slope = value_and_grad(lambda s: np.sum(np.linalg.cholesky(s * A)))(np.array([4.0]))
    assert value == pytest.approx(np.sum(np.linalg.cholesky(4 * A)))
    assert slope[0] == pytest.approx(value / 8)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (np.linalg.eigh, "eigh takes no Values: solve"),
        (np.linalg.svd, "svd takes no Values"),
        (lambda a: np.linalg.solve(0 * a, B), "Singular"),
        (lambda a: np.linalg.solve(a[:2], B), "square"),
        (lambda a: np.linalg.solve(a, B[:2]), "rows"),
        (lambda a: np.linalg.cholesky(-a), "positive definite"),
        (lambda a: np.heaviside(a, 0.5), "heaviside takes no Values"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[Any], Any], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        grad(call)(A)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (np.deg2rad, lambda x: math.pi / 180),
        (np.sinc, lambda x: (math.cos(math.pi * x) - np.sinc(x)) / x),
        (np.trunc, lambda x: 0.0),
        (lambda x: np.logaddexp(1.0, x), lambda x: 1 / (1 + math.exp(1 - x))),
        (lambda x: np.copysign(x, -1.0), lambda x: -math.copysign(1.0, x)),
        (lambda x: np.float_power(x, 2.0), lambda x: 2 * x),
        (lambda x: np.where(np.isfinite(x) & ~np.isnan(x), x, 0.0), lambda x: 1.0),
        (lambda x: x if np.allclose(x, x) else 0 * x, lambda x: 1.0),
    ],
)
def test_functions_that_numpy_has_for_floats_alone(
    function: Callable[[Any], Any], slope: Callable[[float], float]
) -> None:
    xs = np.array([0.3, -1.2])
    np.testing.assert_allclose(jacobian(function)(xs), np.diag([slope(x) for x in xs]), atol=1e-12)
    plain = function(xs)
    np.testing.assert_allclose(value_and_grad(lambda v: np.sum(function(v)))(xs)[0], np.sum(plain))


def test_functions_of_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    xs = np.array([0.3, 1.2])
    for function, slope in [
        (special.expit, special.expit(xs) * special.expit(-xs)),
        (special.erf, 2 / math.sqrt(math.pi) * np.exp(-(xs**2))),
        (special.gammaln, special.psi(xs)),
        (special.ndtr, np.exp(-(xs**2) / 2) / math.sqrt(2 * math.pi)),
        (special.xlogy, None),
    ]:
        if slope is None:
            np.testing.assert_allclose(grad(lambda v: np.sum(special.xlogy(v, 2.0)))(xs), math.log(2.0))
        else:
            np.testing.assert_allclose(grad(lambda v, f=function: np.sum(f(v)))(xs), slope, atol=1e-12)


def test_what_is_computed_from_such_an_array_is_one_and_a_number_is_none() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.extend([x + 1, A @ x, np.stack([x, x]), x[:2], np.exp(x), np.sum(x), x[0], x.mean(), x @ x])
        x = x * 1.0
        x += 1.0
        return np.sum(np.concatenate([x, np.tanh(x)]))

    assert isinstance(grad(f)(B), np.ndarray)
    assert [isinstance(each, Value) for each in seen] == [False] * 5 + [True] * 4
    for each in seen[:5]:
        assert np.isfinite(each).all()


def test_programs_and_minimization_give_such_arrays_too() -> None:
    def f(x: Any) -> Any:
        assert np.isfinite(x).all()
        return np.linalg.solve(A, x - B) @ (x - B)

    program = record(f, np.zeros(3), engine="python")
    assert program(B + 1) == pytest.approx(np.ones(3) @ np.linalg.inv(A) @ np.ones(3))
    np.testing.assert_allclose(minimize(f, np.zeros(3)).x, B, atol=1e-4)


def test_rows_and_frames_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0]}, index=["p", "q"])
    found = grad(lambda d: (d["a"] * d["b"]).sum())(frame)
    pandas.testing.assert_frame_equal(
        found, pandas.DataFrame({"a": [3.0, 5.0], "b": [1.0, 2.0]}, ["p", "q"])
    )
    row = frame.loc["q"]
    pandas.testing.assert_series_equal(grad(lambda r: r["a"] ** 2 * r["b"])(row), 0 * row + [20.0, 4.0])
    twice = pandas.DataFrame([[10.0, 4.0], [4.0, 0.0]], ["a", "b"], ["a", "b"])
    pandas.testing.assert_frame_equal(hessian(lambda r: r["a"] ** 2 * r["b"])(row), twice)
    start = pandas.Series({"left": 0.0, "right": 1.0})
    found = minimize(lambda w: (w["left"] - 1) ** 2 + w["right"] ** 2, start)
    assert found.x.round(6).to_dict() == {"left": 1.0, "right": 0.0}
    assert "\nleft " in str(found)
    inside = minimize(lambda w: (w["left"] - 1) ** 2 + w["right"] ** 2, start, bounds={"left": (0, 0.5)})
    assert inside.x.to_dict() == pytest.approx({"left": 0.5, "right": 0.0})
    fitted = least_squares(lambda p: frame["b"] - p["slope"] * frame["a"], {"slope": 1.0})
    assert fitted.x["slope"] == pytest.approx(13 / 5)
    jacobian_of = jacobian(lambda r: frame["b"] * r["a"])(row)  # a row for each output
    pandas.testing.assert_frame_equal(
        jacobian_of, pandas.DataFrame({"a": [3.0, 5.0], "b": [0.0, 0.0]}, ["p", "q"])
    )
    model = nn.MLP(2, [1], rng=random.Random(0))
    assert model.predict(frame) == [model(row).data for row in frame.to_numpy().tolist()]


@pytest.mark.parametrize("engine", ["python", "numpy", "machine", "tape"])
def test_programs_of_rows_of_pandas(engine: str, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    row = pandas.Series({"a": 1.0, "k": 2.0})

    def decay(p: Any) -> Any:
        return p.a * np.exp(-p.k)

    number, slopes = math.exp(-2.0), pandas.Series({"a": math.exp(-2.0), "k": -math.exp(-2.0)})
    for program in (record(decay, row, engine=engine), jit(decay, engine=engine)):
        assert program(row) == pytest.approx(number)
        pandas.testing.assert_series_equal(program.grad(row), slopes)
    program = record(decay, row, engine=engine)
    program.save(tmp_path / "decay.json")
    for each in (program, load_program(tmp_path / "decay.json")):
        assert [each(row), each(row.to_numpy()), each([1, 2])] == pytest.approx([number] * 3)
        for coarser in (3.0, [3.0], np.ones(1), np.ones((1, 2)), {"a": 1.0, "k": 2.0}):
            for ask in (each, each.grad, each.jacobian, each.suits):
                with pytest.raises(ValueError, match="p must"):
                    ask(coarser)
    for other in (row[::-1], pandas.Series([1.0, 2.0])):
        with pytest.raises(ValueError, match="labels"):
            program(other)


def test_programs_of_frames_of_pandas(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"t": [0.0, 1.0], "y": [3.0, 2.0]}, index=["p", "q"])
    program = record(lambda w, t, y: np.sum((w[0] * t - y) ** 2), np.ones(2), frame.t, frame.y)
    assert program(np.ones(2), frame.t, frame.y) == 10.0
    (slopes,) = program.grad(np.ones(2), frame.t, frame.y, argnums=(2,))
    pandas.testing.assert_series_equal(slopes, pandas.Series([6.0, 2.0], ["p", "q"], name="y"))
    twice = record(lambda d: d * d, frame)
    pandas.testing.assert_frame_equal(twice(frame), frame * frame)
    twice.save(tmp_path / "twice.json")
    assert load_program(tmp_path / "twice.json")(frame).tolist() == (frame * frame).to_numpy().tolist()
    row = frame.loc["q"]
    samples = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    values, found = record(lambda r: r.t * r.y, row).batch(reduce=None).value_and_grad(samples)
    assert values.tolist() == [0.0, 6.0, 20.0]
    assert found.tolist() == [[1.0, 0.0], [3.0, 2.0], [5.0, 4.0]]


@pytest.mark.parametrize(
    ("function", "way"),
    [
        (lambda x: np.cov(x), "np.mean"),
        (lambda x: np.corrcoef(x, x)[0, 1], "np.mean"),
        (lambda x: np.interp(0.5, [0.0, 1.0, 2.0], x), "searchsorted"),
        (lambda x: np.gradient(x)[0], "np.diff"),
        (lambda x: np.fft.fft(x)[0], "np.cos"),
        (lambda x: np.linalg.pinv(np.outer(x, x))[0, 0], "solve"),
        (lambda x: np.histogram(x)[0][0], "count"),
        (lambda x: pytest.importorskip("scipy.special").logsumexp(x), "autograd_lite.logsumexp"),
        (lambda x: np.zeros(3).__setitem__(0, x[0]), "zeros_like"),
    ],
)
def test_what_cannot_work_on_values_names_what_does(function: Callable[[Any], Any], way: str) -> None:
    with pytest.raises(TypeError, match=way):
        grad(function)(np.array([0.3, 0.5, 0.9]))
