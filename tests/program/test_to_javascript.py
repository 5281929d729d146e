"""Programs as JavaScript: the eager engine's numbers, computed by a real browser."""

import ast
import itertools
import math
import random
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from autograd_lite import TABLE, Value, errstate, gamma, primitive, record, sin
from autograd_lite.program.javascript import javascript_of, lacking
from autograd_lite.program.javascript.expressions import UntranslatableError, javascript
from autograd_lite.program.javascript.statements import definition
from tests.support.browser import Browser, BrowserError
from tests.support.functions import INPUTS, functions, points

from .test_engines import eager, is_smooth, of_row, spread_over

#: Gives what each text has at its points: the value, then the derivatives, as strings.
RUN = """
const number = (text) => ({ inf: Infinity, '-inf': -Infinity, nan: NaN })[text] ?? Number(text);
const shown = (x) => Object.is(x, -0) ? '-0.0' : String(x).replace('Infinity', 'inf');
return arguments[0].map(([text, points]) => {
  const f = new Function(text.replaceAll('export ', '') + '; return valueAndGradient')();
  return points.map((at) => f(...at.map(number)).flat().map(shown));
});
"""

Case = tuple[str, list[list[float]]]


def run(browser: Browser, cases: list[Case]) -> list[list[list[float]]]:
    given = [[text, [list(map(repr, at)) for at in places]] for text, places in cases]
    return [[list(map(float, each)) for each in found] for found in browser.run(RUN, given)]


def ulps(found: float, expected: float) -> float:
    """How far a number is from another, in units of its last place."""
    if found == expected or (found != found and expected != expected):
        return 0.0
    return abs(found - expected) / math.ulp(expected) if math.isfinite(found - expected) else math.inf


def flat(result: Any) -> list[float]:
    return [result[0], *result[1]]


