"""The exact mode: values of machine code are the eager engine's to the last bit."""

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    Value,
    dot,
    errstate,
    exp,
    jit,
    logsumexp,
    mean,
    record,
    sin,
    value_and_grad,
)
from autograd_lite import sum as sum_of
from autograd_lite.program import BranchChanged
from tests.program.test_engines import SideBySide
from tests.support.functions import INPUTS, functions, points
from tests.support.search import examples

pytest.importorskip("llvmlite")


def value_of(f: Any, xs: Any) -> float:
    """The eager engine's."""
    return float(getattr(found := f(*map(Value, xs)), "data", found))


def same_bits(a: float, b: float) -> bool:
    return struct.pack("d", a) == struct.pack("d", b) or (a != a and b != b)


@given(functions(most=12), st.lists(points, min_size=1, max_size=4))
@examples(8)
def test_random_circuits_are_the_eager_engines_to_the_bit(f: Any, samples: Any) -> None:
    with errstate("ignore"):
        program = record(f, *samples[0], verify=False, exact=True)
        expected = [value_of(f, xs) for xs in samples]
        assert all(same_bits(program(*xs), e) for xs, e in zip(samples, expected, strict=True))
        found = program.batch([0] * INPUTS, None)(*np.array(samples).T)
        assert all(map(same_bits, found.tolist(), expected))


def test_every_row_is_the_eager_engines_to_the_bit() -> None:
    rows = SideBySide()
    samples = [[x * (1.0 + 0.01 * k) for x in rows.xs] for k in range(16)]
    samples += [[-0.0] * len(rows.xs), [0.0] * len(rows.xs)]
    program = record(rows.each, *rows.xs, verify=False, exact=True)
    with errstate("ignore"):
        columns = program.batch([0] * len(rows.xs), None)(*np.array(samples).T)
        point = program(*rows.xs)
        for (name, f, own), column, at_point in zip(rows.rows, columns, point, strict=True):
            expected = [value_of(f, each[own]) for each in samples]
            assert all(map(same_bits, column.tolist(), expected)), name
            assert same_bits(at_point, expected[0]), name
    assert "exact" in program.engine


WIDE = [
    lambda x: x**2,
    lambda x: x**-1.0,
    lambda x: 2.0**x,
    lambda x: dot([x * (0.1 * i) for i in range(50)], [x + i for i in range(50)], x),
    lambda x: sum_of([x * (0.1 * i) for i in range(50)]),
    lambda x: sum_of([x, 2.0, x * 0.1, 0.3, x * x, 0.0, 1e-3]),
    lambda x: mean([sin(x * i) for i in range(37)]),
    lambda x: logsumexp([x * i for i in range(20)]),
    lambda x: sum(x * (0.1 * i) for i in range(40)),
]
XS = np.random.default_rng(0).uniform(0.01, 30.0, 200)


@pytest.mark.parametrize("f", WIDE)
def test_sums_keep_their_order_and_functions_are_pythons(f: Any) -> None:
    program = record(f, 1.5, exact=True)
    expected = [f(float(x)) for x in XS]
    assert all(map(same_bits, program.batch(0, None)(XS).tolist(), expected))
    assert all(same_bits(program(float(x)), e) for x, e in zip(XS[:50], expected[:50], strict=True))


def test_another_order_would_be_seen() -> None:
    quick = record(WIDE[4], 1.5, engine="machine")
    assert not all(same_bits(quick(float(x)), WIDE[4](float(x))) for x in XS)


def test_derivatives_and_guards_are_there() -> None:
    f = lambda x, y: exp(x * y) * sin(x) if x > 0 else x  # noqa: E731
    program = record(f, 1.0, 2.0, exact=True)
    found = program.value_and_grad(0.5, 1.5, argnums=(0, 1))
    assert np.allclose(found[1], value_and_grad(f, (0, 1))(0.5, 1.5)[1], rtol=1e-14)
    assert np.allclose(program.hessian(0.5, 1.5), jit(f, exact=True).hessian(0.5, 1.5), rtol=1e-14)
    with pytest.raises(BranchChanged):
        program.batch((0, None))(np.array([1.0, -1.0]), 2.0)
    assert "exact" in program.engine


@pytest.mark.parametrize("f", [WIDE[3], lambda x: logsumexp([x * i for i in range(2000)])])
def test_where_groups_are_not_exact_the_tape_or_python_serves(
    f: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if f is WIDE[3]:
        monkeypatch.setenv("AUTOGRAD_LITE_ENGINE", "python")
    program = record(f, 1.5, exact=True, verify=False)
    xs = XS[:3] * 0.01
    batch = program.batch(0, None)
    value, slope = batch.value_and_grad(xs)
    eager = [value_and_grad(f)(float(x)) for x in xs]
    assert value.tolist() == [program(float(x)) for x in xs] == [each[0] for each in eager]
    assert np.allclose(slope, [each[1] for each in eager], rtol=1e-13)
    assert batch.engine.startswith("python" if f is WIDE[3] else "tape")


def test_numpy_is_not_exact() -> None:
    with pytest.raises(ValueError, match="rounds otherwise"):
        record(exp, 1.0, engine="numpy", exact=True)
