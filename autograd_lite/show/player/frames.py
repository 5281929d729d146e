"""The steps of a player as pictures: one SVG for each step, all of one size.

A frame is a pure function of its step. It is the finished picture without what is shown later, with
the words of the step below it.
"""

from __future__ import annotations

import copy
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from ..picture.fit import Room
from ..picture.shapes import flatten_runs, has_class, read_svg, set_text, write_svg
from .story import Span, Spans, Step

#: The sizes of the words below a picture, and the distance of their lines, in points.
_TITLE_SIZE, _WORD_SIZE, _LEADING = 17.0, 14.0, 1.45

#: The margin around the words and between their boxes, and the width of the bar beside a box.
_ROUND, _BAR = 12.0, 4.0

#: The width of a column of boxes of words, and the distance of the boxes.
_COLUMN, _BETWEEN = 600.0, 4.0

#: How much of what is not yet computed is seen.
_PALE = 0.33

#: The longest line of words, in characters, and the room for all words beside a narrow picture.
_LONGEST_LINE, _LEAST_WIDTH = 88, 560.0

#: How wide a character is at most on average, in sizes of its type.
_CHARACTER = 0.6

#: How much smaller the words of a step may be than the smallest type of a place, where there are many, and
#: the narrowest column, in characters.
_SMALLER, _NARROWEST = (1.0, 0.85, 0.7), 24

_HALO_COLOR = "#e08a00"

#: The colors of the words' classes and of the phases.
_LOOKS = {"val": "value", "grad": "grad", "local": "local", "muted": "muted"}
_PHASES = {"forward": "value", "backward": "grad", "ask": "local"}


class _Line(NamedTuple):
    """A line of words, the size of its type, and the color of the bar beside it."""

    spans: Spans
    size: float = _WORD_SIZE
    bar: str = ""

    @property
    def height(self) -> float:
        """From one line to the next."""
        return _LEADING * self.size


class _Words(NamedTuple):
    """Where the words of a step stand in its frame, and how much larger they are than by default."""

    left: float
    top: float
    width: float
    columns: int = 1
    scale: float = 1.0


