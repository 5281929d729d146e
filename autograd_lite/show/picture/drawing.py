"""``Drawing``: a picture of a circuit, and the files that it can be saved as."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ...support.files import write_whole
from ...support.texts import preformatted
from ..text.writer import Writer, shortened
from ..view.options import above_zero
from ..view.units import Unit
from ..view.view import View
from . import engines
from .boxes import boxes, in_words
from .canvas import painted
from .card import cards
from .dot import Look
from .fit import Reached, Room, edge_names, in_place
from .gates import gates
from .labels import NAME, escape
from .network import network, sources_of_wires
from .palette import contrast
from .shapes import without_paper
from .squeeze import squeezed
from .svg import among_others, drawn_texts, pixels, polish, prefix
from .tikz import tikz_picture

STYLES = ("auto", "card", "circuit", "network", "scope")

#: The kinds of files that a drawing writes by itself.
PICTURES = (".dot", ".gv", ".svg", ".png", ".pdf", ".tikz")

#: The longest side of a bitmap that Graphviz draws; it scales down what would be longer.
_LARGEST = 32767

#: The least contrast with white of a paper that is told from that of a page.
_PAGE = 1.1

#: The most lines of text that a notebook shows beside or in place of a picture.
_MOST_LINES = 200


class Drawing:
    """A picture of a circuit as it was when :func:`draw` was called.

    The layout is made when the picture is first asked for, and once. ``str()`` is the DOT text. A
    notebook shows the picture, or the tree of the circuit where there is no Graphviz.

    ``key`` is the answer key of an exercise sheet, a picture too, and None for any other picture.

    :param units: the units of a network, for ``style="network"``.
    :param place: the place that the picture is to fill.
    :param writers: what makes the text of files that are not pictures, by their ending.
    :param in_text: what makes the text that is shown where there is no picture.

    >>> from autograd_lite import Value, draw
    >>> x = Value(3.0, "x")
    >>> drawing = draw(x * x)
    >>> drawing.dot.splitlines()[0]
    'digraph circuit {'
    """

    def __init__(
        self,
        view: View,
        look: Look,
        style: str,
        *,
        engine: str = "auto",
        depth: int = 1,
        units: Sequence[Unit] = (),
        place: Room | None = None,
        writers: Mapping[str, Callable[..., str]] | None = None,
        in_text: Callable[[View], str] | None = None,
    ) -> None:
        self.view = view
        self.style = style
        self.key: Drawing | None = None
        self._place = place
        self._look, self._engine, self._depth, self._units = look, engine, depth, units
        self._writers, self._in_text = dict(writers or {}), in_text

    @cached_property
    def dot(self) -> str:
        """The picture in Graphviz's language. The same circuit gives the same text, byte for byte."""
        dot = self._styled()
        if self._place is None or not self._place.tight:
            return dot
        return squeezed(dot, self._look.colors["value"], self._place.least / self._place.numbers)

    def _styled(self) -> str:
        if self.style == "scope":
            return boxes(self.view, self._look, self._depth)
        if self.style == "network":
            return network(self.view, self._look, self._units)
        return (gates if self.style == "circuit" else cards)(self.view, self._look)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG, ready to stand in a page.

        :raises RenderError: when there is no Graphviz, or it fails or takes too long.
        """
        return self._finished[0]

    @property
    def reached(self) -> Reached | None:
        """How large the type is in the place that the picture was made for; None without ``fit``.

        :raises RenderError: as :attr:`svg`.
        """
        return self._finished[1]

    @cached_property
    def _finished(self) -> tuple[str, Reached | None]:
        raw = self._rendered("svg")
        self._check(raw)
        if self.style == "scope":
            sentences = in_words(self.view, self._depth)
        else:
            write = Writer(self.view)
            sentences = [*map(write.node_in_words, self.view.nodes), *self.view.captions]
        description = ". ".join(sentences) + "."
        name = prefix(self.dot)
        svg = polish(raw, name, self._look.colors, title_of(self.view), description, self.dot)
        if self._place is None:
            return without_paper(svg) if self._look.bare else svg, None
        svg, reached = in_place(svg, self._place, self._look.direction, self._names_of_edges())
        return without_paper(svg) if self._look.bare else svg, reached

    def _names_of_edges(self) -> dict[str, str]:
        name = prefix(self.dot)
        if self.style == "network":  # where a box of the DOT text is a whole layer
            called = sources_of_wires(self.view, self._look, self._units)
            return {f"{name}-{wire}": source for wire, source in called.items()}
        return edge_names(self.dot, name, [node.label for node in self.view.nodes])

    def _check(self, raw: bytes) -> None:
        """Check that the labels are drawn: Graphviz without HTML-like labels exits with code 0."""
        written = re.findall(r">([^<>]+)</", self.dot)
        result = Writer(self.view).value(self.view.nodes[self.view.root])
        wanted = result if result in written else written[0]
        if wanted not in map(escape, drawn_texts(raw)):
            raise engines.RenderError(
                f"the picture that Graphviz made lacks the text {wanted}: this copy of Graphviz "
                'draws no HTML-like labels; install another, or pip install "autograd-lite[dot]"'
            )

    def save(self, path: str | os.PathLike[str], dpi: float = 150, **options: Any) -> Path:
        r"""Write the picture to a file and return its path; the file's ending says as what.

        ``.dot`` ``.gv`` (needs no Graphviz), ``.svg`` ``.png`` ``.pdf``, ``.tikz`` (for
        ``\input`` in LaTeX, with ``\usepackage{tikz}``), ``.html`` (the player),
        ``.md`` ``.tex`` ``.txt`` (the Forward/Backward table). The file appears complete or not at
        all.

        :param dpi: dots per inch of a ``.png``.
        :param options: for the tables ``style``, ``numbers`` and ``d`` of ``table``; for ``.html``
            ``quiz`` of ``play``, and ``theme``, ``direction``, ``scopes`` and ``engine`` where the page
            differs from the drawing. The page plays the circuit as it was drawn; of a larger circuit that
            is collapsed by scope it plays the strongest paths. A light drawing gives a page that follows
            the system of its reader.
        :raises ValueError: for another ending, and for dpi that are not positive.
        :raises TypeError: for an option that this kind of file does not have.
        :raises RenderError: when the picture needs Graphviz and there is none, or it fails.
        """
        above_zero("dpi", dpi)
        path = Path(path)
        kind = path.suffix.lower()
        kinds = (*PICTURES, *self._writers)
        if kind not in kinds:
            raise ValueError(f"cannot save {path.name!r}: the extension must be one of {' '.join(kinds)}")
        if options and kind in PICTURES:
            raise TypeError(f"save to {kind} takes dpi and no other option, not {', '.join(options)}")
        write_whole(path, self._content(kind, dpi, options))
        return path

    def _content(self, kind: str, dpi: float, options: dict[str, Any]) -> bytes:
        if kind in (".png", ".pdf"):
            size = pixels(self.svg)  # this also checks that this Graphviz draws the labels
            fits = 96 * _LARGEST / max(size)
            if kind == ".png" and dpi > fits:
                warnings.warn(
                    f"the picture is drawn at {fits:.0f} dpi, not {dpi:g}: Graphviz draws no side "
                    f"longer than {_LARGEST:,} pixels. Draw less of the circuit, or save it as .svg",
                    stacklevel=3,
                )
            return painted(self.svg, kind[1:], self._engine, min(dpi, fits) if kind == ".png" else None)
        if kind in self._writers:
            return self._writers[kind](**options).encode("utf-8")
        if kind == ".tikz":
            # The page of the document is the paper, unless the picture is made for a dark one.
            light = contrast(self._look.colors["paper"], "#ffffff") < _PAGE
            return tikz_picture(without_paper(self.svg) if light else self.svg).encode()
        return (self.svg if kind == ".svg" else self.dot).encode("utf-8")

    def _rendered(self, form: str) -> bytes:
        try:
            return engines.render(self.dot, form, engine=self._engine)
        except engines.TimeLimitError as error:
            raise engines.TimeLimitError(
                f"{error} for the {len(self.view.nodes):,} nodes drawn: draw fewer, with "
                f'style="scope" (and scopes around the parts), max_nodes={len(self.view.nodes) // 2}, '
                'detail="named", max_depth, min_grad or focus'
            ) from None

    def __str__(self) -> str:
        return self.dot

    def __repr__(self) -> str:
        title = shortened(title_of(self.view), NAME)
        return f"<Drawing of {title}: {len(self.view.nodes):,} nodes, {self.style}>"

    def _repr_svg_(self) -> str | None:
        try:
            return self.svg
        except Exception:  # a display hook must not raise
            return None

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        """What a notebook shows: the picture and the tree, or the tree and why there is no picture.

        As part of the page the picture keeps its tooltips and is scaled; as an image it has neither.
        """
        kinds = {"text/html", "image/svg+xml", "text/plain"}
        wanted = (kinds if include is None else kinds & set(include)) - set(exclude or ())
        bundle: dict[str, str] = {}
        why = ""
        if wanted - {"text/plain"}:
            try:
                if "text/html" in wanted:
                    bundle["text/html"] = f"<div>{among_others(self.svg)}</div>"
                if "image/svg+xml" in wanted:
                    bundle["image/svg+xml"] = self.svg
            except Exception as error:  # a display hook must not raise
                why = f"\n({error})"
        if "text/plain" in wanted:
            bundle["text/plain"] = self._as_text() + why
        return bundle

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows: the picture as part of the page, with its tooltips, or the text."""
        bundle = self._repr_mimebundle_(include=("text/html", "text/plain"))
        if "text/html" in bundle:
            return "text/html", bundle["text/html"]
        return "text/html", preformatted(bundle["text/plain"])

    def _as_text(self) -> str:
        if self._in_text is None:
            return repr(self)
        try:
            lines = self._in_text(self.view).rstrip("\n").split("\n")
        except Exception:  # a display hook must not raise
            return repr(self)
        if len(lines) > _MOST_LINES:
            lines[_MOST_LINES:] = [f"… {len(lines) - _MOST_LINES:,} more lines"]
        return "\n".join(lines)


def title_of(view: View) -> str:
    """The title of a view, or else the formula of its root."""
    root = view.nodes[view.root]
    formula = f" = {root.expression}" if root.expression else ""
    return shortened(view.title or root.label + formula, 120)
