"""Tables for pages: HTML, and LaTeX that breaks over pages."""

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autograd_lite import Value, sin
from autograd_lite.show import draw, table

from ... import latex_pages
from ...support.circuits import gormley, sarkar
from ...support.names import HOSTILE
from ...support.written import plain


def test_a_table_of_html_says_what_the_text_says() -> None:
    root = gormley(True)
    page = ET.fromstring(table(root, "html"))
    cells = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    head, *body = [row for row in cells if len(row) > 1]
    assert head == ["Forward", "value", "Backward", "where", "contribution"]
    text = table(root)
    written = [re.split(r"  +", line.strip()) for line in text.splitlines()[2:] if " += " in line]
    assert [row[2] for row in body] == [
        plain(next(c for c in row if "∂J/∂" in c and "+=" in c)) for row in written
    ]
    assert [row[4] for row in body] == [row[-1] for row in written]
    foot = [row[0] for row in cells if len(row) == 1]
    assert foot == ["inputs x = 1", "result ∂J/∂x = 4.561"]


@pytest.mark.parametrize("name", [n for n in HOSTILE if n.isprintable()], ids=ascii)
def test_hostile_names_in_html(name: str) -> None:
    page = ET.fromstring(table(sin(Value(1.0, name)), "html", title=name))
    assert {e.tag for e in page.iter()} <= {
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "b", "sub", "sup")
    }


def test_a_long_table_has_a_row_for_each_of_the_array() -> None:
    root = gormley()
    long, array = table(root, "longtable"), table(root, "latex")
    assert long.count(r"\\[3pt]") == array.count(r"\\[4pt]") == 6
    assert r"\endhead" in long
    assert long.count("$") % 2 == 0


def test_lists_below_an_array_are_broken() -> None:
    total: Value = Value(0.0, "x0")
    for k in range(1, 40):
        total = total + sin(Value(0.1 * k, f"x{k}"))
    total.backward()
    lines = table(total, "latex").splitlines()
    assert len([line for line in lines if r"x_{7} = 0.7" in line]) == 1
    listed = [line for line in lines if r"\text{inputs}" in line]
    assert len(listed) > 2
    assert max(map(len, listed)) < 700
    weights: Value = Value(0.0, "x0")
    for k in range(1, 16):
        weights = weights + Value(0.1234, f"w_{{{k}}}^(1)")
    inputs = [line for line in table(weights, "latex").splitlines() if "= 0.1234" in line]
    assert max(line.count("= 0.1234") for line in inputs) <= 6


def test_a_notebook_shows_html_and_the_source_of_a_long_table() -> None:
    bundle = table(sarkar(), "html")._repr_mimebundle_()
    assert bundle["text/html"].startswith("<table")
    source = table(sarkar(), "longtable")._repr_mimebundle_()
    assert source["text/html"].startswith("<pre")
    assert "text/latex" not in source


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdfLaTeX")
def test_pdflatex_sets_the_tables_of_the_lecture_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [("sarkar", sarkar()), ("name", sin(Value(1.0, "\u2112′ 😀 y^*")))]
    monkeypatch.setattr(latex_pages, "circuits", lambda: iter(few))
    assert latex_pages.complaints(tmp_path, runs=1) == []
    assert (tmp_path / "pages.pdf").stat().st_size > 10_000


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdfLaTeX")
def test_what_pdflatex_cannot_set_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latex_pages, "circuits", lambda: iter([("sarkar", sarkar())]))
    monkeypatch.setattr(latex_pages, "PREAMBLE", latex_pages.PREAMBLE.replace("longtable", "verbatim"))
    assert latex_pages.complaints(tmp_path, runs=1)


def test_a_drawing_saves_tables_of_every_kind(tmp_path: Path) -> None:
    path = draw(sarkar()).save(tmp_path / "f.tex", style="longtable")
    assert r"\begin{longtable}" in path.read_text("utf-8")
