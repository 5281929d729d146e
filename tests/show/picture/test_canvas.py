"""What a finished picture becomes outside a browser: PNG, PDF and TikZ."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from autograd_lite import Value
from autograd_lite.show import draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.canvas import PLACED, Canvas, canvas_of, painted, placed, shapes_with_places
from autograd_lite.show.picture.dot import FONT
from autograd_lite.show.picture.shapes import read_svg

from .reading import STYLES, drawn, gormley, xyz

pytestmark = pytest.mark.skipif(not engines.available(), reason="there is no Graphviz")


@STYLES
def test_what_is_painted_has_every_text_where_the_svg_has_it(engine: str, style: str) -> None:
    drawing = draw(gormley(), style, engine=engine, title="A title of it")
    root = read_svg(drawing.svg)
    again = read_svg(painted(drawing.svg, "svg", engine).decode())

    def texts(of: str) -> list[tuple[str, float]]:
        tree = root if of == "svg" else again
        paint = canvas_of(tree) if of == "svg" else Canvas(1.0, 0.0, 0.0, 1.0, 1.0)
        found = [(e, place) for e, place in shapes_with_places(tree, paint) if e.tag == "text"]
        pieces = []
        for text, place in found:
            y = float(text.get("y", "0"))
            for piece in (text, *text):
                y += float(piece.get("dy", "0"))
                pieces.append((piece.text or "", place.down((0, y))[1]))
        return pieces

    wanted, got = texts("svg"), texts("painted")
    assert drawn(drawing.svg)
    runs = "".join(text for text, _ in got).replace("\u00a0", "").replace(" ", "")
    assert runs == "".join(text for text, _ in wanted).replace("\u00a0", "").replace(" ", "")
    # Several pieces of one line are several texts in Graphviz's own SVG.
    lines = {round(y, 1) for _, y in wanted}
    assert all(min(abs(y - line) for line in lines) < 0.6 for _, y in got)


def test_a_bitmap_has_the_size_of_the_picture(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    drawing = draw(xyz())
    width = float(read_svg(drawing.svg).get("width", ""))
    for dpi in (96, 300):
        with image.open(drawing.save(tmp_path / "f.png", dpi=dpi)) as picture:
            assert abs(picture.width - width * dpi / 96) <= 2
            assert picture.convert("RGB").getpixel((1, 1)) == (254, 254, 254)


def test_a_long_background_is_read(engine: str) -> None:
    y = Value(0.5, "x")
    for _ in range(40):
        y = y * y
    svg = draw(y, "circuit", engine=engine).svg
    assert len(placed(svg, FONT)) > 20_000
    assert painted(svg, "pdf", engine).startswith(b"%PDF")
    assert engines.render(placed(svg, FONT), layout=PLACED, engine=engine)


@STYLES
def test_tikz_has_every_shape_and_every_text(tmp_path: Path, style: str) -> None:
    drawing = draw(gormley(), style)
    source = drawing.save(tmp_path / "J.tikz").read_text("utf-8")
    assert source.isascii()
    root = read_svg(drawing.svg)
    parts = [e for e, _ in shapes_with_places(root, canvas_of(root))]
    assert source.count(r"\node[") == sum(e.tag == "text" for e in parts)
    assert source.count(r"\path[") == sum(e.tag != "text" for e in parts[1:])  # without paper
    used = set(re.findall(r"(?:fill|draw)=(ag\w+)", source))
    assert used <= set(re.findall(r"\\definecolor\{(\w+)\}", source))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdfLaTeX")
def test_tikz_is_set(tmp_path: Path) -> None:
    draw(xyz(), "circuit", fit=(4.7, 3.5), local=False).save(tmp_path / "J.tikz")
    (tmp_path / "page.tex").write_text(
        r"\documentclass{article}\usepackage{tikz}\begin{document}\noindent\input{J.tikz}\end{document}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    if b"tikz.sty" in done.stdout:
        pytest.skip("this LaTeX has no TikZ")
    assert done.returncode == 0, done.stdout[-2000:]
    assert b"Overfull" not in done.stdout
