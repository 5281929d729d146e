"""The SVG of a page: ids, classes, texts and tooltips."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, scope
from autograd_lite.show.draw import draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.labels import NAME, printable
from autograd_lite.show.picture.svg import polish, prefix
from autograd_lite.show.text.writer import shortened

from ...support import names
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
    assert str(root.get("width")).isdigit()
    title, desc = root.find(f"{svg}title"), root.find(f"{svg}desc")
    assert title is not None
    assert title.text == "J = cos(u)"
    assert desc is not None
    assert "J = cos(u) = −0.7649, gradient 1" in str(desc.text)
    assert "x = 1, gradient 4.561" in str(desc.text)
    styles = list(root.iter(f"{svg}style"))
    assert len(styles) == 1
    assert all(rule.startswith(f"#{name} ") for rule in str(styles[0].text).split("\n"))
    assert not re.search(r'(fill|stroke)="#', drawing.svg)
    assert "<a" not in re.sub("<a[a-z-]+=", "", drawing.svg).replace("<animate", "")
    assert drawing.svg.startswith("<svg")
    assert "<!--" not in drawing.svg


def test_the_background_is_opaque(engine: str) -> None:
    for theme, colour in (("light", "#fefefe"), ("dark", "#16191d"), ("mono", "#ffffff")):
        svg = draw(xyz(), engine=engine, theme=theme).svg
        assert f".f-paper{{fill:{colour}}}" in svg
        first = re.search(r"<(polygon|path|text)[^>]*>", svg)
        assert first is not None
        assert 'class="f-paper"' in first[0]


def test_a_node_and_a_wire_have_the_texts_that_the_player_moves(engine: str) -> None:
    drawing = draw(gormley(), "card", engine=engine)
    groups = {e.get("id"): e for e in ET.fromstring(drawing.svg).iter() if e.get("id")}

    def of(id: str, kind: str | None = None) -> list[str]:
        found = groups[f"{prefix(drawing.dot)}-{id}"].iter("{http://www.w3.org/2000/svg}text")
        return [str(e.text).replace("\u00a0", " ") for e in found if kind in (None, e.get("class"))]

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
@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names_are_shown(engine: str, style: str, name: str) -> None:
    x = Value(2.0, name)
    with_name = draw(x * x, style, engine=engine)
    root = ET.fromstring(with_name.svg)
    assert any(shortened(printable(name), NAME) == text for text in drawn(with_name.svg)), drawn(
        with_name.svg
    )
    assert {e.tag.rpartition("}")[2] for e in root.iter()} <= {
        *("svg", "title", "desc", "style", "g", "polygon", "path", "polyline", "ellipse", "text")
    }


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30))
@settings(max_examples=25)
def test_any_name_is_shown(name: str) -> None:
    if not engines.available():
        pytest.skip("no Graphviz")
    x = Value(2.0, name)
    shown = drawn(draw(x + 1.0, "card").svg)
    label = shortened(printable(draw(x + 1.0).view.nodes[0].label), NAME).replace("\u00a0", " ")
    assert label in shown


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
