"""``play``: a circuit as one HTML file that steps through the forward pass and the sweep."""

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
from ..picture.labels import cut, plain
from ..picture.palette import DARK, LIGHT, palette
from ..picture.svg import prefix
from ..text.columns import plain as to_ascii
from ..text.table import table_of
from ..view.highlight import Marks
from ..view.options import DIRECTIONS, one_of
from ..view.view import View, snapshot
from .stage import stage
from .story import Line, Step, Story
from .tell import tell
from .words import Words

#: The height of the player in a notebook, in pixels.
HEIGHT = 620

#: Longest formula of a heading.
_LONGEST = 64

_PLACE = re.compile(r"\{\{(\w+)\}\}")


class Player:
    """The player that :func:`play` made. In a notebook it shows itself.

    ``steps`` is what it tells, from step 0, the blank circuit, to the result.
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
        marked: Marks | None = None,
    ) -> None:
        one_of("direction", direction, DIRECTIONS)
        one_of("engine", engine, ENGINES)
        self.view, self.heading = view, heading
        self._story = tell(view, quiz)
        self._light, self._dark, self._theme = _themes(theme)
        nodes, wires, _ = marked or Marks()
        look = Look(self._light, direction, True, scopes, nodes, wires)
        self._drawing = Drawing(replace(view, title=None, captions=()), look, "card", engine=engine)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What each step shows and says."""
        return tuple(self._story.steps)

    @cached_property
    def html(self) -> str:
        """The page: one file that needs no network, and no Graphviz where it is read.

        :raises RenderError: when there is no Graphviz, or it fails or takes too long.
        """
        name = prefix(self._drawing.dot)
        style = _filled("player.css", light=_declared(self._light), dark=_declared(self._dark))
        return _filled(
            "player.html",
            theme=f' data-theme="{self._theme}"' if self._theme else "",
            title=_text(self.view, self.heading),
            style=style,
            script=_template("player.js"),
            svg=stage(self._drawing.svg, name, self.view, self._story, self._light),
            captions="".join(f"<p>{_text(self.view, c)}</p>" for c in self.view.captions),
            table="".join(_table(self.view, self._story)),
            last=str(len(self.steps) - 1),
            data=_data(self.view, self._story, name),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a ``.html`` file, which appears whole or not at all.

        :raises ValueError: for another extension.
        :raises RenderError: as :attr:`html`.
        """
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"cannot save {path.name!r}: a player is saved as .html")
        write_whole(path, self.html.encode("utf-8"))
        return path

    def _repr_html_(self) -> str:
        """The page in a frame of its own; without Graphviz the table, and why."""
        try:
            page = html.escape(self.html)
        except RenderError as error:
            shown = f"{table_of(self.view)}\n\n({error})"
            return f"<pre>{html.escape(shown)}</pre>"
        title = _text(self.view, self.heading)
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="{title}" width="100%" '
            f'height="{HEIGHT}" style="border:0;width:100%;height:{HEIGHT}px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Player of {cut(plain(self.heading))}: steps 0 to {len(self.steps) - 1}>"


def play(
    root: Value,
    quiz: bool = False,
    *,
    theme: str | Mapping[str, str] = "auto",
    direction: str = "LR",
    scopes: bool = True,
    engine: str = "auto",
    grads: str = "always",
    **options: Any,
) -> Player:
    """The circuit below ``root`` as a page that steps through it, forward and backward.

    Forward it computes one value at a step, with its local derivatives; backward it adds one
    operation's contributions, ``local × upstream``, in the order of the lecture's table (Gormley 2014,
    section 1.3). Nothing is written to the circuit, swept or not.

    Arrow and page keys step, Home and End go to the ends, Space plays, ``f`` and ``b`` go to the
    two passes, ``t`` changes the theme; ``page.html#step=11`` opens at a step.

    :param quiz: stop before each addition of the sweep, so that it can be predicted.
    :param theme: ``"auto"`` (as the reader's system), ``"light"``, ``"dark"``, ``"mono"``, or a
        mapping that overrides colours; the page has a switch.
    :param direction: ``"LR"`` or ``"TB"``.
    :param scopes: outline the scopes around cards.
    :param engine: ``"dot"``, ``"pygraphviz"`` or ``"auto"``.
    :param grads: taken so that options of ``draw`` can be handed on; a player computes them.
    :param options: as for ``draw``: ``names``, ``detail``, ``digits``, ``title``, ``max_nodes``, …
    :raises TypeError: when ``root`` is not a Value.
    :raises ValueError: for a value that an option does not have.

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> q = x + y; q.name = "q"
    >>> f = q * z; f.name = "f"
    >>> player = play(f)
    >>> player
    <Player of f = (x + y)·z at x = −2, y = 5, z = −4: steps 0 to 7>
    >>> player.steps[6].title
    'Backward through q = x + y'
    """
    if not isinstance(root, Value):
        raise TypeError(f"play takes a Value, not {type(root).__name__} ({root!r:.60})")
    one_of("grads", grads, ("auto", "always", "never"))
    view = snapshot(root, grads="always", **options)
    return Player(
        view,
        heading(root, view, options.get("names")),
        quiz=quiz,
        theme=theme,
        direction=direction,
        scopes=scopes,
        engine=engine,
    )


def heading(root: Value, view: View, names: Mapping[str, Any] | None) -> str:
    """The view's title, or ``f = (x + y)·z at x = −2, y = 5, z = −4``, or what a heading holds of it."""
    if view.title:
        return view.title
    top, number = view.nodes[view.root], Words(view).number
    if not top.expression:
        return f"{top.label} = {number(top.value)}"
    whole = formula_text(root, names, limit=_LONGEST, ascii=view.ascii, digits=view.digits)
    inputs = [node for node in view.nodes if node.kind in ("leaf", "param")]
    at = ", ".join(f"{node.label} = {number(node.value)}" for node in inputs)
    return (
        f"{top.label} = {top.expression if whole.endswith(('…', '...')) else whole}"
        f"{f' at {at}' if 0 < len(inputs) <= 3 else ''}"
    )


def _themes(theme: str | Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], str]:
    """The light and the dark colours of a page, and the one it opens in unless the reader's."""
    if theme == "auto":
        return LIGHT, DARK, ""
    colours = palette(theme)
    dark = theme == "dark" or (isinstance(theme, Mapping) and theme.get("base") == "dark")
    return (LIGHT, colours, "dark") if dark else (colours, DARK, "light")


def _declared(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{role}:{colour}" for role, colour in colours.items())


def _template(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _filled(template: str, **parts: str) -> str:
    """A template with its places filled in one pass: what is put in is not looked at again."""
    return _PLACE.sub(lambda match: parts[match[1]], _template(template))


def _clean(view: View, text: str) -> str:
    text = plain(text)
    return to_ascii(text) if view.ascii else text


def _text(view: View, text: str) -> str:
    return html.escape(_clean(view, text))


def _data(view: View, story: Story, name: str) -> str:
    """What the script reads, as JSON that can stand in a page."""

    def runs(line: Line) -> list[list[str]]:
        return [[_clean(view, run.text), *([run.look] if run.look else [])] for run in line]

    steps = [
        {
            "phase": step.phase,
            "title": _clean(view, step.title),
            "intro": runs(step.intro),
            "groups": [[runs(line) for line in group] for group in step.groups],
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


def _table(view: View, story: Story) -> Iterator[str]:
    """The rows of the Forward/Backward table, and below them the inputs."""
    words = Words(view)
    yield "<tbody>"
    for row, i in enumerate(view.rows):
        lines: list[_Cell] = []
        for wire in view.incoming(i):
            if view.nodes[wire.source].kind == "const":
                continue
            text, number = words.addition(wire) + words.write.place(wire), ""
            if wire.contribution is None:
                text += " (no gradient flows)"
            else:
                number = words.number(wire.contribution)
            lines.append((text, number, story.backward.get(i)))
        if rest := words.left_out(i):
            lines.append((rest, "", story.backward.get(i)))
        forward = f"{words.name(i)} = {view.nodes[i].expression}"
        yield _row(view, row, (forward, words.number(view.nodes[i].value), story.value[i]), lines)
    yield '</tbody><tbody class="given">'
    for i, node in enumerate(view.nodes):
        if i not in view.rows and (node.named or node.kind != "const"):
            grad: list[_Cell] = []
            if i in story.grad:
                final = story.grad[i][-1]
                grad = [(words.partial(view.root, i), final[1], final[0])]
            value = (words.name(i), words.number(node.value), story.value[i])
            yield _row(view, None, value, grad)
    yield "</tbody>"


def _row(view: View, row: int | None, forward: _Cell, backward: list[_Cell]) -> str:
    def line(cell: _Cell, look: str) -> str:
        text, number, step = cell
        since = "" if step is None else f' data-from="{step}"'
        result = f' <b class="{look}"{since}>= {_text(view, number)}</b>' if number else ""
        return f'<div class="line"{since}>{_text(view, text)}{result}</div>'

    place = "" if row is None else f' data-row="{row}"'
    lines = "".join(line(cell, "grad") for cell in backward)
    return f"<tr{place}><td>{line(forward, 'val')}</td><td>{lines}</td></tr>"
