"""Minimization in SciPy's form, and least squares: against SciPy itself and closed forms."""

import math
from typing import Any, cast

import pytest

from autograd_lite import Value, exp, least_squares, log, minimize, no_grad
from autograd_lite import sum as total
from autograd_lite.minimization import squares
from autograd_lite.program import BranchChanged

np = pytest.importorskip("numpy")
optimize = pytest.importorskip("scipy.optimize")


def valley(x: Any) -> Any:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def test_the_point_has_the_structure_of_the_start() -> None:
    of_list = minimize(valley, [-1.2, 1])
    of_array = minimize(valley, np.array([-1.2, 1.0]))
    assert type(of_list.x) is list
    assert isinstance(of_array.x, np.ndarray)
    assert of_array.x.dtype == float
    assert of_list.x == of_array.x.tolist() == pytest.approx([1, 1], abs=1e-5)
    nested = minimize(lambda p: (p["a"] - 3) ** 2 + valley(p["b"]), {"a": 0, "b": (0.0, 0.0)})
    assert nested.x["a"] == pytest.approx(3, abs=1e-5)
    assert nested.x["b"] == pytest.approx((1, 1), abs=1e-4)
    assert minimize(lambda x, y: (x - y) ** 2, 1.0, 5.0).x == pytest.approx(5)


def test_scipys_names_say_the_same() -> None:
    ours = minimize(valley, [-1.2, 1.0], tolerance=1e-9)
    theirs = optimize.minimize(optimize.rosen, [-1.2, 1.0], jac=optimize.rosen_der, method="BFGS", tol=1e-9)
    assert ours.x == pytest.approx(theirs.x.tolist(), abs=1e-8)
    assert ours.fun == ours.loss
    assert (ours.nit, ours.nfev) == (len(ours.history) - 1, ours.evaluations)
    assert ours.jac == pytest.approx(optimize.rosen_der(ours.x).tolist(), abs=1e-9)
    assert ours.hessian == pytest.approx(optimize.rosen_hess(np.array(ours.x)), rel=1e-12)


@pytest.mark.parametrize("method", [None, "L-BFGS-B", "SLSQP", "trust-constr"])
def test_bounds_hold(method: str | None) -> None:
    pairs = [(None, 0.5), (0, None)]
    for bounds in (pairs, optimize.Bounds([-math.inf, 0], [0.5, math.inf])):
        found = minimize(valley, [-1.2, 1.0], method=method, bounds=bounds)
        assert found.x == pytest.approx([0.5, 0.25], abs=1e-3)
        assert found.x[0] <= 0.5
    by_key = minimize(lambda p: valley([p["x"], p["y"]]), {"x": 0, "y": 0}, bounds={"x": (None, 0.5)})
    assert by_key.x["x"] == 0.5
    assert math.isnan(by_key.standard_errors["x"])


@pytest.mark.parametrize("method", [None, "trust-constr"])
def test_constraints_hold_with_derivatives_made_here(method: str | None) -> None:
    # On the circle of radius √2 the least x + y + x²/8 has x = y·(1 + x/4).
    def on_circle(x: Any) -> Any:
        return x[0] ** 2 + x[1] ** 2

    def aim(x: Any) -> Any:
        return x[0] + x[1] + x[0] ** 2 / 8

    kinds = (
        {"type": "ineq", "fun": lambda x: 2 - on_circle(x)},
        optimize.NonlinearConstraint(lambda x: [on_circle(x)], -math.inf, 2),
        [{"type": "eq", "fun": lambda x: on_circle(x) - 2.0}],
    )
    for constraint in kinds:
        found = minimize(aim, [-0.5, -0.7], method=method, constraints=constraint)
        x, y = found.x
        assert x * x + y * y == pytest.approx(2, abs=1e-3)
        assert x == pytest.approx(y * (1 + x / 4), abs=2e-3)
    straight = minimize(
        lambda x: x[0] ** 2 + x[1] ** 2, [1.0, 0.0], constraints=optimize.LinearConstraint([[1, 1]], 1, 1)
    )
    assert straight.x == pytest.approx([0.5, 0.5], abs=1e-6)


