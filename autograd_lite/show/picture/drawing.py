"""``draw``: a circuit as a picture, and everything that the picture can be saved as."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.value import Value
from ...support.files import write_whole
from ..text.table import table_of
from ..text.tree import tree_of
from ..view.highlight import marks, path_of
from ..view.options import DIRECTIONS, Options, at_least, one_of
from ..view.outline import outline
from ..view.reduce import cut as cut_to
from ..view.view import View, typeset
from . import engines
from .boxes import in_words, scoped
from .dot import Look, Writer, card
from .gates import circuit
from .labels import cut, escape
from .palette import palette
from .svg import pixels, polish, prefix, texts

if TYPE_CHECKING:
    from ..player.page import Player

STYLES = ("auto", "card", "circuit", "scope")

_TABLES = {".md": "markdown", ".tex": "latex", ".txt": "text"}
_PLAYED = ("quiz", "theme", "direction", "scopes", "engine")
EXTENSIONS = (".dot", ".gv", ".svg", ".png", ".pdf", ".html", *_TABLES)

#: The longest side of a bitmap that Graphviz draws; what would be longer it scales down.
_LARGEST = 32767


class Drawing:
    """A picture of a circuit as it was when :func:`draw` was called.

    Nothing is laid out before the picture is asked for, and then once. ``str()`` is the DOT text;
    in a notebook the picture shows itself, or the tree of the circuit where there is no Graphviz.
    """

    def __init__(
        self,
        view: View,
        look: Look,
        style: str,
        *,
        engine: str = "auto",
        depth: int = 1,
        play: Callable[..., Player] | None = None,
    ) -> None:
        self.view = view
        self.style = style
        self._look, self._engine, self._depth = look, engine, depth
        self._play = play

    @cached_property
    def dot(self) -> str:
        """The picture in Graphviz's language. The same circuit gives the same text, byte for byte."""
        if self.style == "scope":
            return scoped(self.view, self._look, self._depth)
        return (circuit if self.style == "circuit" else card)(self.view, self._look)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG, ready to stand in a page.

        :raises RenderError: when there is no Graphviz, or it fails or takes too long.
        """
        raw = self._rendered("svg")
        self._check(raw)
        if self.style == "scope":
            told = in_words(self.view, self._depth)
        else:
            write = Writer(self.view, self._look)
            told = [*map(write.sentence, self.view.nodes), *self.view.captions]
        description = ". ".join(told) + "."
        return polish(raw, prefix(self.dot), self._look.colours, titled(self.view), description)

    def _check(self, raw: bytes) -> None:
        """Hold that the labels are drawn: a Graphviz without them gives ids, and exit code 0."""
        written = re.findall(r">([^<>]+)</", self.dot)
        result = Writer(self.view, self._look).number(self.view.nodes[self.view.root].value)
        wanted = result if result in written else written[0]
        if wanted not in map(escape, texts(raw)):
            raise engines.RenderError(
                f"the picture that Graphviz made lacks the text {wanted}: this copy of Graphviz "
                'draws no HTML-like labels; install another, or pip install "autograd-lite[dot]"'
            )

    def save(self, path: str | os.PathLike[str], dpi: float = 150, **options: Any) -> Path:
        """Write the picture to a file; the extension says as what.

        ``.dot`` ``.gv`` (needs no Graphviz), ``.svg`` ``.png`` ``.pdf``, ``.html`` (the player),
        ``.md`` ``.tex`` ``.txt`` (the Forward/Backward table). The file appears whole or not at all.

        :param dpi: dots per inch of a ``.png``.
        :param options: for the tables ``numbers`` and ``d`` of ``table``; for ``.html`` ``quiz`` of
            ``play``, and ``theme``, ``direction``, ``scopes`` and ``engine`` where the page is to
            differ from the drawing. It plays the circuit as it was drawn; of a larger one that is
            collapsed by scope what is nearest to the root. A light drawing gives a page that
            follows its reader's system.
        :raises ValueError: for another extension.
        :raises TypeError: for an option that this kind of file does not have.
        :raises RenderError: when the picture needs Graphviz and there is none, or it fails.
        """
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in EXTENSIONS:
            raise ValueError(
                f"cannot save {path.name!r}: the extension must be one of {' '.join(EXTENSIONS)}"
            )
        if options and kind not in (".html", *_TABLES):
            raise TypeError(
                f"save to {kind} takes dpi and no other option, not {', '.join(options)}"
            )
        if kind == ".html" and (foreign := sorted(set(options).difference(_PLAYED))):
            raise TypeError(
                f"save to .html takes {', '.join(_PLAYED)}, not {', '.join(foreign)}: the page plays "
                "what was drawn, so give that to draw(), or to play()"
            )
        write_whole(path, self._content(kind, dpi, options))
        return path

    def _content(self, kind: str, dpi: float, options: dict[str, Any]) -> bytes:
        if kind in (".png", ".pdf"):
            size = pixels(self.svg)  # which holds that this Graphviz draws the labels
            fits = 96 * _LARGEST / max(size)
            if kind == ".png" and dpi > fits:
                warnings.warn(
                    f"the picture is drawn at {fits:.0f} dpi, not {dpi:g}: Graphviz draws no side "
                    f"longer than {_LARGEST:,} pixels. Draw less of the circuit, or save it as .svg",
                    stacklevel=3,
                )
            return self._rendered(kind[1:], dpi if kind == ".png" else None)
        if kind in _TABLES:
            text = table_of(self.view, _TABLES[kind], **options) + "\n"
        elif kind == ".html":
            assert self._play is not None, "draw() always gives one"
            text = self._play(**options).html
        else:
            text = self.svg if kind == ".svg" else self.dot
        return text.encode("utf-8")

    def _rendered(self, form: str, dpi: float | None = None) -> bytes:
        try:
            return engines.render(self.dot, form, engine=self._engine, dpi=dpi)
        except engines.TimeLimitError as error:
            raise engines.TimeLimitError(
                f"{error} for the {len(self.view.nodes):,} nodes drawn: draw fewer, with "
                'style="scope" (and scopes around the parts), max_nodes=100, detail="named", '
                "max_depth, min_grad or focus"
            ) from None

    def __str__(self) -> str:
        return self.dot

    def __repr__(self) -> str:
        return (
            f"<Drawing of {cut(titled(self.view))}: {len(self.view.nodes):,} nodes, {self.style}>"
        )

    def _repr_svg_(self) -> str | None:
        try:
            return self.svg
        except Exception:  # a display hook may not raise
            return None

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        """What a notebook shows: the picture and the tree, or the tree and why there is no picture."""
        kinds = {"image/svg+xml", "text/plain"}
        wanted = (kinds if include is None else kinds & set(include)) - set(exclude or ())
        bundle: dict[str, str] = {}
        why = ""
        if "image/svg+xml" in wanted:
            try:
                bundle["image/svg+xml"] = self.svg
            except Exception as error:  # a display hook may not raise
                why = f"\n({error})"
        if "text/plain" in wanted:
            bundle["text/plain"] = self._tree() + why
        return bundle

    def _tree(self, most: int = 200) -> str:
        try:
            lines = tree_of(self.view).rstrip("\n").split("\n")
        except Exception:  # a display hook may not raise
            return repr(self)
        if len(lines) > most:
            lines[most:] = [f"… {len(lines) - most:,} more lines"]
        return "\n".join(lines)


def draw(
    root: Value,
    style: str = "auto",
    direction: str = "LR",
    *,
    rankdir: str | None = None,
    detail: str = "sums",
    names: Mapping[str, Any] | None = None,
    constants: str = "inline",
    grads: str = "auto",
    local: bool = True,
    digits: int = 4,
    ascii: bool = False,
    theme: str | Mapping[str, str] = "light",
    scopes: bool = True,
    depth: int = 1,
    focus: Value | None = None,
    max_depth: int | None = None,
    min_grad: float | None = None,
    max_nodes: int | None = 100,
    engine: str = "auto",
    title: str | None = None,
    highlight: Any = None,
) -> Drawing:
    """The circuit below ``root`` as a picture, with the chain rule on every wire.

    Each wire carries its local derivative and, once ``root`` has been swept, the product
    ``local × upstream = contribution``. Before a sweep nothing is said about gradients.

    :param style: ``"card"`` (a table per node), ``"circuit"`` (gates and wires, for slides),
        ``"scope"`` (one box per scope), ``"auto"``: cards, or scopes above ``max_nodes``.
    :param direction: ``"LR"`` or ``"TB"``; ``rankdir`` is another spelling.
    :param detail: ``"all"``; ``"sums"`` draws a chain of unnamed ``+`` as one Σ; ``"named"`` folds
        every unnamed node that is used once into its consumer.
    :param names: a mapping such as ``locals()`` that names nodes, by identity.
    :param constants: ``"inline"`` prints unnamed numbers in the formulas, ``"nodes"`` draws them.
    :param grads: ``"auto"``: shown once ``root`` has been swept; ``"always"``; ``"never"``.
    :param local: whether wires carry the local derivative and the product.
    :param digits: significant digits, 1 to 17.
    :param ascii: ``-``, ``*`` and ``d`` for ``−``, ``×`` and ``∂``.
    :param theme: ``"light"``, ``"dark"``, ``"mono"`` (print), or a mapping that overrides colours.
    :param scopes: outline the scopes around cards.
    :param depth: how many levels of scopes ``"scope"`` keeps apart.
    :param focus: only what lies between this Value and ``root``.
    :param max_depth: only what lies at most so many steps from ``root``.
    :param min_grad: only wires whose contribution is at least that large.
    :param max_nodes: from how many nodes on a circuit is collapsed; None for never.
    :param engine: ``"dot"``, ``"pygraphviz"`` or ``"auto"``, the first of the two that is there.
    :param title: a caption.
    :param highlight: a path of Values to emphasise, or what ``find_nonfinite`` returned.
    :raises ValueError: for a value that an option does not have.

    Every reduction says so in a caption under the picture.

    >>> x = Value(3.0, "x")
    >>> y = x * x; y.name = "y"
    >>> drawing = draw(y)
    >>> drawing
    <Drawing of y = x·x: 2 nodes, card>
    >>> drawing.dot.count("n0 -> n1")
    2
    """
    if not isinstance(root, Value):
        raise TypeError(f"draw takes a Value, not {type(root).__name__} ({root!r:.60})")
    direction = direction if rankdir is None else rankdir
    one_of("style", style, STYLES)
    one_of("direction", direction, DIRECTIONS)
    one_of("engine", engine, engines.ENGINES)
    at_least("depth", depth, 1)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title is a text, not {type(title).__name__} ({title!r:.60})")
    if style == "circuit" and direction != "LR":
        raise ValueError(
            f'style="circuit" is drawn from left to right only, not direction={direction!r}: '
            'use style="card"'
        )
    path, said = path_of(highlight)
    options = Options(
        names=names,
        detail=detail,
        constants=constants,
        grads=grads,
        digits=digits,
        ascii=ascii,
        focus=focus,
        max_depth=max_depth,
        min_grad=min_grad,
        max_nodes=None if style == "scope" else max_nodes,
        collapsible=style == "auto" and not path,
    )
    sketch = outline(root, options)
    marked = marks(sketch, path)
    if not marked.whole and focus is None:
        # Of a circuit too large to draw whole, what leads along the path is what matters.
        start = next(v for v in path if not v.is_constant)
        sketch = outline(root, replace(options, focus=start))
        marked = marks(sketch, path)
    if said is not None:
        sketch = replace(sketch, captions=(*sketch.captions, said))
    large = max_nodes is not None and len(sketch.nodes) > max_nodes
    if style == "auto":
        style = "scope" if large else "card"
    whole = typeset(sketch, digits, ascii, title)
    look = Look(palette(theme), direction, local, scopes, marked.nodes, marked.wires)
    played = whole, marked
    if style == "scope" and large:
        # A page has no boxes: it plays what is nearest to the root.
        near = cut_to(sketch, max_nodes=max_nodes, digits=digits, ascii=ascii)
        played = typeset(near, digits, ascii, title), marks(near, path)

    def play(**changes: Any) -> Player:
        from ..player.page import Player, heading

        drawn: dict[str, Any] = {
            "theme": "auto" if theme == "light" else theme,
            "direction": direction,
            "scopes": scopes,
            "engine": engine,
        }
        view, marked = played
        inputs = {label.text: v for v, label in sketch.labels.items() if v.op is None}
        return Player(view, heading(root, view, inputs), marked=marked, **{**drawn, **changes})

    view = whole if sketch.swept else whole.unswept()
    drawing = Drawing(view, look, style, engine=engine, depth=depth, play=play)
    if style == "scope":
        _ = drawing.dot  # says at once when there is nothing to collapse
    return drawing


def titled(view: View) -> str:
    """What a picture is called: its title, or the formula of its root."""
    root = view.nodes[view.root]
    formula = f" = {root.expression}" if root.expression else ""
    return cut(view.title or root.label + formula, 120)
