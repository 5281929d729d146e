"""Text to circuit: the numbers are Python's, the errors point, and nothing is ever executed."""

from __future__ import annotations

import ast
import itertools
import json
import math
import operator
import pickle
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.core.order import circuit
from autograd_lite.core.primitive import ALIASES, TABLE, Operand
from autograd_lite.core.registration import primitive
from autograd_lite.core.value import Constant, Value
from autograd_lite.parse import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_WIRES,
    Expression,
    ParseError,
    evaluate,
    parse,
)
from autograd_lite.parse.scan import Token
from autograd_lite.support.ieee import NonFiniteError, errstate

POINT = {"x": 0.7, "y": -1.3, "θ": 2.25}
UNARY = ("sin", "cos", "tan", "exp", "tanh", "atan", "sqrt", "log", "erf", "abs", "asin", "cosh")
MATH: dict[str, Any] = {name: getattr(math, name) for name in UNARY if hasattr(math, name)}
PYTHON = {"__builtins__": {}, "abs": math.fabs, "max": max, "min": min, "hypot": math.hypot} | MATH


def refused(text: str, values: Mapping[str, float] | None = None) -> ParseError:
    with pytest.raises(ParseError) as caught:
        evaluate(text, values or {})
    return caught.value


def operations(root: Value) -> int:
    return sum(node.op is not None for node in circuit(root))


# Expressions as a list of characters' worth of syntax: precedence is left to whoever reads them.

gap = st.sampled_from(["", " ", "  "])
atom = st.sampled_from(["x", "y", "θ", "x", "0.5", "2.0", "3.0", "1e-3", ".25", "1_0.5"])
infix = st.sampled_from(["+", "-", "*", "/", "**", "%", "//"])


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, gap, infix, gap, inner).map("".join),
        st.tuples(inner, infix, inner, infix, inner).map("".join),
        st.tuples(st.sampled_from(["-", "+", "- "]), inner).map("".join),
        st.tuples(st.just("("), gap, inner, gap, st.just(")")).map("".join),
        st.tuples(st.sampled_from(UNARY), st.just("("), inner, st.just(")")).map("".join),
        st.builds("{}({}, {})".format, st.sampled_from(["max", "min", "hypot"]), inner, inner),
    )


expressions = st.recursive(atom, compound, max_leaves=12)


def python_value(text: str) -> float | None:
    """What Python's own floats give; None where they raise or stray into complex numbers."""
    try:
        z = eval(text, PYTHON, dict(POINT))
    except (ArithmeticError, TypeError, ValueError):
        return None
    return z if isinstance(z, float) else None


@given(expressions)
def test_value_is_pythons_bit_for_bit(text: str) -> None:
    expected = python_value(text)
    expression = parse(text)
    with errstate("ignore"):
        found = expression(**{name: POINT[name] for name in expression.names}).data
    if expected is None or math.isnan(expected):
        return
    assert found.hex() == expected.hex()


@given(expressions)
def test_equal_subexpressions_are_one_node(text: str) -> None:
    tree = ast.parse(text, mode="eval")
    distinct = {
        ast.dump(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call)
        and any(isinstance(each, ast.Name) and each.id in POINT for each in ast.walk(node))
    }
    expression = parse(text)
    with errstate("ignore"):
        root = expression(**{name: POINT[name] for name in expression.names})
    assert operations(root) == len(distinct)


@given(expressions)
def test_names_are_the_variables_in_order(text: str) -> None:
    names = [name for name in ast.walk(ast.parse(text)) if isinstance(name, ast.Name)]
    places = {n.id: (n.lineno, n.col_offset) for n in sorted(names, key=_place, reverse=True)}
    expected = sorted((name for name in places if name in POINT), key=lambda name: places[name])
    assert list(parse(text).names) == expected


