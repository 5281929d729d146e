"""Data to learn from, and its preparation: small drawn sets, digits, batches, splits, scaling.

All results are plain lists: the inputs of a sample are a list of floats, its target is a number.
Functions that draw samples take a ``random.Random``, and use the module ``random``, as the caller has
seeded it, without one. Functions that can shuffle keep the order without one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .support.generators import Generator, generator
from .support.settings import at_least_0, whole_number

__all__ = [
    "Standardizer",
    "blobs",
    "digits",
    "lecture_xor",
    "minibatches",
    "moons",
    "one_hot",
    "split",
    "standardize",
    "xor",
]

Point = list[float]
Samples = tuple[list[Point], list[int]]


def moons(n: int = 100, noise: float = 0.1, rng: Generator | None = None) -> Samples:
    """Points on two interleaved half circles, labeled 0 and 1, in random order.

    :param noise: standard deviation of the normal noise on both coordinates.
    :raises ValueError: when ``n`` is less than 2, or ``noise`` is negative or not finite.
    :raises TypeError: when ``n`` is not a whole number, ``noise`` is not a number, or ``rng`` is not a
        generator.

    >>> import random
    >>> xs, ys = moons(100, rng=random.Random(0)); len(xs), sum(ys)
    (100, 50)
    """
    rng, n, noise = generator(rng), whole_number("n", n, 2), at_least_0("noise", noise)
    points = []
    for label, size in ((0, n - n // 2), (1, n // 2)):
        for i in range(size):
            angle = math.pi * i / max(size - 1, 1)
            x, y = math.cos(angle), math.sin(angle)
            points.append(([1.0 - x, 0.5 - y] if label else [x, y], label))
    rng.shuffle(points)
    return [[c + rng.gauss(0.0, noise) for c in point] for point, _ in points], [y for _, y in points]


def blobs(
    n: int = 100,
    centers: int | Sequence[Sequence[float]] = 3,
    spread: float = 1.0,
    rng: Generator | None = None,
) -> Samples:
    """Normally distributed points around centers, labeled by their center, in random order.

    :param centers: the centers, or how many of them to draw from the square −8 to 8.
    :param spread: standard deviation around a center.
    :raises ValueError: when there are no centers or fewer samples than centers, centers are not finite
        or differ in length, or ``spread`` is negative or not finite.
    :raises TypeError: when a number of samples or centers is not whole, ``spread`` is not a number, or
        ``rng`` is not a generator.

    >>> import random
    >>> xs, ys = blobs(6, [[0, 0], [9, 9]], 0.1, random.Random(0)); sorted(ys)
    [0, 0, 0, 1, 1, 1]
    """
    rng, spread = generator(rng), at_least_0("spread", spread)
    places: Any = centers
    if not isinstance(centers, Iterable):
        drawn = range(whole_number("centers", centers, 1))
        places = [[rng.uniform(-8.0, 8.0), rng.uniform(-8.0, 8.0)] for _ in drawn]
    if not len(places):
        raise ValueError("blobs needs at least one center")
    places = [[float(c) for c in place] for place in places]
    for place in places:
        if len(place) != len(places[0]) or not all(map(math.isfinite, place)):
            raise ValueError(f"the centers must be finite and of one length, unlike {place!r:.60}")
    n = whole_number(f"n for {len(places)} centers", n, len(places))
    ys = [i % len(places) for i in range(n)]
    rng.shuffle(ys)
    return [[c + rng.gauss(0.0, spread) for c in places[y]] for y in ys], ys


def xor(n: int = 1000, noise: float = 0.1, rng: Generator | None = None) -> Samples:
    """Corners of the unit square with normal noise, labeled 1 if exactly one coordinate is above ½.

    :raises ValueError: when ``n`` is less than 1, or ``noise`` is negative or not finite.
    :raises TypeError: when ``n`` is not a whole number, ``noise`` is not a number, or ``rng`` is not a
        generator.

    >>> import random
    >>> xor(4, noise=0.0, rng=random.Random(2))[0][0] in ([0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0])
    True
    """
    rng, n, noise = generator(rng), whole_number("n", n, 1), at_least_0("noise", noise)
    xs = [[float(rng.uniform(0.0, 1.0) > 0.5) + rng.gauss(0.0, noise) for _ in range(2)] for _ in range(n)]
    return xs, [int((a > 0.5) != (b > 0.5)) for a, b in xs]


class LectureXor(NamedTuple):
    """The noisy XOR problem of the lecture: samples, and initial weights and biases of a 2-2-1 network."""

    xs: list[Point]
    ys: list[int]
    weights: list[list[Point]]
    biases: list[Point]


def lecture_xor(seed: int = 1, n: int = 1000) -> LectureXor:
    """The noisy XOR problem of COMP755 lecture 22: the same numbers, initial weights included.

    They are drawn from NumPy's legacy generator in the lecture's order: first the weights and biases of
    both layers, half a normal deviate each, then the corners, then their noise.

    :raises ImportError: without NumPy.
    :raises ValueError: when ``n`` is less than 1.
    :raises TypeError: when ``n`` is not a whole number.

    >>> lecture_xor().ys[:5], round(lecture_xor().weights[0][0][0], 6)
    ([0, 1, 0, 1, 0], 0.812173)
    """
    try:
        from numpy.random import RandomState
    except ImportError:
        raise ImportError("lecture_xor needs NumPy: pip install 'autograd-lite[fast]'") from None
    rng, n = RandomState(seed), whole_number("n", n, 1)
    weights = [(0.5 * rng.randn(2, 2)).tolist(), (0.5 * rng.randn(1, 2)).tolist()]
    biases = [(0.5 * rng.randn(2, 1)).ravel().tolist(), (0.5 * rng.randn(1, 1)).ravel().tolist()]
    corners = (rng.rand(2, n) > 0.5).astype(float)
    xs = (corners + 0.1 * rng.randn(2, n)).T.tolist()
    return LectureXor(xs, [int((a > 0.5) != (b > 0.5)) for a, b in xs], weights, biases)


def digits() -> Samples:
    """The UCI handwritten digits: 1797 images of 8×8 pixels from 0 to 1, and the digits.

    :raises ImportError: without scikit-learn, which contains the images.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError("digits needs scikit-learn: pip install scikit-learn") from None
    images = load_digits()
    return (images.data / 16.0).tolist(), images.target.tolist()


