"""How large a circuit is, and what a sweep over it costs."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest

from autograd_lite import Constant, Value, circuit, dot, maximum, parameter, sin, statistics

from ..support.circuits import gormley


def test_the_circuit_of_the_lecture() -> None:
    for _ in range(2):  # a look at the operands makes nodes of the numbers, and changes nothing
        J = gormley()
        found = statistics(J)
        assert (found.nodes, found.inputs, found.operations, found.constants) == (6, 1, 5, 0)
        assert (found.wires, found.live, found.depth) == (6, 6, 4)
        assert (found.fan_out, found.most_used.name) == (2, "t")
        assert (found.forward, found.sweep, found.ratio) == (5, 12, 2.4)
        circuit(J)


def test_many_operands_constants_and_branches() -> None:
    w, x, g = parameter(2.0, "w"), Value(3.0, "x"), Constant(9.81, "g")
    y = dot([w, w, g], [x, 2.0, x]) + maximum(x, w)
    found = statistics(y)
    assert (found.nodes, found.inputs, found.parameters, found.constants) == (6, 2, 1, 1)
    assert (found.wires, found.live) == (9, 7)  # one operand is a constant, one is not selected
    assert found.rows == {"dot": 1, "maximum": 1, "add": 1}
    assert found.forward == 5 + 1 + 1
    assert (found.fan_out, found.most_used) == (3, w)


def test_several_outputs_share_what_they_share() -> None:
    x = Value(1.0, "x")
    shared = sin(x)
    found = statistics({"a": [shared * 2.0], "b": shared + x})
    assert (found.nodes, found.depth) == (4, 2)
    assert statistics(x).depth == 0
    with pytest.raises(TypeError, match="statistics"):
        statistics([x, 3.0])
    with pytest.raises(ValueError, match="bare number"):
        statistics(Constant(3.0))


def test_it_prints_as_a_table() -> None:
    found = statistics(gormley())
    assert str(found) == repr(found)
    assert "2.40 times forward" in str(found)
    assert "<td>depth</td><td>4</td>" in found._repr_html_()


def test_the_bytes_are_those_that_memory_grows_by() -> None:
    tracemalloc = pytest.importorskip("tracemalloc")
    gc.collect()
    tracemalloc.start()
    try:
        y: Any = Value(1.0)
        for _ in range(20_000):
            y = y * 0.999 + 0.001
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert statistics(y).bytes == pytest.approx(grown, rel=0.1)
    assert statistics(y).depth == 40_000 > sys.getrecursionlimit()
