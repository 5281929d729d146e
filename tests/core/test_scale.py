"""Large circuits in every emitter, in one process of its own: this one may be measured by the line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, time
from autograd_lite import Value, scope, sin
from autograd_lite.show import draw, formula, table, tree
from autograd_lite.show.picture.gates import circuit
from autograd_lite.show.picture.dot import Look, card
from autograd_lite.show.picture.palette import LIGHT
from autograd_lite.show.text.table import table_of
from autograd_lite.show.player.tell import tell
from autograd_lite.show.text.tree import tree_of
from autograd_lite.show.view.view import snapshot

def read(dot):
    return dot.replace("\\u00a0", " ")

def chain(n):
    node = Value(0.5, "x")
    for _ in range(n):
        node = sin(node)
    node.backward()
    return node

found = {}
def note(name, made):
    began = time.process_time()
    try:
        told = made()
    except RecursionError:
        told = "RecursionError"
    found[name] = [told, time.process_time() - began]

deep = chain(50_000)
for detail in ("all", "sums", "named"):
    view = snapshot(deep, detail=detail)
    note(f"snapshot {detail}", lambda: len(snapshot(deep, detail=detail).nodes))
    found[f"captions {detail}"] = [list(view.captions), 0]
    found[f"longest {detail}"] = [max(len(n.expression) for n in view.nodes), 0]
for style in ("card", "circuit"):
    note(style, lambda: "left out" if "100 of 50,001" in read(draw(deep, style).dot) else "")
for style in ("text", "markdown", "latex"):
    note(style, lambda: len(table(deep, style).splitlines()))
note("tree", lambda: len(tree(deep).splitlines()))
# Ten times what Python may recurse, and all of it written.
whole = snapshot(chain(10_000), max_nodes=None)
note("whole text", lambda: len(table_of(whole).splitlines()))
note("whole tree", lambda: tree_of(whole).count("= sin("))
note("whole card", lambda: card(whole, Look(LIGHT)).count("-> n"))
note("whole circuit", lambda: circuit(whole, Look(LIGHT)).count('class="edge"'))
note("formula text", lambda: len(formula(deep)))
note("formula latex", lambda: bool(formula(deep, "latex")))
note("player", lambda: len(tell(snapshot(deep, grads="always")).steps))
total = sum((Value(float(i)) for i in range(20_000)), Value(0.0))
note("long sum", lambda: len(snapshot(total).nodes))

large = Value(0.0, "start")
for part in range(5):
    with scope(f"part{part}"):
        for _ in range(1_000):
            large = sin(large) * 1.0
large.backward()
note("collapsed", lambda: "10,001 nodes drawn as 6 boxes" in read(draw(large).dot))
note("cut", lambda: "100 of 10,001 nodes" in read(draw(large, "card").dot))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, tuple[object, float]]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return dict(json.loads(run.stdout))


DEEP = {
    "snapshot all": 100, "snapshot sums": 100, "snapshot named": 2,
    "card": "left out", "circuit": "left out", "whole text": 10_000 + 5, "whole tree": 10_000,
    "whole card": 10_000, "whole circuit": 10_000, "formula latex": True, "player": 204,
    "long sum": 100, "collapsed": True, "cut": True,
}  # fmt: skip


@pytest.mark.parametrize("what", DEEP)
def test_what_is_large_is_shown(found: dict[str, tuple[object, float]], what: str) -> None:
    assert found[what][0] == DEEP[what]


@pytest.mark.parametrize("what", ["text", "markdown", "latex", "tree", "formula text"])
def test_what_is_large_is_short(found: dict[str, tuple[object, float]], what: str) -> None:
    told = found[what][0]
    assert isinstance(told, int), told
    assert 0 < told <= (100_000 if what == "formula text" else 500)


@pytest.mark.parametrize("detail", ["all", "sums", "named"])
def test_what_is_left_out_is_said(found: dict[str, tuple[object, float]], detail: str) -> None:
    assert bool(found[f"captions {detail}"][0]) == (detail != "named")
    longest = found[f"longest {detail}"][0]
    assert isinstance(longest, int)
    assert longest <= 44


@pytest.mark.parametrize("what", ["collapsed", "cut"])
def test_ten_thousand_nodes_are_drawn_in_seconds(
    found: dict[str, tuple[object, float]], what: str
) -> None:
    assert found[what][1] < 3
