"""``Player``: one HTML file that steps through the forward pass and the sweep."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from ...core.value import Value
from ...formulas import text as formula_text
from ...support.files import write_whole
from ..picture.dot import Look
from ..picture.drawing import Drawing
from ..picture.engines import ENGINES, RenderError
from ..picture.labels import NAME, printable
from ..picture.palette import DARK, LIGHT, palette
from ..picture.svg import prefix
from ..text.columns import in_ascii
from ..text.table import table_of
from ..text.writer import NO_GRADIENT, Writer, shortened
from ..view.highlight import Highlight
from ..view.options import DIRECTIONS, one_of
from ..view.view import View
from .stage import stage
from .story import Spans, Step, Story
from .tell import tell

#: The height of the player in a notebook, in pixels.
HEIGHT = 620

#: The longest formula of a heading, in characters.
_LONGEST_HEADING = 64

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class Player:
    """A page that steps through a circuit, as :func:`play` makes it. A notebook shows it by itself.

    ``steps`` has what each step shows, from step 0, the blank circuit, to the result.
    """

    def __init__(
        self,
        view: View,
        heading: str,
        *,
        quiz: bool = False,
        theme: str | Mapping[str, str] = "auto",
        direction: str = "LR",
        scopes: bool = True,
        engine: str = "auto",
        marks: Highlight | None = None,
    ) -> None:
        one_of("direction", direction, DIRECTIONS)
        one_of("engine", engine, ENGINES)
        self.view, self.heading = view, heading
        self._story = tell(view, quiz)
        self._light, self._dark, self._theme = _themes(theme)
        nodes, wires, _ = marks or Highlight()
        look = Look(self._light, direction, True, scopes, nodes, wires)
        self._drawing = Drawing(replace(view, title=None, captions=()), look, "card", engine=engine)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What each step shows."""
        return tuple(self._story.steps)

    @cached_property
    def html(self) -> str:
        """The page: one file. Who reads it needs no network and no Graphviz.

        :raises RenderError: when there is no Graphviz, or it fails or takes too long.
        """
        name = prefix(self._drawing.dot)
        style = _filled("player.css", light=_declared(self._light), dark=_declared(self._dark))
        return _filled(
            "player.html",
            theme=f' data-theme="{self._theme}"' if self._theme else "",
            title=_escaped(self.view, self.heading),
            style=style,
            script=_template("player.js"),
            svg=stage(self._drawing.svg, name, self.view, self._story, self._light),
            captions="".join(f"<p>{_escaped(self.view, c)}</p>" for c in self.view.captions),
            table="".join(_table_rows(self.view, self._story)),
            last=str(len(self.steps) - 1),
            data=_script_data(self.view, self._story, name),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a ``.html`` file, which appears complete or not at all.

        :raises ValueError: for another extension.
        :raises RenderError: as :attr:`html`.
        """
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"cannot save {path.name!r}: the extension of a player must be .html")
        write_whole(path, self.html.encode("utf-8"))
        return path

    def _repr_html_(self) -> str:
        """The page in a frame of its own; without Graphviz the table, and why."""
        try:
            page = html.escape(self.html)
        except RenderError as error:
            shown = f"{table_of(self.view)}\n\n({error})"
            return f"<pre>{html.escape(shown)}</pre>"
        title = _escaped(self.view, self.heading)
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="{title}" width="100%" '
            f'height="{HEIGHT}" style="border:0;width:100%;height:{HEIGHT}px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Player of {shortened(printable(self.heading), NAME)}: steps 0 to {len(self.steps) - 1}>"


def heading(root: Value, view: View, names: Mapping[str, Any] | None) -> str:
    """The title of a page: the view's, or ``f = (x + y)·z at x = −2, y = 5, z = −4`` in short."""
    if view.title:
        return view.title
    top, number = view.nodes[view.root], Writer(view).number
    if not top.expression:
        return f"{top.label} = {number(top.value)}"
    whole = formula_text(root, names, limit=_LONGEST_HEADING, ascii=view.ascii, digits=view.digits)
    inputs = [node for node in view.nodes if node.kind in ("leaf", "param")]
    at = ", ".join(f"{node.label} = {number(node.value)}" for node in inputs)
    return (
        f"{top.label} = {top.expression if whole.endswith(('…', '...')) else whole}"
        f"{f' at {at}' if 0 < len(inputs) <= 3 else ''}"
    )


def _themes(theme: str | Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], str]:
    """The light and the dark colors of a page, and the one it opens in unless the reader's."""
    if theme == "auto":
        return LIGHT, DARK, ""
    colors = palette(theme)
    dark = theme == "dark" or (isinstance(theme, Mapping) and theme.get("base") == "dark")
    return (LIGHT, colors, "dark") if dark else (colors, DARK, "light")


