"""``draw`` and ``play``: the one place that knows pictures, tables and pages.

``draw_dot`` and ``trace`` are micrograd's names for a picture and for the parts of a circuit.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..core.order import circuit, require_values
from ..core.value import Value
from .picture import engines
from .picture.dot import Look
from .picture.drawing import STYLES, Drawing
from .picture.fit import Room, room_of, roomiest
from .picture.ink import ink_for
from .picture.network import shown_in_network
from .picture.palette import palette, without_background
from .player.page import PLAYED, Player, heading
from .text.table import table_of
from .text.tree import tree_of
from .view.blanks import left_blank, with_key
from .view.called import with_nodes
from .view.highlight import highlighted, path_of
from .view.networks import as_network, has_units
from .view.options import DIRECTIONS, ENDINGS, at_least, one_of, read_options
from .view.reduce import trimmed
from .view.sketch import Sketch
from .view.view import View, sketch_of, told_apart, view_of

#: What a picture of another kind cannot show: the options, and what to do instead.
_REFUSED: dict[str, dict[str, str]] = {
    "scope": {
        "blanks": 'it sums up many nodes in a box: use style="network", "card" or "circuit"',
        "plates": 'it has a box for each scope already: use style="network", "card" or "circuit"',
        "max_nodes": 'it has a box for each scope: use depth, or style="card"',
    },
    "network": {"max_nodes": 'it draws whole units: use plates=True, focus or max_depth, or style="card"'},
}

#: The options of a page that a drawing is saved as.
_PAGE_OPTIONS = ("quiz", "theme", "direction", "scopes", "engine")


def draw(
    root: Value,
    style: str = "auto",
    direction: str | None = None,
    *,
    rankdir: str | None = None,
    local: bool | None = None,
    theme: str | Mapping[str, str] = "light",
    scopes: bool = True,
    depth: int | None = None,
    engine: str = "auto",
    highlight: Any = None,
    fit: str | tuple[float, float] | Room | None = None,
    magnitude: bool = False,
    **options: Any,
) -> Drawing:
    """The circuit below ``root`` as a picture, with the chain rule on every wire.

    Each wire carries its local derivative and, once ``root`` has been swept, the product
    ``local × upstream = contribution``. Before a sweep the picture says nothing about gradients.

    :param style: ``"card"`` (a table per node), ``"circuit"`` (gates and wires, for slides),
        ``"network"`` (a box per neuron, in layers, with the gradient beside each weight), ``"scope"``
        (one box per scope), ``"auto"``: units for a network of up to 24 of them, else cards, or scopes
        above ``max_nodes`` or where ``depth`` is given.
    :param direction: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``, from where to where: left, right, top and
        bottom; left out, from left to right; ``rankdir`` is another spelling.
    :param local: whether wires carry the local derivative and the product; they do if it is left out,
        unless a place has no room for it.
    :param theme: ``"light"``, ``"dark"``, ``"mono"`` (print), or a mapping that overrides colors;
        ``{"paper": "none"}`` paints no paper.
    :param scopes: whether scopes are outlined around cards. Where no scope is shown, the parts of a
        network are called w₂₁⁽¹⁾.
    :param depth: how many levels of scopes ``"scope"`` keeps apart; one if it is left out.
    :param engine: ``"dot"``, ``"pygraphviz"`` or ``"auto"``, the first of the two that works.
    :param highlight: a path of Values, or of their names, to emphasize, or what ``find_nonfinite``
        returned.
    :param fit: the place that the picture is for: ``"16:9"`` or ``"4:3"``, the room below the title of
        a slide; ``"A4"``; or a width and a height in inches. Style, direction, detail, digits and local
        that are not given are then chosen, and a long picture is broken into rows, so that the smallest
        type is at least 14 points and the numbers 18. ``reached`` of the drawing has the sizes; a
        warning says where the circuit has no room.
    :param magnitude: whether wires are as wide as their contributions and boxes as deep in color as
        their gradients, on one logarithmic scale with a legend: a gradient that vanishes, a unit that
        is off and the strongest path are seen at once.
    :param options: which part of the circuit is shown and how it is written: ``names``, ``detail``,
        ``constants``, ``grads``, ``digits``, ``ascii``, ``title``, ``focus``, ``max_depth``,
        ``min_grad``, ``max_nodes``, ``plates``, ``blanks``, ``d``, ``fractions``, ``wrt``,
        ``tangents``.
        :class:`autograd_lite.show.Options` explains them.
    :raises TypeError: when ``root`` is not a Value, and for an unknown option.
    :raises ValueError: for a value that an option does not have.

    A caption under the picture reports every part that is left out.

    >>> x = Value(3.0, "x")
    >>> y = x * x; y.name = "y"
    >>> drawing = draw(y)
    >>> drawing
    <Drawing of y = x·x: 2 nodes, card>
    >>> drawing.dot.count("n0 -> n1")
    2
    """
    require_values("draw", root)
    direction = direction if rankdir is None else rankdir
    if fit is not None and not isinstance(fit, Room):
        looks = {"theme": theme, "engine": engine, "highlight": highlight, "scopes": scopes, **options}
        chosen = {"style": style, "direction": direction, "local": local, "depth": depth}
        looks |= {key: value for key, value in chosen.items() if value not in (None, "auto")}
        return _drawn_for(root, room_of(fit), {**looks, "magnitude": magnitude})
    by_scope = depth is not None
    direction, local, depth = direction or "LR", local is not False, 1 if depth is None else depth
    one_of("style", style, STYLES)
    one_of("direction", direction, DIRECTIONS)
    one_of("engine", engine, engines.ENGINES)
    at_least("depth", depth, 1)
    wanted = read_options(draw, options, root)
    _refuse(style, options)
    if by_scope and style not in ("auto", "scope"):
        raise ValueError(f'depth={depth} is for style="scope", not for style={style!r}')
    if style == "circuit" and direction != "LR":
        raise ValueError(
            f'style="circuit" is drawn from left to right only, not direction={direction!r}: '
            'use style="card"'
        )
    colors = palette(theme)
    path, message = path_of(with_nodes(root, "highlight", highlight, wanted.names))
    limit = wanted.max_nodes
    captured = replace(wanted, max_nodes=None) if style == "scope" else wanted
    by_unit = not path and not by_scope and "max_nodes" not in options
    network = style == "network" or (style == "auto" and by_unit and direction == "LR")
    found = as_network(root, wanted, asked=style == "network", shown=path) if network else None
    collapsible = style == "auto" and not path
    named_by_scope = scopes and style != "circuit"
    if found is not None:
        (sketch, units), style = found, "network"
    else:
        sketch, units = sketch_of(root, captured, scoped=named_by_scope, collapsible=collapsible), ()
    marks = highlighted(sketch, path)
    if style != "network" and not marks.whole and wanted.focus is None:
        # The circuit is too large to be drawn whole: draw the part with the path.
        start = next(v for v in path if not v.is_constant)
        around = replace(captured, focus=start)
        sketch = sketch_of(root, around, scoped=named_by_scope, collapsible=collapsible)
        marks = highlighted(sketch, path)
    if message is not None:
        sketch = replace(sketch, captions=(*sketch.captions, message))
    large = limit is not None and len(sketch.nodes) > limit
    if style == "auto":
        boxes = collapsible and (has_units(sketch) or by_scope) and not large
        by_node = any(options.get(name) for name in ("blanks", "plates"))
        style = "scope" if (large or boxes) and not by_node else "card"
        depth = 2 if boxes and not by_scope else depth
    if style in ("card", "circuit") and not path:
        sketch = sketch_of(root, wanted, scoped=named_by_scope, laid_out=True)
    if isinstance(fit, Room) and style != "scope" and (lost := _without_room(sketch, fit.left_out)):
        sketch = replace(sketch, captions=(*sketch.captions, f"no room for {' and '.join(lost)}"))
    whole = view_of(sketch, wanted)
    played, played_marks, played_sketch = whole, marks, sketch
    if style == "scope" and large:
        # A page has no boxes: it plays the strongest paths.
        near = trimmed(sketch, replace(wanted, max_depth=None, min_grad=None))
        played, played_marks, played_sketch = view_of(near, wanted), highlighted(near, path), near

    def page(**changes: Any) -> str:
        if foreign := sorted(set(changes).difference(_PAGE_OPTIONS)):
            raise TypeError(
                f"save to .html takes {', '.join(_PAGE_OPTIONS)}, not {', '.join(foreign)}: the page "
                "plays what was drawn, so give that to draw(), or to play()"
            )
        given: dict[str, Any] = {
            "theme": "auto" if theme == "light" else theme,
            "direction": direction,
            "scopes": scopes,
            "engine": engine,
            "marks": played_marks,
            "quiz": wanted.blanks is not None,
            "sketch": played_sketch,
            "told": told_apart(played, played_sketch, wanted),
        }
        if style in PLAYED:
            given |= {"style": style, "units": units}
        title = heading(root, played, _named_inputs(sketch))
        return Player(played, title, **{**given, **changes}).html

    view = whole if sketch.swept else whole.unswept()
    if magnitude and not sketch.swept:
        raise ValueError("magnitude=True needs gradients: call backward() first, or give grads='always'")
    ink = ink_for(view) if magnitude else None
    compact = style == "network" and fit is not None and fit.tight and not local
    look = Look(
        colors,
        direction,
        local,
        scopes,
        marks.nodes,
        marks.wires,
        ink,
        compact,
        bare=without_background(theme),
    )

    def drawn(view: View) -> Drawing:
        return Drawing(
            view,
            look,
            style,
            engine=engine,
            depth=depth,
            units=units,
            place=fit,
            writers={".html": page}
            | {f".{end}": partial(_table_file, view, each) for end, each in ENDINGS.items()},
            in_text=tree_of,
        )

    blank = wanted.blanks
    shown = (
        partial(left_blank, is_shown=shown_in_network(view, look, units)) if units and blank else left_blank
    )
    drawing = with_key(shown(view, sketch.nodes, blank), drawn)
    if style in ("scope", "network"):
        _ = drawing.dot  # raises at once when there is nothing to collapse
    return drawing


def _refuse(style: str, options: Mapping[str, Any]) -> None:
    for name, why in _REFUSED.get(style, {}).items():
        if options.get(name):
            raise ValueError(f'style="{style}" does not take {name}={options[name]!r:.60}: {why}')


#: The options that a place may choose, from the picture that tells most to the one that needs least room.
_CHOICES: tuple[dict[str, Any], ...] = (
    {},
    {"digits": 3},
    {"detail": "named", "digits": 3},
    {"digits": 3, "local": False},
    {"detail": "named", "digits": 3, "local": False},
    {"detail": "named", "digits": 2, "local": False},
)

#: The choices that leave something out, and what that is called in a caption.
_LEFT_OUT: dict[str, tuple[object, str]] = {
    "detail": ("named", "unnamed operations"),
    "local": (False, "local derivatives"),
}


def _without_room(sketch: Sketch, left_out: Iterable[str]) -> list[str]:
    folded = any(len(sketch.group(node).members) > 1 for node in sketch.opened)
    return [_LEFT_OUT[name][1] for name in left_out if name != "detail" or folded]


def _drawn_for(root: Value, place: Room, given: Mapping[str, Any]) -> Drawing:
    """The first picture of a circuit that is large enough in a place, or else the roomiest.

    Where there is no Graphviz, the picture as it is without a place.
    """

    def drawn(tight: bool = True, **changes: Any) -> Drawing:
        lost = tuple(name for name in _LEFT_OUT if changes.get(name) == _LEFT_OUT[name][0])
        return draw(root, fit=replace(place, tight=tight, left_out=lost), **{**given, **changes})

    try:
        drawing = roomiest(drawn, _choices(root, given))
    except engines.RenderError:
        return draw(root, **given)
    reached = drawing.reached
    assert reached is not None
    if not reached.enough:
        warnings.warn(reached.advice(len(drawing.view.nodes)), stacklevel=3)
    return drawing


def _choices(root: Value, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What may be chosen for a place where it is not given, one after the other."""
    gates = "style" not in given and "depth" not in given and given.get("direction", "LR") == "LR"
    styles = ("auto", "circuit") if gates else (given.get("style", "auto"),)
    seen = []
    for spacing in ({"tight": False}, *_CHOICES):
        for style in styles:
            for direction in ("LR", "TB") if style in ("auto", "card", "scope") else ("LR",):
                full = {"style": style, "direction": direction, **spacing}
                full = {key: value for key, value in full.items() if key not in given}
                if full not in seen:
                    seen.append(full)
                    yield full
    boxes = "style" not in given and not any(given.get(name) for name in _REFUSED["scope"])
    if boxes and any(node.scope for node in circuit(root)):
        for depth, local in ((2, True), (1, True), (1, False)):
            for direction in ("LR", "TB"):
                full = {
                    "style": "scope",
                    "depth": depth,
                    "direction": direction,
                    "digits": 3,
                    "local": local,
                }
                yield {key: value for key, value in full.items() if key not in given}


