"""The SVG of a page: ids, classes, texts and tooltips."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, parameter, scope, sin
from autograd_lite.show.draw import draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.curves import points
from autograd_lite.show.picture.labels import NAME, printable
from autograd_lite.show.picture.shapes import box_of, has_class, read_svg
from autograd_lite.show.picture.svg import polish, prefix
from autograd_lite.show.text.writer import shortened

from ...support import names
from ...support.search import examples
from ...support.written import plain, runs_of_svg
from .reading import drawn, gormley, xyz

# A picture shows an invisible joiner or separator as the replacement character.
HOSTILE = [name for name in names.HOSTILE if not set(name) & set("\u200d\u2028")]


@pytest.mark.parametrize("style", ["card", "circuit"])
def test_the_svg_stands_in_a_page(engine: str, style: str) -> None:
    drawing = draw(gormley(), style, engine=engine)
    root = ET.fromstring(drawing.svg)
    name = prefix(drawing.dot)
    svg = "{http://www.w3.org/2000/svg}"
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert all(str(each).startswith(name) for each in ids)
    assert {f"{name}-n{i}" for i in range(6)} | {f"{name}-e{j}" for j in range(6)} <= set(ids)
    assert root.get("role") == "img"
    assert root.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
    box = [float(number) for number in str(root.get("viewBox")).split()]
    assert float(str(root.get("width"))) == pytest.approx(box[2] * 4 / 3, abs=0.01)
    assert float(str(root.get("height"))) == pytest.approx(box[3] * 4 / 3, abs=0.01)
    title, desc = root.find(f"{svg}title"), root.find(f"{svg}desc")
    assert title is not None
    assert title.text == "J = cos(u)"
    assert desc is not None
    assert "J = cos(u) = −0.7649, gradient 1" in str(desc.text)
    assert "x = 1, gradient 4.561" in str(desc.text)
    styles = list(root.iter(f"{svg}style"))
    assert len(styles) == 1
    assert all(re.match(f"(@media all{{)?#{name}[ {{]", rule) for rule in str(styles[0].text).split("\n"))
    assert "<a" not in re.sub("<a[a-z-]+=", "", drawing.svg).replace("<animate", "")
    assert drawing.svg.startswith("<svg")
    assert "<!--" not in drawing.svg


@pytest.mark.parametrize("style", ["card", "circuit"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_reader_without_style_sheets_sees_the_same_colours(engine: str, style: str, theme: str) -> None:
    root = ET.fromstring(draw(gormley(), style, engine=engine, theme=theme).svg)
    svg = "{http://www.w3.org/2000/svg}"
    (sheet,) = root.iter(f"{svg}style")
    rules = dict(re.findall(r"\.([\w-]+)\{((?:fill|stroke):#\w{6})\}", str(sheet.text)))
    told = 0
    for element in root.iter():
        for kind in element.get("class", "").split():
            if kind in rules:
                paint, color = rules[kind].split(":")
                assert element.get(paint) == color
                told += 1
    assert told > 40
    assert "Helvetica" in str(root.get("font-family"))
    assert "auto" not in str(root.attrib)  # some readers take a length for it


def test_the_runs_of_a_line_are_one_text(engine: str) -> None:
    drawing = draw(gormley(), engine=engine)
    texts = ["".join(runs_of_svg(e)) for e in read_svg(drawing.svg).iter("text")]
    lines = [text.replace("\u00a0", " ") for text in texts]
    assert {"∂u₁/∂t = 0.5403", "0.5403 × 0.6441 ≈ 0.348", "J = cos(u)"} <= set(lines)


def test_what_is_below_and_above_the_line_is_so_for_every_reader(engine: str) -> None:
    """Some readers know no shift of the base line, and none is said to be smaller than it is."""
    w, b = parameter(2e-5, "w_21^(1)"), parameter(0.3, "r_{max}")
    with scope("block_1"):
        y = sin(w * Value(3.0, "x_f") + b**2)
        y.name = "y^*"
    y.backward()
    for style in ("card", "circuit", "scope"):
        root = read_svg(draw(y, style, engine=engine, title="w_1 and 1e-3").svg)
        assert all("baseline-shift" not in e.attrib for e in root.iter())
        seen = set()
        for text in root.iter("text"):
            sizes = [float(run.get("font-size", "0")) for run in (text, *text) if run.text != "\n"]
            height = 0.0
            for run in text:
                height += float(run.get("dy", "0"))
                kind = run.get("class", "").split()[:1]
                if kind in (["sub"], ["sup"]):
                    seen.add((kind[0], run.text))
                    assert float(run.get("font-size", "0")) < 0.8 * max(sizes)
                    assert (height > 1) == (kind == ["sub"])
                    assert (height < -1) == (kind == ["sup"])
                else:
                    assert abs(height) < 0.02
        assert {("sub", "21"), ("sup", "(1)"), ("sub", "f"), ("sup", "−3"), ("sub", "1")} <= seen


def test_lines_stand_in_the_middle_of_their_boxes(engine: str) -> None:
    """A digit is 0.72 of its size high: its middle is that of the row, above it as much as below it."""
    root = read_svg(draw(gormley(), "card", engine=engine).svg)
    for kind in ("out", "op"):
        for group in (g for g in root.iter("g") if has_class(g, kind)):
            boxes = [box for e in group.iter("polygon") if (box := box_of(e)) and box[1][1] - box[0][1] > 9]
            header = min(boxes, key=lambda box: box[1][1] - box[0][1])
            title = next(group.iter("text"))
            middle = float(title.get("y", "0")) - 0.36 * 16
            assert middle == pytest.approx((header[0][1] + header[1][1]) / 2, abs=0.8)
    root = read_svg(draw(gormley(), "circuit", engine=engine).svg)
    for group in (g for g in root.iter("g") if has_class(g, "wire")):
        (line,) = [box for e in group.iter("polygon") if (box := box_of(e))]
        by_color = {kind: [e for e in group if has_class(e, kind)] for kind in ("val", "grad")}
        if all(by_color.values()):
            above = line[0][1] - float(by_color["val"][0].get("y", "0"))
            below = float(by_color["grad"][0].get("y", "0")) - 0.72 * 16 - line[1][1]
            assert above == pytest.approx(below, abs=3)


def test_numbers_end_inside_their_cards_whatever_the_font(engine: str) -> None:
    root = read_svg(draw(gormley(), "card", engine=engine).svg)
    numbers = [(g, e) for g in root.iter("g") for e in g if e.get("text-anchor") == "end"]
    assert len(numbers) > 10
    for group, number in numbers:
        right = max(box[1][0] for e in group if e.tag in ("polygon", "path") and (box := box_of(e)))
        assert 3.5 < right - float(number.get("x", "0")) < 7


def test_tips_of_arrows_end_at_the_outline_of_a_gate(engine: str) -> None:
    root = read_svg(draw(gormley(), "circuit", engine=engine).svg)
    round_ = [box for e in root.iter("ellipse") if (box := box_of(e))]
    gates = [(low, high) for low, high in round_ if high[0] - low[0] > 20]
    tips = [e for g in root.iter("g") if has_class(g, "edge") for e in g if e.tag == "polygon"]
    assert len(tips) >= 5
    for tip in tips:
        corners = points(tip.get("points", ""))
        gaps = []
        for (left, top), (right, bottom) in gates:
            center, radius = ((left + right) / 2, (top + bottom) / 2), (right - left) / 2
            gaps.append(min(math.dist(corner, center) - radius for corner in corners))
        stroke = float(tip.get("stroke-width", "1"))
        # The sharp corner of the outline reaches about three halves of its width further.
        assert -0.1 <= min(gaps) - 1.5 * stroke < 1.5


def test_the_line_through_the_numbers_of_a_wire_meets_its_edges(engine: str) -> None:
    root = ET.fromstring(draw(gormley(), "circuit", engine=engine).svg)
    svg = "{http://www.w3.org/2000/svg}"
    wires = [g for g in root.iter(f"{svg}g") if "wire" in g.get("class", "").split()]
    paths = [path for path in root.iter(f"{svg}path") if "s-wire" in path.get("class", "").split()]
    ends = []
    for path in paths:
        numbers = [float(x) for x in re.findall("-?[0-9.]+", str(path.get("d")))]
        ends += [tuple(numbers[:2]), tuple(numbers[-2:])]
    assert wires
    for wire in wires:
        (line,) = wire.iter(f"{svg}polygon")
        numbers = [float(x) for x in re.split("[ ,]", str(line.get("points")))]
        left, right = min(numbers[::2]), max(numbers[::2])
        level = sum(numbers[1::2]) / 4
        inside = [x for x, y in ends if abs(y - level) < 1.1 and left < x < right]
        assert len(inside) >= 2, (left, right, level)


def test_the_background_is_opaque(engine: str) -> None:
    for theme, colour in (("light", "#fefefe"), ("dark", "#16191d"), ("mono", "#ffffff")):
        svg = draw(xyz(), engine=engine, theme=theme).svg
        assert f".f-paper{{fill:{colour}}}" in svg
        first = re.search(r"<(polygon|path|text)[^>]*>", svg)
        assert first is not None
        assert 'class="f-paper"' in first[0]


def test_a_node_and_a_wire_have_the_texts_that_the_player_moves(engine: str) -> None:
    drawing = draw(gormley(), "card", engine=engine)
    groups = {e.get("id"): e for e in read_svg(drawing.svg).iter() if e.get("id")}

    def of(id: str, kind: str | None = None) -> list[str]:
        texts = groups[f"{prefix(drawing.dot)}-{id}"].iter("text")
        found = [run for e in texts if kind in (None, e.get("class")) for run in runs_of_svg(e)]
        return [run.replace("\u00a0", " ") for run in found]

    assert of("n1", "val") == ["1"]
    assert of("n1", "grad") == ["2.28", "= 0.348 + 1.932"]
    assert of("e1")[:2] == ["∂u₁/∂t = ", "0.5403"]
    assert "".join(of("e1")[2:]) == "0.5403 × 0.6441 ≈ 0.348"


def test_tooltips_tell_the_formula(engine: str) -> None:
    svg = draw(gormley(), engine=engine).svg
    assert "<title>u₁ = sin(t) = 0.8415; ∂J/∂u₁ = 0.6441</title>" in svg
    assert "<title>∂u₁/∂t = cos(t) = 0.5403; 0.5403 × 0.6441 ≈ 0.348</title>" in svg


def test_a_collapsed_picture_is_told_in_words(engine: str) -> None:
    with scope("part"):
        y = Value(2.0, "x") * 3.0
        y.name = "y"
    z = y + 1.0
    z.backward()
    svg = draw(z, "scope", engine=engine).svg
    told = "part: 2 nodes, x = 2 (gradient 3), y = 6 (gradient 1). v₁ = y + 1 = 7, gradient 1."
    assert told in svg


def test_polish_needs_no_particular_colours() -> None:
    raw = '<svg xmlns="http://www.w3.org/2000/svg" width="3pt" height="6pt" viewBox="0 0 3 6"/>'
    assert 'width="4" height="8"' in polish(raw, "p", {}, "a & b", "c")


@pytest.mark.parametrize("style", ["card", "circuit"])
def test_hostile_names_are_shown(engine: str, style: str) -> None:
    """All in one picture; a name that breaks it would be seen by what else is in it."""
    root = None
    for name in HOSTILE:
        x = Value(2.0, name)
        root = x * x if root is None else root + x * x
    assert root is not None
    svg = draw(root, style, engine=engine).svg
    shown = drawn(svg)
    assert [
        name for name in HOSTILE if plain(shortened(printable(name), NAME)) not in map(plain, shown)
    ] == []
    assert {e.tag.rpartition("}")[2] for e in ET.fromstring(svg).iter()} <= {
        *("svg", "title", "desc", "style", "g", "polygon", "path", "polyline", "ellipse", "text", "tspan")
    }


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30))
@examples(15)
def test_any_name_is_shown(name: str) -> None:
    if not engines.available():
        pytest.skip("no Graphviz")
    x = Value(2.0, name)
    shown = drawn(draw(x + 1.0, "card").svg)
    label = shortened(printable(draw(x + 1.0).view.nodes[0].label), NAME).replace("\u00a0", " ")
    assert plain(label) in map(plain, shown)


def test_a_long_name_is_whole_in_the_tooltip_and_in_the_description(engine: str) -> None:
    long, part = "weight of the " * 9 + "end", "a part " * 12 + "too"
    with scope(part):
        y = Value(2.0, long) * 3.0
    for style in ("card", "circuit", "scope"):
        root = ET.fromstring(draw(y, style, engine=engine).svg)
        svg = "{http://www.w3.org/2000/svg}"
        assert long in str(root.findtext(f"{svg}desc"))
        tips = [str(e.text) for e in root.iter(f"{svg}title")]
        assert any((part if style == "scope" else long) in tip for tip in tips)
        assert long not in drawn(draw(y, style, engine=engine).svg)
