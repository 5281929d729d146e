"""Minimisation by SciPy: it finds minima, descends at every iteration, and cleans up after itself."""

import math
import random
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from autograd_lite import Constant, Value, errstate, exp, no_grad
from autograd_lite import sum as total
from autograd_lite.losses import mse
from autograd_lite.minimization import METHODS
from autograd_lite.minimization import minimize as minimize_by
from autograd_lite.nn import MLP

pytest.importorskip("scipy")

#: Most tests count the circuits that are made, which a program does not make.
minimize = partial(minimize_by, engine="eager")


def valley(x: Value, y: Value) -> Any:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@pytest.mark.parametrize("method", [m for m in METHODS if m != "trust-constr"])
def test_every_method_finds_rosenbrocks_minimum(method: str) -> None:
    x, y = Value(-1.2, "x"), Value(1.0, "y")
    found = minimize(lambda: valley(x, y), [x, y], method=method, max_iterations=200)
    assert (x.data, y.data) == pytest.approx((1.0, 1.0), abs=1e-3)
    assert found.success
    assert found.loss == pytest.approx(valley(x, y).data, abs=1e-15)
    assert found.history[0] == valley(Value(-1.2), Value(1.0)).data
    assert found.evaluations >= len(found.history)
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_trust_region_takes_the_same_call() -> None:
    x, y = Value(0.5), Value(0.5)
    found = minimize(lambda: valley(x, y), [x, y], method="trust-constr", max_iterations=300)
    assert found.loss < 1e-3


@pytest.mark.parametrize("method", ["CG", "BFGS", "L-BFGS-B"])
def test_the_loss_of_a_network_falls_at_every_iteration(method: str) -> None:
    rng = random.Random(0)
    xs = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(15)]
    ys = [a * b for a, b in xs]
    net = MLP(2, [3, 1], activation="tanh", rng=rng)

    def loss() -> Any:
        return total([mse(net(x), y) for x, y in zip(xs, ys, strict=True)]) / float(len(xs))

    found = minimize(loss, net.parameters(), method=method, max_iterations=25)
    assert len(found.history) > 1
    assert all(b < a for a, b in zip(found.history, found.history[1:], strict=False))
    assert found.history[-1] < 0.5 * found.history[0]
    assert loss().data == pytest.approx(found.loss, rel=1e-12)
    assert all(type(p.data) is float for p in net.parameters())


def test_a_tied_parameter_is_one_variable() -> None:
    x = Value(3.0)
    minimize(lambda: (x - 1) ** 2, [x, x])
    assert x.data == pytest.approx(1.0)


def test_options_and_tolerance_reach_scipy() -> None:
    x, y = Value(-1.2), Value(1.0)
    short = minimize(lambda: valley(x, y), [x, y], options={"maxiter": 2})
    assert len(short.history) == 3
    assert not short.success
    assert short.message
    x.data, y.data = -1.2, 1.0
    loose = minimize(lambda: valley(x, y), [x, y], tolerance=10.0)
    assert loose.loss > 1e-6


@pytest.mark.parametrize("call", range(2, 16))
@pytest.mark.parametrize("method", METHODS)
def test_an_interruption_leaves_no_place_worse_than_the_start(method: str, call: int) -> None:
    x, y = Value(-1.0), Value(2.0)
    calls = 0

    def loss() -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return valley(x, y)

    with pytest.raises(KeyboardInterrupt):
        minimize(loss, [x, y], method=method)
    assert valley(x, y).data <= valley(Value(-1.0), Value(2.0)).data
    assert (x.grad, y.grad) == (0.0, 0.0)


@pytest.mark.parametrize("method", METHODS)
def test_the_history_goes_down_to_the_loss(method: str) -> None:
    x, y = Value(-1.0), Value(2.0)
    for limit in (2, 5, 100):
        found = minimize(lambda: valley(x, y), [x, y], method=method, max_iterations=limit)
        assert found.history[-1] == found.loss == valley(x, y).data
        assert all(b <= a for a, b in zip(found.history, found.history[1:], strict=False))
        assert len(set(found.history)) == len(found.history)


@pytest.mark.parametrize("method", METHODS)
def test_every_iteration_is_told_with_its_place_and_its_cost(method: str) -> None:
    x, y = Value(-1.0), Value(2.0)
    asked: list[tuple[float, float]] = []
    told: list[tuple[float, int]] = []

    def loss() -> Any:
        asked.append((x.data, y.data))
        return valley(x, y)

    def callback() -> None:
        assert (x.grad, y.grad) == (0.0, 0.0)
        told.append((valley(x, y).data, len(asked)))
        valley(x, y).backward()  # what it leaves behind is not in the way

    found = minimize(loss, [x, y], method=method, max_iterations=30, callback=callback)
    assert told == list(zip(found.history, found.evaluated, strict=True))[1:]
    assert told
    assert found.evaluated[0] == 1
    assert found.evaluations == len(asked) >= found.evaluated[-1]
    assert all(b > a for a, b in zip(found.evaluated, found.evaluated[1:], strict=False))
    assert asked[0] != asked[1]  # the start is swept once


