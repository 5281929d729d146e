"""Pictures for a place: how large their type is, and how long ones are broken into rows."""

import math
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from autograd_lite import Value, cos, parameter, sin
from autograd_lite.show import Drawing, draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.curves import XY, Piece, path_data, pieces, points, split_curve
from autograd_lite.show.picture.fit import ROOMS, Reached, room_of, roomiest, type_sizes
from autograd_lite.show.picture.shapes import box_of, enclosing, read_svg
from autograd_lite.show.picture.wrap import Wrapping

from ...support.written import runs_of_svg
from .reading import drawn, gormley, network, xyz

needs_dot = pytest.mark.skipif(not engines.available(), reason="there is no Graphviz")


def chain(n: int = 12) -> Value:
    y = Value(0.5, "x")
    for k in range(n):
        y = sin(y)
        y.name = f"y{k + 1}"
    y.backward()
    return y


def weights() -> Value:
    """Two inputs that are used at every step."""
    w, x = parameter(0.5, "w"), Value(0.7, "x")
    y: Value = w * x
    for k in range(4):
        y = cos(w * y + x)
        y.name = f"h{k + 1}"
    y.backward()
    return y


def measured(svg: str) -> tuple[float, float, float, float]:
    """The size of a picture in points, its smallest type and its numbers as they are shown."""
    root = read_svg(svg)
    scale = float(root.get("width", "")) * 0.75 / float(root.get("viewBox", "").split()[2])
    least, numbers = type_sizes(root)
    sides = [float(root.get(side, "")) * 0.75 for side in ("width", "height")]
    return sides[0], sides[1], least * scale, numbers * scale


@needs_dot
@pytest.mark.parametrize(
    ("circuit", "fit"),
    [(xyz, "4:3"), (gormley, "16:9"), (chain, "A4"), (chain, "16:9"), (xyz, (11.0, 4.5))],
)
def test_the_type_is_as_large_as_the_drawing_says(circuit: Callable[[], Value], fit: Any) -> None:
    room = room_of(fit)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawing = draw(circuit(), fit=fit)
    width, height, least, numbers = measured(drawing.svg)
    said = drawing.reached
    assert said is not None
    assert width <= room.width + 0.02
    assert height <= room.height + 0.02
    assert (least, numbers) == pytest.approx((said.least, said.numbers), rel=1e-3)
    assert said.enough == (least >= room.least * 0.999 and numbers >= room.numbers * 0.999)


@needs_dot
def test_the_layers_of_a_network_are_whole_in_rows_and_its_cut_wires_have_their_sources_names() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells what could be left out
        drawing = draw(network(), "network", fit=(5.0, 9.0))
    assert drawing.reached is not None
    assert drawing.reached.rows > 1
    root = read_svg(drawing.svg)
    rows = [e for e in root.iter("g") if e.get("class") == "row"]
    extents = []
    for row in rows:
        x, y = map(float, re.findall(r"-?[\d.]+", row.get("transform", "")))
        boxes = [box for e in row.iter() if e.tag != "path" and (box := box_of(e))]
        (left, top), (right, bottom) = enclosing(boxes)
        extents.append((top + y, bottom + y))
        assert left + x >= 0
        assert right + x <= float(root.get("viewBox", "").split()[2])
    assert all(upper[1] <= lower[0] for upper, lower in pairwise(extents))
    ends = {"".join(runs_of_svg(e)) for e in root.iter("text") if e.get("font-style") == "italic"}
    assert {"x₁", "x₂", "h₁", "h₂"} <= ends
    assert not [text for text in ends if text.startswith("layer")]


@needs_dot
@pytest.mark.parametrize("circuit", [xyz, gormley, chain])
def test_small_circuits_are_readable_on_a_slide(circuit: Callable[[], Value]) -> None:
    drawing = draw(circuit(), fit="16:9")
    assert drawing.reached is not None
    assert drawing.reached.enough
    shown = " ".join(drawn(drawing.svg))
    assert all(node.label in shown for node in drawing.view.nodes)


@needs_dot
def test_what_is_given_is_not_chosen() -> None:
    drawing = draw(chain(), style="card", digits=6, detail="all", fit=(40, 30))
    assert drawing.style == "card"
    assert drawing.view.digits == 6
    assert len(drawing.view.nodes) == 13


