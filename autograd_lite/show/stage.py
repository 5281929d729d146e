"""The picture of a player: the finished drawing, with the step from which each part is shown.

The parts carry it as ``data-from`` (and ``data-until``), so that what a step looks like follows from its
number alone, and a page whose script does not run shows the finished picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from xml.etree import ElementTree

from .story import Story
from .view import View

Element = ElementTree.Element

_NUMBER = re.compile(r"-?[0-9.]+")
#: From the inner edge of a card to its numbers, and the widths of a digit and of the row's label.
_PADDING, _DIGIT, _LABEL = 6.0, 9.4, 38.0
#: From a card to its halo.
_HALO = 5.0


def stage(svg: str, name: str, view: View, story: Story, colours: dict[str, str]) -> str:
    """The SVG of a card drawing, made ready to be stepped through.

    :param name: what every id of the drawing starts with.
    :param colours: the palette that it is drawn in; each becomes a variable of the page's style,
        ``--value`` and so on, so that the page can change its theme.
    """
    root = ElementTree.fromstring(svg)
    groups: dict[str, Element] = {}
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        if element.tag == "g":
            groups[element.get("id", "").removeprefix(f"{name}-")] = element
        elif element.tag == "style":
            element.text = _variables(element.text or "", colours)
        elif element.tag == "desc":
            element.set("data-from", str(len(story.steps) - 1))
    root.attrib.pop("style", None)
    root.set("xmlns", "http://www.w3.org/2000/svg")
    width, height = (float(root.get(side, "1")) for side in ("width", "height"))
    root.set("style", f"--w:{width:g}px;--ratio:{width / height:.4f}")
    for i, node in enumerate(view.nodes):
        _node(groups[node.id], i, story)
    for wire in view.wires:
        _wire(groups[wire.id], story.value[wire.target], story, wire.id)
    for group in root.iter("g"):
        if "stub" in group.get("class", "").split():
            group.set("data-from", "1")
    return ElementTree.tostring(root, encoding="unicode")


def _variables(sheet: str, colours: dict[str, str]) -> str:
    roles = {colour: role for role, colour in colours.items()}

    def variable(match: re.Match[str]) -> str:
        role = roles.get(match[0])
        return match[0] if role is None else f"var(--{role},{match[0]})"

    return re.sub("#[0-9a-f]{6}(?=[;}])", variable, sheet)


def _has(element: Element, look: str) -> bool:
    return look in element.get("class", "").split()


def _from(elements: Iterable[Element], step: int | None) -> None:
    """Show the elements from a step on; with None, never while the script runs."""
    for element in elements:
        element.set("data-from", "never" if step is None else str(step))


def _node(group: Element, i: int, story: Story) -> None:
    left, top, right, bottom = _box(group)
    texts = [e for e in group if e.tag == "text"]
    values = [e for e in texts if _has(e, "val")]
    grads = [e for e in texts if _has(e, "grad")]
    for number in (*values, *grads):
        # Right-aligned, whatever the width of the reader's font.
        number.set("text-anchor", "end")
        number.set("x", f"{right - _PADDING:g}")
    _from([group, *values], story.value[i])
    changes = story.grad.get(i, [])
    _from((e for e in group if e.tag == "title"), changes[-1][0] if changes else story.value[i])
    if grads and changes:
        label = texts[texts.index(grads[0]) - 1]
        _from([label], story.seed)
        _from(grads[:1], changes[-1][0])
        _from(grads[1:], story.total.get(i))
        place = list(group).index(grads[0]) + 1
        for (step, text), (until, _) in pairwise(changes):
            running = _running(grads[0], text, right - left - _LABEL)
            running.set("data-from", str(step))
            running.set("data-until", str(until))
            group.insert(place, running)
            place += 1
    group.append(
        Element(
            "rect",
            {
                "class": "halo",
                "x": f"{left - _HALO:g}",
                "y": f"{top - _HALO:g}",
                "width": f"{right - left + 2 * _HALO:g}",
                "height": f"{bottom - top + 2 * _HALO:g}",
                "rx": "6",
            },
        )
    )


def _running(final: Element, text: str, room: float) -> Element:
    """What a gradient reads before its last addition; made to fit the card of the final one."""
    running = Element("text", dict(final.attrib))
    running.set("class", "run")
    running.text, running.tail = text, "\n"
    if len(text) * _DIGIT > room:
        running.set("textLength", f"{room:g}")
        running.set("lengthAdjust", "spacingAndGlyphs")
    return running


def _wire(group: Element, forward: int, story: Story, wire: str) -> None:
    texts = [e for e in group if e.tag == "text"]
    product = story.product.get(wire)
    _from([group], forward)
    _from(texts[:2], forward)
    _from(texts[2:], product)
    _from((e for e in group if e.tag == "title"), product if texts[2:] else forward)


def _box(group: Element) -> tuple[float, float, float, float]:
    """The outline of a card: the extent of its shapes."""
    numbers = [
        float(number)
        for e in group
        if e.tag in ("polygon", "path")
        for number in _NUMBER.findall(e.get("points") or e.get("d") or "")
    ]
    xs, ys = numbers[::2], numbers[1::2]
    return min(xs), min(ys), max(xs), max(ys)