def _place(node: ast.Name) -> tuple[int, int]:
    return node.lineno, node.col_offset


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("cos(sin(x**2) + 3*x**2)", ""),
        ("exp(-x**2/2)/sqrt(2*pi)", ""),
        ("atan2(y, x) * hypot(x, y) + x**y", ""),
        (
            "log(x, 2) + log(3, y) * hypot(x, y, 2) - hypot(y)",
            "log(x, 2) + log(3, y) * sqrt(x**2 + y**2 + 4) - y",
        ),
        ("-x**2 + 2**-y ** 2 / (x - -y)", ""),
        ("t = x*y; log(1 + exp(t)) - t**3/tanh(y)", "log(1 + exp(x*y)) - (x*y)**3/tanh(y)"),
    ],
)
def test_gradient_agrees_with_mpmath(text: str, plain: str) -> None:
    names = ("cos", "sin", "exp", "sqrt", "log", "tanh", "atan2", "hypot", "pi")
    functions = {"__builtins__": {}} | {name: getattr(mpmath, name) for name in names}

    def reference(x: Any, y: Any) -> Any:
        return eval(plain or text, functions, {"x": x, "y": y})

    point = {"x": 0.7, "y": 1.3}
    expression = parse(text)
    root, nodes = expression.build({name: point[name] for name in expression.names})
    root.backward()
    with mpmath.workdps(40):
        at = (mpmath.mpf(point["x"]), mpmath.mpf(point["y"]))
        assert abs(root.data - reference(*at)) < 1e-15 * (1 + abs(root.data))
        for name in expression.names:
            slope = mpmath.diff(reference, at, (1, 0) if name == "x" else (0, 1))
            assert abs(nodes[name].grad - slope) < 1e-14 * (1 + abs(slope))


def test_the_lectures_circuit() -> None:
    text = "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)"
    root, nodes = evaluate(text, {"x": 1.0})
    root.backward()
    assert list(nodes) == ["x", "t", "u1", "u2", "u", "J"]
    assert [node.name for node in nodes.values()] == list(nodes)
    assert root is nodes["J"]
    sine = math.sin(1.0)
    assert root.data == math.cos(sine + 3)
    assert nodes["x"].grad == pytest.approx(-math.sin(sine + 3) * (math.cos(1.0) + 3) * 2, rel=1e-15)
    assert evaluate("cos(sin(x**2) + 3*x**2)", {"x": 1.0}).root.data == root.data
    assert operations(root) == 5


def test_the_first_seeds_circuit() -> None:
    root, nodes = evaluate("(x + y)*z", {"x": -2, "y": 5, "z": -4})
    root.backward()
    assert [nodes[name].grad for name in "xyz"] == [-4.0, -4.0, 3.0]


def test_statements_by_line_with_indentation_and_comments() -> None:
    text = """
        t = x**2      # the square
        u = (t
             + 1); v = u * \\
            2
        # the root
        v - t
    """
    root, nodes = evaluate(text, {"x": 3.0})
    assert (root.data, list(nodes)) == (11.0, ["x", "t", "u", "v"])
    assert evaluate(text.replace("\n", "\r\n"), {"x": 3.0}).root.data == 11.0


def test_the_last_statement_is_the_root_even_if_it_uses_nothing_before() -> None:
    root, nodes = evaluate("a = x**2; y", {"x": 2.0, "y": 5.0})
    assert root is nodes["y"]
    assert nodes["a"].data == 4.0


def test_a_name_for_the_same_node_twice_keeps_the_first() -> None:
    root, nodes = evaluate("a = x**2; b = x**2; c = x; a + b", {"x": 2.0})
    assert nodes["a"] is nodes["b"]
    assert nodes["c"] is nodes["x"]
    assert (nodes["a"].name, nodes["x"].name) == ("a", "x")
    assert root.parents == (nodes["a"], nodes["a"])


def test_a_named_constant_is_apart_from_its_number_elsewhere() -> None:
    root, nodes = evaluate("c = 3; y = 3*x + c", {"x": 2.0})
    assert isinstance(nodes["c"], Constant)
    assert nodes["c"].name == "c"
    product, last = root.parents
    assert last is nodes["c"]
    assert (product.parents[0].data, product.parents[0].name) == (3.0, None)