def test_a_constraint_has_arguments_of_its_own_as_in_scipy() -> None:
    def aim(x: Any, center: float) -> Any:
        return (x[0] - center) ** 2

    def room(x: Any, most: float = 1.0) -> Any:
        return most - x[0]

    for own, most in (({}, 1.0), ({"args": (2.0,)}, 2.0)):
        limit = {"type": "ineq", "fun": room} | own
        ours = minimize(aim, [0.0], 3.0, constraints=limit)
        theirs = optimize.minimize(aim, [0.0], 3.0, constraints=limit)
        assert ours.x == pytest.approx([most], abs=1e-6)
        assert theirs.x == pytest.approx([most], abs=1e-6)


def test_a_constraint_keeps_its_other_settings() -> None:
    inside = optimize.NonlinearConstraint(lambda x: x[0] ** 3, -math.inf, 1.0, keep_feasible=True)
    with pytest.raises(ValueError, match="keep_feasible"):  # SciPy's, of a start outside
        minimize(lambda x: (x[0] - 3) ** 2, [2.0], method="trust-constr", constraints=inside)


def test_errors_are_computed_without_a_trace_and_inside_no_grad() -> None:
    x = Value(1.0, "x")
    with no_grad():
        found = minimize(lambda: (x - 3) ** 2, [x])
        assert found.standard_errors == pytest.approx([math.sqrt(0.5)])
    (x * 5).backward()
    again = minimize(lambda: (x - 3) ** 2, [x])
    (x * 5).backward()
    assert again.standard_errors == pytest.approx([math.sqrt(0.5)])
    assert (x.data, x.grad) == (again.x[0], 5.0)


def test_constraints_on_parameters_in_place() -> None:
    x, y = Value(1.0, "x"), Value(0.5, "y")
    found = minimize(lambda: x + y, [x, y], constraints={"type": "ineq", "fun": lambda: 2 - x * x - y * y})
    assert (x.data, y.data) == pytest.approx((-1, -1), abs=1e-5)
    assert found.x == [x.data, y.data]


def test_a_callback_that_takes_a_point_gets_it() -> None:
    points: list[Any] = []
    found = minimize(lambda p: (p["x"] - 3) ** 2, {"x": 0.0}, callback=points.append)
    assert points[-1] == found.x
    assert len(points) == found.nit
    calls = []
    minimize(lambda p: (p - 3) ** 2, 0.0, callback=lambda: calls.append(1))
    assert calls


def test_standard_errors_are_those_of_the_normal_law() -> None:
    data = [1.2, 0.7, 2.9, 1.1, 0.4, 2.2]

    def surprise(p: Any) -> Any:
        return total([((x - p["mean"]) / p["sigma"]) ** 2 / 2 + log(p["sigma"]) for x in data])

    found = minimize(surprise, {"mean": 1.0, "sigma": 1.0}, tolerance=1e-10)
    sigma = float(np.std(data))
    assert found.x["mean"] == pytest.approx(float(np.mean(data)), rel=1e-7)
    assert found.x["sigma"] == pytest.approx(sigma, rel=1e-7)
    errors = found.standard_errors
    assert errors["mean"] == pytest.approx(sigma / math.sqrt(6), rel=1e-6)
    assert errors["sigma"] == pytest.approx(sigma / math.sqrt(12), rel=1e-6)
    shown = str(found)
    assert all(word in shown for word in ("mean", "sigma", f"{errors['mean']:.4g}"))
    # A saddle has none, and what is measured changes no parameter.
    w = Value(0.0, "w")
    flat = minimize(lambda: w**4, [w])
    w.data = 7.0
    assert math.isnan(flat.standard_errors[0])
    assert (w.data, w.grad) == (7.0, 0.0)


def test_many_parameters_are_shown_in_few_lines() -> None:
    found = minimize(lambda x: total([(each - i) ** 2 for i, each in enumerate(x)]), [0.0] * 50)
    assert "20 more" in str(found)
    assert len(str(found).splitlines()) == 34


