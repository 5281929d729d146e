"""The Forward/Backward table of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..text.writer import NO_GRADIENT
from ..view.view import View
from .markup import TERM, Markup
from .slots import SlotWriter, held, slot
from .story import Story
from .substitution import substitution

#: A text with slots, the number that it comes to, the step that shows it, and what it is about.
_Cell = tuple[str, str, "int | None", str]


def table_rows(view: View, story: Story, markup: Markup) -> Iterator[str]:
    """The rows of the Forward/Backward table, and below them the inputs."""
    write = SlotWriter(held(view))
    nodes = write.view.nodes
    yield "<tbody>"
    for row, i in enumerate(view.rows):
        lines: list[_Cell] = []
        for wire in write.view.incoming(i):
            if view.nodes[wire.source].given:
                continue
            text, number, place = write.addition(wire), "", write.place(wire)
            if place:
                text += f" ({place})"
            if wire.contribution is None:
                text += f" ({NO_GRADIENT})"
            else:
                text += slot("d", wire)
                number = write.number(wire.contribution)
            lines.append((text, number, story.backward.get(i), wire.id))
        if rest := write.left_out(i):
            lines.append((rest, "", story.backward.get(i), ""))
        node = nodes[i]
        terms = {nodes[wire.source].label: nodes[wire.source].id for wire in view.incoming(i)}
        forward = f"{_marked_term(node.id, write.name(node))} = {_with_terms(node.expression, terms)}"
        yield _table_row(markup, row, (forward, write.number(node.value), story.value[i], node.id), lines)
    yield '</tbody><tbody class="given">'
    for i, node in enumerate(nodes):
        if i not in view.rows and (node.named or node.kind != "const"):
            grad: list[_Cell] = []
            if i in story.grad:
                final = story.grad[i][-1]
                grad = [(write.gradient(node), final[1], final[0], "")]
            name = _marked_term(node.id, write.name(node))
            value = (name, write.number(node.value), story.value[i], node.id)
            yield _table_row(markup, None, value, grad)
    yield "</tbody>"


def _with_terms(expression: str, terms: Mapping[str, str]) -> str:
    """An expression in which the name of each operand is marked with the id of its node."""
    names = list(terms)
    pieces = substitution(expression, {name: k for k, name in enumerate(names)}, signs=False)
    marked = [p if isinstance(p, str) else _marked_term(terms[names[p[0]]], names[p[0]]) for p in pieces]
    return "".join(marked) or expression


def _marked_term(of: str, name: str) -> str:
    return TERM + TERM.join((of, name, ""))


def _table_row(markup: Markup, row: int | None, forward: _Cell, backward: list[_Cell]) -> str:
    def line(cell: _Cell, look: str) -> str:
        text, number, step, of = cell
        since = "" if step is None else f' data-from="{step}"'
        about = f' data-of="{of}"' if of else ""
        result = f' <b class="{look}"{since}>= {markup.text(number)}</b>' if number else ""
        return f'<div class="line"{since}{about}>{markup.text(text)}{result}</div>'

    place = "" if row is None else f' data-row="{row}"'
    lines = "".join(line(cell, "grad") for cell in backward)
    return f"<tr{place}><td>{line(forward, 'val')}</td><td>{lines}</td></tr>"