def test_mathematical_constants_unless_assigned_or_given() -> None:
    for name, value in (("pi", math.pi), ("π", math.pi), ("e", math.e), ("tau", math.tau)):
        assert parse(name)().data == value
        assert parse(name).names == ()
        assert parse(f"2*{name}")(**{name: 5.0}).data == 10.0
        assert parse(f"{name} = 4; 2*{name}")().data == 8.0
    assert math.isinf(parse("-inf")().data)
    assert math.isnan(parse("nan")().data)
    assert parse("2*pi*x").names == ("x",)


def test_values_are_used_as_they_are_and_each_build_is_new() -> None:
    f = parse("u = x*y + x; u")
    x, y = Value(2.0), Value(3.0, "width")
    first = f(x=x, y=y)
    second = f(x=x, y=y)
    assert first is not second
    assert (x.name, y.name) == (None, "width")
    first.backward()
    assert (x.grad, y.grad) == (4.0, 2.0)
    assert parse("y = x")(x=x) is x
    assert x.name is None


def test_an_expression_can_be_pickled_and_shown() -> None:
    f = parse("where(0 < x <= 1, sum([x, pi]), -x)")
    twin = pickle.loads(pickle.dumps(f))
    assert isinstance(twin, Expression)
    assert twin(x=0.5).data == f(x=0.5).data
    assert f.text in repr(f)


# The table


@pytest.mark.parametrize("name", [*TABLE, *ALIASES])
def test_every_row_and_alias_is_a_function(name: str) -> None:
    row = TABLE.get(name) or ALIASES[name]
    operands = [(low + high) / 2 + 0.1 for low, high in row.domain[: row.arity or 1]]
    values: dict[str, float | Value] = {f"x{i}": x for i, x in enumerate(operands)}
    if row.arity is None:
        calls = {
            "dot": "dot([x0, 2], [x0, 3])",
            "softmax": "softmax([x0, 2], 1)",
            "log_softmax": "log_softmax([x0, 2], 1)",
            "take": "take([x0, 2], 0)",
        }
        with errstate("ignore"):
            root = parse(calls.get(name, f"{name}([x0, 2])"))(**values)
        assert root.op is row
        return
    with errstate("ignore"):
        root = parse(f"{name}({', '.join(values)})")(**values)
        expected = row(*operands)
    assert root.op is row
    assert root.data == expected or math.isnan(expected)
    wrong = {"hypot": 0, "log": 3}.get(name, row.arity + 1)
    error = refused(f"{name}({', '.join(['1'] * wrong)})")
    assert error.column == 1


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.fix != "call"])
def test_every_operator_is_its_row(row: Any) -> None:
    text = f"x {row.symbol} y" if row.fix == "infix" else f"{row.symbol}x"
    expression = parse(text)
    assert expression(**dict.fromkeys(expression.names, 1.5)).op is row


@pytest.fixture(params=[None, "!!", "not"])
def own_row(request: pytest.FixtureRequest) -> Iterator[str]:
    primitive("shout", lambda x: 2 * x, [lambda x, z: 2.0], "twice x", symbol=request.param)
    yield "shout"
    del TABLE["shout"]
    delattr(Operand, "shout")


def test_a_users_row_is_known_and_forgotten(own_row: str) -> None:
    assert parse(f"{own_row}(x)")(x=4.0).data == 8.0
    assert own_row in refused("shoud(x)").reason


def test_a_row_that_is_not_there_is_not_known() -> None:
    assert "shout" in refused("shout(x)").reason
    assert refused("shout(x)").column == 1


