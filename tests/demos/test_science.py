"""The demos from finance, statistics and astronomy: they run, they draw, and what they claim holds.

Their numbers are held to mpmath's derivatives, to differences, to a complex step, and to SciPy's
integration of the same orbit.
"""

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from ..support.demo import check_pictures, load

Array = Any
Numbers = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")


@pytest.mark.parametrize("name", ["mixture", "options", "orbit"])
def test_runs_and_draws(name: str, numbers: Numbers) -> None:
    check_pictures(name, numbers(name))


# Options


def test_the_greeks_of_a_european_call(numbers: Numbers) -> None:
    found, market = numbers("options"), load("options").MARKET

    def price(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Any:
        middle = mpmath.log(S / K) + r * T
        d1, d2 = (middle / (sigma * mpmath.sqrt(T)) + way * sigma * mpmath.sqrt(T) / 2 for way in (1, -1))
        return S * mpmath.ncdf(d1) - K * mpmath.exp(-r * T) * mpmath.ncdf(d2)

    orders = {
        "price": (0, 0, 0, 0, 0),
        "delta": (1, 0, 0, 0, 0),
        "strike": (0, 1, 0, 0, 0),
        "theta": (0, 0, 1, 0, 0),
        "rho": (0, 0, 0, 1, 0),
        "vega": (0, 0, 0, 0, 1),
        "gamma": (2, 0, 0, 0, 0),
        "vanna": (1, 0, 0, 0, 1),
        "volga": (0, 0, 0, 0, 2),
    }
    with mpmath.workdps(40):
        point = tuple(map(mpmath.mpf, market))
        right = {name: float(mpmath.diff(price, point, order)) for name, order in orders.items()}
    right["theta"] *= -1
    assert found["european"] == pytest.approx(right, rel=1e-12)
    assert found["closed_forms"] == pytest.approx(right, rel=1e-12)


def test_the_pathwise_greeks_of_an_asian_call(numbers: Numbers) -> None:
    found, market = numbers("options"), np.array(load("options").MARKET)
    normals = found["normals"]

    def price(market: Array) -> float:
        S, K, T, r, sigma = market
        h = T / normals.shape[1]
        growth = np.exp((r - sigma * sigma / 2) * h + sigma * math.sqrt(h) * normals)
        means = S * np.cumprod(growth, axis=1).mean(axis=1)
        return math.exp(-r * T) * float(np.maximum(means - K, 0.0).mean())

    # A path that crosses the strike within a step changes its difference by less than the step.
    moves = np.diag(1e-6 * market)
    slopes = [(price(market + move) - price(market - move)) / (2.0 * move.sum()) for move in moves]
    slopes[2] *= -1.0
    assert found["asian"][0] == pytest.approx(price(market), rel=1e-12)
    assert found["asian"][1:] == pytest.approx(slopes, rel=1e-4)
    assert found["asian"] == pytest.approx(found["samples"].mean(axis=1), rel=1e-12)
    assert found["samples"] == pytest.approx(found["by_hand"], rel=1e-9, abs=1e-9)
    assert found["errors"] == pytest.approx(
        np.sqrt(np.diag(np.cov(found["by_hand"])) / len(normals)), rel=1e-9
    )


# A mixture of Gaussians


def test_the_likeliest_mixture(numbers: Numbers) -> None:
    found = numbers("mixture")
    xs, point = found["data"], found["point"]

    def surprise(parameters: Array) -> Any:
        weights = np.exp([0.0, *parameters[:2]])
        weights = weights / weights.sum()
        z = (xs[:, None] - parameters[2:5]) / np.exp(parameters[5:])
        heights = np.exp(-z * z / 2) / (np.exp(parameters[5:]) * math.sqrt(2.0 * math.pi))
        return -np.log(heights @ weights).sum()

    def slopes(at: Array) -> Array:
        return np.array([surprise(at + move).imag for move in 1e-20j * np.eye(8)]) / 1e-20

    assert found["surprise"] == pytest.approx(surprise(point) / len(xs), rel=1e-12)
    assert abs(slopes(point)).max() < 1e-4
    assert found["em"] == pytest.approx(found["estimate"], abs=1e-6)
    bends = np.array([(slopes(point + move) - slopes(point - move)) / 2e-5 for move in 1e-5 * np.eye(8)])
    largest = abs(bends).max()
    assert found["hessian"] / largest == pytest.approx(bends / largest, abs=1e-8)
    assert found["differences"] / largest == pytest.approx(bends / largest, abs=1e-8)


def test_the_estimates_are_within_their_errors(numbers: Numbers) -> None:
    found = numbers("mixture")
    assert abs(found["off"]).max() < 4.0
    assert math.fsum(found["estimate"][:3]) == pytest.approx(1.0, rel=1e-14)
    # The errors of means and deviations need no transformation but the slope of exp.
    free = np.sqrt(np.diag(np.linalg.inv(found["hessian"])))
    assert found["errors"][3:6] == pytest.approx(free[2:5], rel=1e-10)
    assert found["errors"][6:] == pytest.approx(free[5:] * found["estimate"][6:], rel=1e-10)


# An orbit


def flow(start: Array, times: Array) -> Array:
    """The states at these times by SciPy, a row each."""

    def rate(_: float, state: Array) -> Array:
        return [*state[2:], *(-state[:2] / math.hypot(*state[:2]) ** 3)]

    from scipy.integrate import solve_ivp  # here, for not every process that collects this file runs it

    ends = solve_ivp(rate, (0.0, times[-1]), start, "DOP853", times, rtol=1e-12, atol=1e-12)
    return ends.y.T


def test_the_true_orbit_and_its_integration(numbers: Numbers) -> None:
    found, demo = numbers("orbit"), load("orbit")
    times = demo.SPAN * np.arange(1, 27) / 26
    assert found["exact"] == pytest.approx(flow(found["truth"], times), abs=1e-9)
    assert demo.elements(found["truth"]) == pytest.approx([demo.AXIS, demo.ECCENTRICITY], rel=1e-12)
    # The energy of Runge and Kutta's method drifts by h⁵: half the step leaves a part of 32.
    for (coarse, fine), least in zip(zip(*found["drifts"], strict=True), (20, 20, 10), strict=True):
        assert least < coarse / fine < 50
    assert max(found["drifts"][1]) < 1e-3


def test_the_derivatives_of_the_orbit(numbers: Numbers) -> None:
    found = numbers("orbit")
    J = found["jacobian"]
    assert found["differences"] == pytest.approx(J, abs=1e-6 * abs(J).max())
    # The motion of a mechanical system is symplectic.
    omega = np.block([[np.zeros((2, 2)), np.eye(2)], [-np.eye(2), np.zeros((2, 2))]])
    for each in J:
        assert each.T @ omega @ each == pytest.approx(omega, abs=1e-3 * abs(each).max())


def test_the_fitted_orbit(numbers: Numbers) -> None:
    from scipy.optimize import least_squares

    found, demo = numbers("orbit"), load("orbit")
    times = demo.SPAN * np.arange(1, 27) / 26
    best = least_squares(
        lambda start: (flow(start, times)[:, :2] - found["observed"]).ravel(), found["truth"]
    )
    assert abs((np.array(found["start"]) - best.x) / found["errors"][:4]).max() < 0.05
    covariance = 2.0 * best.cost / 48 * np.linalg.inv(best.jac.T @ best.jac)
    assert found["errors"][:4] == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.02)
    assert found["misfits"][-1] == pytest.approx(2.0 * best.cost, rel=0.01)
    assert found["estimate"][4:] == pytest.approx([demo.AXIS, demo.ECCENTRICITY], abs=0.01)
    assert abs(found["off"]).max() < 4.0
