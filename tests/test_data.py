"""Data: the shapes they promise, the same from the same generator, and errors that say why."""

import math
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_lite.data import (
    blobs,
    digits,
    lecture_xor,
    minibatches,
    moons,
    one_hot,
    split,
    standardize,
    xor,
)

from .support.networks import descend

Maker = Callable[..., Any]


@pytest.mark.parametrize("make", [moons, blobs, xor])
def test_samples_come_from_the_given_generator_alone(make: Maker) -> None:
    random.seed(1)
    before = random.getstate()
    first = make(50, rng=random.Random(3))
    assert random.getstate() == before
    assert make(50, rng=random.Random(3)) == first
    assert make(50, rng=random.Random(4)) != first
    drawn = make(50)
    random.seed(1)
    assert make(50) == drawn
    xs, ys = first
    assert len(xs) == len(ys) == 50
    assert all(type(c) is float for x in xs for c in x)
    assert all(type(y) is int for y in ys)
    assert len(set(ys[:10])) > 1  # shuffled


def test_moons_lie_on_their_half_circles() -> None:
    xs, ys = moons(101, noise=0.0, rng=random.Random(0))
    assert sorted(ys) == [0] * 51 + [1] * 50
    for (x, y), label in zip(xs, ys, strict=True):
        if label:
            x, y = 1.0 - x, 0.5 - y
        assert math.hypot(x, y) == pytest.approx(1.0)
        assert y >= -1e-15
    samples = {(*np.round(point, 12).tolist(), label) for point, label in zip(xs, ys, strict=True)}
    ends = {(1.0, 0.0, 0), (-1.0, 0.0, 0), (0.0, 0.5, 1), (2.0, 0.5, 1)}
    assert ends <= samples
    first, labels = moons(2, noise=0.0)
    assert dict(zip(labels, first, strict=True)) == {0: [1.0, 0.0], 1: [0.0, 0.5]}
    noisy, _ = moons(2000, noise=0.3, rng=random.Random(0))
    clean, _ = moons(2000, noise=0.0, rng=random.Random(0))
    assert np.std(np.array(noisy) - np.array(clean)) == pytest.approx(0.3, rel=0.05)


def test_blobs_lie_around_their_centres() -> None:
    centers: Any = [[0.0, 5.0, 1.0], [-3.0, 2.0, 8.0]]
    four: Any = np.int64(4)
    array: Any = np.array(centers)
    xs, ys = blobs(1000, centers, spread=0.5, rng=random.Random(0))
    assert sorted(ys) == [0] * 500 + [1] * 500
    for label, center in enumerate(centers):
        own = np.array([x for x, y in zip(xs, ys, strict=True) if y == label])
        assert own.mean(axis=0) == pytest.approx(center, abs=0.1)
        assert own.std(axis=0) == pytest.approx([0.5] * 3, rel=0.1)
    assert set(blobs(10, four, rng=random.Random(0))[1]) == {0, 1, 2, 3}
    from_array = blobs(9, array, 0.1, random.Random(0))
    assert from_array == blobs(9, centers, 0.1, random.Random(0))
    assert {type(c) for x in from_array[0] for c in x} == {float}
    drawn = np.array(blobs(200, 200, 0.0, random.Random(0))[0])
    assert (np.abs(drawn) <= 8.0).all()
    assert np.abs(drawn).max() > 7.0
    assert drawn.std() == pytest.approx(16 / math.sqrt(12), rel=0.1)
    assert ys[:6] not in ([0, 1] * 3, [1, 0] * 3)


def test_xor_labels_the_noisy_corner() -> None:
    xs, ys = xor(1000, noise=0.1, rng=random.Random(0))
    assert all(y == ((a > 0.5) != (b > 0.5)) for (a, b), y in zip(xs, ys, strict=True))
    corners = np.round(np.array(xs))
    assert (np.unique(corners, axis=0, return_counts=True)[1] > 200).all()
    assert np.std(np.array(xs) - corners) == pytest.approx(0.1, rel=0.1)


