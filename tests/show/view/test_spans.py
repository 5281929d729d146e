"""Circuits whose wires are long are cut, so that every layout is quick."""

from collections.abc import Callable

import pytest

from autograd_lite import Value, parameter, sin, tanh
from autograd_lite import sum as total
from autograd_lite.show import Options, draw, play, table
from autograd_lite.show.view.spans import allowed_nodes, total_length
from autograd_lite.show.view.view import sketch_of, snapshot


def shared() -> Value:
    x = Value(0.5, "x")
    y = x
    for _ in range(60):
        y = sin(y) + x
    return y


def recurrent() -> Value:
    w, u = parameter(0.5, "w"), parameter(0.2, "u")
    y: Value = w
    for _ in range(33):
        y = tanh(w * y + u)
    return y


def all_before() -> Value:
    xs = [Value(0.5, "x")]
    for _ in range(30):
        xs.append(tanh(total(xs)))
    last: Value = xs[-1]
    return last


def layered() -> Value:
    row = [Value(0.1 * i, f"a{i}") for i in range(12)]
    for _ in range(2):
        row = [tanh(total(row)) for _ in range(12)]
    end: Value = total(row)
    return end


@pytest.mark.parametrize(
    ("circuit", "most"), [(shared, 100), (recurrent, 100), (all_before, 100), (shared, 60)]
)
def test_long_wires_are_cut_in_pictures_and_pages(circuit: Callable[[], Value], most: int) -> None:
    root = circuit()
    long = sketch_of(root, Options(max_nodes=most))
    short = sketch_of(root, Options(max_nodes=most), laid_out=True)
    assert allowed_nodes(long, most) is not None
    assert allowed_nodes(short, most) is None
    assert 3 < len(short.nodes) < len(long.nodes)
    assert total_length(short) < total_length(long)
    assert len(draw(root, max_nodes=most).view.nodes) == len(short.nodes)
    assert f"{len(short.nodes)} of " in short.captions[0]
    assert len(play(root, max_nodes=most).view.nodes) <= len(short.nodes)
    assert len(snapshot(root, Options(max_nodes=most)).nodes) == len(long.nodes)
    assert len(table(root, max_nodes=most).splitlines()) >= len(long.wires)


def test_many_short_wires_are_drawn() -> None:
    root = layered()
    whole = sketch_of(root, Options())
    assert total_length(whole) == len(whole.wires) > 12 * 12 * 2
    assert len(draw(root).view.nodes) == len(whole.nodes)


def test_who_asks_for_all_gets_all() -> None:
    assert len(draw(shared(), max_nodes=None).view.nodes) == 121


def test_an_input_stands_beside_its_first_use() -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    chain = x
    for _ in range(5):
        chain = sin(chain)
    assert total_length(sketch_of(chain * y, Options())) == 7