@pytest.mark.parametrize("engine", ["auto", "program", "eager"])
def test_least_squares_is_scipys_curve_fit(engine: str) -> None:
    t = np.linspace(0.0, 4.0, 9)
    y = 2.5 * np.exp(-1.3 * t) + 0.01 * np.sin(37.0 * t)
    found = least_squares(lambda p: p["A"] * np.exp(-p["r"] * t) - y, {"A": 1.0, "r": 1.0}, engine=engine)
    best, covariance = optimize.curve_fit(lambda t, A, r: A * np.exp(-r * t), t, y, [1.0, 1.0])
    assert list(found.x.values()) == pytest.approx(best.tolist(), rel=1e-6)
    errors = np.sqrt(np.diag(covariance)).tolist()
    assert list(found.standard_errors.values()) == pytest.approx(errors, rel=1e-4)
    assert found.engine.startswith(("eager", "program")[engine != "eager"])
    assert f"{errors[0]:.3g}" in str(found)
    assert found.covariance == pytest.approx(covariance, rel=1e-4)
    held = least_squares(lambda p: [p[0] - 3, p[0] - 4], [0.0], bounds=[(None, 1)], engine=engine)
    assert held.x == pytest.approx([1.0])
    assert math.isnan(held.standard_errors[0])


def test_errors_at_a_bound_are_those_with_that_parameter_fixed() -> None:
    t = np.linspace(0.0, 4.0, 9)
    y = 2.5 * np.exp(-1.3 * t) + 0.01 * np.sin(37.0 * t)

    def misfit(p: Any) -> Any:
        return p[0] * np.exp(-p[1] * t) + p[2] - y

    held = least_squares(misfit, [1.0, 1.0, -0.1], bounds=([0, 0, -1], [9, 9, -0.05]))
    _, covariance = optimize.curve_fit(lambda t, A, r: A * np.exp(-r * t) - 0.05, t, y, [1.0, 1.0])
    assert held.x[2] == pytest.approx(-0.05)
    assert held.covariance[:2, :2] == pytest.approx(covariance, rel=1e-4)
    assert math.isnan(held.standard_errors[2])
    assert "held" in str(held)
    assert "x[2]" in str(held).partition("held")[2]
    # Minus the logarithm of the likelihood with a sigma of 0.1 and 0.2, by its exact Hessian
    at_0 = minimize(
        lambda x: 50 * (x[0] - 1) ** 2 + 12.5 * (x[1] + 1) ** 2, [0.5, 0.5], bounds=[(0, 9)] * 2
    )
    assert at_0.standard_errors[0] == pytest.approx(0.1)
    assert math.isnan(at_0.standard_errors[1])
    assert "x[1]" in str(at_0).partition("held")[2]


@pytest.mark.parametrize("loss", ["linear", "soft_l1", "cauchy"])
def test_what_a_fit_tells_is_of_what_was_minimized(loss: str) -> None:
    def misfit(p: Any) -> list[Any]:
        return [p[0] - 1, p[0] * p[1] - 2, p[1] + 3]

    ours = least_squares(misfit, [0.5, 0.5], loss=loss, f_scale=0.3)
    theirs = optimize.least_squares(
        misfit, [0.5, 0.5], lambda p: [[1, 0], [p[1], p[0]], [0, 1]], loss=loss, f_scale=0.3
    )
    assert ours.nfev == ours.evaluations
    for name in ("x", "cost", "fun", "jac", "grad", "optimality", "active_mask"):
        assert ours[name] == pytest.approx(theirs[name], abs=1e-6)
    assert f"{2 * theirs.cost:.8g}"[:6] in str(ours)
    for wrong in ("y", cast(Any, 0)):
        with pytest.raises(KeyError):
            ours[wrong]


def test_a_residual_that_is_not_finite_at_the_start_is_named() -> None:
    t = np.linspace(0.0, 4.0, 9)
    with pytest.raises(ValueError, match="number 2, "):  # and no warning for each
        least_squares(lambda p: np.exp(p[0] * t), [1000.0])


def test_settings_that_are_unknown_lead_to_those_that_are_known() -> None:
    for setting, way in (("tol", "tolerance"), ("jac", "sweeps"), ("maxiter", "max_iterations")):
        given: dict[str, Any] = {setting: 1}
        with pytest.raises(TypeError, match=way):
            minimize(lambda x: x * x, 1.0, **given)
    for setting, way in (("fscale", "f_scale"), ("jac", "sweeps"), ("sigma", "divide")):
        given = {setting: 1}
        with pytest.raises(TypeError, match=way):
            least_squares(lambda p: [p[0]], [1.0], **given)