def test_the_lectures_xor_trains_to_the_known_end() -> None:
    errors, end, _ = descend(lecture_xor(), steps=200, lr=0.03)
    expected = [0.0237200652, 0.9645614661, 0.9642003386, 0.0493232531]
    assert end.tolist() == pytest.approx(expected, abs=1e-9)
    assert (errors[0], errors[-1]) == pytest.approx((126.2757, 1.6650509), rel=1e-6)


def test_minibatches_take_every_sample_once() -> None:
    xs, ys = [[float(i)] for i in range(10)], list(range(10))
    for rng in (None, random.Random(0)):
        batches = list(minibatches(xs, ys, 4, rng))
        assert [len(y) for _, y in batches] == [4, 4, 2]
        assert all(x == [[float(i)] for i in y] for x, y in batches)
        seen = [i for _, y in batches for i in y]
        assert sorted(seen) == ys
        assert (seen == ys) is (rng is None)


def test_a_split_keeps_every_sample_once() -> None:
    xs, ys = [[float(i)] for i in range(10)], list(range(10))
    train, test = split(xs, ys, held_out=0.3, rng=random.Random(0))
    assert (len(train[0]), len(test[1])) == (7, 3)
    assert sorted(train[1] + test[1]) == ys
    assert test[1] != [7, 8, 9]
    for part in (train, test):
        assert part[0] == [[float(i)] for i in part[1]]
    assert split(xs, ys, held_out=0.3)[1][1] == [7, 8, 9]
    assert split(xs, ys, held_out=0.29)[1][1] == [7, 8, 9]  # 2.9 samples


def test_standardized_columns_have_mean_0_and_deviation_1() -> None:
    rng = random.Random(0)
    train = [[rng.gauss(5, 3), rng.gauss(-1, 0.1), 7.0] for _ in range(200)]
    scale = standardize(train)
    scaled = np.array(scale(train))
    assert scaled.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-13)
    assert scaled.std(axis=0) == pytest.approx([1, 1, 0], abs=1e-13)
    other = [[1.0, 2.0, 8.0]]
    expected = (np.array(other) - np.mean(train, axis=0)) / [*np.std(train, axis=0)[:2], 1]
    assert scale(other)[0] == pytest.approx(expected[0].tolist())


def test_a_column_that_does_not_vary_is_moved_to_0() -> None:
    rng = random.Random(0)
    for _ in range(200):
        c = rng.uniform(-10.0, 10.0)
        scale = standardize([[c]] * 3)
        assert scale([[c], [c + 1.0]]) == [[0.0], [(c + 1.0) - c]]


def test_arrays_are_standardized_to_plain_floats() -> None:
    train: Any = np.random.RandomState(0).randn(20, 2)
    scaled = standardize(train)(train)
    assert {type(x) for row in scaled for x in row} == {float}
    small = standardize([[1e-4], [3e-4]])([[1e-4], [3e-4]])
    assert small == [pytest.approx([-1.0]), pytest.approx([1.0])]
    wide = standardize([[1e200], [-1e200]])([[1e200]])
    assert wide[0] == pytest.approx([1.0])


def test_one_hot_is_1_at_its_place() -> None:
    assert [one_hot(i, 3) for i in range(3)] == np.eye(3).tolist()


def test_digits_are_images_between_0_and_1() -> None:
    pytest.importorskip("sklearn")
    xs, ys = digits()
    assert (len(xs), len(xs[0]), set(ys)) == (1797, 64, set(range(10)))
    assert (min(map(min, xs)), max(map(max, xs))) == (0.0, 1.0)
    assert type(xs[0][0]) is float
    assert type(ys[0]) is int