def test_a_callback_changes_nothing_and_may_end_the_search() -> None:
    x, y = Value(-1.2), Value(1.0)
    places: list[tuple[float, float]] = []
    whole = minimize(lambda: valley(x, y), [x, y], callback=lambda: places.append((x.data, y.data)))
    x.data, y.data = -1.2, 1.0
    assert minimize(lambda: valley(x, y), [x, y]) == whole
    assert (x.data, y.data) == places[-1]

    def third() -> None:
        if (x.data, y.data) == places[2]:
            raise RuntimeError("enough")

    x.data, y.data = -1.2, 1.0
    with pytest.raises(RuntimeError, match="enough"):
        minimize(lambda: valley(x, y), [x, y], callback=third)
    assert (x.data, y.data) == places[2]
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_an_interruption_leaves_the_last_iteration() -> None:
    x, y = Value(-1.2), Value(1.0)
    places = []
    calls = 0

    def loss() -> Any:
        nonlocal calls
        calls += 1
        places.append((x.data, y.data))
        if calls == 20:
            raise KeyboardInterrupt
        return valley(x, y)

    with pytest.raises(KeyboardInterrupt):
        minimize(loss, [x, y])
    assert (x.data, y.data) in places[:-1]
    assert (x.data, y.data) != (-1.2, 1.0)
    assert valley(x, y).data < valley(Value(-1.2), Value(1.0)).data


@pytest.mark.filterwarnings("ignore:.* gave:RuntimeWarning")
def test_a_line_search_steps_back_from_where_the_loss_is_no_number() -> None:
    x = Value(0.5)
    found = minimize(lambda: x - x.log(), [x], method="L-BFGS-B")
    assert x.data == pytest.approx(1.0, abs=1e-4)
    assert found.loss == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", METHODS)
