"""Formulas say what the circuit computes: printed, read again and compared as numbers."""

import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite.formulas.terms
from autograd_lite import Constant, Value, cos, exp, log, sigmoid, sin, softmax, sqrt, tanh
from autograd_lite.core.primitive import TABLE
from autograd_lite.core.registration import primitive
from autograd_lite.core.transforms import gradients
from autograd_lite.formulas import expression, latex, local_formula, text
from autograd_lite.formulas.local import LocalFormulas
from autograd_lite.formulas.names import display, latex_name
from autograd_lite.show import table
from autograd_lite.show.view.view import snapshot
from autograd_lite.support.context import no_grad, scope

from ..support.search import examples

x, y, z = Value(0.7, "x"), Value(-1.3, "y"), Value(2.1, "z")
POINT = {"x": 0.7, "y": -1.3, "z": 2.1}


def evaluate(formula: str) -> float:
    """An ASCII formula as Python reads it."""
    names = {name: getattr(math, name) for name in ("sin", "cos", "tanh", "exp", "log", "sqrt")}
    names["sech"] = lambda v: 1 / math.cosh(v)
    names["sigmoid"] = lambda v: 1 / (1 + math.exp(-v))
    return float(eval(formula.replace("^", "**"), {"__builtins__": {}}, {**names, **POINT}))


STEPS: list[Callable[[Value, Value, float], Value]] = [
    lambda a, b, c: a + b, lambda a, b, c: a - b, lambda a, b, c: a * b, lambda a, b, c: -a,
    lambda a, b, c: a / (2.0 + tanh(b)), lambda a, b, c: c * a, lambda a, b, c: a * c,
    lambda a, b, c: a - c, lambda a, b, c: c - a, lambda a, b, c: a / c, lambda a, b, c: a + c,
    lambda a, b, c: tanh(a) ** 2, lambda a, b, c: tanh(a) ** 3.0, lambda a, b, c: +sin(a),
    lambda a, b, c: +sigmoid(a),
]  # fmt: skip


