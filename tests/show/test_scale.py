"""Large circuits in everything that shows them: no recursion, and what is left out is reported."""

import sys

import pytest

from autograd_lite import Value, scope, sin
from autograd_lite.show import Options, draw, formula, table, tree
from autograd_lite.show.picture.card import cards
from autograd_lite.show.picture.dot import Look
from autograd_lite.show.picture.gates import gates
from autograd_lite.show.picture.palette import LIGHT
from autograd_lite.show.player.tell import tell
from autograd_lite.show.text.table import table_of
from autograd_lite.show.text.tree import tree_of
from autograd_lite.show.view.view import View, snapshot

#: Several times as many operations as Python may nest calls.
DEPTH = 5 * sys.getrecursionlimit()


def chain(n: int) -> Value:
    node = Value(0.5, "x")
    for _ in range(n):
        node = sin(node)
    node.backward()
    return node


@pytest.fixture(scope="module")
def deep() -> Value:
    return chain(DEPTH)


@pytest.fixture(scope="module")
def whole() -> View:
    """Every node of a chain."""
    return snapshot(chain(2 * sys.getrecursionlimit()), Options(max_nodes=None))


def read(dot: str) -> str:
    return dot.replace("\u00a0", " ")


@pytest.mark.parametrize(("detail", "count"), [("all", 100), ("sums", 100), ("named", 2)])
def test_a_view_keeps_to_its_nodes(deep: Value, detail: str, count: int) -> None:
    view = snapshot(deep, Options(detail=detail))
    assert len(view.nodes) == count
    assert bool(view.captions) == (detail != "named")
    assert max(len(node.expression) for node in view.nodes) <= 44


@pytest.mark.parametrize("style", ["card", "circuit"])
def test_a_picture_says_what_is_left_out(deep: Value, style: str) -> None:
    assert f"100 of {DEPTH + 1:,} nodes" in read(draw(deep, style).dot)


@pytest.mark.parametrize("style", ["text", "markdown", "latex"])
def test_a_table_is_short(deep: Value, style: str) -> None:
    assert 100 < len(table(deep, style).splitlines()) < 500


def test_a_tree_is_short(deep: Value) -> None:
    assert 100 < len(tree(deep).splitlines()) < 500


def test_a_formula_is_cut(deep: Value) -> None:
    assert 0 < len(formula(deep)) <= 100_000
    assert formula(deep, "latex")


def test_the_player_plays_what_is_drawn(deep: Value) -> None:
    view = snapshot(deep, Options(grads="always"))
    assert len(tell(view).steps) == 2 * len(view.nodes) + 4


def test_all_of_it_can_be_shown(whole: View) -> None:
    count = len(whole.nodes) - 1
    assert table_of(whole).count("= sin(") >= count
    assert tree_of(whole).count("= sin(") == count
    assert cards(whole, Look(LIGHT)).count("-> n") == count
    assert gates(whole, Look(LIGHT)).count('class="edge"') == count


def test_a_long_sum_is_one_node() -> None:
    total = sum((Value(float(i)) for i in range(5 * sys.getrecursionlimit())), Value(0.0))
    assert [stub.text for stub in snapshot(total).stubs] == [f"… {5 * sys.getrecursionlimit() - 2:,} more"]


def test_scopes_collapse() -> None:
    large = Value(0.0, "start")
    for part in range(5):
        with scope(f"part{part}"):
            for _ in range(500):
                large = sin(large) * 1.0
    large.backward()
    assert "5,001 nodes drawn as 6 boxes" in read(draw(large).dot)
    assert "100 of 5,001 nodes" in read(draw(large, "card").dot)
