"""``draw``: a circuit as a picture, and everything that the picture can be saved as."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..value import Value
from . import engines
from .circuit import circuit
from .dot import Look, Writer, card
from .highlight import Marks, marks, path_of
from .labels import cut, escape
from .palette import palette
from .scope_dot import in_words, scoped
from .svg import polish, prefix, texts
from .table import table_of
from .tree import tree_of
from .view import View, snapshot

STYLES = ("auto", "card", "circuit", "scope")
DIRECTIONS = ("LR", "TB")

_TABLES = {".md": "markdown", ".tex": "latex", ".txt": "text"}
EXTENSIONS = (".dot", ".gv", ".svg", ".png", ".pdf", ".html", *_TABLES)


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
        root: Value | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.view = view
        self.style = style
        self._look, self._engine, self._depth = look, engine, depth
        self._root, self._options = root, dict(options or {})

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
        :param options: for ``.html`` those of ``play``, for the tables those of ``table``.
        :raises ValueError: for another extension.
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
        _write(path, self._content(kind, dpi, options))
        return path

    def _content(self, kind: str, dpi: float, options: dict[str, Any]) -> bytes:
        if kind in (".png", ".pdf"):
            _ = self.svg  # which holds that this Graphviz draws the labels
            return self._rendered(kind[1:], dpi if kind == ".png" else None)
        if kind in _TABLES:
            text = table_of(self.view, _TABLES[kind], **options) + "\n"
        elif kind == ".html":
            from .player import play

            assert self._root is not None, "draw() always gives one"
            text = play(self._root, **{**self._options, **options}).html
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
    _one_of("style", style, STYLES)
    _one_of("direction", direction, DIRECTIONS)
    _one_of("engine", engine, engines.ENGINES)
    if style == "circuit" and direction != "LR":
        raise ValueError(
            f'style="circuit" is drawn from left to right only, not direction={direction!r}: '
            'use style="card"'
        )
    options: dict[str, Any] = {
        "names": names,
        "detail": detail,
        "constants": constants,
        "grads": grads,
        "digits": digits,
        "ascii": ascii,
        "title": title,
        "focus": focus,
        "max_depth": max_depth,
        "min_grad": min_grad,
    }
    path, said = path_of(highlight)
    options["max_nodes"] = None if style == "scope" else max_nodes
    view = snapshot(root, **options, collapsible=style == "auto" and not path)
    marked = marks(root, path, options) if path else Marks()
    if not marked.whole and focus is None:
        # Of a circuit too large to draw whole, what leads along the path is what matters.
        options["focus"] = next(v for v in path if not v.is_constant)
        view, marked = snapshot(root, **options), marks(root, path, options)
    if style == "auto":
        large = max_nodes is not None and len(view.nodes) > max_nodes
        style = "scope" if large else "card"
    if said is not None:
        view = replace(view, captions=(*view.captions, said))
    look = Look(palette(theme), direction, local, scopes, marked.nodes, marked.wires)
    drawing = Drawing(
        view,
        look,
        style,
        engine=engine,
        depth=depth,
        root=root,
        options=options if theme == "light" else {**options, "theme": theme},
    )
    if style == "scope":
        _ = drawing.dot  # says at once when there is nothing to collapse
    return drawing


def _one_of(option: str, given: object, allowed: Sequence[str]) -> None:
    if given not in allowed:
        raise ValueError(f"{option}={given!r} is none of {', '.join(allowed)}")


def titled(view: View) -> str:
    """What a picture is called: its title, or the formula of its root."""
    root = view.nodes[view.root]
    formula = f" = {root.expression}" if root.expression else ""
    return cut(view.title or root.label + formula, 120)


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with scratch.open("xb") as file:
            file.write(content)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