@st.composite
def circuits(draw: st.DrawFn) -> Value:
    """Smooth circuits over x, y, z that are grown from what this file can read again."""
    nodes: list[Value] = [x, y, z]
    for _ in range(draw(st.integers(1, 12))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        c = draw(st.sampled_from([-2.0, -1.0, 0.5, 1.0, 2.0, 3.0]))
        nodes.append(draw(st.sampled_from(STEPS))(a, b, c))
    return nodes[-1]


@given(circuits())
@examples(120)
def test_the_printed_formula_has_the_value_of_the_circuit(root: Value) -> None:
    printed = text(root, ascii=True, digits=17)
    assert evaluate(printed) == pytest.approx(root.data, rel=1e-6, abs=1e-6)


@given(circuits())
@examples(50)
def test_the_printed_derivative_has_the_value_of_the_derivative(root: Value) -> None:
    slope = gradients(root, x)
    printed = text(slope, ascii=True, digits=17, limit=20_000)
    if len(printed) < 5_000:
        assert evaluate(printed) == pytest.approx(slope.data, rel=1e-5, abs=1e-5)


def test_a_wrong_sign_in_the_algebra_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above fails on wrong terms: with minus printed as plus it must differ."""
    wrong = dict(autograd_lite.formulas.terms._BUILD)
    wrong[TABLE["sub"]] = wrong[TABLE["add"]]
    monkeypatch.setattr(autograd_lite.formulas.terms, "_BUILD", wrong)
    root = sin(x) - y * x
    assert evaluate(text(root, ascii=True, digits=17)) != pytest.approx(root.data, rel=1e-3)


def test_powers_and_their_derivatives() -> None:
    first = gradients(x**3, x)
    second = gradients(first, x)
    third = gradients(second, x)
    assert [text(f) for f in (x**3, first, second, third)] == ["x³", "3x²", "6x", "6"]
    assert [latex(f) for f in (x**3, first, second)] == ["x^{3}", "3x^{2}", "6x"]


def test_what_is_alike_is_collected_in_a_whole_formula_but_not_in_one_operation() -> None:
    assert [text(f) for f in (x * x, x + x, x * x * x, 2 * (3 * x), x - x)] == [
        "x²", "2x", "x³", "6x", "0",
    ]  # fmt: skip
    assert expression(x * x, ["x", "x"]) == "x·x"
    assert expression(x + x, ["x", "x"]) == "x + x"
    assert text(gradients(x * x * x, x)) == "3x²"


@pytest.mark.parametrize(
    ("node", "names", "wanted"),
    [
        (x + y, ["x", "y"], "x + y"), (x - y, ["x", "y"], "x − y"), (3 * x, [None, "t"], "3t"),
        (x * 3, ["t", None], "3t"), (x * -1.0, ["t", None], "−t"), (1.0 * x, [None, "t"], "t"),
        (x / y, ["a", "b"], "a/b"), (-x, ["a"], "−a"), (x**2, ["x", None], "x²"),
        (x**-12, ["x", None], "x⁻¹²"), (x**1, ["x", None], "x"), (x**0.5, ["x", None], "x^0.5"),
        (x ** (z + 0.0), ["x", "n"], "x^n"), (sin(x), ["t"], "sin(t)"), (0.0 * x, [None, "t"], "0·t"),
        (sigmoid(x), ["z"], "σ(z)"), (abs(x), ["z"], "|z|"), (1e-9 * x, [None, "x"], "1e−9·x"),
        (TABLE["dot"]([x, y], [y, z], x), ["a", "b", "c", "d", "e"], "a·c + b·d + e"),
    ],
)  # fmt: skip
def test_one_operation(node: Value, names: list[str | None], wanted: str) -> None:
    assert expression(node, names) == wanted


def test_parentheses_where_they_are_needed_and_nowhere_else() -> None:
    formulas = {
        "(x + y)·z": (x + y) * z, "x + y·z": x + y * z, "x − y + z": (x - y) + z,
        "x − y − z": x - (y + z), "(x·y)²": (x * y) ** 2, "(−x)²": (-x) ** 2, "−x²": -(x**2),
        "(x + y)/z": (x + y) / z, "x/(y·z)": x / (y * z), "sin(x + y)": sin(x + y),
        "2^x": 2**x, "0.5·(x − y)²": 0.5 * (x - y) ** 2, "z^(y + z)": z ** (y + z),
        "tanh²(x)": tanh(x) ** 2, "(√(x))²": sqrt(x) ** 2, "1 − tanh²(x)": 1 - tanh(x) ** 2,
        "3·2^x": 3 * 2**x,
    }  # fmt: skip
    assert {text(node): wanted for wanted, node in formulas.items()} == {w: w for w in formulas}


@pytest.mark.parametrize(
    ("node", "wanted"),
    [
        (x + y, ["1", "1"]), (x - y, ["1", "−1"]), (-x, ["−1"]), (x * y, ["y", "x"]),
        (x / y, ["1/y", "−x/y²"]), (x**2, ["2x", ""]), (x**3, ["3x²", ""]), (sin(x), ["cos(x)"]),
        (cos(x), ["−sin(x)"]), (exp(x), ["exp(x)"]), (log(x), ["1/x"]),
        (tanh(x), ["1 − tanh²(x)"]), (sigmoid(x), ["σ(x)·(1 − σ(x))"]),
        (TABLE["relu"](x), ["[x > 0]"]), (3 * x, ["", "3"]),
    ],
)  # fmt: skip
def test_the_local_derivatives_of_the_specification(node: Value, wanted: list[str]) -> None:
    names = [p.name for p in node.parents]
    assert [local_formula(node, i, names) for i in range(len(names))] == wanted


def sample(name: str) -> Value:
    row = TABLE[name]
    low = [interval[0] for interval in row.domain]
    high = [interval[1] for interval in row.domain]
    count = row.arity or 4
    places = [min(i, len(low) - 1) for i in range(count)]
    data = [low[p] + (0.61 + 0.07 * i) * (high[p] - low[p]) for i, p in enumerate(places)]
    operands: list[object] = [Value(d, "abcd"[i]) for i, d in enumerate(data)]
    if name in ("sinc_derivative", "polygamma", "log_ndtr_derivative"):
        operands[0] = 1.0
    if name in ("softmax", "log_softmax", "take"):
        operands[-1] = 1.0
    return Value._apply(row, tuple(operands))


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row_of_the_table_is_printed_in_every_style(name: str) -> None:
    node = sample(name)
    names = [p.name for p in node.parents]
    assert expression(node, names)
    assert text(node, ascii=True).isascii()
    for printed in (latex(node), expression(node, names, "latex")):
        assert printed.count("{") == printed.count("}")
        assert printed.count(r"\left") == printed.count(r"\right")
    for position, live in enumerate(node._locals()):
        assert (local_formula(node, position, names) == "") == (live is None)


def test_a_row_of_the_users_is_printed_without_any_template() -> None:
    row = primitive("plus_one_cubed", lambda v: (v + 1) ** 3, [lambda v, r: 3 * (v + 1) ** 2], "cube")
    opaque = primitive("opaque", math.atan, [lambda v, r: 1 / (1 + math.pow(v, 2))], "on floats only")
    branch = primitive(
        "two_sided", lambda v: v if v > 0 else 3 * v, [lambda v, r: 1.0 if v > 0 else 3.0], "kinked"
    )
    try:
        assert text(row(x)) == "plus_one_cubed(x)"
        assert latex(row(x)) == r"\operatorname{plus\_one\_cubed}(x)"
        assert local_formula(row(x), 0, ["x"]) == "3·(x + 1)²"
        assert local_formula(opaque(x), 0, ["x"]) == ""
        assert [local_formula(branch(v), 0, ["v"]) for v in (x, y)] == ["1", "3"]
    finally:
        for each in (row, opaque, branch):
            del TABLE[each.name]


def test_formulas_do_not_depend_on_the_blocks_that_are_open() -> None:
    node = tanh(x)
    with no_grad(), scope("elsewhere"):
        assert local_formula(node, 0, ["x"]) == "1 − tanh²(x)"


def test_a_rule_is_recorded_once_for_all_numbers() -> None:
    formulas = LocalFormulas(collect=True)
    for number in (0.5, 1.5, 2.5):
        x = Value(number, "x")
        formulas.locals(sin(x), [formulas.algebra.name("x", "x", "x")])(0)
    assert len(formulas._recorded) == 1
    for number in (0.5, 1.5):
        x = Value(number, "x")
        row = primitive(
            "looks_at_numbers", lambda x: x, [lambda x, z: 1.0 if x < 1 else 2.0 * x], "for this test",
            replace=True,
        )  # fmt: skip
        formulas.locals(row(x), [formulas.algebra.name("x", "x", "x")])(0)
    assert len(formulas._recorded) == 3


def test_names_of_inputs() -> None:
    a, b = Value(1.0), Value(2.0, "b")
    assert text(a * b) == "v₁·b"
    assert text(a * b, names={"w1": a, "_b": b, "unused": 3}) == "w₁·b"
    assert text(Constant(9.81, "g") * b) == "g·b"
    assert text(0.5 * Constant(9.81, "g") * b) == "0.5g·b"
    with pytest.raises(TypeError, match="locals"):
        text(a, names=[a])  # type: ignore[arg-type]


def test_a_limit_cuts_with_an_ellipsis_and_latex_stays_well_formed() -> None:
    chain = x
    for _ in range(300):
        chain = sin(chain) + y
    cut = text(chain, limit=50)
    assert len(cut) == 50
    assert cut.endswith("…")
    printed = latex(chain, limit=200)
    assert r"\cdots" in printed
    assert printed.count(r"\left(") == printed.count(r"\right)")


@pytest.mark.parametrize(
    "step", [sin, lambda v: v + y, lambda v: sin(v * v) + y, lambda v: v * y / 2.0, lambda v: -v]
)
def test_circuits_of_any_depth(step: Callable[[Value], Value]) -> None:
    node = x
    for _ in range(5_000):
        node = step(node)
    assert len(text(node)) <= 100_000
    assert len(latex(node, limit=1000)) < 100_000


def test_shared_parts_do_not_explode() -> None:
    node = x
    for _ in range(60):
        node = node * y + sin(node)
    assert len(text(node)) == 100_000


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("u1", "u_{1}"), ("w_12", "w_{12}"), ("σ", r"\sigma"), ("ŷ", r"\hat{y}"), ("θ3", r"\theta_{3}"),
        ("loss", r"\mathit{loss}"), ("a_b", "a_{b}"), ("out_in", r"\text{out\_in}"),
        ("{", r"\text{\{}"), ("", r"\cdot"),
        ("\\", r"\text{\textbackslash{}}"), ("50%", r"\text{50\%}"), ("$x", r"\text{\$x}"),
        ("y^*", "y^{*}"), ("y′", "y'"), ("x₁″", "x_{1}''"), ("\u2112", r"\mathcal{L}"), ("∇f", r"\nabla f"),
        ("w₂₁⁽¹⁾!", r"\text{w$_{21}$$^{(1)}$!}"), ("naïve", r"\text{na\"{i}ve}"),
        ("😀", r"\text{[U+1F600]}"),
        ("alpha", r"\alpha"), ("beta1", r"\beta_{1}"), ("Delta_x", r"\Delta_{x}"),
        ("x_theta", r"\text{x\_theta}"),
        ("r_{max}", r"r_{\mathit{max}}"), ("z^(1)", "z^{(1)}"), ("w_21^(2)", "w_{21}^{(2)}"),
        ("A^T", "A^{T}"),
        (r"$\hat{y}_{i}$", r"{\hat{y}_{i}}"), (r"$\mathcal{L}$", r"{\mathcal{L}}"), ("$x$", "{x}"),
        (r"$\input{a}$", r"\text{\$\textbackslash{}input\{a\}\$}"), ("$x}{$", r"\text{\$x\}\{\$}"),
    ],
)  # fmt: skip
def test_names_in_latex(name: str, wanted: str) -> None:
    assert latex_name(name) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("alpha", "α"), ("lambda_2", "λ₂"), ("x_i", "xᵢ"), ("w_f", "w_f"), ("r_{max}", "rₘₐₓ"),
        ("z^(1)", "z⁽¹⁾"),
        ("w_{21}^{(1)}", "w₂₁⁽¹⁾"), ("out_in", "out_in"), ("h'", "h'"), ("alphabet", "alphabet"),
        ("x_", "x_"), (r"$\input{a}$", r"$\input{a}$"), ("$x}{$", "$x}{$"), ("$\\$", "$\\$"),
        (r"$\hat{y}_{i}$", "ŷᵢ"), (r"$\theta^{(2)}$", "θ⁽²⁾"), (r"$\mathcal{L}$", "L"), ("$", "$"),
    ],
)  # fmt: skip
def test_names_in_text(name: str, wanted: str) -> None:
    assert display(name) == wanted
    assert display(name, ascii=True).isascii()


@given(st.text(max_size=200))
def test_any_name_stays_on_one_line_and_is_escaped(name: str) -> None:
    assert display(name).isprintable()
    assert 0 < len(display(name)) <= 48
    body = re.sub(r"\\(?:[{}$%&#_]|[A-Za-z]+\{\}|[`'^~=.\"](?=\{))", "", latex_name(name))
    body = re.sub(r"\$(?:[_^]\{.*?\}|\\?[^$]+)\$", "", body)  # mathematics in a text
    assert not re.search(r"[$%&#~^\\]", re.sub(r"\\[a-zA-Z]+|\^\{|_\{", "", body))
    assert body.count("{") == body.count("}")


def test_which_output_of_softmax_is_meant_is_an_index() -> None:
    first, second = softmax([x, y])
    assert text(first) == "softmax_1(x, y)"
    assert text(second**2, ascii=True) == "(softmax_2(x, y))^2"
    assert latex(second) == r"\operatorname{softmax}_{2}(x, y)"
    many = softmax([Value(1.0, f"x{i}") for i in range(12)])[11]
    node = snapshot(many).nodes[-1]
    # It counts from 0 where the names of the operands do.
    assert node.expression == "softmax_11(x₀, x₁, x₂, x₃, …)"
    assert node.latex_expression.endswith(r", \cdots)")


def test_a_name_that_reads_like_a_formula_keeps_to_itself() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    total = a + b
    total.name = "a + b"
    view = snapshot(total * a)
    assert view.nodes[-1].expression == "(a + b)·a"
    named = Value(5.0, "p − q")
    assert text(named**2 - named * a) == "(p − q)² − (p − q)·a"
    assert text(sin(named) + named) == "sin(p − q) + (p − q)"


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("div", r"\frac{a + b}{a + b}"),
        ("sqrt", r"\sqrt{a + b}"),
        ("cbrt", r"\sqrt[3]{a + b}"),
        ("reciprocal", r"\frac{1}{a + b}"),
        ("pow", "(a + b)^{a + b}"),
        ("neg", "-(a + b)"),
        ("hypot", r"\sqrt{(a + b)^{2} + (a + b)^{2}}"),
    ],
)
def test_latex_has_parentheses_where_no_bar_or_height_groups_already(row: str, wanted: str) -> None:
    total = Value(1.0, "a") + Value(2.0, "b")
    assert str(latex(TABLE[row](*[total] * (TABLE[row].arity or 1)))) == wanted


@pytest.mark.parametrize(("one", "other"), [("ü", "u"), ("α", "alpha"), ("é", "e")])
def test_names_that_are_one_in_ascii_are_told_apart(one: str, other: str) -> None:
    x, y = Value(2.0, one), Value(3.0, other)
    shown = table(x * y, ascii=True)
    assert f"{other}#2" in shown
    assert shown.isascii()
    assert "#2" not in table(Value(2.0, "ü") * Value(3.0, "u"))
