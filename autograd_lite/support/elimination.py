"""Linear algebra on arrays of objects: elimination, in the arithmetic of what the arrays hold.

Pivots are chosen by the numbers; everything else is NumPy's arithmetic on rows, so derivatives of any
order come through. The algorithms are those of Golub and Van Loan, Matrix Computations, 3.4 and 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

ObjectMatrix = np.ndarray[Any, Any]


class LogDeterminant(NamedTuple):
    """What ``np.linalg.slogdet`` gives: a sign, and the logarithm of the absolute value."""

    sign: Any
    logabsdet: Any


def solution(a: Any, b: Any) -> ObjectMatrix:
    """The solution of a·x = b, as ``np.linalg.solve`` gives it.

    :raises numpy.linalg.LinAlgError: when a matrix is singular or not square.

    >>> solution([[2.0, 1.0], [1.0, 3.0]], [3.0, 5.0]).tolist()
    [0.8, 1.4]
    """
    a, b = _square_matrix(a), np.array(b, dtype=object)
    if a.ndim > 2:
        each = a.shape[:-1] if b.ndim == 1 else (*a.shape[:-1], b.shape[-1])
        return _of_each(solution, a, np.broadcast_to(b, each))
    if b.shape[:1] != a.shape[:1]:
        raise ValueError(f"solve takes a right side of {len(a)} rows, not one of shape {b.shape}")
    rows = np.column_stack([a, b])
    size = len(a)
    for k in range(size):
        best = max(range(k, size), key=lambda i: abs(datum(rows[i, k])))
        if datum(rows[best, k]) == 0.0:
            raise np.linalg.LinAlgError("Singular matrix")
        rows[[k, best]] = rows[[best, k]]
        for i in range(k + 1, size):
            rows[i, k + 1 :] = rows[i, k + 1 :] - rows[i, k] / rows[k, k] * rows[k, k + 1 :]
    for k in reversed(range(size)):
        rows[k, size:] = (rows[k, size:] - rows[k, k + 1 : size] @ rows[k + 1 :, size:]) / rows[k, k]
    found: ObjectMatrix = rows[:, size:].reshape(b.shape)
    return found


def inverse(a: Any) -> ObjectMatrix:
    """The inverse of a matrix, as ``np.linalg.inv`` gives it.

    >>> inverse([[2.0, 0.0], [0.0, 4.0]]).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    a = _square_matrix(a)
    return solution(a, np.broadcast_to(np.eye(a.shape[-1]), a.shape))


def determinant(a: Any) -> Any:
    """The determinant, as ``np.linalg.det`` gives it, with its derivatives for singular matrices too.

    >>> float(determinant([[2.0, 1.0], [1.0, 3.0]]))
    5.0
    """
    a = _square_matrix(a)
    if a.ndim > 2:
        return _of_each(determinant, a)
    sign, pivots, rest = _pivots(a)
    return sign * np.prod(pivots) * _by_minors(rest)


def log_determinant(a: Any) -> LogDeterminant:
    """Sign and logarithm of the determinant, as ``np.linalg.slogdet`` gives them.

    >>> sign, log = log_determinant([[0.0, 2.0], [3.0, 0.0]])
    >>> sign, round(float(log), 6)
    (-1.0, 1.791759)
    """
    a = _square_matrix(a)
    if a.ndim > 2:
        raise ValueError("slogdet takes one matrix of Values, not a stack of them")
    sign, pivots, rest = _pivots(a)
    if len(rest):
        return LogDeterminant(0.0, -np.inf)
    signs = [np.sign(datum(pivot)) for pivot in pivots]
    return LogDeterminant(float(sign * np.prod(signs)), sum(np.log(np.abs(np.array(pivots)))))


def cholesky(a: Any) -> ObjectMatrix:
    """The lower triangle L with L·Lᵀ = a, as ``np.linalg.cholesky`` gives it.

    :raises numpy.linalg.LinAlgError: when the matrix is not positive definite.

    >>> cholesky([[4.0, 2.0], [2.0, 5.0]]).astype(float).tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    a = _square_matrix(a)
    if a.ndim > 2:
        return _of_each(cholesky, a)
    lower = np.zeros(a.shape, dtype=object) + 0.0
    for j in range(len(a)):
        square = a[j, j] - lower[j, :j] @ lower[j, :j]
        if not datum(square) > 0.0:
            raise np.linalg.LinAlgError("ObjectMatrix is not positive definite")
        lower[j, j] = np.sqrt(square)
        for i in range(j + 1, len(a)):
            lower[i, j] = (a[i, j] - lower[i, :j] @ lower[j, :j]) / lower[j, j]
    return lower


def _pivots(a: ObjectMatrix) -> tuple[float, list[Any], ObjectMatrix]:
    """The sign of the exchanges, the pivots, and what is left where all numbers are 0.

    The largest number of all that is left is the next pivot, so that a pivot of 0 comes last.
    """
    rows, sign, pivots = a.copy(), 1.0, []
    while len(rows):
        sizes = np.array([[abs(datum(x)) for x in row] for row in rows])
        i, j = np.unravel_index(np.argmax(sizes), sizes.shape)
        if sizes[i, j] == 0.0:
            break
        sign *= (-1.0) ** int(i + j)
        pivot, others, row = rows[i, j], np.delete(rows, i, 0), np.delete(rows[i], j)
        pivots.append(pivot)
        rows = np.delete(others, j, 1) - np.outer(others[:, j] / pivot, row)
    return sign, pivots, rows


def _by_minors(a: ObjectMatrix) -> Any:
    """The determinant of a matrix of which all numbers are 0; its derivatives are not."""
    if not len(a):
        return 1.0
    minors = (np.delete(a[1:], j, 1) for j in range(len(a)))
    return sum((-1.0) ** j * a[0, j] * _by_minors(minor) for j, minor in enumerate(minors))


def _of_each(function: Callable[..., Any], *stacks: ObjectMatrix) -> ObjectMatrix:
    made = [function(*parts) for parts in zip(*stacks, strict=True)]
    return np.array(made, dtype=object)


def _square_matrix(a: Any) -> ObjectMatrix:
    found = np.array(a, dtype=object)
    if found.ndim < 2 or found.shape[-1] != found.shape[-2]:
        raise np.linalg.LinAlgError(f"a square matrix is needed, not an array of shape {found.shape}")
    return found


def datum(x: Any) -> float:
    """The number in an entry, which may be a Value.

    >>> datum(3)
    3.0
    """
    return float(x.data if is_value(x) else x)


def is_value(x: Any) -> bool:
    """Whether an entry has derivatives; a number of NumPy has a ``data`` of its own."""
    return hasattr(x, "local_grads")
