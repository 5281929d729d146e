"""Tables, formulas and pictures of many circuits in one document, set by a real pdfLaTeX.

    python -m tests.latex_pages [folder]

It prints what pdfLaTeX complains about, and ends with 1 where it stops or a box is too wide. Where there
is no pdfLaTeX it says so and ends with 0.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograd_lite import (
    Value,
    cos,
    exp,
    gradients,
    log,
    parameter,
    sigmoid,
    sin,
    softmax,
    tanh,
)
from autograd_lite.formulas import latex
from autograd_lite.show import table

from .support.circuits import gormley, sarkar
from .support.kinds import mlp, named
from .support.names import HOSTILE

PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,array,longtable}
\emergencystretch=3em
\begin{document}
"""

#: Points by which a line may be wider than the page.
_OVERFULL = 2.0


def circuits() -> Iterator[tuple[str, Value]]:
    """The circuits of the lecture notes, and those whose names and sizes are hard to set."""
    yield "sarkar", sarkar()
    yield "gormley", gormley()
    w1, w2, b = parameter(0.5, "w_1"), parameter(-1.0, "w_2"), parameter(0.25, "b")
    x1, x2, y = Value(1.5, "x_1"), Value(-0.5, "x_2"), Value(1.0, "y^*")
    a = named(sigmoid(named(w1 * x1 + w2 * x2 + b, "z")), "a")
    yield "logistic", named(-(y * log(a) + (1 - y) * log(1 - a)), "\u2112")
    yield "network", mlp(2, 4, 1)
    x = Value(0.5, "x")
    first = gradients(named(sin(x) * exp(x), "y"), x)
    yield "derivative", named(first, "y′")
    h: Value = Value(0.0, "h0")
    for k in range(1, 16):
        h = named(tanh(parameter(0.5, "w") * h + Value(0.1 * k, f"x{k}")), f"h{k}′")
    yield "recurrent", h
    z = [Value(v, f"z{i}") for i, v in enumerate((1.0, -0.5, 0.3))]
    yield "softmax", named(-log(softmax(z, 0)), "L")
    for k, name in enumerate((*HOSTILE, "😀 loss", "∇f", "ŷ_long name of it", "θ̂", "層", "naïve £ € ½ →")):
        if "\ud800" <= name[:1] <= "\udfff":
            continue
        yield f"name {k}", named(cos(Value(1.0, name) * Value(2.0, name + "1")), name)


def document() -> str:
    """All tables and formulas, each under its name."""
    parts = [PREAMBLE]
    for name, root in circuits():
        root.backward()
        parts.append(rf"\section*{{{name}}}")
        parts.append(rf"\typeout{{CIRCUIT {name}}}")
        parts.append(table(root, "longtable"))
        parts.append(table(root, "longtable", numbers=False, d="d"))
        if name == "sarkar":  # an array does not break: a longer one is for pages that scroll
            parts.append(table(root, "latex"))
        parts.append(rf"\[ {latex(root, limit=100)} \]")
    return "\n\n".join([*parts, r"\end{document}", ""])


def complaints(folder: Path, runs: int = 3) -> list[str]:
    """What pdfLaTeX says against the document, which is left in the folder."""
    source = folder / "pages.tex"
    source.write_text(document(), encoding="utf-8")
    for _ in range(runs):  # a longtable knows its columns after some runs
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name],
            cwd=folder, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    found, circuit = [], ""
    for line in done.stdout.splitlines():
        circuit = line.removeprefix("CIRCUIT ") if line.startswith("CIRCUIT ") else circuit
        width = re.search(r"Overfull .hbox \(([\d.]+)pt too", line)
        # A long name without a space cannot be broken.
        wide = width and float(width[1]) > _OVERFULL and not circuit.startswith("name ")
        if line.startswith("! ") or wide:
            found.append(f"{circuit}: {line}")
    return found


def main() -> int:
    if shutil.which("pdflatex") is None:
        print("There is no pdfLaTeX.")
        return 0
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    given.mkdir(parents=True, exist_ok=True)
    found = complaints(given)
    print("\n".join(found) or f"pdfLaTeX sets all of {given / 'pages.tex'}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