def test_a_wall_on_the_way_is_no_end(method: str, seed: int) -> None:
    rng = random.Random(seed)
    a, b, w = (Value(10 ** rng.uniform(-1.5, 1.5)) for _ in range(3))
    with errstate("ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = minimize(lambda: a.data * w**2 - b.data * w.log(), [w], method=method)
    assert found.success
    assert w.data == pytest.approx(math.sqrt(b.data / a.data / 2), rel=1e-2)


def test_a_loss_that_becomes_a_constant_is_flat_there() -> None:
    x = Value(3.0)
    found = minimize(lambda: x * x - 1 if x.data > 1 else Constant(0.0), [x])
    assert found.loss == 0.0


def test_a_wall_of_overflow_is_stepped_back_from() -> None:
    x = Value(3.0)
    with errstate("ignore"):
        found = minimize(lambda: exp(x**2), [x], method="SLSQP")
    assert found.success
    assert x.data == pytest.approx(0.0, abs=1e-3)


def test_no_sweep_is_made_twice() -> None:
    places: list[tuple[float, float]] = []
    x, y = Value(-1.0), Value(2.0)

    def loss() -> Any:
        places.append((x.data, y.data))
        return valley(x, y)

    found = minimize(loss, [x, y])
    assert len(places) == len(set(places)) == found.evaluations


@pytest.mark.parametrize("method", METHODS)
def test_no_success_at_a_wall(method: str) -> None:
    x = Value(1.0)
    with errstate("ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = minimize(lambda: x.log(), [x], method=method, max_iterations=30)
    assert not found.success


def test_what_cannot_move_is_refused() -> None:
    x, fixed = Value(3.0, "x"), Constant(1.0)
    double = 2 * x
    for given, error, says in (
        ([fixed], ValueError, "constant"),
        ([x, double], ValueError, "computed"),
        ({"x": x}, TypeError, "dict"),
        (MLP(1, [1]), TypeError, "MLP"),
        (["x"], TypeError, "str"),
    ):
        with pytest.raises(error, match=says):
            minimize(lambda: (x - 5) ** 2, given)
    assert (x.data, fixed.data, double.data) == (3.0, 1.0, 6.0)


def test_gradients_of_what_stays_are_forgotten_too() -> None:
    x, stays = Value(3.0), Value(2.0)
    minimize(lambda: (stays * x - 1) ** 2, [x])
    assert (x.grad, stays.grad, stays.data) == (0.0, 0.0, 2.0)


@pytest.mark.filterwarnings("ignore:.* gave:RuntimeWarning")
def test_a_start_that_is_no_number_is_told() -> None:
    x = Value(-1.0)
    with pytest.raises(FloatingPointError, match="start"):
        minimize(lambda: x.log(), [x])
    assert x.data == -1.0


@pytest.mark.parametrize("method", [m for m in METHODS if m != "trust-constr"])
@pytest.mark.parametrize(
    ("loss", "start"),
    [
        (lambda x, y: (x * x).sqrt() + y**2, (0.5, 3.0)),
        (lambda x, y: x.sqrt() + y**2, (0.5, 3.0)),
        (lambda x, y: x**3 + y**3, (-1.0, -1.0)),
        (lambda x, y: x.log() + y.log(), (1.0, 2.0)),
    ],
)
def test_parameters_and_loss_stay_finite(
    loss: Callable[..., Any], start: tuple[float, float], method: str
) -> None:
    x, y = (Value(each) for each in start)
    with errstate("ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy's own, of a search that cannot succeed
        found = minimize(lambda: loss(x, y), [x, y], method=method, max_iterations=50)
        assert all(map(math.isfinite, (x.data, y.data, found.loss, *found.history)))
        assert loss(x, y).data == found.loss <= found.history[0]


def test_a_derivative_that_is_not_finite_at_the_start_is_told() -> None:
    x, y = Value(1.0), Value(0.0, "y")
    with (
        errstate("ignore"),
        pytest.raises(FloatingPointError, match=r"derivative .*parameter 1 \(y\) is inf"),
    ):
        minimize(lambda: x * x + y.sqrt(), [x, y])
    assert (x.data, y.data) == (1.0, 0.0)


def test_it_asks_for_derivatives_inside_no_grad_too() -> None:
    x = Value(3.0)
    with no_grad():
        minimize(lambda: (x - 1) ** 2, [x])
    assert x.data == pytest.approx(1.0)


def test_a_loss_without_the_parameters_is_refused() -> None:
    x, other = Value(3.0), Value(2.0)
    with pytest.raises(ValueError, match="none of the"):
        minimize(lambda: (x - 1) ** 2, [other])
    assert (x.data, other.data) == (3.0, 2.0)


def test_the_options_given_stay_as_they_are() -> None:
    x, options = Value(3.0), {"gtol": 1e-3}
    minimize(lambda: (x - 1) ** 2, [x], max_iterations=3, options=options)
    assert options == {"gtol": 1e-3}


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"method": "BGFS"}, ValueError, "'BFGS'"),
        ({"method": "qqq"}, ValueError, "L-BFGS-B"),
        ({"method": ""}, ValueError, "choose one"),
        ({"parameters": []}, ValueError, "at least one"),
        ({"tolerance": math.nan}, ValueError, "tolerance .* nan"),
        ({"tolerance": "a"}, TypeError, "tolerance .* str"),
        ({"max_iterations": 0}, ValueError, "max_iterations .* 0"),
        ({"max_iterations": 1.5}, TypeError, r"max_iterations .*1\.5"),
        ({"max_iterations": 3, "options": {"maxiter": 1}}, ValueError, "maxiter"),
        ({"loss": lambda: 1.0}, TypeError, "float"),
    ],
)
def test_bad_input_is_told(settings: dict[str, Any], error: Any, says: str) -> None:
    x = Value(2.0)
    args: dict[str, Any] = {"loss": lambda: x * x, "parameters": [x]} | settings
    with pytest.raises(error, match=says):
        minimize(**args)
    assert x.data == 2.0


def test_without_scipy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(2.0)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=r"autograd-lite\[train\]"):
        minimize(lambda: x * x, [x])
    assert x.data == 2.0


# Programs


def rosenbrock_of_two(x: Value, y: Value) -> Any:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@pytest.mark.parametrize("method", METHODS)
def test_a_program_finds_what_circuits_find(method: str) -> None:
    found = []
    for engine in ("eager", "program"):
        x, y = Value(-1.0), Value(2.0)
        result = minimize_by(partial(rosenbrock_of_two, x, y), [x, y], method=method, engine=engine)
        found.append((x.data, y.data, result.loss, result.history))
        assert result.engine.startswith(engine)
    assert found[0] == found[1]  # few parameters: to the last bit


def test_a_loss_that_cannot_be_recorded_is_minimized_all_the_same() -> None:
    x = Value(3.0)
    found = minimize_by(lambda: (x - 1.0) ** 2 if x.data > 2 else (x - 1.0) ** 2 + 0.0, [x])
    assert found.engine.startswith("eager: ")
    assert ".data at test_minimization.py" in found.engine
    assert x.data == pytest.approx(1.0, abs=1e-6)
    x.data = 3.0
    with pytest.raises((UserWarning, ValueError), match=r"\.data"):
        minimize_by(lambda: (x - x.data) ** 2 + x * x, [x], engine="program")
    with pytest.raises(ValueError, match="engine must be"):
        minimize_by(lambda: x * x, [x], engine="fast")


def test_branches_of_a_loss_are_recorded_too() -> None:
    x = Value(3.0)
    found = minimize_by(lambda: (x - 1.0) ** 2 if x > 1.0 else 2.0 * (x - 1.0) ** 2, [x])
    assert found.engine.startswith("program")
    assert x.data == pytest.approx(1.0, abs=1e-5)
