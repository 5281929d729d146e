"""One notation for names, numbers and derivatives, whatever shows them."""

import html
import re

import pytest

from autograd_lite import Value, sin
from autograd_lite.show import draw, play, table, tree
from autograd_lite.show.text.numbers import adds_up
from autograd_lite.show.text.writer import Writer, reads_like_a_formula, shortened

from ...support.handmade import node, view, wire


def named_like_formulas() -> Value:
    """y = sin(a + b)·x, whose sum is named "a + b"."""
    a, b, x = Value(1.0, "a"), Value(2.0, "b"), Value(0.5, "x")
    s = a + b
    s.name = "a + b"
    y = sin(s) * x
    y.name = "y"
    y.backward()
    return y


def everything_shown(root: Value) -> dict[str, str]:
    story = play(root).steps
    return {
        **{style: table(root, style) for style in ("text", "markdown")},
        "tree": tree(root),
        **{style: draw(root, style).dot for style in ("card", "circuit")},
        "player": "\n".join(
            "".join(span.text for span in line) for step in story for group in step.groups for line in group
        ),
    }


@pytest.mark.parametrize("what", ["text", "markdown", "tree", "card", "circuit", "player"])
def test_a_name_that_reads_like_a_formula_stands_in_parentheses(what: str) -> None:
    shown = html.unescape(everything_shown(named_like_formulas())[what]).replace("\u00a0", " ")
    assert "∂(a + b)/∂a" in shown
    assert "/∂(a + b)" in shown
    assert "∂a + b" not in shown


def test_in_latex_it_stands_in_parentheses_too() -> None:
    text = table(named_like_formulas(), "latex")
    assert r"\partial (\text{a + b})" in text
    assert r"\partial \text" not in text


@pytest.mark.parametrize(
    ("name", "bracketed"),
    [("u₁", False), ("ŷ", False), ("weight_1", False), ("a b", True), ("x²·y", True), ("-x", True)],
)
def test_what_reads_like_a_formula(name: str, bracketed: bool) -> None:
    assert reads_like_a_formula(name) == bracketed


def test_a_long_name_is_cut_before_it_is_bracketed() -> None:
    write = Writer(view([node(0, "a + " * 20, "leaf"), node(1, "y", "out", "-x")], [wire(0, 0, 1, 0)]))
    (found,) = re.findall(r"∂\((.*)\)", write.gradient(write.view.nodes[0]))
    assert len(found) == 20
    assert found.endswith("…")
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"


def test_ascii_views_have_ascii_signs() -> None:
    made = view(
        [node(0, "x", "leaf", value=-2.0), node(1, "y", "out", "-x", grad=1.0)],
        [wire(0, 0, 1, 0, local=-1.0, contribution=-1.0)],
        ascii=True,
    )
    write = Writer(made)
    assert write.gradient(made.nodes[0]) == "dy/dx"
    assert write.chain_rule(made.wires[0]) == "dy/dx = -1, * 1 = -1"


def test_the_places_of_a_repeated_operand_are_counted() -> None:
    nodes = [node(0, "x", "leaf"), node(1, "z", "leaf"), node(2, "y", "out", "x·x·z")]
    write = Writer(view(nodes, [wire(i, s, 2, i) for i, s in enumerate((0, 0, 1))]))
    assert [write.place(each) for each in write.view.wires] == ["1st x", "2nd x", ""]


@pytest.mark.parametrize(
    ("terms", "total", "expected"),
    [
        (["0.348", "1.932"], "2.28", True),
        (["0.348", "1.932"], "2.281", False),
        (["−1", "1e−4"], "−0.9999", True),
        (["∞", "1"], "∞", True),
        (["∞", "1"], "1", False),
        (["1", "2"], "∞", False),
        (["∞", "−∞"], "nan", True),
        (["9.9e−4", "1e−5"], "0.001", True),
        (["0.3333", "0.3333"], "0.6667", False),
    ],
)
def test_adding_up(terms: list[str], total: str, expected: bool) -> None:
    assert adds_up(terms, total) == expected