@needs_dot
def test_what_a_place_leaves_out_is_said_and_what_is_given_is_drawn() -> None:
    looks: dict[str, Any] = {"digits": 2, "detail": "all", "fit": (8.4, 4.2)}
    chosen = draw(gormley(), "card", "TB", **looks)
    assert any("local derivatives" in caption for caption in chosen.view.captions)
    with pytest.warns(UserWarning, match="max_nodes"):
        given = draw(gormley(), "card", "TB", local=True, **looks)
    assert not given.view.captions
    assert len(drawn(given.svg)) > len(drawn(chosen.svg))


class Tried(NamedTuple):
    """A drawing of which nothing but the size of its type is known."""

    reached: Reached


def test_a_picture_that_tells_more_wins_against_one_that_is_hardly_larger() -> None:
    def draw_at(size: float) -> Tried:
        return Tried(Reached(room_of("16:9"), size, 18.0))

    def chosen(*sizes: float) -> float:
        return roomiest(draw_at, [{"size": size} for size in sizes]).reached.least

    assert chosen(11.0, 12.8, 13.0) == 12.8
    assert chosen(11.0, 14.0, 20.0) == 14.0


def test_advice_names_the_size_that_is_too_small_and_no_other() -> None:
    advice = Reached(room_of("16:9"), 14.4, 17.8).advice(9)
    assert "17.8" in advice
    assert "14.4" not in advice


@needs_dot
def test_where_there_is_no_room_the_drawing_says_so() -> None:
    with pytest.warns(UserWarning, match=r"on 1 × 1 in .* points.*max_nodes=\d"):
        drawing = draw(gormley(), "circuit", digits=4, detail="all", fit=(1, 1))
    assert drawing.reached is not None
    assert not drawing.reached.enough


@pytest.mark.parametrize("fit", ["17:9", (0.5, 3), (4, math.nan)])
def test_a_wrong_size_is_named(fit: Any) -> None:
    with pytest.raises(ValueError, match="fit"):
        draw(xyz(), fit=fit)


def test_what_is_no_size_is_named() -> None:
    with pytest.raises(TypeError, match=r"inches, not 5"):
        draw(xyz(), fit=5)  # type: ignore[arg-type]  # the very mistake


def test_without_graphviz_there_is_still_a_drawing(bare: None) -> None:
    drawing = draw(xyz(), fit="16:9")
    assert "digraph" in drawing.dot
    with pytest.raises(engines.RenderError):
        _ = drawing.svg


def test_every_place_is_larger_than_its_type() -> None:
    assert all(room.width > 20 * room.numbers for room in ROOMS.values())


# Broken pictures


def wrapping(drawing: Drawing) -> Wrapping:
    vertical = drawing._look.direction == "TB"
    return Wrapping(drawing.svg, vertical, drawing._names_of_edges())


