"""The Forward/Backward table: the lecture's layout, true numbers, and nothing before a sweep."""

import math
import random
import re
import unicodedata
from collections import defaultdict
from typing import Any

import pytest

from autograd_lite import Constant, Value, circuit, relu, sin, tanh
from autograd_lite.show.text.columns import (
    columns,
    in_ascii,
    left_aligned,
    shown,
    width,
    wrapped_list,
)
from autograd_lite.show.text.table import table, table_of
from autograd_lite.show.view.view import Stub

from ...support.circuits import gormley, sarkar
from ...support.handmade import node, view, wire
from ...support.names import HOSTILE

GORMLEY = """\
Forward                 Backward                  where                     contribution
----------------------------------------------------------------------------------------
J = cos(u)   = −0.7649  ∂J/∂u += −sin(u)          = 0.6441                  += 0.6441
u = u₁ + u₂  = 3.841    ∂J/∂u₁ += ∂J/∂u · ∂u/∂u₁  ∂u/∂u₁ = 1                += 0.6441
                        ∂J/∂u₂ += ∂J/∂u · ∂u/∂u₂  ∂u/∂u₂ = 1                += 0.6441
u₁ = sin(t)  = 0.8415   ∂J/∂t += ∂J/∂u₁ · ∂u₁/∂t  ∂u₁/∂t = cos(t) = 0.5403  += 0.348
u₂ = 3t      = 3        ∂J/∂t += ∂J/∂u₂ · ∂u₂/∂t  ∂u₂/∂t = 3                += 1.932
t = x²       = 1        ∂J/∂x += ∂J/∂t · ∂t/∂x    ∂t/∂x = 2x = 2            += 4.561

inputs   x = 1
result   ∂J/∂x = 4.561"""

SARKAR = """\
Forward    Backward                where
--------------------------------------------
f = q·z    df/dq += z
           df/dz += q
q = x + y  df/dx += df/dq · dq/dx  dq/dx = 1
           df/dy += df/dq · dq/dy  dq/dy = 1"""

MARKDOWN = """\
| Forward | value | Backward | where | contribution |
|:--|--:|:--|:--|--:|
| f = q·z | −12 | ∂f/∂q += z | = −4 | += −4 |
|  |  | ∂f/∂z += q | = 3 | += 3 |
| q = x + y | 3 | ∂f/∂x += ∂f/∂q · ∂q/∂x | ∂q/∂x = 1 | += −4 |
|  |  | ∂f/∂y += ∂f/∂q · ∂q/∂y | ∂q/∂y = 1 | += −4 |

**inputs** x = −2, y = 5, z = −4

**result** ∂f/∂x = −4, ∂f/∂y = −4, ∂f/∂z = 3"""

LATEX = r"""\[
\begin{array}{lll}
\textbf{Forward} & \textbf{Backward} & \\ \hline
J = \cos(u) & \frac{d J}{d u} \mathrel{+}= -\sin(u) &  \\[4pt]
u = u_{1} + u_{2} & \frac{d J}{d u_{1}} \mathrel{+}= \frac{d J}{d u} \frac{d u}{d u_{1}} & \frac{d u}{d u_{1}} = 1 \\[4pt]
 & \frac{d J}{d u_{2}} \mathrel{+}= \frac{d J}{d u} \frac{d u}{d u_{2}} & \frac{d u}{d u_{2}} = 1 \\[4pt]
u_{1} = \sin(t) & \frac{d J}{d t} \mathrel{+}= \frac{d J}{d u_{1}} \frac{d u_{1}}{d t} & \frac{d u_{1}}{d t} = \cos(t) \\[4pt]
u_{2} = 3t & \frac{d J}{d t} \mathrel{+}= \frac{d J}{d u_{2}} \frac{d u_{2}}{d t} & \frac{d u_{2}}{d t} = 3 \\[4pt]
t = x^{2} & \frac{d J}{d x} \mathrel{+}= \frac{d J}{d t} \frac{d t}{d x} & \frac{d t}{d x} = 2x \\[4pt]
\end{array}
\]"""  # noqa: E501 - as it is printed


def swept(root: Value) -> Value:
    root.backward()
    return root


def test_the_lecture_s_table_with_numbers() -> None:
    assert table(swept(gormley())) == GORMLEY


def test_the_symbolic_table() -> None:
    assert table(sarkar(), numbers=False, d="d") == SARKAR
    assert table(swept(sarkar()), numbers=False, d="d") == SARKAR


def test_the_table_in_markdown() -> None:
    assert table(swept(sarkar()), "markdown") == MARKDOWN


def test_the_table_in_latex() -> None:
    assert (
        table(gormley(), "latex", numbers=False, d="d").replace(r"\left", "").replace(r"\right", "")
        == LATEX
    )
    assert r"\frac{\partial J}{\partial x} = 4.561" in table(swept(gormley()), "latex")