def test_lists_are_operands_of_operations_of_any_number() -> None:
    values = {"x": 2.0, "y": 3.0}
    assert evaluate("sum([x, y, 4])", values).root.data == 9.0
    assert evaluate("sum((x, y, 4,))", values).root.data == 9.0
    assert evaluate("max(x, y)", values).root.data == 3.0
    assert evaluate("dot([x, y], [y, 10], 1)", values).root.data == 37.0
    root, nodes = evaluate("logsumexp([x, y])", values)
    root.backward()
    assert nodes["x"].grad + nodes["y"].grad == pytest.approx(1.0, rel=1e-15)
    root, nodes = evaluate("sum([" + ", ".join(["x"] * 5000) + "])", {"x": 1.0})
    root.backward()
    assert (root.data, nodes["x"].grad) == (5000.0, 5000.0)


COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@pytest.mark.parametrize("symbol", COMPARISONS)
@pytest.mark.parametrize(("x", "y"), [*itertools.product([0.0, -0.0, 1.0, math.nan], repeat=2)])
def test_comparisons_are_of_numbers(symbol: str, x: float, y: float) -> None:
    root, nodes = evaluate(f"where(x {symbol} y, 2*a, 3*a)", {"x": x, "y": y, "a": 1.0})
    root.backward()
    expected = 2.0 if COMPARISONS[symbol](x, y) else 3.0
    assert (root.data, nodes["a"].grad) == (expected, expected)


def test_comparisons_may_be_chained() -> None:
    inside = parse("where(0 < x <= 1, 1, 0)")
    assert [inside(x=x).data for x in (0.0, 0.5, 1.0, 1.5)] == [0.0, 1.0, 1.0, 0.0]


