"""How numbers are printed, and when a printed product may say that it is exact."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.formulas.notation import OrFraction, factor, fmt, latex_number
from autograd_lite.show.text.numbers import adds_up, relation

VECTORS = [
    (-4.0, "−4"), (0.5, "0.5"), (1 / 3, "0.3333"), (-0.0, "0"), (12345.0, "12345"),
    (12345.6, "12346"), (99999.4, "99999"), (999999.7, "1e6"), (123456789.0, "1.235e8"),
    (0.001, "0.001"), (0.00099996, "0.001"), (0.00099, "9.9e−4"), (1e-9, "1e−9"),
    (2.2804, "2.28"), (9.99996, "10"), (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "nan"),
    (1e22, "1e22"),
]  # fmt: skip


@pytest.mark.parametrize(("x", "text"), VECTORS)
def test_the_specified_vectors(x: float, text: str) -> None:
    assert fmt(x) == text


def read(text: str) -> float:
    return float(text.replace("−", "-").replace("∞", "inf"))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 17))
def test_what_is_printed_is_the_number_to_so_many_digits(x: float, digits: int) -> None:
    printed = fmt(x, digits)
    exact = Decimal(x)
    error = abs(Decimal(printed.replace("−", "-")) - exact) if read(printed) else abs(exact)
    assert error <= Decimal("0.5000001") * Decimal(10) ** (exact.adjusted() - digits + 1)
    assert fmt(-x, digits).lstrip("−") == printed.lstrip("−")
    assert fmt(x, digits, ascii=True).isascii()
    assert "." not in printed.partition("e")[0] or printed.partition("e")[0][-1] not in "0."


@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_seventeen_digits_lose_nothing_and_integer_parts_are_whole(x: float) -> None:
    assert read(fmt(x, 17)) == x
    if 1 <= abs(x) < 999_999:
        assert abs(read(fmt(x, 1)) - x) <= 0.5


@pytest.mark.parametrize(
    ("a", "b", "c", "sign"),
    [
        ("2", "2.28", "4.561", "≈"), ("2", "2.28", "4.56", "="), ("1", "−4", "−4", "="),
        ("0.1", "0.2", "0.02", "="), ("−3", "0.3333", "−1", "≈"), ("0", "∞", "nan", "="),
        ("2", "∞", "∞", "="), ("2", "∞", "−∞", "≈"), ("nan", "2", "nan", "="),
        ("nan", "2", "2", "≈"), ("1e−9", "1e9", "1", "="), ("−1", "∞", "−∞", "="),
        ("1.0000000000000001", "1.0000000000000001", "1.0000000000000002", "≈"),
    ],
)  # fmt: skip
def test_equals_only_where_the_printed_decimals_multiply_exactly(a: str, b: str, c: str, sign: str) -> None:
    assert relation(a, b, c) == sign
    assert relation(a, b, c, ascii=True) == {"=": "=", "≈": "~="}[sign]


@given(*[st.floats(-1e7, 1e7, allow_nan=False)] * 2)
def test_the_relation_is_that_of_the_decimals(a: float, b: float) -> None:
    texts = fmt(a), fmt(b), fmt(a * b)
    x, y, z = (Decimal(t.replace("−", "-")) for t in texts)
    assert (relation(*texts) == "=") == (x * y == z)


@given(*[st.fractions(-30, 30, max_denominator=9)] * 2)
def test_fractions_are_written_exactly_and_their_products_are_equal(a: Fraction, b: Fraction) -> None:
    texts = [fmt(float(x), OrFraction(4)) for x in (a, b, a * b)]
    assert texts == [str(x).replace("-", "−") for x in (a, b, a * b)]
    assert relation(texts[0], texts[1], texts[2]) == "="
    assert adds_up(texts[:2], str(a + b))
    assert relation(texts[0], texts[1], str(a * b + 1)) == "≈"


@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_only_fractions_of_small_numbers_are_written_so(x: float) -> None:
    printed = fmt(x, OrFraction(4))
    if "/" in printed:
        fraction = Fraction(printed.replace("−", "-"))
        assert abs(float(fraction) - x) <= 4 * math.ulp(x)
        assert fraction.denominator < 10_000
    else:
        assert printed == fmt(x)
    assert fmt(math.pi, OrFraction(4)) == "3.142"
    assert latex_number(-0.375, OrFraction(4)) == r"-\frac{3}{8}"


def test_a_negative_right_operand_is_in_parentheses() -> None:
    assert [factor(t) for t in ("−4", "-4", "4", "−∞", "∞", "nan", "1e−9")] == [
        "(−4)", "(-4)", "4", "(−∞)", "∞", "nan", "1e−9",
    ]  # fmt: skip


def test_numbers_in_latex_have_no_sign_that_is_not_ascii() -> None:
    for x, _ in VECTORS:
        assert latex_number(x).isascii()
    assert latex_number(-1.5e-9) == r"-1.5 \cdot 10^{-9}"