@pytest.fixture(scope="module", autouse=True)
def blank(browser: Browser) -> None:
    browser.open("about:blank")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Every row as JavaScript."""
    found = {}
    for name, row in TABLE.items():
        f, xs = of_row(row)
        found[name] = record(f, *xs, verify=False).to_javascript()
    return found


def test_every_row_to_a_few_units_in_the_last_place(browser: Browser, texts: dict[str, str]) -> None:
    cases: list[Case] = []
    expected = []
    for name, row in TABLE.items():
        f, xs = of_row(row)
        places = [xs, *spread_over(row, 7)]
        cases.append((texts[name], places))
        expected.append((name, [flat(eager(f, at)) for at in places]))
    for (name, wanted), found in zip(expected, run(browser, cases), strict=True):
        worst = max(
            ulps(a, b) for x, y in zip(found, wanted, strict=True) for a, b in zip(x, y, strict=True)
        )
        assert worst <= 8, name


#: Where floats of Python raise, and their neighbors.
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -2.5, 710.0, -745.5, 1e308, 3.0)


def test_at_edges_the_numbers_are_those_of_ieee_754(browser: Browser, texts: dict[str, str]) -> None:
    cases: list[Case] = []
    expected = []
    for name, row in TABLE.items():
        if row.arity not in (1, 2) or name in ("polygamma", "sinc_derivative", "log_ndtr_derivative"):
            continue
        f, _ = of_row(row)
        places = [list(at) for at in itertools.product(EDGES, repeat=row.arity)]
        cases.append((texts[name], places))
        with errstate("ignore"):
            expected.append((name, places, [flat(eager(f, at)) for at in places]))
    for (name, places, wanted), found in zip(expected, run(browser, cases), strict=True):
        for at, x, y in zip(places, found, wanted, strict=True):
            if y[0] != y[0]:
                assert x[0] != x[0], (name, at)
                continue
            for a, b in zip(x, y, strict=True):
                assert ulps(a, b) <= 64 or abs(a - b) < 1e-300, (name, at, a, b)


def test_a_wrong_row_would_be_seen(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TABLE["square"], "python", "{0} * {0} * 1.00000000000001")
    text = record(TABLE["square"], 3.0, verify=False).to_javascript()
    assert ulps(run(browser, [(text, [[3.0]])])[0][0][0], 9.0) > 8


@given(st.lists(st.tuples(functions(most=12), points, points), min_size=25, max_size=25))
@settings(max_examples=1, deadline=None)
@seed(1)
def test_random_circuits(browser: Browser, drawn: Any) -> None:
    cases: list[Case] = []
    expected = []
    with errstate("ignore"):
        for f, xs, other in drawn:
            program = record(f, *xs, verify=False, engine="python")
            places = [at for at in (xs, other) if is_smooth(f, at)]
            cases.append((program.to_javascript(), places))
            expected.append([flat(eager(f, at)) for at in places])
    for wanted, found in zip(expected, run(browser, cases), strict=True):
        for x, y in zip(found, wanted, strict=True):
            size = max(map(abs, y))
            assert len(x) == 1 + INPUTS
            assert all(abs(a - b) <= 1e-12 * (abs(b) + size) for a, b in zip(x, y, strict=True))


def test_all_values_and_all_local_derivatives(browser: Browser) -> None:
    program = record(lambda x, y: sin(x * y) + x, 0.5, 2.0)
    text = javascript_of(program.recording, ["x", "y"], "f", each=True)
    found = browser.run(f"{text}; return each(0.5, 2.0)")
    assert found == [
        [0.5, 2.0, 1.0, math.sin(1.0), math.sin(1.0) + 0.5],
        [[2.0, 0.5], [math.cos(1.0)], [1, 1]],
    ]


def test_the_text_is_a_module_of_its_own(browser: Browser) -> None:
    text = record(lambda new, math: new * math, 2.0, 3.0).to_javascript()
    browser.run(
        "window.done = 0; import('data:text/javascript,' + encodeURIComponent(arguments[0]))"
        ".then((m) => { window.done = [m.value(4, 5), m.valueAndGradient(4, 5)] })",
        text,
    )
    assert browser.until("return window.done") == [20, [20, [5, 4]]]


def test_several_outputs_have_values_and_no_gradient(browser: Browser) -> None:
    text = record(lambda x: [x, x * x], 2.0).to_javascript()
    assert "valueAndGradient" not in text
    assert browser.run(text.replace("export ", "") + "; return value(3)") == [3, 9]


def test_only_what_is_used_is_carried_along() -> None:
    assert "$" not in record(lambda x: sin(x) * x, 2.0).to_javascript()
    assert "digamma" in record(gamma, 2.0).to_javascript()


def test_a_comparison_that_comes_out_otherwise_is_an_error(browser: Browser) -> None:
    text = record(lambda x: x * x if x > 1.0 else -x, 2.0).to_javascript().replace("export ", "")
    assert browser.run(text + "; return value(3)") == 9
    with pytest.raises(BrowserError, match=r"test_to_javascript\.py:\d+ was true"):
        browser.run(text + "; return value(0.5)")


def test_what_has_no_javascript_is_refused() -> None:
    own = primitive("javascript_own", lambda x: x + 1.0, [lambda x, z: 1.0], "a row")
    with pytest.raises(ValueError, match=r"javascript_own is a row of your own"):
        record(lambda x: own(x), 2.0).to_javascript()
    w = Value(2.0, "w")
    program = record(lambda x: x * w, 2.0)
    w.data = 3.0
    with pytest.raises(ValueError, match=r"w.*uses beside its arguments"):
        program.to_javascript()


@pytest.mark.parametrize("text", ["x @ y", "{x, y}", "x[1:2:3]", "math.perm(x)", "x and y", "x.real"])
def test_python_that_is_not_translated_is_named(text: str) -> None:
    with pytest.raises(UntranslatableError):
        javascript(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "text", ["class A: pass", "def f():\n  with x: pass", "def f():\n  try: x\n  except KeyError: y"]
)
def test_statements_that_are_not_translated_are_named(text: str) -> None:
    with pytest.raises(UntranslatableError):
        definition(ast.parse(text).body[0])


#: Python's own, the intervals, and the largest difference in units of the last place.
LACKING = {
    "math_erf": (math.erf, [(-7.0, -2.0), (-2.0, 2.0), (2.0, 7.0)], 8),
    "math_erfc": (math.erfc, [(-3.0, 0.5), (0.5, 26.0)], 8),
    "math_gamma": (math.gamma, [(0.01, 3.0), (3.0, 170.0), (-4.9, -4.1), (-50.9, -50.1)], 16),
    "math_lgamma": (math.lgamma, [(10.0, 60.0), (60.0, 1e6)], 8),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_javascript_lacks(name: str) -> None:
    original, intervals, most = LACKING[name]
    rng = random.Random(0)
    for low, high in intervals:
        for _ in range(50):
            x = rng.uniform(low, high)
            assert ulps(getattr(lacking, name)(x), original(x)) <= most, x


def test_remainders_and_sums_are_exact() -> None:
    rng = random.Random(0)
    for _ in range(300):
        x, y = rng.randrange(-40, 40) / 4, rng.choice([1.0, 2.0, -0.5])
        assert repr(lacking.math_remainder(x, y)) == repr(math.remainder(x, y))
        xs = [rng.uniform(-1, 1) * 10.0 ** rng.randrange(-20, 20) for _ in range(6)]
        assert lacking.math_fsum(xs) == math.fsum(xs)
        assert lacking.math_remainder(xs[0], xs[1]) == math.remainder(xs[0], xs[1])
    assert math.isnan(lacking.math_fsum([1.0, math.nan]))
    assert [lacking.math_factorial(n) for n in (0, 1, 5, 18)] == [1, 1, 120, math.factorial(18)]
