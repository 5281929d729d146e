"""check_row accepts every row of the table, and rejects what is off in a row of one's own."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import mpmath
import pytest

import autograd_lite as ag
from autograd_lite import TABLE, Primitive
from autograd_lite.check import check_row
from autograd_lite.check.complex_rows import NearReal, on_complex
from autograd_lite.check.row_points import at_kinks, held_operands, inside
from autograd_lite.core.primitive import BUILT_IN

BUILT = sorted(BUILT_IN)


@pytest.mark.parametrize("name", BUILT)
def test_every_row_of_the_library_is_well(name: str) -> None:
    engines = ["python", "numpy", "machine"] if name in ("gelu", "softmax", "pow", "dot") else ["python"]
    report = check_row(name, order=2, points=2, engines=engines)
    assert report.ok, report


def test_all_three_orders_and_all_engines() -> None:
    report = check_row("erf", points=2, engines=["python", "numpy", "machine"])
    assert report.ok, report
    parts = {entry.part for entry in report.entries}
    assert {"value", "rules, order 3", "edges", "engine python", "notation"} <= parts
    assert not any("3" in entry.part for entry in check_row("erf", order=2, points=1, engines=[]).entries)
    assert "kinks" in {entry.part for entry in check_row("relu", points=2, engines=[]).entries}
    assert str(report).startswith("erf: ")
    assert repr(report) == str(report)
    assert report._repr_html_().count("<tr>") == 1 + len(parts)


def parts_of(row: Primitive, **settings: Any) -> set[str]:
    """Which parts of a row are not well."""
    report = check_row(row, **{"engines": [], "points": 4, **settings})
    assert bool(report) == (not report.wrong)
    return {entry.part.partition(",")[0] for entry in report.wrong}


def test_a_right_row_of_one_s_own_is_well(row: Any) -> None:
    bell = row(lambda x: math.exp(-x * x), [lambda x, z: -2 * x * z], domain=(-3.0, 3.0))
    assert check_row(bell, points=3, reference=lambda x: mpmath.exp(-(mpmath.mpf(x) ** 2))).ok
    spread = row(
        lambda *xs: max(xs) - min(xs),
        lambda xs, z: [
            1.0 - ag.abs(ag.compare(x, ag.max(xs))) - (1.0 - ag.abs(ag.compare(x, ag.min(xs)))) for x in xs
        ],
    )
    assert "rules" not in parts_of(spread, order=1)


@pytest.mark.parametrize("factor", [1.001, 1 + 1e-5, -1.0])
def test_a_rule_that_is_off_is_found(row: Any, factor: float) -> None:
    assert parts_of(row(math.sin, [lambda x, z: factor * ag.cos(x)]), order=1) == {"rules"}
    off = row(lambda x, y: x * y, [lambda x, y, z: y, lambda x, y, z: factor * x])
    assert parts_of(off, order=1) == {"rules"}


def test_a_rule_that_is_off_at_second_order_is_found(row: Any) -> None:
    off = row(math.sin, [lambda x, z: ag.cos(getattr(x, "data", x))])
    report = check_row(off, engines=[], points=3)
    assert {entry.part for entry in report.wrong} <= {"rules, order 2", "rules, order 3"}
    assert report.wrong


def test_what_else_is_off_is_found(row: Any) -> None:
    # A kink that the row does not declare, and a derivative beside the slopes at one that it does
    assert parts_of(row(lambda x: math.fabs(x - 1.0), [lambda x, z: ag.sign(x - 1.0)], domain=(0.99, 1.01),
                        kink=lambda x: x - 1.0)) == set()  # fmt: skip
    loose = row(lambda x: max(0.0, x), [lambda x, z: 5.0 * (1.0 - ag.abs(ag.sign(x))) + ag.step(x)],
                kink=lambda x: x)  # fmt: skip
    assert parts_of(loose) == {"kinks", "edges"}  # max(0.0, nan) is no nan
    assert parts_of(row(math.sin, [lambda x, z: ag.cos(x)]), reference=math.cos) == {"value"}
    assert parts_of(row(math.sin, [lambda x, z: ag.cos(x)], text="sine")) == {"notation"}
    assert parts_of(row(math.sin, [lambda x, z: ag.cos(x)], latex=r"\frac{{{}}}{{")) == {"notation"}


def test_an_engine_that_differs_is_found(row: Any, monkeypatch: Any) -> None:
    right = row(math.sin, [lambda x, z: ag.cos(x)])
    assert parts_of(right, engines=["python", "numpy"]) == set()
    from autograd_lite.program import Program

    sound = Program.value_and_grad
    monkeypatch.setattr(
        Program, "value_and_grad", lambda self, *xs, **k: (sound(self, *xs, **k)[0] * (1 + 1e-7), (0.0,))
    )
    assert parts_of(right, engines=["python"]) == {"engine python"}


def test_points_are_inside_the_domain_near_its_ends_and_near_0(row: Any) -> None:
    (low, high), points = TABLE["asin"].domain[0], [x for (x,) in inside(TABLE["asin"], Random(1), 300)]
    assert len(points) == 300
    assert all(low < x < high for x in points)
    assert sum(x < low + 0.02 for x in points) > 10 < sum(x > high - 0.02 for x in points)
    assert sum(abs(x) < 1e-4 for x in points) > 10 < sum(abs(x) > 0.3 for x in points)
    assert list(inside(row(abs, [lambda x, z: 1.0], kink=lambda x: 0.0), Random(1), 5)) == []


def test_kinks_are_found_where_a_row_declares_them(row: Any) -> None:
    bent = row(abs, [lambda x, z: 1.0], kink=lambda x: x - 0.3, domain=(-1.0, 1.0))
    assert set(at_kinks(bent, Random(1))) == {(0.3,)}
    assert {x % 1.0 for (x,) in at_kinks(TABLE["floor"], Random(1))} == {0.0}
    ties = list(at_kinks(TABLE["maximum"], Random(1)))
    assert ties
    assert all(x == y for x, y in ties)
    assert list(at_kinks(row(abs, [lambda x, z: 1.0], kink=lambda x: math.log(-1.0)), Random(1))) == []


def test_a_rule_of_which_nothing_can_be_told_is_not_well(row: Any) -> None:
    fast = row(lambda x: math.sin(1e12 * x), [lambda x, z: 1e12 * ag.cos(1e12 * x)], domain=(1.0, 2.0))
    assert "rules" in parts_of(fast, order=1)


def test_what_is_no_row_is_refused() -> None:
    with pytest.raises(LookupError, match="no row called"):
        check_row("no_such_row")
    with pytest.raises(TypeError, match="check_row takes"):
        check_row(math.sin)  # type: ignore[arg-type]  # not a row


@pytest.mark.parametrize("name", BUILT)
def test_the_complex_form_of_a_row_gives_its_derivative(name: str) -> None:
    row, rng = TABLE[name], Random(name)
    function = on_complex(row)
    if function is None:
        assert name not in ANALYTIC
        return
    tried = 0
    for xs in inside(row, rng, 12):
        z = row.ieee_value(xs)
        held = held_operands(row, xs)
        slopes = row.rule_results(row.local, xs, z, [i not in held for i in range(len(xs))])
        for i, slope in enumerate(slopes):
            if i in held:
                continue
            h = math.ldexp(1.0, math.frexp(xs[i])[1] - 70)
            try:
                moved = complex(function(*xs[:i], NearReal(xs[i], h), *xs[i + 1 :]))
            except Exception:  # it compares, say: the complex step is not allowed
                assert name not in ANALYTIC
                return
            assert moved.real == pytest.approx(z, rel=1e-9, abs=1e-300)
            assert moved.imag / h == pytest.approx(slope, rel=1e-9, abs=1e-300)
            tried += 1
    assert tried


#: Rows that must have a complex form: those of which nearly every circuit consists.
ANALYTIC = {
    "add", "sub", "mul", "div", "pow", "neg", "pos", "square", "reciprocal", "sqrt", "cbrt", "exp", "exp2",
    "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
    "tanh", "sech", "asinh", "acosh", "atanh", "sigmoid", "log_sigmoid", "softplus", "silu", "gaussian",
    "norm_pdf", "sum", "prod", "dot", "sum_of_squares", "mean", "norm", "logsumexp", "softmax",
    "log_softmax", "abs", "relu", "leaky_relu", "elu", "selu", "maximum", "minimum", "where", "clip", "max",
    "min", "erf", "erfc", "gelu", "softsign", "hardtanh", "floor", "mod", "fmod", "copysign", "sign",
    "step",
}  # fmt: skip


@pytest.mark.parametrize("name", ["relu", "maximum", "sign", "elu", "step", "hardtanh", "max"])
def test_a_complex_number_is_compared_by_its_real_part_or_not_at_all(name: str) -> None:
    row = TABLE[name]
    function, operands = on_complex(row), [complex(0.7 + i, 1e-20) for i in range(row.arity or 2)]
    assert function is not None
    with pytest.raises(TypeError):
        function(*operands)
    found = complex(function(*map(NearReal, operands)))
    assert found.real == row.value(*(z.real for z in operands))


def test_a_user_s_row_is_never_run_on_complex_numbers(row: Any) -> None:
    assert on_complex(row(lambda x: x * x, [lambda x, z: 2 * x])) is None


def test_whole_powers_of_negative_numbers_have_a_complex_form() -> None:
    function = on_complex(TABLE["pow"])
    assert function is not None
    assert function(NearReal(-2.0, 1e-30), 3.0).imag == pytest.approx(12e-30, rel=1e-12)
    with pytest.raises(ValueError, match="analytic"):
        function(NearReal(-2.0, 1e-30), 0.5)