@needs_dot
@pytest.mark.parametrize(("style", "direction"), [("card", "LR"), ("card", "TB"), ("circuit", "LR")])
@pytest.mark.parametrize("circuit", [gormley, weights])
def test_a_broken_picture_has_all_of_the_whole(
    circuit: Callable[[], Value], style: str, direction: str
) -> None:
    whole = draw(circuit(), style, direction)
    wrapped = wrapping(whole)
    rows = [len(wrapped.places) // 3 + 1, 2 * len(wrapped.places) // 3 + 1]
    broken = wrapped.broken(rows)
    root = ET.fromstring(broken)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert set(ids) == {e.get("id") for e in ET.fromstring(whole.svg).iter() if e.get("id")}
    before, after = drawn(whole.svg), drawn(broken)
    for text in set(before):
        assert after.count(text) >= before.count(text)
    names = {node.label for node in whole.view.nodes}
    assert {text for text in after if after.count(text) > before.count(text)} <= names
    assert length_of_wires(broken) == pytest.approx(length_of_wires(whole.svg), rel=0.01)


@needs_dot
def test_nothing_of_a_broken_picture_lies_outside_or_on_another_row() -> None:
    drawing = draw(weights(), "circuit")
    wrapped = wrapping(drawing)
    rows, _ = wrapped.best(500, 600)
    root = read_svg(wrapped.broken(rows))
    width, height = wrapped.size(rows)
    assert len(rows) >= 1
    floor = 0.0
    for row in root.iter("g"):
        if row.get("class") != "row":
            continue
        found = re.search(r"translate\((\S+) (\S+)\)", row.get("transform", ""))
        assert found is not None
        dx, dy = float(found[1]), float(found[2])
        at = [(x + dx, y + dy) for e in row.iter() for x, y in points(e.get("points") or e.get("d") or "")]
        assert all(0 <= x <= width and floor <= y <= height for x, y in at)
        floor = max(y for _, y in at)


@needs_dot
def test_a_cut_wire_has_its_name_on_both_sides() -> None:
    drawing = draw(chain(), "circuit")
    wrapped = wrapping(drawing)
    rows, _ = wrapped.best(500, 800)
    added = drawn(wrapped.broken(rows))
    for text in drawn(drawing.svg):
        added.remove(text)
    assert len(added) == 2 * len(rows)
    assert all(added.count(name) == 2 for name in added)


@needs_dot
@pytest.mark.parametrize("title", [None, "A title of the picture"])
def test_captions_stay_where_they_are_in_a_broken_picture(title: str | None) -> None:
    drawing = draw(chain(), "circuit", title=title, max_depth=8, min_grad=1e-9)
    wrapped = wrapping(drawing)
    rows, _ = wrapped.best(500, 800)
    root = read_svg(wrapped.broken(rows))
    graph = root.find("g")
    assert graph is not None
    lines = [float(e.get("y", "")) for e in graph if e.tag == "text"]
    height = float(root.get("viewBox", "").split()[3])
    assert lines == sorted(lines)
    parts = [
        box[k][1] + float(row.get("transform", "").rstrip(")").split()[1])
        for row in graph
        if row.get("class") == "row"
        for e in row.iter()
        if (box := box_of(e))
        for k in (0, 1)
    ]
    if title:
        assert len(lines) == 2
        assert 0 < lines[0] < lines[-1] < min(parts)
        assert max(parts) < height
    else:
        assert 0 <= min(parts) < max(parts) < lines[0] < height


def length_of_wires(svg: str) -> float:
    """The length of all edges, by many points on each."""
    total = 0.0
    for e in read_svg(svg).iter("path"):
        for piece in pieces(e.get("d", "")) if "s-wire" in e.get("class", "") else ():
            at = [_on(piece, k / 32) for k in range(33)]
            total += sum(math.dist(p, q) for p, q in pairwise(at))
    return total


def _on(piece: Piece, t: float) -> XY:
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
    x, y = (sum(w * p[i] for w, p in zip(weights, piece, strict=True)) for i in (0, 1))
    return x, y


def test_a_curve_is_split_where_it_crosses_and_stays_the_same() -> None:
    curve = pieces("M0,0C10,0 10,8 4,8 -2,8 -2,16 8,16")
    parts = split_curve(curve, [3.0])
    assert len(parts) == 4
    ends = [(part[0][0], part[-1][3]) for part in parts]
    assert all(a[1] == b[0] for a, b in pairwise(ends))
    assert all(abs(end[1][0] - 3.0) < 1e-6 for end in ends[:-1])
    assert path_data(split_curve(curve, [-5.0])[0]) == path_data(curve)


@needs_dot
@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_a_circuit_runs_where_it_is_told_to(direction: str) -> None:
    drawing = draw(gormley(), direction=direction)
    places = {}
    for group in read_svg(drawing.svg).iter("g"):
        shape = next((e for e in group if e.tag in ("path", "polygon")), None)
        if "node" in group.get("class", "") and shape is not None:
            found = points(shape.get("points") or shape.get("d") or "")
            places[group.get("id", "")[-2:]] = found[0]
    first, last = places["n0"], places["n5"]
    axis = 0 if direction in ("LR", "RL") else 1
    assert (last[axis] > first[axis]) == (direction in ("LR", "TB"))
    fitted = draw(gormley(), direction=direction, fit=(30, 30)).reached
    assert fitted is not None
    assert fitted.enough


def test_a_box_is_called_by_the_end_of_its_path() -> None:
    drawing = draw(network(), "scope", depth=2)
    names = drawing._names_of_edges().values()
    assert "neuron1" in names
    assert not any("/" in name for name in names)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"direction": "LR"}, "rankdir=LR"),
        ({"local": True}, "∂"),
        ({"digits": 4, "detail": "sums"}, "0.8415"),
    ],
)
def test_what_is_given_counts_also_where_it_is_the_default(given: dict[str, Any], kept: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert kept in draw(gormley(), "card", fit=(2, 6), **given).dot
