"""Arrays of Values on which more of NumPy works: those that transforms and programs give to a function.

NumPy has loops over objects for its arithmetic and for what objects have as methods, but none for
``isfinite``, ``logaddexp`` or the functions of SciPy, and its linear algebra takes floats alone. By
NumPy's protocols for subclasses (NEP 13 and NEP 18) these arrays answer for themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from . import elimination

#: What Values call functions of NumPy and SciPy that have other names there.
_METHODS = {
    "deg2rad": "radians",
    "expit": "sigmoid",
    "float_power": "__pow__",
    "gammaln": "lgamma",
    "log_expit": "log_sigmoid",
    "ndtr": "norm_cdf",
    "psi": "digamma",
    "rad2deg": "degrees",
}

#: What is asked of the numbers alone.
_QUESTIONS: dict[str, Callable[[float], bool]] = {
    "isfinite": math.isfinite,
    "isinf": math.isinf,
    "isnan": math.isnan,
    "signbit": lambda x: math.copysign(1.0, x) < 0.0,
}

#: NumPy has a loop over objects for it, but that would lose the derivative.
_BY_METHOD = {"trunc"}

#: Functions that are made of floats in NumPy, and what does the same for Values.
_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.linalg.cholesky: elimination.cholesky,
    np.linalg.det: elimination.determinant,
    np.linalg.inv: elimination.inverse,
    np.linalg.slogdet: elimination.log_determinant,
    np.linalg.solve: elimination.solution,
    np.sinc: lambda x: np.frompyfunc(_called("sinc", np.sinc), 1, 1)(x),
}


#: Functions of NumPy that cannot work on Values, and what to write in their place.
_WAYS: dict[str, str] = {
    "angle": "np.arctan2 of two parts, as Values are real",
    "corrcoef": "with d = x - np.mean(x) and e = y - np.mean(y) it is d @ e / np.sqrt((d @ d) * (e @ e))",
    "cov": "with d = x - np.mean(x) it is d @ d / (len(x) - 1)",
    "gradient": "inside it is (x[2:] - x[:-2]) / 2, at the ends np.diff",
    "histogram": "counts have no derivative: count the numbers, [v.data for v in x]",
    "interp": "np.searchsorted finds the place i, and there it is y[i] + t * (y[i + 1] - y[i])",
    "numpy.fft": "a sum over np.cos and np.sin of the frequencies, np.cos(angles) @ x, is the same",
    "numpy.linalg": "solve, inv, det, slogdet, cholesky, norm and matrix_power do. Least squares are "
    "least_squares(f, x0); for a function with a known derivative write a primitive",
}


class ValueArray(np.ndarray[Any, Any]):
    """An array of Values that answers NumPy for itself.

    It computes as any array of objects does, and where NumPy has no way for these:

    ``np.isfinite`` and its kin, every function of the table by NumPy's and SciPy's names, and
    ``np.linalg.solve``, ``inv``, ``det``, ``slogdet`` and ``cholesky``.
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **named: Any) -> Any:
        """Apply a function number by number."""
        plain = [_plain(x) for x in inputs]
        if out := named.get("out"):
            named["out"] = tuple(_plain(x) for x in out)
        if method == "__call__" and ufunc.__name__ in _QUESTIONS:
            ask = _QUESTIONS[ufunc.__name__]
            return np.frompyfunc(lambda x: ask(elimination.datum(x)), 1, 1)(*plain).astype(bool)
        by_method = ufunc.__name__ in _METHODS or ufunc.__name__ in _BY_METHOD
        takes_objects = any("O" in loop for loop in ufunc.types) and not by_method
        if takes_objects or method != "__call__" or ufunc.signature is not None:
            try:
                found = getattr(ufunc, method)(*plain, **named)
            except TypeError as error:
                if "complex" not in str(error):
                    raise
                raise TypeError(
                    f"np.{ufunc.__name__} takes no complex numbers beside Values, which are real. SciPy's "
                    "logsumexp uses them: autograd_lite.logsumexp(x) is without"
                ) from error
        else:
            found = np.frompyfunc(_called(ufunc.__name__, ufunc), ufunc.nin, 1)(*plain)
        return out[0] if out else _of_values(found)

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """Call a function of NumPy; one that cannot work on Values names what there is for them."""
        if func in _FUNCTIONS:
            return _of_values(_FUNCTIONS[func](*map(_plain, args), **kwargs))
        try:
            return _of_values(super().__array_function__(func, types, args, dict(kwargs)))
        except (TypeError, AttributeError) as error:
            module = getattr(func, "__module__", "")
            way = _WAYS.get(module) or _WAYS.get(func.__name__)
            if way is None:
                raise
            name = f"{module.replace('numpy', 'np')}.{func.__name__}"
            raise TypeError(f"{name} takes no Values: {way}") from error


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, ValueArray) else x


def _of_values(found: Any) -> Any:
    """``found`` as an array that answers for itself, if it is one of objects."""
    if isinstance(found, tuple):
        return (
            type(found)(*map(_of_values, found))
            if hasattr(found, "_fields")
            else tuple(map(_of_values, found))
        )
    if isinstance(found, np.ndarray) and found.dtype == object:
        return found.view(ValueArray) if found.ndim else found[()]
    return found


def _called(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` of numbers and Values, by the method of that name where a Value is among them."""
    method = _METHODS.get(name, name)

    def call(*xs: Any) -> Any:
        kind = next((type(x) for x in xs if elimination.is_value(x)), None)
        if kind is None:
            return float(function(*map(float, xs)))
        first, *rest = xs
        first = first if elimination.is_value(first) else kind(first)
        if not hasattr(first, method):
            raise TypeError(f"{name} takes no Values: no operation of the table has that name")
        return getattr(first, method)(*rest)

    return call
