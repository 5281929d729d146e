"""The circuit as a tree of text."""

import re
from decimal import Decimal

import pytest

from autograd_lite import Constant, Value, relu, sin
from autograd_lite.show.text.tree import DEEPEST, tree, tree_of
from autograd_lite.show.view.view import Stub

from ...support.circuits import gormley, sarkar
from ...support.handmade import node, view, wire
from ...support.names import HOSTILE

GORMLEY = """\
                           value    grad  local derivative, × upstream = contribution
J = cos(u)               −0.7649       1
└─ u = u₁ + u₂             3.841  0.6441  ∂J/∂u = 0.6441, × 1 = 0.6441
   ├─ u₁ = sin(t)         0.8415  0.6441  ∂u/∂u₁ = 1, × 0.6441 = 0.6441
   │  └─ t = x²                1    2.28  ∂u₁/∂t = 0.5403, × 0.6441 ≈ 0.348
   │     └─ x                  1   4.561  ∂t/∂x = 2, × 2.28 ≈ 4.561
   └─ u₂ = 3t                  3  0.6441  ∂u/∂u₂ = 1, × 0.6441 = 0.6441
      └─ t  (see above)                   ∂u₂/∂t = 3, × 0.6441 ≈ 1.932"""

SARKAR = """\
              value  local derivative
f = q*z         -12
|- q = x + y      3  df/dq = -4
|  |- x          -2  dq/dx = 1
|  `- y           5  dq/dy = 1
`- z             -4  df/dz = 3"""


def swept(root: Value) -> Value:
    root.backward()
    return root


def test_the_lecture_s_circuit() -> None:
    assert tree(swept(gormley())) == GORMLEY


def test_before_the_sweep_in_ascii() -> None:
    assert tree(sarkar(), ascii=True) == SARKAR


def test_after_the_sweep_is_forgotten_nothing_is_shown_of_it() -> None:
    root = gormley()
    before = tree(root)
    assert "4.561" not in before
    assert "grad" not in before
    swept(root).zero_grad()
    assert tree(root) == before


def test_ascii_says_the_same_in_ascii() -> None:
    text = tree(swept(gormley()), ascii=True)
    assert text.isascii()
    assert [line.split()[-1] for line in text.splitlines()[1:]] == [
        line.split()[-1].replace("−", "-") for line in GORMLEY.splitlines()[1:]
    ]


def test_equal_signs_are_exact() -> None:
    products = re.findall(r"= (\S+), × \(?([^ )]+)\)? ([=≈]) (\S+)", GORMLEY + tree(swept(sarkar())))
    assert len(products) == 10
    for local, upstream, sign, contribution in products:
        a, b, c = (Decimal(t.replace("−", "-")) for t in (local, upstream, contribution))
        assert (a * b == c) == (sign == "=")


def test_a_shared_node_is_printed_once() -> None:
    x = Value(2.0, "x")
    t = x * x
    t.name = "t"
    text = tree(t * t + t, detail="all")
    assert text.count("t = x·x") == 1
    assert text.count("t  (see above)") == 2
    assert text.count("x  (see above)") == 1


def test_constants_show_no_derivative_and_are_never_referred_to() -> None:
    c = Constant(9.81, "c")
    x = Value(2.0, "x")
    text = tree(swept(c * x + sin(c * x * x)))
    lines = [line for line in text.splitlines() if re.search(r"─ c\b", line)]
    assert len(lines) == 2
    for line in lines:
        assert re.search(r"─ c +9\.81$", line)


def test_where_no_gradient_flows() -> None:
    text = tree(swept(relu(Value(-1.0, "x")) + Value(1.0, "y")))
    (line,) = [line for line in text.splitlines() if "─ x" in line]
    assert line.endswith("(no gradient flows)")


def test_stubs_captions_and_the_title_are_shown() -> None:
    nodes = [node(0, "x", "leaf"), node(1, "y", "op", "sin(z)"), node(2, "out", "out", "y + x")]
    wires = [wire(0, 1, 2, 0), wire(1, 0, 2, 1)]
    text = tree_of(
        view(
            nodes,
            wires,
            stubs=(
                Stub(1, "… 10 more", True),
                Stub(2, "… 3 more", True),
                Stub(0, "consumers", False),
            ),
            captions=("13 nodes are cut",),
            title="A title",
        )
    )
    lines = text.splitlines()
    assert lines[0] == "A title"
    assert lines[-1] == "13 nodes are cut"
    assert [line.rstrip() for line in lines if "more" in line] == [
        "│  └─ … 10 more",
        "└─ … 3 more",
    ]
    assert [line[:4] for line in lines if "─ x" in line] == ["├─ x"]
    assert "consumers" not in text


def test_a_deep_chain_goes_on_further_down() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(3 * DEEPEST):
        y = sin(y)
    text = tree(y, max_nodes=None)
    assert text.count("= sin(") == 3 * DEEPEST
    assert max(map(len, text.splitlines())) < 3 * DEEPEST + 80
    referred = re.findall(r"─ (\S+)  \(see below\)", text)
    assert len(referred) == 2
    for name in referred:
        assert len(re.findall(rf"^{name} = ", text, re.MULTILINE)) == 1
    assert f"deeper than {DEEPEST} levels" in text.splitlines()[-1]


def test_what_is_deep_on_one_path_and_not_on_another_is_printed_once() -> None:
    x = Value(1.0, "x")
    t = sin(x)
    t.name = "t"
    y = t
    for _ in range(DEEPEST):
        y = sin(y)
    text = tree(y * t, max_nodes=None)
    assert text.count("t = sin(x)") == 1
    assert text.count("t  (see below)") == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_on_its_line(name: str) -> None:
    text = tree(sin(Value(1.0, name)))
    assert len(text.splitlines()) == 3
    assert all(c == "\n" or c.isprintable() or c in "\u200c\u200d" for c in text)
    assert max(map(len, text.splitlines())) < 250
    assert tree(sin(Value(1.0, name)), ascii=True).isascii()