# What is refused, and where


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        ("1 + sine(x)", 1, 5, "sin"),
        ("arcsine(x)", 1, 1, "arcsin"),
        ("x(3)", 1, 1, "x*"),
        ("θ + ζ*sinn(x)", 1, 7, "sin"),
        ("sin(x) + y", 1, 10, "y="),
        ("x + sin", 1, 5, "sin("),
        ("x^2", 1, 2, "**"),
        ("2x", 1, 2, "2*x"),
        ("1 + 2 x", 1, 7, "2*x"),
        ("3(x + 1)", 1, 2, "3*("),
        ("(x)(x)", 1, 4, ")*("),
        ("(x) x", 1, 5, ")*x"),
        ("x x", 1, 3, "x*x"),
        ("sin x", 1, 5, "sin(x)"),
        ("1..2", 1, 3, ""),
        ("0x1F", 1, 2, ""),
        ("1j", 1, 2, ""),
        ("007", 1, 1, "7"),
        ("1 + 1__0", 1, 5, "1__0"),
        ("2*1e400", 1, 3, "inf"),
        ("9" * 400, 1, 1, "inf"),
        ("(x + 1", 1, 1, ")"),
        ("sin(x", 1, 4, ")"),
        ("x + sum([x, 1", 1, 9, "]"),
        ("(x; x)", 1, 1, ")"),
        ("x)", 1, 2, ")"),
        ("(x]", 1, 3, "("),
        ("", 1, 1, ""),
        (" \n # nothing\n;", 1, 1, ""),
        ("x +", 1, 3, "+"),
        ("x +\n2", 1, 3, "+"),
        ("sin(x + )", 1, 7, "+"),
        ("* x", 1, 1, "*"),
        ("x * / x", 1, 5, "/"),
        ("max(, x)", 1, 5, ""),
        ("max(x,, x)", 1, 7, ""),
        ("x, x", 1, 1, ""),
        ("()", 1, 1, ""),
        ("sin([x])", 1, 5, ""),
        ("sum([[x]])", 1, 6, ""),
        ("[x]", 1, 1, ""),
        ("max([])", 1, 1, "max"),
        ("1 + dot([x], [1, 2])", 1, 5, "1 and 2"),
        ("softmax([x, 1])", 1, 1, ""),
        ("1 + softmax([x, 1])", 1, 1, "list"),
        ("s = softmax([x, 1]); x", 1, 1, ""),
        ("sin(x, x)", 1, 1, "1"),
        ("x + atan2(x)", 1, 5, "2"),
        ("x > 0", 1, 1, "where"),
        ("where(x, x > 0, 1)", 1, 10, "where"),
        ("x if x else 1", 1, 3, "where"),
        ("x and x", 1, 3, "where"),
        ("not x", 1, 1, "where"),
        ("True", 1, 1, ""),
        ("x.real", 1, 2, ""),
        ("x[0]", 1, 2, ""),
        ("x := 3", 1, 3, "="),
        ("(y := 3)", 1, 4, "="),
        ("sin(x=1)", 1, 6, ""),
        ("sum(*x)", 1, 5, ""),
        ("sum(**x)", 1, 5, ""),
        ("max(x, *x)", 1, 8, ""),
        ("lambda: x", 1, 1, ""),
        ("[x for x in x]", 1, 4, ""),
        ("'x'", 1, 1, ""),
        ('f"{x}"', 1, 2, ""),
        ("{x}", 1, 1, ""),
        ("x @ x", 1, 3, "dot"),
        ("x & x", 1, 3, ""),
        ("x! ", 1, 2, "gamma"),
        ("x += 1", 1, 3, "="),
        ("x\\", 1, 2, ""),
        ("import os", 1, 1, ""),
        ("a = b = x", 1, 7, ""),
        ("x + 1 = 3", 1, 7, "=="),
        ("= x", 1, 1, ""),
        ("t =", 1, 3, ""),
        ("a = x; a = x", 1, 8, "a"),
        ("x; y", 1, 1, "nothing uses this"),
        ("a = x; 2*a; a", 1, 8, "nothing uses this"),
        ("a = x\nx = 3", 2, 1, "x"),
        ("a = pi; pi = x", 1, 9, "pi"),
        ("a = x\n  b = a +* 2", 2, 10, ""),
        ("a = x\r\nb = a\r\n b ? a", 3, 4, ""),
        ("a = (x +\n 1) $ 2", 2, 5, ""),
        ("a = x\rb = a $ 2", 2, 7, ""),
        ("\tx ? 2", 1, 4, ""),
        ("θθθ = x; θθ", 1, 10, "θθθ"),
        ("x²", 1, 2, "**2"),
        ("x₁", 1, 2, "x1"),
        ("x·x", 1, 2, "*"),
        ("x × x", 1, 3, "*"),
        ("x − 1", 1, 3, "-"),
        ("√x", 1, 1, "sqrt"),
        ("x\N{FULLWIDTH PLUS SIGN}1", 1, 2, "+"),
        ("x + ٣", 1, 5, "3"),
        ("x\0", 1, 2, "0000"),
        ("x\u200b", 1, 2, "200B"),
        ("x + \ud800", 1, 5, "D800"),
        ("x\u00a0+ 1", 1, 2, "00A0"),
    ],
)
def test_errors_point_and_hint(text: str, line: int, column: int, hint: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text).build({"x": 1.0} if "x" in parse(text).names else {})
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert error.text == text
    assert hint in error.reason
    assert len(error.reason) < 200


def test_the_caret_stands_under_the_column() -> None:
    lines = str(refused("a = x\n\tθ = a $ 2")).split("\n")
    assert lines[-2].index("$") == lines[-1].index("^")
    assert lines[-1].startswith("  \t")
    assert "line 2" in lines[0]
    long = "+".join(["x"] * 100) + " ? " + "*".join(["y"] * 100)
    shown, caret = str(refused(long)).split("\n")[1:]
    assert shown.index("?") == caret.index("^")
    assert len(shown) < 90
    assert "\0" not in str(refused("x\0"))


@given(expressions, st.data())
def test_an_intruder_is_found_where_it_stands(text: str, data: st.DataObject) -> None:
    prefix = data.draw(st.sampled_from(["", "θ = 1\n", "ab = 3;  ", "ab = (2\r\n+ 1)\r\n\t"]))
    whole = prefix + "max(1.0, " + text + " )"
    at = len(prefix) + 9
    intruded = whole[:at] + "$" + whole[at:]
    error = refused(intruded)
    assert error.line is not None
    assert error.column is not None
    line = intruded.replace("\r\n", "\n").split("\n")[error.line - 1]
    assert line[error.column - 1] == "$"