class Frames:
    """The pictures of the steps.

    :param svg: the picture of a stage, its parts with the steps from which they are shown.
    :param name: what every id of it starts with.
    :param steps: the steps, their texts filled in.
    :param homes: the ids of the parts that show some nodes or wires.
    :param grads: the texts of a node's gradient, each with the step from which it is shown.
    :param colors: the palette that the picture is drawn in.
    :param idle: the ids of wires along which nothing flows.
    :param place: what each frame is to fill; left out, a frame is as large as the picture and its words.
    """

    def __init__(
        self,
        svg: str,
        name: str,
        steps: Sequence[Step],
        homes: Callable[[Sequence[str]], list[str]],
        grads: Mapping[int, Sequence[tuple[int, str]]],
        colors: Mapping[str, str],
        idle: Sequence[str] = (),
        place: Room | None = None,
    ) -> None:
        self._svg, self._name, self._steps = svg, name, steps
        self._homes, self._grads, self._colors = homes, grads, colors
        self._idle = {f"{name}-{home}" for home in homes(idle)}
        width, height = (float(x) for x in read_svg(svg).get("viewBox", "0 0 1 1").split()[2:])
        self.picture = width, height
        if place is None:
            self.width = max(width, _LEAST_WIDTH)
            columns = max(1, int((self.width - _ROUND) // _COLUMN))
            self._words = [_Words(_ROUND, height, self.width - _ROUND, columns)] * len(steps)
            bottoms = [self._bottom(step, self._words[0]) for step in steps]
            self.height = max(bottoms, default=height) + _ROUND
            self.points = self.width, self.height
        else:
            scale, self._words = self._in_place(place)
            self.points = place.width, place.height
            self.width, self.height = place.width / scale, place.height / scale

    def _in_place(self, place: Room) -> tuple[float, list[_Words]]:
        """The scale of a picture that leaves room for the words of each step, and where those stand."""
        width, height = self.picture
        most = min(place.width / width, place.height / height)

        def layout(scale: float) -> list[_Words] | None:
            found = [self._fitting(step, place, scale) for step in self._steps]
            return [words for words in found if words] if all(found) else None

        low, high = 0.0, most
        while high - low > 0.01 * most:
            scale = (low + high) / 2
            low, high = (scale, high) if layout(scale) else (low, scale)
        scale = low or high
        least = self._words_in(place, scale, _SMALLER[-1])[0]
        return scale, layout(scale) or [least] * len(self._steps)

    def _fitting(self, step: Step, place: Room, scale: float) -> _Words | None:
        """Where the words of a step have room in a place, as large as can be."""
        for share in _SMALLER:
            for words in self._words_in(place, scale, share):
                if self._bottom(step, words) * scale <= place.height:
                    return words
        return None

    def _words_in(self, place: Room, scale: float, share: float) -> list[_Words]:
        """Where words may stand, below the picture in columns or beside it."""
        width, height = self.picture
        size = share * place.least / _WORD_SIZE / scale
        room, beside = (place.width / scale - x - _ROUND * size for x in (0.0, width))
        least = _NARROWEST * _CHARACTER * _WORD_SIZE * size
        below = [_Words(_ROUND * size, height, room, n, size) for n in (1, 2, 3, 4) if room >= n * least]
        return [*below, _Words(width, 0.0, beside, 1, size)] if beside >= least else below

    def __len__(self) -> int:
        return len(self._steps)

    def svg(self, k: int) -> str:
        """The picture of step ``k``."""
        root = read_svg(self._svg)
        step = self._steps[k]
        for element in list(root):
            if element.tag in ("style", "desc"):
                root.remove(element)
        root.attrib.pop("style", None)
        root.attrib.pop("aria-labelledby", None)
        for title in root.findall("title"):
            title.text = f"step {k} of {len(self) - 1}: {step.title}"
        self._show(root, k, step)
        words = SubElement(root, "g", {"class": "words"})
        for line, x, y in self._placed(step, self._words[k]):
            words.extend(self._written(line, x, y - 0.3 * line.size))
        for text in root.iter("text"):
            flatten_runs(text)
        root.set("viewBox", f"0 0 {self.width:.2f} {self.height:.2f}")
        for side, points in zip(("width", "height"), self.points, strict=True):
            root.set(side, f"{points * 4 / 3:.2f}")
        paper = Element("polygon", {"fill": self._colors["paper"], "stroke": "none"})
        corners = ((0, 0), (self.width, 0), (self.width, self.height), (0, self.height))
        paper.set("points", " ".join(f"{x:.2f},{y:.2f}" for x, y in corners))
        root.insert(1, paper)
        return write_svg(root)

    # The picture

    def _show(self, root: Element, k: int, step: Step) -> None:
        """Take away what step ``k`` does not show, and mark what it is about."""
        now = {f"{self._name}-{home}" for home in self._homes(step.nodes)}
        flow = {f"{self._name}-{home}" for home in self._homes(step.wires)}
        for parent in list(root.iter()):
            for e in list(parent):
                if e.tag == "rect" and has_class(e, "halo"):
                    self._mark(parent, e, parent.get("id") in now)
                elif e.tag in ("text", "tspan", "title") and not self._told(e, k):
                    parent.remove(e)
        for group in root.iter("g"):
            if _later(group, k):
                self._fade(group)
            elif group.get("id") in flow:
                self._flow(group, _PHASES.get(step.phase, "grad"))
            if group.get("id") in self._idle:
                for path in group.iter("path"):
                    path.set("stroke-dasharray", "5,4")
        for e in root.iter():
            for key in [key for key in e.attrib if key.startswith("data-")]:
                del e.attrib[key]

    def _told(self, e: Element, k: int) -> bool:
        """Whether a text is shown in step ``k``; the text of a running gradient is set."""
        shown = not _later(e, k)
        for leaf in (e, *e):
            at = leaf.get("data-grad")
            if at is not None and shown:
                past = [text for step, text in self._grads.get(int(at), ()) if step <= k]
                set_text(leaf, past[-1] if past else "")
                shown = shown and bool(past)
        return shown

    def _mark(self, group: Element, halo: Element, on: bool) -> None:
        if not on:
            group.remove(halo)
            return
        x, y, w, h = (float(halo.get(key, "0")) for key in ("x", "y", "width", "height"))
        halo.tag = "polygon"
        halo.attrib.clear()
        halo.set("points", f"{x},{y} {x + w},{y} {x + w},{y + h} {x},{y + h} {x},{y}")
        halo.attrib |= {"class": "halo", "fill": "none", "stroke": _HALO_COLOR, "stroke-width": "4"}

    def _fade(self, group: Element) -> None:
        for e in group.iter():
            for kind in ("fill", "stroke"):
                if e.get(kind, "none") != "none":
                    e.set(kind, mixed(e.get(kind, ""), self._colors["paper"], _PALE))

    def _flow(self, group: Element, role: str) -> None:
        for e in group if has_class(group, "edge") or has_class(group, "wire") else ():
            if e.tag in ("path", "polygon") and e.get("stroke") != self._colors["paper"]:
                e.set("stroke", self._colors[role])
                if e.tag == "path":
                    e.set("stroke-width", "3.2")
                else:
                    e.set("fill", self._colors[role])

    # The words

    def _bottom(self, step: Step, words: _Words) -> float:
        """How far down the words of a step reach there, with the margin below them."""
        return max((y for *_, y in self._placed(step, words)), default=words.top) + _ROUND * words.scale

    def _placed(self, step: Step, words: _Words) -> Iterator[tuple[_Line, float, float]]:
        """The lines of a step, each with its left end and its bottom.

        Groups stand side by side where there is room for it.
        """
        size, title = _WORD_SIZE * words.scale, _TITLE_SIZE * words.scale
        y = words.top + _ROUND * words.scale
        for spans, type_size in (((Span(step.title, "b"),), title), (step.intro, size)):
            for part in wrapped_spans(spans, _characters(words.width, type_size)) if spans else ():
                line = _Line(part, type_size)
                y += line.height
                yield line, words.left, y
        bar = self._colors[_PHASES.get(step.phase, "muted")]
        columns, wide = [y] * words.columns, words.width / words.columns
        longest = _characters(wide - (_BAR + 8) * words.scale, size)
        for group in step.groups:
            k = columns.index(min(columns))
            for spans in group:
                for part in wrapped_spans(spans, longest):
                    line = _Line(part, size, bar)
                    columns[k] += line.height
                    yield line, words.left + k * wide, columns[k]
            columns[k] += _BETWEEN * words.scale

    def _written(self, line: _Line, left: float, y: float) -> Iterator[Element]:
        spans, size, bar = line
        thick = _BAR * size / _WORD_SIZE
        x = left + (3 * thick if bar else 0.0)
        if bar:
            top, bottom = y - 1.02 * size, y + 0.43 * size
            corners = ((left, top), (left + thick, top), (left + thick, bottom), (left, bottom))
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in corners)
            yield Element("polygon", {"points": points, "fill": bar, "stroke": "none"})
        text = Element("text", {"x": f"{x:g}", "y": f"{y:.2f}", "text-anchor": "start"})
        for span in spans:
            looks = span.look.split()
            role = next((_LOOKS[look] for look in looks if look in _LOOKS), "ink")
            run = SubElement(text, "tspan", {"font-size": f"{size:g}", "fill": self._colors[role]})
            if "b" in looks:
                run.set("font-weight", "bold")
            set_text(run, span.text.replace(" ", "\u00a0"))
        yield text


def _later(e: Element, k: int) -> bool:
    return k < int(e.get("data-from", "0"))


def _characters(width: float, size: float) -> int:
    """How many characters of a size a line of some width has."""
    return max(8, min(_LONGEST_LINE, int(width / (_CHARACTER * size))))


def wrapped_spans(spans: Spans, longest: int = _LONGEST_LINE) -> Iterator[Spans]:
    """A line of words in lines that are not too long."""
    whole = "".join(span.text for span in spans)
    lines = textwrap.wrap(whole, longest) or [""]
    if len(lines) == 1:
        yield spans
        return
    letters = [(char, span.look) for span in spans for char in span.text]
    at = 0
    for line in lines:
        start = whole.index(line, at)
        at = start + len(line)
        found: list[Span] = []
        for char, look in letters[start:at]:
            if found and found[-1].look == look:
                found[-1] = Span(found[-1].text + char, look)
            else:
                found.append(Span(char, look))
        yield tuple(found)


def mixed(color: str, paper: str, share: float) -> str:
    """A color of which so much is seen on a paper.

    >>> mixed("#000000", "#ffffff", 0.2)
    '#cccccc'
    """
    if len(color) != 7 or len(paper) != 7:
        return color
    pairs = zip(bytes.fromhex(color[1:]), bytes.fromhex(paper[1:]), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def recolored(svg: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """A picture in another palette."""
    others = {color: new[role] for role, color in old.items()}
    return re.sub('#[0-9a-f]{6}(?=")', lambda match: others.get(match[0], match[0]), svg)


def sheet_of(frames: Sequence[str], columns: int) -> str:
    """Several frames on one sheet, row by row, each in an outline."""
    roots = [read_svg(frame) for frame in frames]
    width, height = (float(x) for x in roots[0].get("viewBox", "0 0 1 1").split()[2:])
    gap = 0.03 * width
    rows = -(-len(roots) // columns)
    sheet = Element("svg", {"font-family": roots[0].get("font-family", "Helvetica,Arial,sans-serif")})
    total = columns * (width + gap) + gap, rows * (height + gap) + gap
    for k, root in enumerate(roots):
        x, y = gap + k % columns * (width + gap), gap + k // columns * (height + gap)
        place = SubElement(sheet, "g", {"transform": f"translate({x:.2f} {y:.2f})"})
        for element in root:
            copied = copy.deepcopy(element)
            copied.attrib.pop("id", None)
            place.append(copied)
        corners = f"0,0 {width:.2f},0 {width:.2f},{height:.2f} 0,{height:.2f} 0,0"
        SubElement(place, "polygon", {"points": corners, "fill": "none", "stroke": "#8c8c8c"})
    sheet.set("viewBox", f"0 0 {total[0]:.2f} {total[1]:.2f}")
    return write_svg(sheet)
