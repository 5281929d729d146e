"""What the pages show beyond text: pictures and players of their own circuits, formulas, operations.

Everything is made when the site is built, and nothing in it is fetched from elsewhere.
"""

from __future__ import annotations

import base64
import contextlib
import html
import io
import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import latex2mathml.converter
import operations
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import autograd_lite
from autograd_lite import draw, play
from tests.support.pages import Block, blocks

#: Where a reader with a network finds the Python of browsers, and Graphviz.
PYODIDE = "https://cdn.jsdelivr.net/pyodide/v0.28.3/full/"
GRAPHVIZ = "https://cdn.jsdelivr.net/npm/@viz-js/viz@3.16.0/dist/viz-global.js"

NAMED = re.compile(r"\\operatorname\{((?:\\_|\w)+)\}")


def made_before(page: Path, line: int) -> dict[str, Any]:
    """The names that the Python blocks of a page have made above a line."""
    namespace: dict[str, Any] = {"__name__": "__page__"}
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)  # a page may save files
        try:
            for block in blocks(page.read_text(encoding="utf-8")):
                if block.line < line and not block.peer and block.label in ("pycon", "python"):
                    exec(compile(code_of(block), str(page), "exec"), namespace)
        finally:
            os.chdir(before)
    return namespace


def code_of(block: Block) -> str:
    """The statements of a program or a session."""
    if block.label == "python":
        return block.body
    lines = block.body.splitlines()
    return "\n".join(line[4:] for line in lines if line.startswith((">>>", "...")))


class Shown(SphinxDirective):
    """What a function of the package makes of a circuit of the page: ``:::{picture} f, style="card"``."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        page, line = self.get_source_info()
        names = made_before(Path(page), line)
        return [nodes.raw("", self.html(names, self.arguments[0]), format="html")]

    def html(self, names: dict[str, Any], arguments: str) -> str:
        raise NotImplementedError


class Picture(Shown):
    """A drawing, for light pages and for dark ones."""

    def html(self, names: dict[str, Any], arguments: str) -> str:
        pictures = []
        for theme in ("light", "dark"):
            made = eval(f"draw({arguments}, theme={theme!r})", {**names, "draw": draw})
            pictures.append(f'<div class="picture only-{theme}">{made.svg}</div>')
        return "\n".join(pictures)


class Played(Shown):
    """A player, in a frame of its own."""

    def html(self, names: dict[str, Any], arguments: str) -> str:
        made = eval(f"play({arguments})", {**names, "play": play})
        return f'<div class="player">{made._repr_html_()}</div>'


class TryIt(SphinxDirective):
    """A cell in which the reader's own Python runs, with this text in it."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        packages = "BROWSER_PACKAGES" in os.environ
        pyodide = "_static/browser/pyodide/" if packages else ""
        graphviz = "_static/browser/@viz-js/viz/dist/viz-global.js" if packages else ""
        cell = f"""<div id="try">
<textarea id="try-code" rows="{len(self.content) + 1}" spellcheck="false" aria-label="Python">{
            html.escape(chr(10).join(self.content))
        }</textarea>
<button id="try-start">Start</button><button id="try-run" disabled title="Shift+Enter">Run</button>
<span id="try-state" role="status"></span>
<div id="try-output"></div>
<label>Pyodide <input id="try-pyodide" data-here="{pyodide}" value="{PYODIDE}"></label>
<label>Graphviz <input id="try-graphviz" data-here="{graphviz}" value="{GRAPHVIZ}"></label>
</div>
<script src="_static/try.js"></script>"""
        return [nodes.raw("", cell, format="html")]


def copy_packages(app: Sphinx, error: Exception | None) -> None:
    """Write this package, as a script, and what a browser runs it with where that was given."""
    if error is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    archive = io.BytesIO()
    package = Path(autograd_lite.__file__).parent
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for file in sorted(package.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                name = (Path(package.name) / file.relative_to(package)).as_posix()
                files.writestr(zipfile.ZipInfo(name), file.read_bytes(), zipfile.ZIP_DEFLATED)
    text = base64.b64encode(archive.getvalue()).decode("ascii")
    (static / "package.js").write_text(f'const AUTOGRAD_LITE = "{text}";\n', encoding="ascii")
    if folder := os.environ.get("BROWSER_PACKAGES"):
        for name in ("pyodide", "@viz-js/viz/dist"):
            needed = shutil.ignore_patterns("*.html", "*.map", "*.d.ts", "*.md")
            shutil.copytree(
                Path(folder) / name, static / "browser" / name, ignore=needed, dirs_exist_ok=True
            )


class Operations(SphinxDirective):
    """The table of operations, from the package's own; for pages in reStructuredText."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(operations.as_rst())


def mathml(formula: str, display: str) -> str:
    """A formula as MathML: names of functions upright."""
    formula = NAMED.sub(lambda match: rf"\text{{{match[1]}}}".replace(r"\_", "_"), formula)
    return str(latex2mathml.converter.convert(formula, display=display))


def show_inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def show_block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def escape_bars(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Let ``|x|`` in the words of a docstring be what it says, and no substitution."""
    lines[:] = [
        line if "`" in line or line.lstrip().startswith((">>>", "...")) else line.replace("|", r"\|")
        for line in lines
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("picture", Picture)
    app.add_directive("player", Played)
    app.add_directive("operations", Operations)
    app.add_directive("try-it", TryIt)
    app.connect("build-finished", copy_packages)
    app.add_html_math_renderer("mathml", (show_inline, None), (show_block, None))
    app.connect("autodoc-process-docstring", escape_bars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