@pytest.mark.parametrize(
    ("absent", "make", "says"),
    [
        ("sklearn.datasets", digits, "pip install scikit-learn"),
        ("numpy.random", lecture_xor, r"autograd-lite\[fast\]"),
    ],
)
def test_what_is_not_installed_is_named(
    absent: str, make: Maker, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(ImportError, match=says):
        make()


@pytest.mark.parametrize(
    ("attempt", "error", "says"),
    [
        (lambda: moons(1), ValueError, "at least 2, not 1"),
        (lambda: moons(10, noise=-1.0), ValueError, r"noise .* -1\.0"),
        (lambda: moons(10, noise=math.inf), ValueError, "noise .* inf"),
        (lambda: blobs(10, []), ValueError, "one center"),
        (lambda: blobs(10, 0), ValueError, "centers .* not 0"),
        (lambda: blobs(10, -1), ValueError, "centers .* not -1"),
        (lambda: blobs(2, 3), ValueError, "at least 3, not 2"),
        (lambda: blobs(10, spread=math.inf), ValueError, "spread .* inf"),
        (lambda: xor(0), ValueError, "at least 1, not 0"),
        (lambda: xor(10, noise=math.nan), ValueError, "noise .* nan"),
        (lambda: xor(10, noise=math.inf), ValueError, "noise .* inf"),
        (lambda: xor(10, noise="a"), TypeError, r"noise .*\('a'\)"),  # type: ignore[arg-type]
        (lambda: lecture_xor(n=0), ValueError, "at least 1, not 0"),
        (lambda: blobs(6, [[0.0, 0.0], [1.0]]), ValueError, r"centers .*\[1\.0\]"),
        (lambda: blobs(6, [[math.nan, 0.0]]), ValueError, "centers .*nan"),
        (lambda: minibatches([1, 2], [1], 1), ValueError, "2 inputs but 1 targets"),
        (lambda: minibatches([1, 2], [1, 2], 3), ValueError, "2 samples .* at most 2, not 3"),
        (lambda: minibatches([1, 2], [1, 2], 0), ValueError, "not 0"),
        (lambda: split([1, 2], [1, 2], 0.0), ValueError, "empty"),
        (lambda: split([1, 2], [1, 2], 1.0), ValueError, "empty"),
        (lambda: split([1, 2], [1, 2], 1e308), ValueError, r"1e\+308 .* empty"),
        (lambda: split([1, 2], [1, 2], math.nan), ValueError, "held_out .* nan"),
        (lambda: one_hot(3, 3), ValueError, "3 classes .* at most 2, not 3"),
        (lambda: one_hot(-1, 3), ValueError, "not -1"),
        (lambda: one_hot(0, 0), ValueError, "classes .* not 0"),
        (lambda: standardize([[1.0, math.nan], [1.0, 2.0]]), ValueError, "column 1 .* nan"),
        (lambda: standardize([[math.inf]]), ValueError, "column 0 .* inf"),
        (lambda: standardize([[1.7e308], [1.6e308]]), ValueError, "column 0 .* inf"),
        (lambda: standardize([[1.7e308], [-1.7e308]]), ValueError, "column 0 .* inf"),
        (lambda: standardize([]), ValueError, "one sample"),
        (lambda: standardize([[1.0], [1.0, 2.0]]), ValueError, "one length"),
        (lambda: standardize([[1.0, 2.0]])([[1.0]]), ValueError, "sample 0 has 1 columns, not 2"),
    ],
)
def test_bad_input_is_told(attempt: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        attempt()


@pytest.mark.parametrize(
    "attempt",
    [
        moons,
        blobs,
        lambda n: blobs(10, n),
        xor,
        lambda n: lecture_xor(n=n),
        lambda n: minibatches([1, 2, 3], [1, 2, 3], n),
        lambda n: one_hot(n, 3),
        lambda n: one_hot(0, n),
    ],
)
def test_what_is_counted_is_whole(attempt: Maker) -> None:
    with pytest.raises(TypeError, match=r"whole number, not float \(2\.5\)"):
        attempt(2.5)


@pytest.mark.parametrize(
    "attempt",
    [
        moons,
        blobs,
        xor,
        lambda rng: minibatches([1, 2], [1, 2], 1, rng),
        lambda rng: split([1, 2], [1, 2], 0.5, rng),
    ],
)
def test_a_seed_is_no_generator(attempt: Maker) -> None:
    with pytest.raises(TypeError, match=r"random\.Random\(0\), not 5"):
        attempt(rng=5)


def test_a_deviation_that_underflows_is_none() -> None:
    assert standardize([[5e-324]] + [[0.0]] * 99)([[1.0]]) == [[1.0]]
