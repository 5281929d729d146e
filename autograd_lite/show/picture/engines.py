"""Graphviz as the ``dot`` program, or as the copy that comes with pygraphviz.

Both run in a process of their own, so that a layout that takes too long can be ended.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence

#: The most seconds that a layout may take.
LIMIT = 20.0

ENGINES = ("auto", "dot", "pygraphviz")

_MISSING = (
    "no picture without Graphviz: install it (graphviz.org/download, for instance "
    "`apt install graphviz` or `brew install graphviz`), or a copy that needs no system package with "
    '`pip install "autograd-lite[dot]"`'
)

# The child process imports what its parent could import, reads DOT and writes the picture.
_CHILD = """
import json, sys
path, form, layout, options = json.loads(sys.argv[1])
sys.path[:] = path
import pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
graph.graph_attr.update(options)
picture = graph.draw(format=form, prog=layout)
sys.stdout.buffer.write(picture if isinstance(picture, bytes) else picture.encode("utf-8"))
"""


class RenderError(RuntimeError):
    """A picture could not be made; the message says what to install or to change."""


class TimeLimitError(RenderError):
    """The layout took longer than its limit."""


def available() -> list[str]:
    """The engines that are installed, in the order in which ``"auto"`` tries them."""
    return [name for name, found in (("dot", _dot_program()), ("pygraphviz", _pygraphviz())) if found]


def choose(engine: str = "auto") -> list[str]:
    """The engines to try, in order: for ``"auto"`` all that are installed.

    :raises ValueError: for an unknown name.
    :raises RenderError: when it is not installed. A named engine is never replaced by another.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(map(repr, ENGINES))}, not {engine!r}")
    found = available()
    if engine == "auto":
        if not found:
            raise RenderError(_MISSING)
        return found
    if engine not in found:
        others = f' (engine="auto" would use {found[0]})' if found else ""
        raise RenderError(f"engine={engine!r} is not installed{others}; {_MISSING}")
    return [engine]


def render(
    dot: str,
    form: str = "svg",
    *,
    engine: str = "auto",
    dpi: float | None = None,
    limit: float | None = None,
    layout: str = "dot",
) -> bytes:
    """The picture of a DOT text in Graphviz's format ``form``.

    With ``"auto"`` an engine that fails is passed over: an installed ``dot`` may lack its plugins.

    :param dpi: dots per inch of a bitmap.
    :param limit: seconds, :data:`LIMIT` when left out.
    :param layout: Graphviz's layout program.
    :raises RenderError: when Graphviz is missing or fails.
    :raises TimeLimitError: when it takes longer than ``limit``.
    """
    options = {} if dpi is None else {"dpi": f"{dpi:g}"}
    failed: list[RenderError] = []
    for name in choose(engine):
        try:
            return _run_engine(
                _arguments(name, form, layout, options),
                dot.encode("utf-8"),
                LIMIT if limit is None else limit,
            )
        except TimeLimitError:
            raise
        except RenderError as error:
            failed.append(error)
    raise failed[0]


def _arguments(engine: str, form: str, layout: str, options: dict[str, str]) -> list[str]:
    """The command line of an engine."""
    if engine == "dot":
        return [_dot_program(), f"-K{layout}", f"-T{form}", *(f"-G{k}={v}" for k, v in options.items())]
    return [sys.executable, "-c", _CHILD, json.dumps([sys.path, form, layout, options])]


def _run_engine(arguments: Sequence[str], text: bytes, limit: float) -> bytes:
    try:
        done = subprocess.run(arguments, input=text, capture_output=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise TimeLimitError(f"the layout took longer than {limit:g} s") from None
    except OSError as error:
        raise RenderError(f"Graphviz could not be started ({error}); {_MISSING}") from error
    complaint = done.stderr.decode("utf-8", "replace")
    messages = [line for line in complaint.splitlines() if not line.startswith("Fontconfig")]
    if done.returncode or not done.stdout:
        why = "\n".join(messages) if messages else f"exit code {done.returncode}"
        raise RenderError(f"Graphviz could not make the picture: {why:.600}")
    if "expat" in complaint:
        raise RenderError(f"this Graphviz was built without HTML-like labels (expat); {_MISSING}")
    return done.stdout


def _dot_program() -> str:
    """The path of the ``dot`` program; empty if there is none."""
    return shutil.which("dot") or ""


def _pygraphviz() -> bool:
    from importlib.util import find_spec

    try:
        return bool(sys.executable) and find_spec("pygraphviz") is not None
    except (ImportError, ValueError):
        return False
