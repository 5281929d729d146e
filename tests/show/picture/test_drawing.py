"""Drawings: engines, SVG for a page, files, notebooks."""

import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from autograd_lite import (
    Value,
    errstate,
    find_nonfinite,
    log,
    nn,
    scope,
    sin,
    table,
)
from autograd_lite.show.draw import draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.dot import Look
from autograd_lite.show.picture.drawing import Drawing
from autograd_lite.show.picture.palette import DARK, LIGHT
from autograd_lite.show.picture.shapes import read_svg
from autograd_lite.show.view.view import snapshot

from ...support.written import runs_of_dot
from .reading import KINDS, drawn, gormley, xyz

# The same picture, whoever makes it


@pytest.mark.parametrize("style", ["card", "circuit"])
@pytest.mark.parametrize("circuit", [xyz, gormley])
def test_every_engine_draws_the_texts_of_the_dot(
    engine: str, circuit: Callable[[], Value], style: str
) -> None:
    drawing = draw(circuit(), style, engine=engine)
    written = [text for _, text in runs_of_dot(drawing.dot)]
    shown = [text.strip() for text in drawn(drawing.svg) if text.strip()]
    assert sorted(shown) == sorted(
        text.replace("\u00a0", " ").strip() for text in written if text.strip("\u00a0 ")
    )


def test_the_numbers_of_the_lecture_are_in_the_picture(engine: str) -> None:
    shown = drawn(draw(gormley(), engine=engine).svg)
    assert {"−0.7649", "4.561", "2.28", "0.6441", "= 0.348 + 1.932"} <= set(shown)


PROGRAM = """
import sys
sys.path[:0] = [{root!r}]
from tests.show.picture.reading import gormley, xyz
from autograd_lite.show.draw import draw
sys.stdout.reconfigure(encoding="utf-8", newline="\\n")
for circuit in (xyz, gormley):
    for style in ("card", "circuit"):
        print("//", circuit.__name__, style)
        print(draw(circuit(), style))
"""


def test_the_dot_text_is_the_same_in_every_process() -> None:
    program = PROGRAM.format(root=str(Path(__file__).parents[3]))
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
    assert outputs.pop().decode("utf-8").count("digraph circuit {") == 4


def test_equal_circuits_give_equal_pictures(engine: str) -> None:
    one, other = draw(gormley(), engine=engine), draw(gormley(), engine=engine)
    assert one.dot == other.dot
    assert one.svg == other.svg


# Files


def test_an_unknown_extension_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.dot .*\.svg .*\.tex") as caught:
        draw(xyz()).save(tmp_path / "picture.jpg")
    assert all(kind in str(caught.value) for kind in KINDS)


def test_a_table_is_saved_in_three_languages(tmp_path: Path) -> None:
    drawing = draw(xyz())
    assert "| f = q·z |" in drawing.save(tmp_path / "f.md").read_text(encoding="utf-8")
    assert r"\begin{array}" in drawing.save(tmp_path / "f.TEX").read_text(encoding="utf-8")
    symbolic = drawing.save(tmp_path / "f.txt", numbers=False, d="d").read_text(encoding="utf-8")
    assert "df/dq += z" in symbolic


def test_a_picture_takes_no_options_of_others(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="numbers"):
        draw(xyz()).save(tmp_path / "f.dot", numbers=False)


def test_a_failed_save_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert show().keys() == {"text/html", *both}
    assert show(include=["text/plain"]).keys() == {"text/plain"}
    assert show(include=both, exclude=["text/plain"]).keys() == {"image/svg+xml"}
    assert show(exclude=["text/html", *both]).keys() == set()
    assert show(include=["text/latex"]).keys() == set()
    pictures = [show(include=["text/html"])["text/html"] for _ in range(3)]
    ids = [id for picture in pictures for id in re.findall(r' id="([^"]*)"', picture)]
    assert len(ids) == len(set(ids)) > 30  # one page may have them all
    shapes = {re.sub(r"ag-[\da-f]{8}(-\d+)?", "", picture) for picture in pictures}
    assert shapes == {f"<div>{re.sub('ag-[0-9a-f]{8}', '', drawing.svg)}</div>"}
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


def test_a_text_that_fails_does_not_raise_in_a_notebook() -> None:
    def fail(_: object) -> str:
        raise ZeroDivisionError

    drawing = Drawing(snapshot(xyz()), Look(LIGHT), "card", in_text=fail)
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
        ({"direction": "UP"}, "UP"),
        ({"rankdir": "DOWN"}, "DOWN"),
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


def test_a_page_uses_the_engine_of_the_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_bitmap_that_loses_its_dpi_says_so(tmp_path: Path) -> None:
    if not engines.available():
        pytest.skip("there is no Graphviz")
    x = Value(0.5, "x")
    y = x
    for _ in range(90):
        y = sin(y)
    drawing = draw(y)
    with pytest.warns(UserWarning, match="dpi"):
        drawing.save(tmp_path / "chain.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing.save(tmp_path / "chain.svg")
        draw(xyz()).save(tmp_path / "small.png")


@pytest.mark.parametrize("dpi", [0, -3, float("nan"), float("inf"), "300"])
def test_dpi_that_are_no_size_are_refused_before_anything_is_drawn(dpi: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="dpi"):
        draw(Value(1.0, "x") * 2).save(tmp_path / "f.png", dpi=dpi)
    assert not list(tmp_path.iterdir())


def test_without_paper_what_is_behind_a_picture_is_seen(tmp_path: Path) -> None:
    drawing = draw(xyz(), theme={"base": "dark", "paper": "none"}, fit=(11.0, 5.0))
    picture = next(e for e in read_svg(drawing.svg).iter() if e.tag == "polygon")
    assert picture.get("fill") == "none"
    assert not picture.get("class")
    assert "f-paper" in draw(xyz()).svg
    assert DARK["ink"] in drawing.svg
    painted = Image.open(drawing.save(tmp_path / "bare.png", dpi=20))
    assert painted.getchannel("A").getpixel((1, 1)) == 0


def test_what_is_done_from_habit_is_answered_by_the_way() -> None:
    with pytest.raises(ValueError, match=r"\.save\('x.png'\)"):
        draw(xyz(), "x.png")
    with pytest.raises(ValueError, match="did you mean 'latex'"):
        table(xyz(), "tex")
    with pytest.raises(AttributeError, match=r"draw\(J\)\.save"):
        table(xyz()).save("x.tex")  # type: ignore[attr-defined]  # the very mistake
    with pytest.raises(TypeError, match=r"MLP\(2, \[3, 1\]\)"):
        nn.MLP([2, 3, 1])  # type: ignore[arg-type]  # the very mistake
