"""Drawings: engines, SVG for a page, files, notebooks."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, cos, errstate, find_nonfinite, log, scope, sin
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.drawing import EXTENSIONS, Drawing, draw
from autograd_lite.show.picture.engines import RenderError, TimeLimitError
from autograd_lite.show.picture.labels import cut, plain
from autograd_lite.show.picture.svg import polish, prefix, texts

HOSTILE = (
    '</script><b>&"\\N{}|<>',
    "two\nlines\tand\ra\x00b",
    "א" * 3 + " שלום",
    "🦊 emoji",
    "x" * 10_000,
    "&lt;already&gt; &amp;#65;",
    "\u202eoverride",
    "--> ]]> <!--",
    "]",
    "a[0]",
)


def xyz(swept: bool = True) -> Value:
    """f = (x + y)·z at −2, 5, −4."""
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    q.name = "q"
    f = q * z
    f.name = "f"
    if swept:
        f.backward()
    return f


def gormley(swept: bool = True) -> Value:
    """J = cos(sin(x²) + 3x²) at 1 (Gormley 2014, section 1.3)."""
    x = Value(1.0, "x")
    t = x**2
    u1, u2 = sin(t), 3 * t
    u = u1 + u2
    J: Value = cos(u)
    for node, name in ((t, "t"), (u1, "u1"), (u2, "u2"), (u, "u"), (J, "J")):
        node.name = name
    if swept:
        J.backward()
    return J


@pytest.fixture(params=["dot", "pygraphviz"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param not in engines.available():
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither ``dot`` nor pygraphviz."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


def drawn(svg: str) -> list[str]:
    return [text.replace("\u00a0", " ") for text in texts(svg)]


# The same picture, whoever makes it


@pytest.mark.parametrize("style", ["card", "circuit"])
@pytest.mark.parametrize("circuit", [xyz, gormley])
def test_every_engine_draws_the_texts_of_the_dot(
    engine: str, circuit: Callable[[], Value], style: str
) -> None:
    drawing = draw(circuit(), style, engine=engine)
    written = re.findall(r"<FONT[^>]*>(?:<B>)?(?:<I>)?([^<]+)", drawing.dot)
    shown = [text.strip() for text in drawn(drawing.svg) if text.strip()]
    assert sorted(shown) == sorted(
        text.replace("\u00a0", " ").strip() for text in written if text.strip("\u00a0 ")
    )


def test_the_numbers_of_the_lecture_are_in_the_picture(engine: str) -> None:
    shown = drawn(draw(gormley(), engine=engine).svg)
    assert {"−0.7649", "4.561", "2.28", "0.6441", "= 0.348 + 1.932"} <= set(shown)


GOLDEN = Path(__file__).parent / "golden"
PROGRAM = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from test_drawing import gormley, xyz
from autograd_lite.show.picture.drawing import draw
sys.stdout.reconfigure(encoding="utf-8", newline="\\n")
for circuit in (xyz, gormley):
    for style in ("card", "circuit"):
        print("//", circuit.__name__, style)
        print(draw(circuit(), style))
"""


def test_the_dot_text_is_the_same_in_every_process() -> None:
    """And that of the golden file; write the output there when a change of it looks right."""
    program = PROGRAM.format(root=str(Path(__file__).parents[3]), tests=str(Path(__file__).parent))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "271828")
    }
    assert len(outputs) == 1
    golden = (GOLDEN / "seeds.dot").read_text(encoding="utf-8")
    assert outputs.pop().decode("utf-8") == golden


def test_equal_circuits_give_equal_pictures(engine: str) -> None:
    one, other = draw(gormley(), engine=engine), draw(gormley(), engine=engine)
    assert one.dot == other.dot
    assert one.svg == other.svg


# SVG for a page


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


# Names that mean something to DOT, SVG or HTML


