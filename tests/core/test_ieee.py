"""What is said when an operation makes a number that cannot be trusted, where, and how to choose."""

from __future__ import annotations

import inspect
import math
import threading
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import (
    NonFiniteError,
    Value,
    abs,
    asin,
    atan2,
    cbrt,
    errstate,
    exp,
    gelu,
    hypot,
    log,
    maximum,
    polygamma,
    pow,
    prod,
    relu,
    sigmoid,
    silu,
    sinc_derivative,
    softplus,
    sqrt,
    tanh,
    where,
)

INF = math.inf

NOT_FINITE: list[tuple[Callable[[], Any], str]] = [
    (lambda: log(Value(0.0)), "log"),
    (lambda: log(0), "log"),
    (lambda: Value(0.0).log(), "log"),
    (lambda: 1 / Value(0.0), "div"),
    (lambda: Value(1.0) / 0, "div"),
    (lambda: Value(1e308) * 10.0, "mul"),
    (lambda: Value(1e308) * Value(1e308), "mul"),
    (lambda: Value(1e308) + 1e308, "add"),
    (lambda: Value(-1e308) - 1e308, "sub"),
    (lambda: Value(1e200) ** 2, "pow"),
    (lambda: Value(1e200).square(), "square"),
    (lambda: Value(-2.0) ** 0.5, "pow"),
    (lambda: pow(-2.0, 0.5), "pow"),
    (lambda: sqrt(Value(0.0)), "sqrt"),
    (lambda: exp(Value(800.0)), "exp"),
    (lambda: exp(800), "exp"),
    (lambda: asin(Value(2.0)), "asin"),
    (lambda: atan2(Value(0.0), Value(0.0)), "atan2"),
    (lambda: prod(Value(1e200), 1e200), "prod"),
    (lambda: prod(Value(0.0), 1e308, 1e308), "prod"),  # 0, with an infinite slope
    (lambda: Value(1.0) % 0.0, "mod"),
    (lambda: polygamma(1.0, Value(0.0)), "polygamma"),
    (lambda: sinc_derivative(0.5, Value(1.0)), "sinc_derivative"),
]


@pytest.mark.parametrize(("make", "name"), NOT_FINITE)
def test_a_new_infinity_or_nan_is_reported_once_at_the_callers_line(
    make: Callable[[], Any], name: str
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    (warning,) = caught
    assert warning.category is RuntimeWarning
    assert warning.filename == __file__
    assert warning.lineno == inspect.getsourcelines(make)[1]
    assert name in str(warning.message)
    with errstate("raise"), pytest.raises(NonFiniteError, match=name) as raised:
        make()
    assert isinstance(raised.value, ArithmeticError)
    with errstate("ignore"):
        make()


def test_the_line_is_the_callers_through_transforms_and_nested_functions() -> None:
    def inner(x: Any) -> Any:
        return log(x)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inner(Value(0.0, "rate"))
    (warning,) = caught
    assert (warning.filename, warning.lineno) == (__file__, inspect.getsourcelines(inner)[1] + 1)
    assert "rate" in str(warning.message)
    assert "0.0" in str(warning.message)


def test_what_flows_on_is_not_reported_again() -> None:
    with errstate("ignore"):
        bad = log(Value(-1.0))
        huge = 1 / Value(0.0)
    with errstate("raise"):
        assert math.isnan((exp(bad) * 2 + 1).sqrt().data)
        assert (huge * 2 + 1).data == exp(huge).data == INF
        assert maximum(huge, 1.0).data == INF
        with pytest.raises(NonFiniteError):
            huge - huge


def test_operations_without_fault_say_nothing() -> None:
    with errstate("raise"):
        for x in (0.0, -0.0, 5e-324, 1.0, -3.0):
            v = Value(x)
            for row in (relu, sigmoid, tanh, softplus, exp, abs, cbrt if x else exp, gelu, silu):
                row(v)
        assert hypot(Value(0.0), Value(0.0)).local_grads == (0.0, 0.0)
        assert (Value(0.0) ** 0).local_grads == (0.0, 0.0)
        assert pow(Value(0.0), Value(2.0)).local_grads == (0.0, 0.0)
        assert where(Value(0.0), Value(1.0), Value(2.0)).data == 2.0


def test_errstate_nests_decorates_and_comes_back_after_an_error() -> None:
    @errstate("ignore")
    def quiet() -> float:
        return float(log(0.0))

    with errstate("raise"):
        assert quiet() == -INF
        with errstate("ignore"):
            assert log(0.0) == -INF
            with errstate("raise"), pytest.raises(NonFiniteError):
                log(0.0)
            assert log(0.0) == -INF
        with pytest.raises(NonFiniteError):
            log(0.0)
    with pytest.raises(RuntimeError), errstate("ignore"):
        raise RuntimeError
    with pytest.warns(RuntimeWarning, match="log"):
        log(0.0)
    with pytest.raises(ValueError, match="loud"):
        errstate("loud")


def test_errstate_is_of_its_thread() -> None:
    seen: list[object] = []

    def other() -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                seen.append(log(0.0))
        except ArithmeticError as error:
            seen.append(error)

    with errstate("raise"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen == [-INF]
