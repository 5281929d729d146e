"""Data to learn from: small sets made on the spot, handwritten digits, and what prepares them.

Everything is plain lists: a sample's inputs are a list of floats, its target a number. What draws
takes a ``random.Random``; without one, what must draw uses the module ``random`` as the caller has
seeded it, and what may shuffle keeps the order.
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
    """Two half circles that reach into each other, labelled 0 and 1, in shuffled order.

    :param noise: standard deviation of the normal noise on both coordinates.
    :raises ValueError: for less than 2 samples, or noise that is negative or not finite.
    :raises TypeError: for an ``n`` that is not whole, noise that is not a number, or another ``rng``.

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
    """Points that lie normally around centres, labelled by their centre, in shuffled order.

    :param centers: the centres, or how many to draw from the square −8 to 8.
    :param spread: standard deviation around a centre.
    :raises ValueError: for no centres, ones that are not finite or differ in length, fewer samples
        than centres, or a spread that is negative or not finite.
    :raises TypeError: for counts that are not whole, a spread that is not a number, or another ``rng``.

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
        raise ValueError("blobs needs at least one centre")
    places = [[float(c) for c in place] for place in places]
    for place in places:
        if len(place) != len(places[0]) or not all(map(math.isfinite, place)):
            raise ValueError(f"the centres are finite points of one space; {place!r:.60} is not")
    n = whole_number(f"n for {len(places)} centres", n, len(places))
    ys = [i % len(places) for i in range(n)]
    rng.shuffle(ys)
    return [[c + rng.gauss(0.0, spread) for c in places[y]] for y in ys], ys


def xor(n: int = 1000, noise: float = 0.1, rng: Generator | None = None) -> Samples:
    """The corners of the unit square with normal noise; 1 where just one coordinate is above ½.

    :raises ValueError: for no samples, or noise that is negative or not finite.
    :raises TypeError: for an ``n`` that is not whole, noise that is not a number, or another ``rng``.

    >>> import random
    >>> xor(4, noise=0.0, rng=random.Random(2))[0][0] in ([0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0])
    True
    """
    rng, n, noise = generator(rng), whole_number("n", n, 1), at_least_0("noise", noise)
    xs = [[float(rng.uniform(0.0, 1.0) > 0.5) + rng.gauss(0.0, noise) for _ in range(2)] for _ in range(n)]
    return xs, [int((a > 0.5) != (b > 0.5)) for a, b in xs]


class LectureXor(NamedTuple):
    """The lecture's noisy XOR problem: samples, and the 2-2-1 network's first weights and biases."""

    xs: list[Point]
    ys: list[int]
    weights: list[list[Point]]
    biases: list[Point]


def lecture_xor(seed: int = 1, n: int = 1000) -> LectureXor:
    """The noisy XOR of COMP755 lecture 22, number by number, with the network's starting point.

    Drawn from NumPy's legacy generator in the lecture's order: first the weights and biases of both
    layers, half a normal deviate each, then the corners, then their noise.

    :raises ImportError: without NumPy.
    :raises ValueError: for no samples.
    :raises TypeError: when their number is not whole.

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

    :raises ImportError: without scikit-learn, which ships them.
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
    """One pass over the samples in batches of ``size``, the last one perhaps smaller.

    :param rng: shuffles the samples first.
    :raises ValueError: when the lengths differ, or the size is not between 1 and the samples' number.
    :raises TypeError: for a size that is not a whole number, or another ``rng``.

    >>> [ys for _, ys in minibatches([[0.0]] * 5, [1, 2, 3, 4, 5], 2)]
    [[1, 2], [3, 4], [5]]
    """
    order = _order(xs, ys, rng)
    size = whole_number(f"size for {len(order)} samples", size, 1, len(order))
    starts = range(0, len(order), size)
    return (_taken(xs, ys, order[start : start + size]) for start in starts)


def split(
    xs: Sequence[Any], ys: Sequence[Any], held_out: float = 0.25, rng: Generator | None = None
) -> tuple[tuple[list[Any], list[Any]], tuple[list[Any], list[Any]]]:
    """The samples in two parts, to train on and to test on: ``(xs, ys), (xs, ys)``.

    :param held_out: the share of the second part, between 0 and 1.
    :param rng: shuffles the samples first.
    :raises ValueError: when the lengths differ, or a part would be empty.
    :raises TypeError: for a share that is not a number, or another ``rng``.

    >>> train, test = split([[0.0], [1.0], [2.0]], [0, 1, 2], held_out=1 / 3); test
    ([[2.0]], [2])
    """
    order = _order(xs, ys, rng)
    share = min(at_least_0("held_out", held_out), 1.0)
    kept = len(order) - round(share * len(order))
    if not 0 < kept < len(order):
        raise ValueError(f"held_out = {held_out!r} of {len(order)} samples leaves a part empty")
    return _taken(xs, ys, order[:kept]), _taken(xs, ys, order[kept:])


def one_hot(label: int, classes: int) -> list[float]:
    """1 at the label's place and 0 elsewhere.

    :raises ValueError: when the label is not one of 0, …, classes − 1, or there is no class.
    :raises TypeError: when either is not a whole number.

    >>> one_hot(1, 3)
    [0.0, 1.0, 0.0]
    """
    classes = whole_number("classes", classes, 1)
    label = whole_number(f"a label of {classes} classes", label, 0, classes - 1)
    return [float(i == label) for i in range(classes)]


@dataclass(frozen=True)
class Standardizer:
    """Moves and scales columns: ``(x − mean)/deviation``. Made by :func:`standardize`."""

    means: list[float]
    deviations: list[float]

    def __call__(self, xs: Sequence[Sequence[float]]) -> list[Point]:
        """The samples with every column moved and scaled.

        :raises ValueError: when a sample has another number of columns.

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
    """What gives each column of ``xs`` mean 0 and standard deviation 1.

    Learned from the training samples, then applied to these and to the test samples alike. A column
    that does not vary is moved to 0.

    :raises ValueError: for no samples, samples of different lengths, or a column with a nan or inf.

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
    """The mean and the standard deviation; 1 in its place where all are equal."""
    low, high = min(column), max(column)
    if low == high:  # their mean, rounded, may be another number
        return low, 1.0
    n = len(column)
    try:
        mean = math.fsum(column) / n
    except OverflowError:
        mean = math.inf
    # A deviation too small to be a float is none.
    return mean, math.hypot(*(x - mean for x in column)) / math.sqrt(n) or 1.0


def _order(xs: Sequence[Any], ys: Sequence[Any], rng: Generator | None) -> list[int]:
    if len(xs) != len(ys):
        raise ValueError(f"there are {len(xs)} inputs but {len(ys)} targets")
    order = list(range(len(xs)))
    if rng is not None:
        generator(rng).shuffle(order)
    return order


def _taken(xs: Sequence[Any], ys: Sequence[Any], chosen: Sequence[int]) -> tuple[list[Any], list[Any]]:
    return [xs[i] for i in chosen], [ys[i] for i in chosen]