@pytest.mark.parametrize("style", ["card", "circuit"])
@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names_are_shown(engine: str, style: str, name: str) -> None:
    x = Value(2.0, name)
    with_name = draw(x * x, style, engine=engine)
    root = ET.fromstring(with_name.svg)
    assert any(cut(plain(name)) == text for text in drawn(with_name.svg)), drawn(with_name.svg)
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
    label = cut(plain(draw(x + 1.0).view.nodes[0].label)).replace("\u00a0", " ")
    assert label in shown


# Engines


def test_the_binary_comes_first_and_pygraphviz_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    both = engines.available()
    if "dot" in both:
        assert engines.choose() == "dot"
    monkeypatch.setenv("PATH", "")
    if "pygraphviz" not in both:
        pytest.skip("pygraphviz is not installed")
    assert engines.choose() == "pygraphviz"
    with pytest.raises(RenderError, match="'dot' is not installed"):
        engines.choose("dot")


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_with_an_empty_path_every_format_is_drawn(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "pygraphviz" not in engines.available():
        pytest.skip("pygraphviz is not installed")
    monkeypatch.setenv("PATH", "")
    path = draw(xyz()).save(tmp_path / f"f{kind}")
    assert path.stat().st_size > 100
    assert path.read_bytes().startswith(
        {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<svg"}.get(kind, b"")
    )


@pytest.mark.usefixtures("bare")
def test_without_graphviz_the_text_is_there_and_pictures_say_what_to_install(
    tmp_path: Path,
) -> None:
    drawing = draw(xyz())
    assert engines.available() == []
    assert drawing.dot.startswith("digraph")
    assert drawing._repr_svg_() is None
    bundle = drawing._repr_mimebundle_()
    assert bundle.keys() == {"text/plain"}
    assert "f = q·z" in bundle["text/plain"]
    assert "autograd-lite[dot]" in bundle["text/plain"]
    for kind in (".png", ".pdf", ".svg"):
        with pytest.raises(RenderError, match=r'(?s)install.*pip install "autograd-lite\[dot\]"'):
            drawing.save(tmp_path / f"f{kind}")
    assert list(tmp_path.iterdir()) == []
    for kind in (".dot", ".gv", ".md", ".tex", ".txt"):
        assert drawing.save(tmp_path / f"f{kind}").exists()


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", ["dot", "pygraphviz"])
def test_a_named_engine_is_not_replaced(name: str) -> None:
    with pytest.raises(RenderError, match=f"'{name}' is not installed"):
        _ = draw(xyz(), engine=name).svg


def test_an_unknown_engine_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="neato"):
        draw(xyz(), engine="neato")


def test_a_layout_has_a_time_limit(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LIMIT", 0.0001)
    with pytest.raises(TimeLimitError, match=r"5 nodes.*style=\"scope\""):
        _ = draw(xyz(), engine=engine).svg


@pytest.mark.parametrize("value", [2.0, 0.0])
@pytest.mark.parametrize("style", ["card", "circuit", "scope"])
def test_a_picture_without_the_numbers_is_refused(
    engine: str, style: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a Graphviz without expat does: ids in place of HTML-like labels, exit code 0."""
    genuine = engines.render

    def poor(dot: str, form: str = "svg", **options: str) -> bytes:
        return genuine(re.sub(r" label=<.*>(?=[ \];])", "", dot), form, engine=engine)

    with scope("part"):
        y = Value(value, "x") * 1.0
    assert "<svg" in draw(y, style, engine=engine).svg
    monkeypatch.setattr(engines, "render", poor)
    with pytest.raises(RenderError, match="HTML-like labels"):
        _ = draw(y, style).svg


def test_without_the_graphviz_package_pygraphviz_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    assert "dot" not in engines.available()
    if "pygraphviz" in engines.available():
        assert "<svg" in draw(xyz()).svg


def test_a_program_that_does_not_start_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "dot"
    broken.write_bytes(b"\x7fno program")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="could not be started"):
        engines.render("digraph {}", engine="dot")


def test_a_program_that_complains_of_expat_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'Warning: Not built with libexpat.' >&2\necho '<svg/>'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="HTML-like labels"):
        engines.render("digraph {}", engine="dot")


def test_bad_dot_is_an_error_with_the_reason(engine: str) -> None:
    with pytest.raises(RenderError, match="could not make the picture"):
        engines.render("digraph {", "svg", engine=engine)


def test_a_bitmap_obeys_its_resolution(engine: str, tmp_path: Path) -> None:
    drawing = draw(xyz(), engine=engine)

    def width(dpi: float) -> int:
        data = drawing.save(tmp_path / "f.png", dpi=dpi).read_bytes()
        return int.from_bytes(data[16:20], "big")

    assert width(300) == pytest.approx(2 * width(150), abs=4)


# Files


def test_an_unknown_extension_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.dot .*\.svg .*\.tex") as caught:
        draw(xyz()).save(tmp_path / "picture.jpg")
    assert all(kind in str(caught.value) for kind in EXTENSIONS)


def test_a_table_is_saved_in_three_languages(tmp_path: Path) -> None:
    drawing = draw(xyz())
    assert "| f = q·z |" in drawing.save(tmp_path / "f.md").read_text(encoding="utf-8")
    assert r"\begin{array}" in drawing.save(tmp_path / "f.TEX").read_text(encoding="utf-8")
    symbolic = drawing.save(tmp_path / "f.txt", numbers=False, d="d").read_text(encoding="utf-8")
    assert "df/dq += z" in symbolic


def test_a_picture_takes_no_options_of_others(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="numbers"):
        draw(xyz()).save(tmp_path / "f.dot", numbers=False)


def test_a_failed_save_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw(xyz()).save(tmp_path / "f.dot")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        draw(gormley()).save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["f.dot"]


def test_a_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    saved = draw(xyz()).save(tmp_path / "f.dot")
    assert saved.stat().st_mode == (tmp_path / "plain").stat().st_mode


# Notebooks


def test_a_notebook_is_shown_what_it_asks_for() -> None:
    if not engines.available():
        pytest.skip("no Graphviz")
    drawing = draw(xyz())
    both = {"image/svg+xml", "text/plain"}
    show = drawing._repr_mimebundle_
    assert show().keys() == both
    assert show(include=["text/plain"]).keys() == {"text/plain"}
    assert show(include=both, exclude=["text/plain"]).keys() == {"image/svg+xml"}
    assert show(exclude=both).keys() == set()
    assert show(include=["text/html"]).keys() == set()
    assert show()["image/svg+xml"] == drawing.svg == drawing._repr_svg_()


def test_display_hooks_never_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise ZeroDivisionError("anything at all")

    drawing = draw(xyz())
    monkeypatch.setattr(engines, "render", fail)
    assert drawing._repr_svg_() is None
    assert "f = q·z" in drawing._repr_mimebundle_()["text/plain"]


def test_the_text_of_a_large_circuit_is_short() -> None:
    x = Value(1.0, "x")
    for _ in range(500):
        x = sin(x)
    text = draw(x, max_nodes=None)._repr_mimebundle_(include=["text/plain"])["text/plain"]
    assert text.count("\n") == 200
    assert text.endswith("more lines")


def test_a_tree_that_fails_is_no_reason_to_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("autograd_lite.show.picture.drawing.tree_of", fail)
    drawing = draw(xyz())
    assert drawing._repr_mimebundle_(include=["text/plain"]) == {"text/plain": repr(drawing)}


def test_str_is_dot_and_repr_is_short() -> None:
    drawing = draw(xyz())
    assert str(drawing) == drawing.dot
    assert repr(drawing) == "<Drawing of f = q·z: 5 nodes, card>"


# A drawing is a snapshot


def test_a_drawing_shows_the_circuit_as_it_was() -> None:
    f = xyz(swept=False)
    drawing = draw(f)
    f.backward()
    assert "grad" not in drawing.dot
    assert "grad" in draw(f).dot


def test_drawing_changes_nothing() -> None:
    f = gormley()
    nodes = [f, *f.parents]
    before = [(n.data, n.grad, n.swept, n.name) for n in nodes]
    for grads in ("auto", "always", "never"):
        draw(f, grads=grads).dot.encode()
    assert [(n.data, n.grad, n.swept, n.name) for n in nodes] == before


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"style": "cards"}, "cards"),
        ({"direction": "RL"}, "RL"),
        ({"rankdir": "BT"}, "BT"),
        ({"style": "circuit", "direction": "TB"}, "circuit"),
        ({"theme": "pink"}, "pink"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        draw(xyz(), **options)  # type: ignore[arg-type]  # each is a string option


def test_draw_takes_a_value() -> None:
    with pytest.raises(TypeError, match="float"):
        draw(3.0)  # type: ignore[arg-type]  # the very mistake


# The page of a drawing


def page_of(drawing: Drawing, folder: Path, **options: Any) -> str:
    return drawing.save(folder / "page.html", **options).read_text(encoding="utf-8")


def test_a_page_plays_the_circuit_as_it_was_drawn(tmp_path: Path) -> None:
    f = xyz(swept=False)
    drawing = draw(f)
    before = page_of(drawing, tmp_path)
    assert "∂f/∂q = −4" in before
    x = next(node for node in (*f.parents[0].parents, *f.parents) if node.name == "x")
    x.data, f.name = 70.0, "renamed"
    f.backward()
    again = draw(f)
    assert page_of(drawing, tmp_path) == before
    assert drawing.save(tmp_path / "f.txt").read_text(encoding="utf-8").count("= −12") == 1
    assert "renamed" in page_of(again, tmp_path)
    assert ">70<" in page_of(again, tmp_path)


def test_a_page_is_drawn_as_the_drawing_is(tmp_path: Path) -> None:
    with scope("part"):
        h = sin(Value(1.0, "x"))
    y = h * 2.0
    width, height = (
        [float(n) for n in re.findall(r"--ratio:([0-9.]+)", page_of(each, tmp_path))]
        for each in (draw(y), draw(y, direction="TB"))
    )
    assert width[0] > 1 > height[0]
    outline = re.compile('<g [^>]*class="[^"]*scope')
    assert outline.search(page_of(draw(y), tmp_path))
    assert not outline.search(page_of(draw(y, scopes=False), tmp_path))
    assert 'data-theme="dark"' in page_of(draw(y, theme="dark"), tmp_path)
    assert "#123456" in page_of(draw(y, theme={"value": "#123456"}), tmp_path)
    assert "Predict: backward" in page_of(draw(y), tmp_path, quiz=True)
    assert "0.841470985" in page_of(draw(y, digits=9), tmp_path)
    assert "first nan or infinity" in page_of(failing(), tmp_path)


def failing() -> Drawing:
    with errstate("ignore"):
        y = 2.0 * log(Value(0.0, "x"))
    return draw(y, highlight=find_nonfinite(y))


def test_a_page_uses_the_engine_of_the_drawing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    genuine = engines.render

    def spy(dot: str, form: str = "svg", **options: Any) -> bytes:
        used.append(options["engine"])
        return genuine(dot, form, **options)

    monkeypatch.setattr(engines, "render", spy)
    for name in engines.available():
        page_of(draw(xyz(), engine=name), tmp_path)
    assert used == engines.available()


def test_a_page_cannot_be_told_to_show_something_else(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"detail.*draw\("):
        page_of(draw(xyz()), tmp_path, detail="all")
    with pytest.raises(ValueError, match="sideways"):
        page_of(draw(xyz()), tmp_path, direction="sideways")


def test_the_page_of_a_large_collapsed_circuit_plays_what_is_near_its_root(tmp_path: Path) -> None:
    x = Value(1.0, "x")
    for k in range(200):
        with scope(f"part{k % 3}"):
            x = sin(x)
    drawing = draw(x)
    assert drawing.style == "scope"
    page = page_of(drawing, tmp_path)
    assert "100 of 201 nodes" in page
    assert len(re.findall('<g [^>]*class="[^"]*(?:op|out)"', page)) == 100


# Names that a label has no room for


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
