"""The picture of a player: the finished drawing, with the step from which each part is shown.

The parts have that step as ``data-from`` (and ``data-until``). So the number of a step determines what it
looks like, and a page whose script does not run shows the finished picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from xml.etree import ElementTree

from ..view.view import View
from .story import Story

Element = ElementTree.Element

_NUMBER = re.compile(r"-?[0-9.]+")
#: From the inner edge of a card to its numbers, and the widths of a digit and of the row's label.
_PADDING, _DIGIT, _LABEL = 6.0, 9.4, 38.0
#: From a card to its halo.
_HALO = 5.0


def stage(svg: str, name: str, view: View, story: Story, colors: dict[str, str]) -> str:
    """The SVG of a card drawing, made ready to be stepped through.

    :param name: what every id of the drawing starts with.
    :param colors: the palette that it is drawn in; each becomes a variable of the page's style,
        ``--value`` and so on, so that the page can change its theme.
    """
    root = ElementTree.fromstring(svg)
    groups: dict[str, Element] = {}
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        if element.tag == "g":
            groups[element.get("id", "").removeprefix(f"{name}-")] = element
        elif element.tag == "style":
            element.text = _variables(_without_size(element.text or ""), colors)
        elif element.tag == "desc":
            element.set("data-from", str(len(story.steps) - 1))
    root.set("xmlns", "http://www.w3.org/2000/svg")
    width, height = (float(root.get(side, "1")) for side in ("width", "height"))
    root.set("style", f"--w:{width:g}px;--ratio:{width / height:.4f}")
    for i, node in enumerate(view.nodes):
        _stage_node(groups[node.id], i, story)
    for wire in view.wires:
        _stage_wire(groups[wire.id], story.value[wire.target], story, wire.id)
    for group in root.iter("g"):
        if "stub" in group.get("class", "").split():
            group.set("data-from", "1")
    return ElementTree.tostring(root, encoding="unicode")


def _without_size(sheet: str) -> str:
    """A sheet without the rule for the size of a picture that stands alone."""
    return "\n".join(rule for rule in sheet.split("\n") if "max-width" not in rule)


def _variables(sheet: str, colors: dict[str, str]) -> str:
    roles = {color: role for role, color in colors.items()}

    def variable(match: re.Match[str]) -> str:
        role = roles.get(match[0])
        return match[0] if role is None else f"var(--{role},{match[0]})"

    return re.sub("#[0-9a-f]{6}(?=[;}])", variable, sheet)


def _has(element: Element, look: str) -> bool:
    return look in element.get("class", "").split()


def _from(elements: Iterable[Element], step: int) -> None:
    """Show the elements from a step on."""
    for element in elements:
        element.set("data-from", str(step))


def _stage_node(group: Element, i: int, story: Story) -> None:
    left, top, right, bottom = _card_box(group)
    texts = [e for e in group if e.tag == "text"]
    values = [e for e in texts if _has(e, "val")]
    grads = [e for e in texts if _has(e, "grad")]
    # Graphviz placed the texts for its own font; anchored like this they fit the reader's font, too.
    texts[0].set("text-anchor", "middle")
    texts[0].set("x", f"{(left + right) / 2:g}")
    for number in (*values, *grads):
        number.set("text-anchor", "end")
        number.text = (number.text or "").strip()
        number.set("x", f"{right - _PADDING:g}")
    _from([group, *values], story.value[i])
    changes = story.grad.get(i, [])
    _from((e for e in group if e.tag == "title"), changes[-1][0] if changes else story.value[i])
    if grads and changes:
        label = texts[texts.index(grads[0]) - 1]
        _from([label], story.seed)
        _from(grads[:1], changes[-1][0])
        _from(grads[1:], story.total.get(i, changes[-1][0]))
        place = list(group).index(grads[0]) + 1
        for (step, text), (until, _) in pairwise(changes):
            running = _running_text(grads[0], text, right - left - _LABEL)
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


def _running_text(final: Element, text: str, room: float) -> Element:
    """The text of a gradient before its last addition, fitted to the card of the final one."""
    running = Element("text", dict(final.attrib))
    running.set("class", "run")
    running.text, running.tail = text, "\n"
    if len(text) * _DIGIT > room:
        running.set("textLength", f"{room:g}")
        running.set("lengthAdjust", "spacingAndGlyphs")
    return running


def _stage_wire(group: Element, forward: int, story: Story, wire: str) -> None:
    texts = [e for e in group if e.tag == "text"]
    shown = story.product.get(wire, forward)
    _from([group], forward)
    _from(texts[:1], forward)
    _from(texts[1:], shown)
    _from((e for e in group if e.tag == "title"), shown)


def _card_box(group: Element) -> tuple[float, float, float, float]:
    """The outline of a card: the extent of its shapes."""
    numbers = [
        float(number)
        for e in group
        if e.tag in ("polygon", "path")
        for number in _NUMBER.findall(e.get("points") or e.get("d") or "")
    ]
    xs, ys = numbers[::2], numbers[1::2]
    return min(xs), min(ys), max(xs), max(ys)