def test_values_missing_unused_and_of_the_wrong_type() -> None:
    error = refused("x + thta", {"x": 1.0, "theta": 2.0})
    assert (error.column, "theta" in error.reason) == (5, True)
    error = refused("x + 1", {"x": 1.0, "why": 2.0})
    assert (error.line, error.column) == (None, None)
    assert "why" in str(error)
    assert "\n" not in str(error)
    assert "J" in refused("J = x", {"x": 1.0, "J": 2.0}).reason
    for wrong in ("1", None, [1.0], 1j):
        with pytest.raises(TypeError, match=type(wrong).__name__):
            evaluate("x", {"x": wrong})  # type: ignore[dict-item]
        with pytest.raises(TypeError, match=type(wrong).__name__):
            parse(wrong) if not isinstance(wrong, str) else parse(3)  # type: ignore[arg-type]


def test_names_are_normalised_as_pythons_are() -> None:
    assert parse("ﬁ + 1").names == ("fi",)
    assert evaluate("ﬁ + 1", {"fi": 1.0}).root.data == 2.0
    assert evaluate("fi + 1", {"ﬁ": 1.0}).root.data == 2.0
    assert parse("𝑥 + x").names == ("x",)
    assert evaluate("\uff53\uff49\uff4e(x)", {"x": 0.0}).root.op is TABLE["sin"]
    assert refused("\U0001d422\U0001d41f").column == 1
    assert evaluate("ﬁ = 2*x; fi + ﬁ", {"x": 1.0}).root.data == 4.0
    assert parse("e\u0301 + é").names == ("é",)
    assert parse("x\u0302*2").names == ("x\u0302",)


def test_an_error_can_be_pickled() -> None:
    error = refused("1 + (x")
    twin = pickle.loads(pickle.dumps(error))
    assert isinstance(twin, ParseError)
    assert (str(twin), twin.line, twin.column) == (str(error), 1, 5)
    assert isinstance(error, ValueError)


# Numbers that cannot be trusted


def test_numbers_are_floats_and_towers_do_not_blow_up() -> None:
    with errstate("ignore"):
        assert parse("9**9**9**9")().data == math.inf
        assert parse("10**400")().data == math.inf
        assert math.isnan(parse("(-8)**(1/3)")().data)
    assert parse("1/3")().data == 1 / 3
    assert parse("7//2 + 0.1_5")().data == 3.15
    assert parse("9007199254740993")().data == 9007199254740992.0


def test_a_warning_is_at_the_callers_line_and_can_be_an_error() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        evaluate("log(x)", {"x": 0.0})
    assert [Path(w.filename) for w in seen] == [Path(__file__)]
    with errstate("raise"), pytest.raises(NonFiniteError):
        evaluate("1/x", {"x": 0.0})


# Limits, and hostile texts