def _declared(colors: Mapping[str, str]) -> str:
    return ";".join(f"--{role}:{color}" for role, color in colors.items())


def _template(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _filled(template: str, **parts: str) -> str:
    """A template with its placeholders replaced in one pass: what is put in stays as it is."""
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], _template(template))


def _clean(view: View, text: str) -> str:
    text = printable(text)
    return in_ascii(text) if view.ascii else text


def _escaped(view: View, text: str) -> str:
    return html.escape(_clean(view, text))


def _script_data(view: View, story: Story, name: str) -> str:
    """What the script reads, as JSON that can stand in a page."""

    def spans(line: Spans) -> list[list[str]]:
        return [[_clean(view, span.text), *([span.look] if span.look else [])] for span in line]

    steps = [
        {
            "phase": step.phase,
            "title": _clean(view, step.title),
            "intro": spans(step.intro),
            "groups": [[spans(line) for line in group] for group in step.groups],
            "nodes": step.nodes,
            "wires": step.wires,
            "row": step.row,
        }
        for step in story.steps
    ]
    data = {"id": name, "seed": story.seed, "steps": steps}
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


#: A text, the number that it comes to, and the step that shows it.
_Cell = tuple[str, str, "int | None"]


def _table_rows(view: View, story: Story) -> Iterator[str]:
    """The rows of the Forward/Backward table, and below them the inputs."""
    write = Writer(view)
    yield "<tbody>"
    for row, i in enumerate(view.rows):
        lines: list[_Cell] = []
        for wire in view.incoming(i):
            if view.nodes[wire.source].given:
                continue
            text, number, place = write.addition(wire), "", write.place(wire)
            if place:
                text += f" ({place})"
            if wire.contribution is None:
                text += f" ({NO_GRADIENT})"
            else:
                number = write.number(wire.contribution)
            lines.append((text, number, story.backward.get(i)))
        if rest := write.left_out(i):
            lines.append((rest, "", story.backward.get(i)))
        node = view.nodes[i]
        forward = f"{write.name(node)} = {node.expression}"
        yield _table_row(view, row, (forward, write.number(node.value), story.value[i]), lines)
    yield '</tbody><tbody class="given">'
    for i, node in enumerate(view.nodes):
        if i not in view.rows and (node.named or node.kind != "const"):
            grad: list[_Cell] = []
            if i in story.grad:
                final = story.grad[i][-1]
                grad = [(write.gradient(node), final[1], final[0])]
            value = (write.name(node), write.number(node.value), story.value[i])
            yield _table_row(view, None, value, grad)
    yield "</tbody>"


def _table_row(view: View, row: int | None, forward: _Cell, backward: list[_Cell]) -> str:
    def line(cell: _Cell, look: str) -> str:
        text, number, step = cell
        since = "" if step is None else f' data-from="{step}"'
        result = f' <b class="{look}"{since}>= {_escaped(view, number)}</b>' if number else ""
        return f'<div class="line"{since}>{_escaped(view, text)}{result}</div>'

    place = "" if row is None else f' data-row="{row}"'
    lines = "".join(line(cell, "grad") for cell in backward)
    return f"<tr{place}><td>{line(forward, 'val')}</td><td>{lines}</td></tr>"