@pytest.mark.parametrize("style", ["text", "markdown", "latex"])
def test_before_the_sweep_there_are_values_and_no_gradients(style: str) -> None:
    root = gormley()
    before = table(root, style)
    assert "3.841" in before
    assert "0.5403" in before, "local derivatives are known after the forward pass"
    for gradient in ("4.561", "2.28", "1.932", "contribution", "result"):
        assert gradient not in before
    after = table(swept(root), style)
    assert "4.561" in after
    root.zero_grad()
    assert table(root, style) == before


def additions(text: str) -> dict[str, list[float]]:
    """What a text table adds, by the derivative it adds to."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in text.splitlines():
        match = re.search(r"(∂\S+/∂\S+) \+= .* \+= (\S+)$", line)
        if match:
            found[match[1]].append(float(match[2].replace("−", "-").replace("∞", "inf")))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_the_contributions_of_a_node_add_up_to_its_gradient(seed: int) -> None:
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(3)]
    for i in range(rng.randrange(3, 25)):
        a, b = rng.choice(nodes), rng.choice(nodes)
        made: Value = rng.choice([a + b, a * b, sin(a), tanh(a) * b, a * a, 2.5 * a - b, a / 3])
        made.name = f"y{i}"
        nodes.append(made)
    root = swept(nodes[-1] * nodes[-2])
    root.name = "out"
    found = additions(table(root, digits=17, max_nodes=None, detail="all"))
    by_name = {f"∂out/∂{v.name}".translate(SUBSCRIPTED): v for v in circuit(root) if v.name}
    checked = 0
    for derivative, terms in found.items():
        if derivative in by_name:
            grad = by_name[derivative].grad
            slack = 1e-14 * sum(map(abs, terms))
            assert math.isclose(math.fsum(terms), grad, rel_tol=1e-14, abs_tol=slack)
            checked += 1
    assert checked >= 2


SUBSCRIPTED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def test_the_reader_of_tables_reads() -> None:
    assert additions(GORMLEY)["∂J/∂t"] == [0.348, 1.932]


def test_an_operand_used_twice_has_two_lines() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.name = "y"
    text = table(swept(y))
    assert additions(text) == {"∂y/∂x": [3.0, 3.0]}
    assert "(1st x)" in text
    assert "(2nd x)" in text
    assert "∂y/∂x = 6" in text


def test_twentieth_and_eleventh_places_have_their_endings() -> None:
    leaf = node(0, "x", "leaf")
    many = view([leaf, node(1, "y", "out")], [wire(i, 0, 1, i) for i in range(23)])
    text = table_of(many)
    for ordinal in ("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd"):
        assert f"({ordinal} x)" in text


def test_where_no_gradient_flows_the_table_says_so() -> None:
    x = Value(-1.0, "x")
    text = table(swept(relu(2 * x) + x))
    # Neither into the branch that is not selected, nor below it.
    assert text.count("no gradient flows") == 2
    assert text.endswith("= 1")


def test_constants_have_no_gradient() -> None:
    x, g = Value(2.0, "x"), Constant(9.81, "g")
    y = swept(g * x)
    y.name = "y"
    for style in ("text", "markdown", "latex"):
        text = table(y, style)
        assert re.search(r"constants\W+(quad )?g = 9\.81", text)
        assert not re.search(r"(∂|partial )g", text)


def test_parameters_are_inputs() -> None:
    nodes = [node(0, "w", "param"), node(1, "y", "out", "sin(w)")]
    assert "inputs   w = 1" in table_of(view(nodes, [wire(0, 0, 1, 0)]))


def test_an_input_alone_is_a_table() -> None:
    text = table(swept(Value(2.0, "x")))
    assert "inputs   x = 2" in text
    assert "∂x/∂x = 1" in text


def test_an_operation_without_a_formula_shows_its_number() -> None:
    nodes = [node(0, "x", "leaf"), node(1, "y", "op", "bump(x)"), node(2, "z", "out", "bump(y)")]
    wires = [
        wire(i, i, i + 1, 0, local=0.25, local_formula="", latex_local="", contribution=0.5)
        for i in range(2)
    ]
    for style in ("text", "latex"):
        lines = table_of(view(nodes, wires), style).splitlines()
        (own,) = [line for line in lines if line.startswith("z = ")]
        assert own.count("0.25") == 1
        (below,) = [line for line in lines if line.startswith("y = ")]
        assert re.search(r"y(/∂|}{\\partial )x}? = 0\.25(?!.*0\.25)", below)


@pytest.mark.parametrize("style", ["text", "markdown", "latex"])
def test_captions_stubs_and_the_title_are_shown(style: str) -> None:
    nodes = [node(0, "x", "leaf"), node(1, "y", "out", "sin(x)")]
    one = view(
        nodes,
        [wire(0, 0, 1, 0)],
        captions=("11,828 nodes, and 10 of them shown", "50 % is cut"),
        stubs=(Stub(1, "10 more", incoming=True), Stub(0, "consumers", incoming=False)),
        title="A title",
    )
    text = table_of(one, style)
    for piece in ("11,828 nodes, and 10 of them shown", "% is cut", "10 more", "A title"):
        assert piece in text
    assert "consumers" not in text
    assert "11,828" in table_of(one, style, numbers=False)


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    nodes = [
        node(0, "x", "leaf"),
        node(1, "層", "op", "sin(x)"),
        node(2, "e\u0301", "op", "sin(層)"),
        node(3, "long", "out", "sin(é)"),
    ]
    lines = table_of(view(nodes, [wire(i, i, i + 1, 0) for i in range(3)])).splitlines()
    cells = [line.index(" = 1  ") for line in lines[2:5]]
    offsets = {
        sum(
            0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) == "W" else 1
            for c in line[:at]
        )
        for line, at in zip(lines[2:5], cells, strict=True)
    }
    assert len(offsets) == 1
    assert not any(line != line.rstrip() for line in lines)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_in_its_cell(name: str) -> None:
    x = Value(1.0, name)
    y = sin(x)
    y.name = "y"
    y.backward()
    text = table(y)
    assert len(text.splitlines()) == 6
    assert all(c == "\n" or c.isprintable() or c in "\u200c\u200d" for c in text)
    assert max(map(len, text.splitlines())) < 300
    ascii_text = table(y, ascii=True)
    assert ascii_text.isascii()
    assert len(ascii_text.splitlines()) == 6
    row = table(y, "markdown").splitlines()[2]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 6, "five cells, whatever the name"


def test_ascii_says_the_same_in_ascii() -> None:
    text = table(swept(gormley()), ascii=True)
    assert text.isascii()
    assert "dJ/du += -sin(u)" in text
    assert "dJ/dx = 4.561" in text


def test_many_inputs_are_broken_over_lines() -> None:
    xs = [Value(float(i), f"x{i}") for i in range(40)]
    y = xs[0]
    for x in xs[1:]:
        y = y * x
    text = table(swept(y), max_nodes=None)
    inputs = text[text.index("inputs") : text.index("result")].splitlines()
    assert len(inputs) > 2
    assert all(line.startswith("         ") for line in inputs[1:])
    assert max(map(len, text.splitlines())) < 120
    assert re.findall(r"x(\S+) =", "".join(inputs).translate(UNSUBSCRIPTED)) == [str(i) for i in range(40)]


UNSUBSCRIPTED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [({"style": "docx"}, "docx"), ({"d": "D"}, "'D'"), ({"style": "latex", "d": ""}, "d must be")],
)
def test_what_is_no_style_is_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        table(gormley(), **options)
    with pytest.raises(ValueError, match=complaint):
        table_of(view([node(0, "x", "leaf")], []), **options)


def test_the_same_circuit_gives_the_same_table() -> None:
    assert table(swept(gormley())) == table(swept(gormley()))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("u₁", 2),
        ("∂J/∂x", 5),
        ("層", 2),
        ("\uff46", 2),
        ("e\u0301", 1),
        ("a\u200bb", 2),
        ("😀", 2),
        ("אב", 2),
    ],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns
    assert left_aligned(text, 9).startswith(text)
    assert len(left_aligned(text, 9)) - len(text) == 9 - columns


def test_the_widths_of_columns() -> None:
    assert columns([["a", "bbb"], ["層層", ""]]) == [4, 3]


@pytest.mark.parametrize(
    ("text", "ascii"),
    [
        ("∂L/∂θ₁ ≈ −2·x²", "dL/dtheta1 ~= -2*x^2"),
        ("x¹⁰ + 3", "x^10 + 3"),
        ("é ﬁ", "e fi"),
        ("Σ ŷ", "sum y"),
        ("Δ", "Delta"),
        ("層", "\\u5c64"),
        ("∞ × ÷ …", "inf * / ..."),
        ("plain", "plain"),
    ],
)
def test_ascii_spelling(text: str, ascii: str) -> None:
    assert in_ascii(text) == ascii


def test_a_long_text_is_cut_and_says_so() -> None:
    assert shown("x" * 100, 10) == "x" * 9 + "…"
    assert shown("x" * 10, 10) == "x" * 10
    assert shown("x" * 100, 10, ascii=True) == "x" * 9 + "..."
    assert shown("a\u202eb\ud800\n") == "a\\u202eb\\ud800\\n"


def test_wrapped_breaks_between_pieces_only() -> None:
    assert wrapped_list("in  ", ["a = 1", "b = 2", "c = 3"], 18) == [
        "in  a = 1,  b = 2,",
        "    c = 3",
    ]
    assert wrapped_list("in  ", ["a" * 30, "b"], 10) == ["in  " + "a" * 30 + ",", "    b"]
