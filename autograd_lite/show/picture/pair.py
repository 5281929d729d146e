"""``side_by_side``: two circuits in one picture, with their differences marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.order import require_values
from ...core.value import Value
from ..view.differences import joined
from ..view.options import DIRECTIONS, one_of, read_options
from ..view.view import snapshot
from .dot import Look
from .drawing import Drawing
from .palette import palette, without_background


def side_by_side(
    before: Value | Drawing,
    after: Value | Drawing,
    titles: tuple[str, str] = ("before", "after"),
    *,
    direction: str = "LR",
    theme: str | Mapping[str, str] = "light",
    engine: str = "auto",
    **options: Any,
) -> Drawing:
    """Two circuits as one picture, in cards; what is different in the second is marked with ≠.

    Such as a network before and after a step of descent, or a function with a right and a wrong rule.
    Beside a value, a gradient or a local derivative that is printed otherwise in the first circuit stands
    the number that is printed there. A node that only one of the circuits has is emphasized.

    :param before: a Value, or the drawing that ``draw`` made of it earlier: a step changes the data of
        the parameters, and a drawing keeps what was there.
    :param after: the other circuit, as ``before``.
    :param titles: what the two circuits are called in the picture.
    :param direction: ``"LR"`` (one above the other) or ``"TB"`` (beside one another).
    :param theme: as for ``draw``.
    :param engine: as for ``draw``.
    :param options: as for ``draw``, for what is not a drawing yet; without ``blanks``.
    :raises TypeError: when a circuit is neither a Value nor a drawing, or an option is unknown.
    :raises ValueError: for a value that an option does not have.

    >>> from autograd_lite.show import draw
    >>> w = Value(3.0, "w")
    >>> first = draw(w * w)
    >>> w.data = 2.5
    >>> side_by_side(first, w * w)
    <Drawing of v₁ = w·w: 4 nodes, card>
    """
    one_of("direction", direction, DIRECTIONS)
    roots = [each if isinstance(each, Value) else None for each in (before, after)]
    wanted = [read_options(side_by_side, options, root) for root in roots]
    if options.get("blanks") is not None:
        raise ValueError("side_by_side has no blanks: give blanks to draw")
    if len(titles) != 2 or titles[0] == titles[1]:
        raise ValueError(f"titles must be two different names, not {titles!r}")
    views = []
    for each, own in zip((before, after), wanted, strict=True):
        if not isinstance(each, Drawing):
            require_values("side_by_side", each)
        views.append(each.view if isinstance(each, Drawing) else snapshot(each, own, scoped=False))
    view = joined(views[0], views[1], titles)
    look = Look(palette(theme), direction, nodes=view.apart, bare=without_background(theme))
    return Drawing(view, look, "card", engine=engine)
