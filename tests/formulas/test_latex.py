"""What KaTeX makes of our LaTeX, in its strict mode, and a Markdown reader of our Markdown.

Both come through npm, once, into the system's folder for temporary files. Without Node.js, npm or a
network the tests are skipped.
"""

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import (
    TABLE,
    Constant,
    Primitive,
    Value,
    cos,
    dot,
    errstate,
    relu,
    sigmoid,
    sin,
)
from autograd_lite.show.text.table import table, table_of
from autograd_lite.show.view.view import Stub

from ..support.circuits import gormley, sarkar
from ..support.handmade import node, view, wire
from ..support.names import HOSTILE
from ..support.node import node_packages

PACKAGES = {"katex": "0.16.11", "markdown-it": "14.1.0"}

#: Reads a list of [kind, text] from stdin, writes a list of [HTML, null] or [null, complaint].
RENDER = """
const katex = require("katex"), markdown = require("markdown-it")({html: true, linkify: true});
const jobs = JSON.parse(require("fs").readFileSync(0, "utf-8"));
console.log(JSON.stringify(jobs.map(([kind, text]) => {
  try {
    if (kind === "markdown") return [markdown.render(text), null];
    // A name's letters that KaTeX has no measure of are the browser's to draw: that alone may be.
    const strict = (code) => kind === "names" && code === "unknownSymbol" ? "ignore" : "error";
    return [katex.renderToString(text, {displayMode: true, strict}), null];
  } catch (error) { return [null, String(error)]; }
})));
"""


class Rendered:
    """Renders many texts with one start of Node.js each time it is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, kind: str, texts: list[str]) -> list[tuple[str | None, str | None]]:
        run = subprocess.run(
            ["node", "-e", RENDER],
            input=json.dumps([[kind, text] for text in texts]),
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=True,
        )
        return [(page, complaint) for page, complaint in json.loads(run.stdout)]


@pytest.fixture(scope="session")
def render() -> Rendered:
    return Rendered(node_packages(PACKAGES))


def inside(latex: str) -> str:
    """What stands between the delimiters of display mathematics, which KaTeX is given without."""
    match = re.fullmatch(r"\\\[\n(.*)\n\\\]", latex, re.DOTALL)
    assert match
    return match[1]


def swept(root: Value) -> Value:
    root.backward()
    return root


def circuits() -> list[Value]:
    x, w, b = Value(0.5, "x"), Value(-2.0, "w_1"), Value(1e-9, "bias")
    found = [swept(gormley()), gormley(), swept(sarkar()), swept(x * x), swept(Value(2.0, "x"))]
    found.append(swept(sigmoid(dot([w, x], [x, b], 3.0)) ** 2 / (Constant(9.81, "g") + x)))
    found.append(swept(relu(-x) + 1e9 * cos(sin(x) * x**-2.5)))
    infinite = Value(float("inf"), "y")
    found.append(swept(infinite * x))
    return found


def test_katex_reads_every_table(render: Rendered) -> None:
    texts = [
        inside(table(root, "latex", numbers=numbers, d=d))
        for root in circuits()
        for numbers in (True, False)
        for d in ("∂", "d")
    ]
    for text, (page, complaint) in zip(texts, render("latex", texts), strict=True):
        assert complaint is None, f"{complaint}\n{text}"
        assert page


def a_use_of(row: Primitive) -> Value:
    if row.arity is None:
        a, c = Value(0.3, "a"), Value(0.4, "c")
        result = row([a, c], [c, a]) if row.name == "dot" else row([a, c])
        result = result[0] if isinstance(result, list) else result
    else:
        middles = [(low + high) / 2 + 0.1 for low, high in row.domain]
        result = row(*(Value(x, name) for x, name in zip(middles, "acde", strict=False)))
    return swept(2 * result)


def test_katex_reads_every_operation(render: Rendered) -> None:
    texts, names = [], []
    for row in TABLE.values():
        with errstate("ignore"):
            texts.append(inside(table(a_use_of(row), "latex")))
        names.append(row.name)
    for name, text, (_, complaint) in zip(names, texts, render("latex", texts), strict=True):
        assert complaint is None, f"{name}: {complaint}\n{text}"


def test_katex_reads_hostile_names(render: Rendered) -> None:
    texts = []
    for name in HOSTILE:
        x = Value(1.0, name)
        texts.append(inside(table(swept(sin(x) * x), "latex")))
    for name, (page, complaint) in zip(HOSTILE, render("names", texts), strict=True):
        assert complaint is None, f"{name!r}: {complaint}"
        assert page
        assert "<script" not in page, name


def test_katex_reads_what_is_left_out(render: Rendered) -> None:
    one = view(
        [node(0, "x", "leaf"), node(1, "y", "out", "x")],
        [wire(0, 0, 1, 0), wire(1, 0, 1, 1)],
        captions=(r"50 % & {10} $5 #1 a_b ^ ~ \ −4 × ≈ … ∂ left out", "x².grad ≠ 8"),
        stubs=(Stub(1, "… 10 more_", True),),
        title="A {title}",
    )
    ((_, complaint),) = render("latex", [inside(table_of(one, "latex"))])
    assert complaint is None


def test_the_checker_rejects(render: Rendered) -> None:
    wrong = [
        r"\frac{a}{",
        r"\begin{array}{l} a & b",
        "∂é層 % x",
        r"\nonsense",
        "a_b_c",
        r"\begin{array}{l} 1",
    ]
    for text, (page, complaint) in zip(wrong, render("latex", wrong), strict=True):
        assert page is None, text
        assert complaint, text


def cells(page: str) -> list[list[str]]:
    """The cells of every row of the one table in an HTML page."""
    assert page.count("<table>") == 1
    return [
        [html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    ]


def compare(roots: list[Value], render: Rendered) -> None:
    """Markdown, as it is read, has the words of the text."""
    pages = render("markdown", [table(root, "markdown") for root in roots])
    for root, (page, _) in zip(roots, pages, strict=True):
        assert page
        text = table(root).split("\n\n")[0].splitlines()[2:]
        rows = cells(page)[1:]
        assert len(rows) == len(text)
        for row, line in zip(rows, text, strict=True):
            assert len(row) == len(rows[0])
            # The value stands without its = in a column of its own.
            words = " ".join(row[:1] + [f"= {row[1]}"] * bool(row[1]) + row[2:]).split()
            assert words == line.split()


def test_markdown_shows_what_the_text_shows(render: Rendered) -> None:
    compare(circuits(), render)


def test_markdown_shows_hostile_names_as_they_are(render: Rendered) -> None:
    roots = []
    for name in HOSTILE:
        y = sin(Value(1.0, name))
        y.name = "y"
        roots.append(swept(y))
    compare(roots, render)


def test_the_reader_of_pages_reads() -> None:
    page: Any = "<table><tr><th>a</th></tr><tr><td style='x'>b &lt; c</td></tr></table>"
    assert cells(page) == [["a"], ["b < c"]]