def test_limits_are_refused_in_words() -> None:
    assert str(MAX_LENGTH) in refused("a" * 10**6).reason
    assert parse("x" + " " * (MAX_LENGTH - 1))(x=1.0).data == 1.0
    assert str(MAX_LENGTH) in refused("x" + " " * MAX_LENGTH).reason
    nests: list[Callable[[int], str]] = [
        lambda n: "(" * n + "x" + ")" * n,
        lambda n: "sin(" * n + "x" + ")" * n,
        lambda n: "-" * n + "x",
        lambda n: "x**" * n + "x",
        lambda n: "-(" * (n // 2) + "x" + ")" * (n // 2),
        lambda n: "sum([" * (n // 2) + "x" + "])" * (n // 2),
    ]
    for nest in nests:
        assert parse(nest(MAX_DEPTH))(x=1.0).data is not None
        assert str(MAX_DEPTH) in refused(nest(MAX_DEPTH + 2), {"x": 1.0}).reason
    assert parse("+".join(["-x", "x**2", "(x)"] * 300))(x=1.0).data == 300.0
    assert parse("max(" + ", ".join(["-x", "x**2", "(x)"] * 300) + ")")(x=2.0).data == 4.0


def test_a_sum_of_many_terms_is_exact_or_refused_cleanly() -> None:
    root, nodes = evaluate("+".join(["x"] * 1500), {"x": 1.0})
    root.backward()
    assert (root.data, nodes["x"].grad) == (1500.0, 1500.0)
    value, reason = 10_000.0, "sum(["
    try:
        value = evaluate("+".join(["x"] * 10_000), {"x": 1.0}).root.data
    except ParseError as error:
        reason = error.reason
    assert value == 10_000.0
    assert "sum([" in reason


def test_a_circuit_of_too_many_wires_is_refused_before_it_is_made() -> None:
    many = ",".join(["x"] * 9000)
    for text in (f"sum(softmax([{many}]))", f"norm({'softmax(' * 9}[{many[:399]}]{')' * 9})"):
        error = refused(text, {"x": 1.0})
        assert str(MAX_WIRES) in error.reason
        assert error.column is not None
    assert evaluate(f"softmax([{many}], 0)", {"x": 1.0}).root.data == pytest.approx(1 / 9000)
    assert evaluate(f"sum(log_softmax([{many[:199]}]))", {"x": 1.0}).root.data < 0


def test_a_row_of_a_user_that_gathers_its_operands_says_itself_what_is_wrong() -> None:
    def gather(xs: list[object]) -> object:
        raise ValueError("never enough")

    primitive("greedy", lambda *xs: 0.0, lambda xs, z: [0.0] * len(xs), "nothing", gather=gather)
    try:
        assert "never enough" in refused("greedy([x])", {"x": 1.0}).reason
    finally:
        del TABLE["greedy"]
        delattr(Operand, "greedy")


REFUSED = [
    "__import__('os').system('x')",
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "(lambda: 0)()",
    "[x for x in ()]",
    "(x for x in x)",
    "x.__class__",
    "x.data",
    "x.backward()",
    "__class__(x)",
    "open('/etc/passwd')",
    "open(x)",
    "eval(x)",
    "exec(x)",
    "compile(x, x, x)",
    "getattr(x, y)",
    "globals()",
    "breakpoint()",
    "print(x)",
    "lookup(x)",
    "primitive(x)",
    "math.sin(x)",
    "f'{x}'",
    "f'{__import__(\"os\")}'",
    "b'x'",
    "x if x else y",
    "x := 3",
    "import os",
    "from os import *",
    "del x",
    "global x",
    "raise x",
    "assert x",
    "yield x",
    "await x",
    "async def f(): pass",
    "def f(): pass",
    "class A: pass",
    "with x: pass",
    "while 1: pass",
    "for x in x: pass",
    "try: x\nexcept: y",
    "match x:\n case y: x",
    "@x",
    "x[0]",
    "x[::]",
    "{x: y}",
    "{x}",
    "{**x}",
    "[*x]",
    "sum(*x)",
    "sum(**x)",
    "...",
    "1j",
    "a" * 10**6,
    "(" * 10**5,
    "[" * 10**4,
    "sin(" * 3000,
    ")" * 10**4,
    "-" * 10**5 + "x",
    "-" * 10**4 + "x",
    "**".join("x" * 6000),
    "x," * 9000,
    "9" * 5000,
    "9" * 10**5,
    "1e999999999",
    "0x" + "f" * 5000,
]

HOSTILE = [
    "__builtins__",
    "__debug__",
    "0" * 5000,
    "+".join("x" * 9000),
    "x;" * 9000,
    "x\n" * 9000,
    "9**9**9**9**9",
    "10**400",
    "\0",
    "x\0y",
    "# \0",
    "x # \ud800",
    "\ud800",
    "\ufeffx",
    "\u202ex",
    "x\x0c+ 1",
    "\x1b[31m",
    "\\",
    "\\\n",
    "x\\\n\\\n",
    "'",
    '"""',
    "#",
    ";",
    "=",
    "==",
    "x = ",
    "sin = 3; sin(x)",
    "where(x > 0 > y, x, y)",
    "where(x is y, x, y)",
    "where((x > 0), (x), y)",
    "where(x, x, [y])",
    "sum(sum(x))",
    "sum([softmax([x, y])])",
    "softmax([x, y], x)",
    "softmax([x, y], nan)",
    "softmax(x, 1e300)",
    "dot(x, y)",
    "dot([x], y)",
    "dot([], [])",
    "norm([])",
    "polygamma(1e300, x)",
    "polygamma(-1, x)",
    "sinc_derivative(nan, x)",
    "gamma(1e9)",
    "_total(x)",
    "__init__(x)",
    "__call__(x)",
    "_unary(x)",
]


def hostile_texts() -> list[str]:
    """The fixed lists, and token soup, the same in each run."""
    pieces = ["x", "y", "sin", "sum", "where", "(", ")", "[", "]", ",", "=", "==", "<", "+", "-"]
    pieces += ["*", "**", "/", "//", "%", ";", "\n", " ", "1", "2.5", "1e", "'", '"', ".", ":", "{"]
    pieces += [
        "}",
        "lambda",
        "if",
        "else",
        "for",
        "in",
        "not",
        "__class__",
        "\\",
        "#",
        "@",
        "^",
        "~",
    ]
    pieces += ["\t", "\0", "é", "²", "\u2028", "\ud83d", "😀", "!", "&", "|", "$", "?", ":=", "->"]
    draw = random.Random(22)
    soup = ["".join(draw.choices(pieces, k=draw.randint(1, 14))) for _ in range(200)]
    tame = ["".join(draw.choices(pieces[:24], k=draw.randint(2, 12))) for _ in range(400)]
    return REFUSED + HOSTILE + soup + tame


def outcome(text: str) -> str:
    """What happens to a text: a root, or a ParseError; anything else is let out."""
    try:
        expression = parse(text)
        with errstate("ignore"):
            root = expression(**dict.fromkeys(expression.names, 1.5))
    except ParseError as error:
        return "refused" if str(error) else "refused without a word"
    assert isinstance(root, Value)
    return "read"


def test_hostile_texts_are_refused_or_harmless() -> None:
    assert {outcome(text) for text in REFUSED} == {"refused"}
    assert {outcome(text) for text in hostile_texts()} == {"refused", "read"}


# Numbers too large and names too long are the scan's business alone.
WALKED = [text[:MAX_LENGTH] for text in REFUSED if text.isascii() and not text.isalnum()]
WALKED += ["x + 1j", "sin(x=x)", "sin(x, y=x)", "x & y", "~x", "x is y", "not x", "x @ y"]


@pytest.mark.parametrize("text", WALKED)
def test_the_walk_refuses_by_itself_what_the_scan_stops(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(text: str, *_: object) -> list[list[Token]]:
        return [[Token("name", text, 0)]]

    monkeypatch.setattr("autograd_lite.parse.scan", blind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        assert outcome(text) == "refused"


AUDITED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from test_parse import hostile_texts, outcome
texts = hostile_texts()
events = []
watching = True
sys.addaudithook(lambda event, args: events.append(event) if watching else None)
for text in texts:
    outcome(text)
parsing = sorted(set(events))
events.clear()
eval(compile("open(__import__('os').devnull).close()", "control", "eval"))
control = sorted(set(events))
watching = False
print(json.dumps([parsing, control]))
"""


def test_nothing_is_executed_opened_or_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", AUDITED, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    parsing, control = json.loads(done.stdout)
    assert parsing == ["compile"]
    assert {"compile", "exec", "open"} <= set(control)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert outcome(text) in ("read", "refused")
    assert outcome(f"x + {text}") in ("read", "refused")


@given(st.lists(st.sampled_from([*"xy()[],=<+-*/;1. ", "**", "sum", "sin", "where"]), max_size=25))
def test_any_tokens_are_read_or_refused(tokens: list[str]) -> None:
    assert outcome("".join(tokens)) in ("read", "refused")