def play(
    root: Value,
    quiz: bool = False,
    style: str = "card",
    *,
    theme: str | Mapping[str, str] = "auto",
    direction: str = "LR",
    scopes: bool = True,
    engine: str = "auto",
    fit: str | tuple[float, float] | None = None,
    **options: Any,
) -> Player:
    """The circuit below ``root`` as a page that steps through it, forward and backward.

    Forward it computes one value at a step, with its local derivatives; backward it adds one
    operation's contributions, ``local × upstream``, in the order of the lecture's table (Gormley 2014,
    section 1.3). Nothing is written to the circuit, and the page needs no sweep before it.

    A reader can change the inputs: every number on the page is computed anew, by JavaScript that the page
    holds, and is what Python would print. A nudge shows Δf/h beside the derivative, a button makes a step
    of gradient descent. A page that cannot do so says why, as for a row of your own.

    What is touched lights up in the picture, the table, the formulas and the words. Arrow and page keys
    step, Home and End go to the ends, Space plays, ``f`` and ``b`` go to the two passes, ``t`` changes the
    theme, ``+`` ``-`` ``0`` the size of the picture, ``p`` is for lecture halls; ``page.html#step=11``
    opens at a step.

    :param quiz: stop before each addition of the sweep and ask for a product, a local derivative or a
        whole path; answers are typed and counted.
    :param style: ``"card"``, ``"circuit"`` (gates and wires) or ``"network"`` (a box per unit), as for
        ``draw``.
    :param theme: ``"auto"`` (as the reader's system), ``"light"``, ``"dark"``, ``"mono"``, or a
        mapping that overrides colors; the page has a switch.
    :param direction: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``.
    :param scopes: whether scopes are outlined around cards.
    :param engine: ``"dot"``, ``"pygraphviz"`` or ``"auto"``, the first of the two that works.
    :param fit: the place that each step is to fill as a picture, such as a page of a PDF, as for ``draw``.
    :param options: as for ``draw``; see :class:`autograd_lite.show.Options`. A player
        always shows gradients, whatever ``grads`` is.
    :raises TypeError: when ``root`` is not a Value, and for an unknown option.
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
    require_values("play", root)
    wanted = replace(read_options(play, options, root), grads="always")
    if wanted.blanks is not None:
        raise ValueError("play has no blanks: quiz=True asks before each addition of the sweep")
    if wanted.tangents is not None:
        raise ValueError("play steps through reverse mode and shows no tangents: use draw or table")
    if style == "scope":
        raise ValueError(
            'style="scope" sums up many nodes in a box, and a page steps through single ones: play '
            'style="network" or "card"'
        )
    _refuse(style, options)
    if options.get("grads") == "never":
        raise ValueError("grads='never': a page plays the sweep, so it always shows gradients")
    one_of("style", style, PLAYED)
    if style != "card" and direction != "LR":
        raise ValueError(f'style="{style}" is played from left to right only, not direction={direction!r}')
    found = as_network(root, wanted, asked=True) if style == "network" else None
    sketch, units = found or (sketch_of(root, wanted, scoped=scopes and style == "card", laid_out=True), ())
    view = view_of(sketch, wanted)
    told = told_apart(view, sketch, wanted)
    return Player(
        view,
        heading(root, told, wanted.names),
        quiz=quiz,
        style=style,
        units=units,
        theme=theme,
        direction=direction,
        scopes=scopes,
        engine=engine,
        sketch=sketch,
        told=told,
        place=None if fit is None else room_of(fit),
    )


def draw_dot(root: Value, format: str = "svg", rankdir: str = "LR") -> Any:
    """The picture of ``root`` as an object of the package ``graphviz``, as in micrograd's notebooks.

    :param format: what its ``render`` and ``pipe`` make, such as ``"svg"`` or ``"png"``.
    :param rankdir: ``"LR"`` or ``"TB"``.
    :raises RenderError: when the package is not installed.

    >>> x = Value(3.0, "x")
    >>> print(draw_dot(x * x, rankdir="TB").source.splitlines()[0])
    digraph circuit {
    """
    require_values("draw_dot", root)
    drawing = draw(root, rankdir=rankdir)
    try:
        from graphviz import Source  # type: ignore[import-untyped]  # it has no types
    except ImportError as error:
        raise engines.RenderError(
            'draw_dot needs the package graphviz: pip install graphviz. draw(root).save("circuit.svg") '
            "does without it"
        ) from error
    return Source(drawing.dot, format=format)


def trace(root: Value) -> tuple[set[Value], set[tuple[Value, Value]]]:
    """The nodes of a circuit, and its edges as pairs (operand, result), as micrograd's ``trace``.

    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> nodes, edges = trace(y)
    >>> nodes == {x, y}, edges == {(x, y)}
    (True, True)
    """
    require_values("trace", root)
    nodes = set(circuit(root))
    return nodes, {(operand, node) for node in nodes for operand in node.parents}


def _table_file(view: View, kind: str, style: str = "", **options: Any) -> str:
    return table_of(view, style or kind, **options) + "\n"


def _named_inputs(sketch: Sketch) -> dict[str, Value]:
    """What the inputs are called in a drawing."""
    return {name.text: v for v, name in sketch.names.items() if v.op is None}