def minibatches(
    xs: Sequence[Any], ys: Sequence[Any], size: int, rng: Generator | None = None
) -> Iterator[tuple[list[Any], list[Any]]]:
    """The samples in batches of ``size``; the last one may be smaller.

    :param rng: shuffles the samples first.
    :raises ValueError: when inputs and targets differ in number, or ``size`` is not between 1 and the
        number of samples.
    :raises TypeError: when ``size`` is not a whole number, or ``rng`` is not a generator.

    >>> [ys for _, ys in minibatches([[0.0]] * 5, [1, 2, 3, 4, 5], 2)]
    [[1, 2], [3, 4], [5]]
    """
    order = _order(xs, ys, rng)
    size = whole_number(f"size for {len(order)} samples", size, 1, len(order))
    starts = range(0, len(order), size)
    return (_chosen(xs, ys, order[start : start + size]) for start in starts)


def split(
    xs: Sequence[Any], ys: Sequence[Any], held_out: float = 0.25, rng: Generator | None = None
) -> tuple[tuple[list[Any], list[Any]], tuple[list[Any], list[Any]]]:
    """The samples in two parts, for training and for testing: ``(xs, ys), (xs, ys)``.

    :param held_out: the share of the second part, between 0 and 1.
    :param rng: shuffles the samples first.
    :raises ValueError: when inputs and targets differ in number, or a part would be empty.
    :raises TypeError: when ``held_out`` is not a number, or ``rng`` is not a generator.

    >>> train, test = split([[0.0], [1.0], [2.0]], [0, 1, 2], held_out=1 / 3); test
    ([[2.0]], [2])
    """
    order = _order(xs, ys, rng)
    share = min(at_least_0("held_out", held_out), 1.0)
    kept = len(order) - round(share * len(order))
    if not 0 < kept < len(order):
        raise ValueError(f"held_out={held_out!r} of {len(order)} samples leaves one part empty")
    return _chosen(xs, ys, order[:kept]), _chosen(xs, ys, order[kept:])


