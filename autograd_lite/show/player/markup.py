"""What a page holds of the story: texts as HTML, and the data that the script reads."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping, Sequence

from ...formulas.notation import SMALL_FRACTIONS, OrFraction
from ...formulas.scripts import LOWERED, ON_THE_LINE, RAISED, SCRIPT_SIZE, SCRIPTS, html_scripts
from ..picture.labels import printable
from ..text.columns import in_ascii
from ..view.view import View
from .engine import LiveCircuit
from .slots import CLOSE, OPEN, SLOT, Numbers
from .story import Spans, Story

#: What stands around the id of a term and around its name.
TERM = "\ue002"
_TERM = re.compile(f"{TERM}(n\\d+){TERM}([^{TERM}]*){TERM}")
_SLOT_OR_TERM = re.compile(f"({OPEN}[a-z]\\d+{CLOSE}|{TERM})")


#: What the script knows of what stands below and above the line.
_FOR_THE_SCRIPT = {
    "pattern": SCRIPTS,
    "line": {chr(small): plain for small, plain in ON_THE_LINE.items()},
    "size": SCRIPT_SIZE,
    "lowered": LOWERED,
    "raised": RAISED,
}


class Markup:
    """Writes texts with slots for a page, in the characters of a view."""

    def __init__(self, view: View, numbers: Numbers) -> None:
        self.view, self.numbers = view, numbers

    def clean(self, text: str) -> str:
        """A text in the characters of the view, with its slots as they are."""
        pieces = _SLOT_OR_TERM.split(text)
        shown = in_ascii if self.view.ascii else str
        return "".join(piece if k % 2 else shown(printable(piece)) for k, piece in enumerate(pieces))

    def text(self, template: str) -> str:
        """A text with slots as HTML: filled, with what it is made of beside it, terms marked."""
        filled = self.clean(self.numbers.fill(template))
        shown = html.escape(filled) if self.view.ascii else html_scripts(filled)
        if SLOT.search(template):
            shown = f'<span data-text="{html.escape(self.clean(template))}">{shown}</span>'
        return _TERM.sub(r'<span class="term" data-of="\1">\2</span>', shown)


def page_data(
    name: str,
    story: Story,
    markup: Markup,
    homes: Mapping[str, Sequence[str]],
    live: LiveCircuit | str,
) -> str:
    """What the script reads, as JSON that can stand in a page."""
    view, clean = markup.view, markup.clean

    def spans(line: Spans) -> list[list[str]]:
        return [[clean(span.text), *([span.look] if span.look else [])] for span in line]

    def parts(ids: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(home for each in ids for home in homes.get(each, ())))

    steps = [
        {
            "phase": step.phase,
            "title": clean(step.title),
            "intro": spans(step.intro),
            "groups": [[spans(line) for line in group] for group in step.groups],
            "parts": parts(step.nodes),
            "wires": parts(step.wires),
            "row": step.row,
            # The wires that the last groups are about, one each
            "about": step.wires if step.phase in ("ask", "backward") else [],
        }
        for step in story.steps
    ]
    data = {
        "id": name,
        "seed": story.seed,
        "steps": steps,
        "digits": view.digits,
        "ascii": view.ascii,
        "scripts": None if view.ascii else _FOR_THE_SCRIPT,
        "fractions": SMALL_FRACTIONS if isinstance(view.digits, OrFraction) else None,
        "rows": view.rows,
        "root": view.root,
        "names": [clean(node.label) for node in view.nodes],
        "kinds": [node.kind for node in view.nodes],
        "numbers": [[_finite(node.value), _finite(node.grad)] for node in view.nodes],
        "hidden": sorted(view.feeds_hidden),
        "wires": [[w.source, w.target, _finite(w.local), _finite(w.contribution)] for w in view.wires],
        "idle": markup.numbers.idle,
        "substitutions": story.substitutions,
        "gradients": story.grad,
        "homes": homes,
        # The steps from which the value of a node, the local derivative and the product of a wire are seen
        "shown": {f"n{i}": step for i, step in story.value.items()}
        | {w.id: [story.value[w.target], story.product.get(w.id, len(steps))] for w in view.wires},
        "live": live if isinstance(live, str) else live.data,
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _finite(x: float | None) -> float | str | None:
    """A number as JSON has it."""
    return x if x is None or math.isfinite(x) else repr(float(x))
