"""``Player``: one HTML file that steps through the forward pass and the sweep."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from ...core.value import Value
from ...formulas import text as formula_text
from ...support.files import write_whole
from ...support.texts import preformatted
from ..picture.dot import Look
from ..picture.drawing import Drawing
from ..picture.engines import ENGINES, RenderError
from ..picture.fit import Room
from ..picture.labels import NAME, printable
from ..picture.palette import DARK, LIGHT, palette
from ..picture.svg import prefix
from ..text.table import table_of
from ..text.writer import shortened
from ..view.highlight import Highlight
from ..view.options import DIRECTIONS, above_zero, one_of
from ..view.sketch import Sketch
from ..view.units import Unit
from ..view.view import View
from .engine import live_circuit
from .files import FORMS, STEP_FILES, save_folder, save_steps
from .frames import Frames, recolored
from .markup import Markup, page_data
from .passes import table_rows
from .slots import Numbers, SlotWriter, held, playable, slot, why_idle
from .stage import Stage
from .story import Step
from .tell import tell

#: The height of the player in a notebook, in pixels.
HEIGHT = 700

#: The styles of drawings that a page can play.
PLAYED = ("card", "circuit", "network")

#: What the script is made of, in this order.
_SCRIPTS = (
    "numbers.js",
    "scripts.js",
    "circuit.js",
    "player.js",
    "inputs.js",
    "touch.js",
    "quiz.js",
    "start.js",
)

#: The longest formula of a heading, in characters.
_LONGEST_HEADING = 64

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class Player:
    """A page that steps through a circuit, as :func:`play` makes it. A notebook shows it by itself.

    ``steps`` has what each step shows, from step 0, the blank circuit, to the result.

    :param sketch: what the view was made of, so that a reader can change the inputs of the page.
    :param place: what each step is to fill as a picture.
    :param told: the view in which the words are told, if its names are others than those of the picture.

    >>> from autograd_lite import Value, play
    >>> x = Value(3.0, "x")
    >>> y = x * x; y.name = "y"
    >>> [step.title for step in play(y).steps[2:]]
    ['Forward: y = x·x', 'The seed: ∂y/∂y = 1', 'Backward through y = x·x', 'The result']
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
        style: str = "card",
        units: Sequence[Unit] = (),
        sketch: Sketch | None = None,
        told: View | None = None,
        place: Room | None = None,
    ) -> None:
        one_of("direction", direction, DIRECTIONS)
        one_of("engine", engine, ENGINES)
        one_of("style", style, PLAYED)
        self.view, self._told = playable(view), playable(told or view)
        self._engine, self._place = engine, place
        self._sketch = sketch
        self._story = tell(self._told, quiz)
        idle = [*map(why_idle, view.wires)]
        self._numbers = Numbers(self._told, idle, self._story.substitutions)
        self._heading = heading
        self._light, self._dark, self._theme = _themes(theme)
        nodes, wires, _ = marks or Highlight()
        look = Look(self._light, direction, True, scopes, nodes, wires)
        shown = replace(self.view, title=None, captions=())
        self._drawing = Drawing(shown, look, style, engine=engine, units=units)
        slots = replace(look, writer=partial(SlotWriter, fill=self._numbers.fill), scripts=False)
        self._slotted = Drawing(held(shown), slots, style, units=units)

    @property
    def heading(self) -> str:
        """The title of the page."""
        return self._numbers.fill(self._heading)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What each step shows."""
        return tuple(step.mapped(self._numbers.fill) for step in self._story.steps)

    @cached_property
    def html(self) -> str:
        """The page: one file. Who reads it needs no network and no Graphviz.

        :raises RenderError: when there is no Graphviz, or it fails or takes too long.
        """
        name = prefix(self._drawing.dot)
        style = _filled("player.css", light=_declared(self._light), dark=_declared(self._dark))
        stage = self._stage()
        markup = Markup(self._told, self._numbers)
        write = SlotWriter(held(self._told))
        sentences = [*map(write.node_in_words, write.view.nodes), *self.view.captions]
        live = (
            live_circuit(self._sketch, self._told)
            if self._sketch and stage.whole
            else "it is only a picture"
        )
        script = "" if isinstance(live, str) else live.script.replace("</", "<\\/")
        return _filled(
            "player.html",
            theme=f' data-theme="{self._theme}"' if self._theme else "",
            title=html.escape(markup.clean(self.heading)),
            heading=markup.text(self._heading),
            style=style,
            script="\n".join([script, *map(_template, _SCRIPTS)]),
            svg=stage.svg(". ".join(sentences) + "."),
            captions="".join(f"<p>{html.escape(markup.clean(c))}</p>" for c in self.view.captions),
            table="".join(table_rows(self._told, self._story, markup)),
            last=str(len(self.steps) - 1),
            data=page_data(name, self._story, markup, stage.homes, live),
        )

    def _stage(self) -> Stage:
        name = prefix(self._drawing.dot)
        drawn = self._drawing.svg, self._slotted.dot
        return Stage(*drawn, name, self.view, self._story, self._numbers, self._light)

    @cached_property
    def frames(self) -> Frames:
        """The steps as pictures, one SVG for each.

        :raises RenderError: as :attr:`html`.
        """
        stage, fill = self._stage(), self._numbers.fill
        svg, colors = stage.svg(""), self._light
        if self._theme == "dark":
            svg, colors = recolored(svg, self._light, self._dark), self._dark
        grads = {i: [(k, fill(text)) for k, text in texts] for i, texts in self._story.grad.items()}
        name, why = prefix(self._drawing.dot), self._numbers.idle
        idle = [wire.id for i, wire in enumerate(self.view.wires) if why[i] and not wire.is_flat]
        return Frames(svg, name, self.steps, stage.homes_of, grads, colors, idle, self._place)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        dpi: float | None = None,
        seconds: float = 2.0,
        storyboard: bool = False,
        form: str = "svg",
    ) -> Path:
        r"""Write the page, or its steps as pictures, and return the path; the ending says as what.

        ``.html`` is the page. ``.pdf`` has a page for every step, for ``\includegraphics<+>[page=…]`` in
        slides; ``.gif`` is a film; a path without an ending is a folder with a picture of every step.
        A file appears complete or not at all.

        :param dpi: dots per inch of bitmaps: 150, or fewer where a picture of a film would have more than
            1920 × 1080 pixels, or one of a folder more than 3840 × 2160. What is asked for is taken, and a
            warning says where all pictures together would have too many pixels.
        :param seconds: how long a film shows each step.
        :param storyboard: all steps on one sheet (``.svg``, ``.png``), or on one or two (``.pdf``).
        :param form: of the pictures in a folder, ``"svg"`` or ``"png"``.
        :raises ValueError: for another ending, and for numbers that are not positive.
        :raises RenderError: as :attr:`html`, and when a package that the file needs is not installed.
        """
        one_of("form", form, FORMS)
        if dpi is not None:
            above_zero("dpi", dpi)
        above_zero("seconds", seconds)
        is_folder = os.fspath(path).endswith(("/", os.sep))
        path = Path(path)
        kind = path.suffix.lower()
        if storyboard and kind not in STEP_FILES[:1] + STEP_FILES[2:]:
            raise ValueError(f"a storyboard is a .pdf, .svg or .png, not {path.name!r}")
        if is_folder or path.is_dir() or not kind:
            save_folder(self.frames, path, self._engine, dpi, form)
        elif kind == ".html":
            write_whole(path, self.html.encode("utf-8"))
        elif storyboard or kind in STEP_FILES[:2]:
            save_steps(self.frames, path, self._engine, dpi, seconds, storyboard)
        else:
            raise ValueError(
                f"cannot save {path.name!r}: the extension of a player must be .html, .pdf or .gif, or "
                "none for a folder of pictures; with storyboard=True also .svg or .png"
            )
        return path

    def _repr_html_(self) -> str:
        """The page in a frame of its own; without Graphviz the table, and why."""
        try:
            page = html.escape(self.html)
        except RenderError as error:
            shown = f"{table_of(self.view)}\n\n({error})"
            return preformatted(shown)
        title = html.escape(Markup(self.view, self._numbers).clean(self.heading))
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="{title}" width="100%" '
            f'height="{HEIGHT}" style="border:0;width:100%;height:{HEIGHT}px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Player of {shortened(printable(self.heading), NAME)}: steps 0 to {len(self.steps) - 1}>"


def heading(root: Value, view: View, names: Mapping[str, Any] | None) -> str:
    """The title of a page: the view's, or ``f = (x + y)·z at x = −2, y = 5, z = −4`` with slots."""
    if view.title:
        return view.title
    top = view.nodes[view.root]
    if not top.expression:
        return f"{top.label} = {slot('v', view.root)}"
    whole = formula_text(root, names, limit=_LONGEST_HEADING, ascii=view.ascii, digits=view.digits)
    inputs = [i for i, node in enumerate(view.nodes) if node.kind in ("leaf", "param")]
    at = ", ".join(f"{view.nodes[i].label} = {slot('v', i)}" for i in inputs)
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
