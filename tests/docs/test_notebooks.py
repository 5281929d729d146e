"""The notebooks are run: what they print is what they hold, and nothing of a machine is in them."""

import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..support.pages import ROOT

REPRESENTED = {"image/svg+xml": "_repr_svg_", "text/html": "_repr_html_"}
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def cells(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def result_of(source: str, names: dict[str, Any]) -> tuple[str, Any]:
    """What a cell prints, and the value of its last line if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    return printed.getvalue(), value


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_prints_what_it_holds(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("numpy", "scipy", "matplotlib"):
        pytest.importorskip(module)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells(file):
        printed, value = result_of("".join(cell["source"]), names)
        held = ["".join(o["text"]) for o in cell["outputs"] if o["output_type"] == "stream"]
        assert printed == "".join(held)
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                text = "".join(output["data"]["text/plain"])
                if len(text) < 60 and not text.startswith("<"):  # longer ones are tables and pictures
                    assert repr(value) == text
                for kind in output["data"].keys() - {"text/plain"}:
                    assert hasattr(value, "_repr_mimebundle_") or hasattr(value, REPRESENTED[kind])


def test_there_are_some_and_they_hold_their_outputs() -> None:
    assert {file.stem for file in NOTEBOOKS} == {"first_tour", "lecture_notes", "moons", "scalar_gpt"}
    for file in NOTEBOOKS:
        text = file.read_text("utf-8")
        assert any(cell["outputs"] for cell in cells(file))
        assert not re.search(r"/(home|root|tmp|work|Users)/", text)


@pytest.mark.skipif("SITE" not in os.environ, reason="make docs runs the notebooks in marimo, too")
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_prints_the_same_in_marimo(file: Path, tmp_path: Path) -> None:
    """Where a name is bound anew in another cell, marimo would make another name of it."""
    pytest.importorskip("marimo")
    made = tmp_path / "notebook.py"
    for words in (["-m", "marimo", "-q", "convert", str(file), "-o", str(made)], [str(made)]):
        environment = {
            **os.environ,
            "MPLBACKEND": "Agg",
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
        }
        done = subprocess.run(
            [sys.executable, *words], capture_output=True, encoding="utf-8", cwd=tmp_path, env=environment
        )
        assert done.returncode == 0, done.stderr
    streams = [o for cell in cells(file) for o in cell["outputs"] if o["output_type"] == "stream"]
    assert done.stdout == "".join(text for stream in streams for text in stream["text"])