def test_the_sum_of_squares_is_one_with_a_robust_loss_too() -> None:
    found = least_squares(lambda x: [x - 1, x - 2, x + 10], 0.0, loss="soft_l1")
    total_of_squares = (found.x - 1) ** 2 + (found.x - 2) ** 2 + (found.x + 10) ** 2
    assert f"{total_of_squares:.6g}"[:6] in str(found).partition("\n")[0]
    assert 2 * found.cost < 0.5 * total_of_squares


def test_bounds_of_least_squares_are_scipys_too() -> None:
    for bounds in ((0.0, [1.0, 9.0]), ([0, 0], [1, 9]), [(0, 1), (0, 9)]):
        assert least_squares(lambda p: [p[0] - 3, p[1] - 4], [0.5, 0.5], bounds=bounds).x == pytest.approx(
            [1.0, 4.0], abs=1e-6
        )


def test_values_are_no_numbers_to_start_from() -> None:
    with pytest.raises(TypeError, match="data"):
        least_squares(lambda p: [p[0] - 3], [Value(1.0)])


def test_more_branches_than_are_kept_are_fitted_eagerly() -> None:
    def misfit(p: Any) -> Any:
        steps = 0
        while p[0] * 2.0**steps < 16.0 and steps < 40:
            steps += 1
        return [p[0] - 100.0 + 0.0 * steps]

    starts = [2.0**-k for k in range(12)]
    search = squares._Residuals(misfit, [32.0], "auto")
    assert [search.values(np.array([x]))[0] for x in starts] == [x - 100.0 for x in starts]
    assert search.why.startswith("eager: BranchChanged")
    assert search.slopes(np.array([3.0])).tolist() == [[1.0]]
    strict = squares._Residuals(misfit, [32.0], "program")
    with pytest.raises(BranchChanged):
        [strict.values(np.array([x])) for x in starts]


def test_residuals_that_branch_are_fitted_too() -> None:
    def misfit(p: Any) -> Any:
        return [p[0] - 1 if p[0] < 0 else 2 * (p[0] - 1), exp(p[1]) - 2]

    assert least_squares(misfit, [-3.0, 0.0]).x == pytest.approx([1.0, math.log(2)])


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"parameters": {}}, ValueError, "at least one number"),
        ({"bounds": [(2, 3)]}, ValueError, "starts at 1.0"),
        ({"bounds": [(0, 3)] * 2}, ValueError, "2 pairs"),
        ({"bounds": [3]}, ValueError, "a pair"),
        ({"bounds": {"y": (0, 1)}}, ValueError, "keys"),
        ({"bounds": [(0, 3)], "method": "CG"}, ValueError, "L-BFGS-B"),
        ({"constraints": {"type": "ineq", "fun": abs}, "method": "BFGS"}, ValueError, "SLSQP"),
        ({"constraints": {"type": "less", "fun": abs}}, TypeError, "ineq"),
        ({"constraints": [3]}, TypeError, "constraint"),
        ({"parameters": [Value(1.0)], "args": 3}, TypeError, "args"),
    ],
)
def test_what_cannot_be_is_told(settings: dict[str, Any], error: Any, says: str) -> None:
    given: dict[str, Any] = {"loss": lambda x: x * x, "parameters": 1.0} | settings
    with pytest.raises(error, match=says):
        minimize(**given)


def test_what_is_no_function_and_what_gives_no_residual_is_told() -> None:
    given: Any = 3
    with pytest.raises(TypeError, match="loss must be a function, not int"):
        minimize(given, [1.0])
    with pytest.raises(TypeError, match="callback must be a function, not str"):
        minimize(lambda x: x[0] ** 2, [1.0], callback=cast(Any, "show"))
    with pytest.raises(TypeError, match="residuals must be a function"):
        least_squares(given, [1.0])
    with pytest.raises(ValueError, match="no residuals"):
        least_squares(lambda x: [], [1.0])