def one_hot(label: int, classes: int) -> list[float]:
    """A list with 1 at the position ``label`` and 0 elsewhere.

    :raises ValueError: when ``classes`` is less than 1, or the label is not one of 0, …, classes − 1.
    :raises TypeError: when either is not a whole number.

    >>> one_hot(1, 3)
    [0.0, 1.0, 0.0]
    """
    classes = whole_number("classes", classes, 1)
    label = whole_number(f"a label of {classes} classes", label, 0, classes - 1)
    return [float(i == label) for i in range(classes)]


@dataclass(frozen=True)
class Standardizer:
    """A function that scales columns: ``(x − mean)/deviation``. :func:`standardize` makes it."""

    means: list[float]
    deviations: list[float]

    def __call__(self, xs: Sequence[Sequence[float]]) -> list[Point]:
        """The samples with every column shifted and scaled.

        :raises ValueError: when a sample has a different number of columns.

        >>> Standardizer([1.0, 0.0], [2.0, 5.0])([[3.0, 5.0], [1.0, -10.0]])
        [[1.0, 1.0], [0.0, -2.0]]
        """
        columns = len(self.means)
        for i, row in enumerate(xs):
            if len(row) != columns:
                raise ValueError(f"sample {i} has {len(row)} columns, not {columns}")
        return [
            [(float(x) - m) / d for x, m, d in zip(row, self.means, self.deviations, strict=True)]
            for row in xs
        ]


def standardize(xs: Sequence[Sequence[float]]) -> Standardizer:
    """A function that gives every column of ``xs`` mean 0 and standard deviation 1.

    Make it from the training samples, then apply it to these and to the test samples. A column in which
    all numbers are equal is only shifted to 0.

    :raises ValueError: when there are no samples, they differ in length, or a column has a nan or an
        infinity.

    >>> scale = standardize([[1.0, 7.0], [3.0, 7.0]])
    >>> scale([[1.0, 7.0], [3.0, 7.0], [5.0, 8.0]])
    [[-1.0, 0.0], [1.0, 0.0], [3.0, 1.0]]
    """
    if not len(xs):
        raise ValueError("standardize needs at least one sample")
    if len({len(row) for row in xs}) != 1:
        raise ValueError("standardize needs samples of one length")
    columns = [[float(x) for x in column] for column in zip(*xs, strict=True)]
    moments = [_moments(column) for column in columns]
    for j, (mean, deviation) in enumerate(moments):
        if not math.isfinite(mean + deviation):
            raise ValueError(f"column {j} has the mean {mean!r} and the deviation {deviation!r}")
    return Standardizer([mean for mean, _ in moments], [deviation for _, deviation in moments])


def _moments(column: list[float]) -> tuple[float, float]:
    """The mean and the standard deviation, or 1 in its place when all numbers are equal."""
    low, high = min(column), max(column)
    if low == high:  # the rounded mean could differ from them
        return low, 1.0
    n = len(column)
    try:
        mean = math.fsum(column) / n
    except OverflowError:
        mean = math.inf
    # A deviation that underflows to 0 is replaced by 1 too.
    return mean, math.hypot(*(x - mean for x in column)) / math.sqrt(n) or 1.0


def _order(xs: Sequence[Any], ys: Sequence[Any], rng: Generator | None) -> list[int]:
    """The indices of the samples, shuffled when there is a generator."""
    if len(xs) != len(ys):
        raise ValueError(f"there are {len(xs)} inputs but {len(ys)} targets")
    order = list(range(len(xs)))
    if rng is not None:
        generator(rng).shuffle(order)
    return order


def _chosen(xs: Sequence[Any], ys: Sequence[Any], chosen: Sequence[int]) -> tuple[list[Any], list[Any]]:
    return [xs[i] for i in chosen], [ys[i] for i in chosen]
