"""The picture of a player: the finished drawing, with the step from which each part is shown.

The parts have that step as ``data-from``, and texts with numbers that depend on the inputs have what
they are made of as ``data-text``. A page whose script does not run shows the finished picture.
"""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from ..picture.shapes import has_class, set_text
from ..picture.svg import CONTINUED
from ..view.view import View
from .slots import SLOT, Numbers
from .story import Story

Element = ElementTree.Element

_NUMBER = re.compile(r"-?[0-9.]+")
_PART = re.compile(r'\[id="(\w+)"')
_RUN = re.compile(r"<FONT[^>]*>(?:<[IB]>)*([^<]*)<")
_CELL_TIP = re.compile(r'<TD[^>]* ID="(\w+)"[^>]* TITLE="([^"]*)"')
_TOOLTIP = re.compile(r' tooltip="([^"]*)"')
#: From the inner edge of a card to its numbers.
_PADDING = 6.0
#: From a box to its halo.
_HALO = 5.0


class Stage:
    """The SVG of a drawing, made ready to be stepped through and to be computed anew.

    :param slotted: the drawing in Graphviz's language, with slots in place of numbers.
    :param name: what every id of the drawing starts with.
    :param colors: the palette that it is drawn in; each becomes a variable of the page's style,
        ``--value`` and so on, so that the page can change its theme.
    :ivar whole: whether every number in the picture has its slot.
    :ivar homes: for the id of each node and wire the ids of the parts of the picture that show it.
    """

    def __init__(
        self,
        svg: str,
        slotted: str,
        name: str,
        view: View,
        story: Story,
        numbers: Numbers,
        colors: Mapping[str, str],
    ) -> None:
        self.view, self.story, self.numbers = view, story, numbers
        self.homes: dict[str, list[str]] = {}
        self.whole = True
        self._root = ElementTree.fromstring(svg)
        self._runs, self._tips = _templates(slotted)
        self._groups: dict[str, Element] = {}
        for element in self._root.iter():
            element.tag = element.tag.rpartition("}")[2]
            if element.tag == "g":
                self._groups[element.get("id", "").removeprefix(f"{name}-")] = element
            elif element.tag == "style":
                element.text = _variables(_without_size(element.text or ""), colors)
        self._root.set("xmlns", "http://www.w3.org/2000/svg")
        width, height = (float(self._root.get(side, "1")) for side in ("width", "height"))
        self._root.set("style", f"--w:{width:g}px;--ratio:{width / height:.4f}")
        self._stage_texts()
        self._stage_parts()

    def svg(self, description: str) -> str:
        """The SVG; ``description`` is its text alternative, with slots."""
        for element in self._root.iter("desc"):
            element.set("data-from", str(len(self.story.steps) - 1))
            self._bind(element, description)
        return ElementTree.tostring(self._root, encoding="unicode")

    def homes_of(self, ids: Iterable[str]) -> list[str]:
        """The ids of the parts that show some nodes or wires."""
        return list(dict.fromkeys(home for each in ids for home in self.homes.get(each, ())))

    def _bind(self, element: Element, template: str) -> None:
        """Let a text be one with slots."""
        element.set("data-text", template)
        element.text = self.numbers.fill(template)

    def _set_run(self, leaf: Element, template: str) -> None:
        """Let a run of the picture be one with slots."""
        if SLOT.search(template):
            leaf.set("data-text", template)
        if self.view.ascii:
            leaf.text = self.numbers.fill(template)
        else:
            set_text(leaf, self.numbers.fill(template))

    def _stage_texts(self) -> None:
        """The texts and the tooltips of all parts: what they are made of, and when they are shown."""
        runs: deque[str] = deque()
        for key, group in self._groups.items():
            if key in self._runs:
                self.whole = self.whole and not runs
                runs = deque(self._runs[key])
            lines = [line for line in group if line.tag == "text"] if runs else []
            leaves = [(line, leaf) for line in lines for leaf in _runs_in(line)]
            # Inside a part there may be others, with the next of its runs.
            self._stage_lines(key, [(*each, runs.popleft()) for each in leaves if runs])
            tip = self._tips.get(key, "")
            for title in (e for e in group if e.tag == "title"):
                if slots := SLOT.findall(tip):
                    self._bind(title, tip)
                    latest = max(self._shown(kind, int(i), final=True) for kind, i in slots)
                    title.set("data-from", str(latest))
        self.whole = self.whole and not runs

    def _stage_lines(self, key: str, lines: list[tuple[Element, Element, str]]) -> None:
        """The runs of the lines of a part, each with what it is made of."""
        steps: dict[Element, int] = {}
        before = None
        for line, leaf, run in lines:
            template = run.strip("\u00a0 ") if line is leaf else run
            slots = SLOT.findall(template)
            self._set_run(leaf, template)
            if slots:
                steps[line] = max(steps.get(line, 0), *(self._shown(kind, int(i)) for kind, i in slots))
            for kind, i in slots:
                of = f"{'n' if kind in 'vgp' else 'e'}{i}"
                self.homes.setdefault(of, []).append(key)
                if kind == "g" and len(slots) == 1:
                    leaf.set("data-grad", i)
                    if before is not None and before not in steps:  # the label of the row
                        steps[before] = self.story.seed
            before = line
        for line, step in steps.items():
            line.set("data-from", str(step))
            if key.startswith("a_u"):
                self._anchor(line, self._groups[key])

    def _anchor(self, line: Element, unit: Element) -> None:
        """Let a line of a unit stand in its cell however long it becomes.

        Gradients of weights stand on the right, others in the middle; the page finds the right end of the
        weights themselves.
        """
        found = SLOT.findall(line.get("data-text", ""))
        kinds = {kind for kind, i in found if kind == "c" or self._of_weight(kind, int(i))}
        x, y = float(line.get("x", "0")), float(line.get("y", "0"))
        boxes = [_box([shape]) for shape in unit if shape.tag == "polygon"]
        cells = [box for box in boxes if box[0] < x < box[2] and box[1] < y < box[3]]
        if "v" in kinds or not cells:
            line.set("data-anchor", "end" if kinds else "middle")
            return
        left, _, right, _ = min(cells, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
        line.set("text-anchor", "end" if kinds else "middle")
        line.set("x", f"{right - _PADDING if kinds else (left + right) / 2:g}")

    def _of_weight(self, kind: str, i: int) -> bool:
        return kind in "vg" and self.view.nodes[i].kind == "param"

    def _shown(self, kind: str, i: int, final: bool = False) -> int:
        """The step from which what a slot holds is shown; of a gradient the final one on request."""
        story = self.story
        if kind in "vg":
            if kind == "g" and final:
                return story.grad[i][-1][0] if i in story.grad else 0
            return story.value[i] if kind == "v" else story.seed
        if kind == "p":
            return story.total.get(i, story.seed)
        wire = self.view.wires[i]
        return story.value[wire.target] if kind == "l" else story.product.get(wire.id, story.seed)

    def _stage_parts(self) -> None:
        """Nodes and wires as a whole: when they are more than an outline, and the halo around nodes."""
        shown = {node.id: self.story.value[i] for i, node in enumerate(self.view.nodes)}
        shown |= {wire.id: self.story.value[wire.target] for wire in self.view.wires}
        for of, step in shown.items():
            found = list(dict.fromkeys(self.homes.get(of, [])))
            if of in self._groups:
                self._groups[of].set("data-from", str(step))
                # The numbers of a gate's wire stand beside it.
                found = [of, *(key for key in found if of[0] == "e" and "wire" in self._kinds(key))]
            self.homes[of] = found[:2] if of in self._groups else found[:1]
        for key, group in self._groups.items():
            kinds = self._kinds(key)
            if "stub" in kinds:
                group.set("data-from", "1")
            if "wire" in kinds:
                self._center(group)
        inside = Counter(self.homes[node.id][0] for node in self.view.nodes if self.homes[node.id])
        for key, count in inside.items():
            self._stage_box(self._groups[key], alone=count == 1)

    def _kinds(self, key: str) -> list[str]:
        return self._groups[key].get("class", "").split()

    def _center(self, group: Element) -> None:
        """Center the numbers of a gate's wire above and below it, however long they become."""
        left, _, right, _ = _box(group)
        for line in (e for e in group if e.tag == "text"):
            line.set("text-anchor", "middle")
            line.set("x", f"{(left + right) / 2:g}")

    def _stage_box(self, group: Element, alone: bool) -> None:
        left, top, right, bottom = _box(group)
        texts = [e for e in group if e.tag == "text"]
        if alone and texts and "data-text" not in texts[0].attrib:
            # Graphviz placed the texts for its own font; anchored like this they fit the reader's.
            texts[0].set("text-anchor", "middle")
            texts[0].set("x", f"{(left + right) / 2:g}")
            for number in (e for e in texts if "data-text" in e.attrib):
                number.set("text-anchor", "end")
                number.set("x", f"{right - _PADDING:g}")
        halo = {
            "class": "halo",
            "x": f"{left - _HALO:g}",
            "y": f"{top - _HALO:g}",
            "width": f"{right - left + 2 * _HALO:g}",
            "height": f"{bottom - top + 2 * _HALO:g}",
            "rx": "6",
        }
        group.append(Element("rect", halo))


def _runs_in(line: Element) -> list[Element]:
    """The runs of a line, each in one element; the only run of a line is the line itself."""
    runs: list[list[Element]] = []
    for piece in line:
        if runs and any(has_class(piece, kind) for kind in CONTINUED):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    for run in runs:
        run[0].text = "".join(piece.text or "" for piece in run)
        run[0].attrib.pop("dy", None)
    if len(runs) == 1:
        line.attrib |= runs[0][0].attrib
        line.text, line[:] = runs[0][0].text, []
        return [line]
    line[:] = [run[0] for run in runs]
    return list(line) or [line]


def _templates(slotted: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """By the ids of the parts of a drawing: their runs of text, and their tooltips, with slots."""
    runs, tips = {}, {}
    for statement in slotted.splitlines():
        if match := _PART.search(statement):
            runs[match[1]] = list(map(html.unescape, _RUN.findall(statement)))
            if tip := _TOOLTIP.search(statement):
                tips[match[1]] = html.unescape(tip[1])
            tips |= {f"a_{key}": html.unescape(title) for key, title in _CELL_TIP.findall(statement)}
    return runs, tips


def _without_size(sheet: str) -> str:
    """A sheet without the rule for the size of a picture that stands alone."""
    return "\n".join(rule for rule in sheet.split("\n") if "max-width" not in rule)


def _variables(sheet: str, colors: Mapping[str, str]) -> str:
    roles = {color: role for role, color in colors.items()}

    def variable(match: re.Match[str]) -> str:
        role = roles.get(match[0])
        return match[0] if role is None else f"var(--{role},{match[0]})"

    return re.sub("#[0-9a-f]{6}(?=[;}])", variable, sheet)


def _box(group: Iterable[Element]) -> tuple[float, float, float, float]:
    """The extent of the shapes of a part; of one without shapes that of its texts."""
    xs: list[float] = []
    ys: list[float] = []
    for e in group:
        if e.tag in ("polygon", "path"):
            numbers = [float(each) for each in _NUMBER.findall(e.get("points") or e.get("d") or "")]
            xs += numbers[::2]
            ys += numbers[1::2]
        elif e.tag == "ellipse":
            cx, cy, rx, ry = (float(e.get(key, "0")) for key in ("cx", "cy", "rx", "ry"))
            xs += [cx - rx, cx + rx]
            ys += [cy - ry, cy + ry]
    for e in group if not xs else ():
        if e.tag == "text":
            x, y = float(e.get("x", "0")), float(e.get("y", "0"))
            size = float(e.get("font-size", "14"))
            xs += [x, x + 0.6 * size * len("".join(e.itertext()))]
            ys += [y - size, y + 0.3 * size]
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)
