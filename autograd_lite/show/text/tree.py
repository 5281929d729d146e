"""The circuit as an indented tree of text, the result at the top."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from ...core.order import require_values
from ...core.value import Value
from ...support.texts import ShownText
from ..view.blanks import sheet, with_key
from ..view.options import at_least, read_options
from ..view.view import View, Wire
from .columns import columns, in_ascii, left_aligned, right_aligned, shown
from .columns import width as measured
from .narrow import filled
from .writer import Writer

__all__ = ["tree", "tree_of"]

#: The deepest indentation; what is deeper has a tree of its own further down.
DEEPEST = 40

#: The columns that a narrow tree keeps for what stands beside its lines.
_BESIDE_LINES = 24


class _TreeLine(NamedTuple):
    label: str
    value: str
    tangent: str
    grad: str
    local: str
    own: str = ""  # the lines of the tree that the label begins with
    below: str = ""  # the lines of the tree that go on below it


class _Branch(NamedTuple):
    """A node that is still to be printed: below which wire, after which lines of the tree."""

    node: int
    wire: Wire | None
    lines: str
    last: bool


def tree(root: Value, *, width: int | None = None, **options: Any) -> ShownText:
    """The circuit below ``root`` as an indented tree, operands below results, shown as it is meant.

    Each line has the node's value and, once ``root`` has been swept, its gradient and the chain
    rule on the wire above it. A node that is used again is printed once.

    :param width: how many columns a line may have; where the tree is wider, the numbers of a node stand
        below it.
    :param options: as for ``draw``; see :class:`autograd_lite.show.Options`. With ``blanks`` the tree
        is an exercise sheet, and its ``.key`` the tree with the answers.
    :raises TypeError: when ``root`` is not a Value, and for an unknown option.
    :raises ValueError: for a value that an option does not have.

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> q = x + y; q.name = "q"
    >>> f = q * z; f.name = "f"
    >>> f.backward()
    >>> print(tree(f))
                  value  grad  local derivative, × upstream = contribution
    f = q·z         −12     1
    ├─ q = x + y      3    −4  ∂f/∂q = −4, × 1 = −4
    │  ├─ x          −2    −4  ∂q/∂x = 1, × (−4) = −4
    │  └─ y           5    −4  ∂q/∂y = 1, × (−4) = −4
    └─ z             −4     3  ∂f/∂z = 3, × 1 = 3
    """
    require_values("tree", root)
    if width is not None:
        at_least("width", width, 1)
    view = sheet(root, read_options(tree, options, root), scoped=False)
    return with_key(view, lambda each: ShownText(tree_of(each, width), in_ascii=in_ascii))


def tree_of(view: View, width: int | None = None) -> str:
    """The tree of a view that exists already; see :func:`tree`."""
    write = Writer(view, partial(shown, ascii=view.ascii))
    lines = _in_columns(write, *_tree_lines(write, DEEPEST))
    if width is None or max(map(measured, lines)) <= width:
        return "\n".join(lines)
    deepest = max(1, (width - _BESIDE_LINES) // 3)
    return "\n".join(_stacked_tree(write, *_tree_lines(write, deepest), deepest, width))


def _in_columns(write: Writer, body: list[_TreeLine], deep: bool) -> list[str]:
    """The lines of a tree with its numbers in columns beside it."""
    view = write.view
    head = "local derivative"
    if view.swept:
        head += f",{write.times}upstream = contribution"
    forward = any(node.tangent is not None for node in view.nodes)
    heads = "tangent" if forward else "", "grad" if view.swept else ""
    rows = [_TreeLine("", "value", *heads, head), *body]
    labels, values, tangents, grads, _ = columns([row[:5] for row in rows])
    out = []
    for row in rows:
        cells = [left_aligned(row.label, labels), right_aligned(row.value, values)]
        if forward:
            cells.append(right_aligned(row.tangent, tangents))
        if view.swept:
            cells.append(right_aligned(row.grad, grads))
        out.append("  ".join([*cells, row.local]).rstrip())
    title = [shown(view.title, None, view.ascii), ""] if view.title else []
    notes = _notes(view, DEEPEST if deep else None)
    return [*title, *out, *([""] if notes else []), *notes]


def _stacked_tree(write: Writer, body: list[_TreeLine], deep: bool, deepest: int, limit: int) -> list[str]:
    """The lines of a tree with the numbers of each node below its name."""
    view = write.view
    out = [*filled([shown(view.title, None, view.ascii)], limit), ""] if view.title else []
    for row in body:
        numbers = {"": row.value and f"= {row.value}", "tangent": row.tangent, "grad": row.grad}
        cells = [f"{head} {number}".strip() for head, number in numbers.items() if number]
        out += filled([row.label.removeprefix(row.own)], limit, row.own, row.below + "  ")
        out += filled(cells, limit, row.below, row.below + "  ") if cells else []
        out += filled([row.local], limit, row.below, row.below + "  ") if row.local else []
    notes = _notes(view, deepest if deep else None)
    return [*out, *([""] if notes else []), *(line for note in notes for line in filled([note], limit))]


def _notes(view: View, deepest: int | None) -> list[str]:
    notes = list(view.captions)
    if deepest is not None:
        notes.append(f"what is deeper than {deepest} levels is printed as a tree of its own, further down")
    return [shown(note, None, view.ascii) for note in notes]


def _tree_lines(write: Writer, deepest: int) -> tuple[list[_TreeLine], bool]:
    """The lines from the root down, then those of what was too deep, if anything was."""
    view = write.view
    fork, end, bar, gap = ("|- ", "`- ", "|  ", "   ") if view.ascii else ("├─ ", "└─ ", "│  ", "   ")
    hidden: dict[int, list[str]] = {}
    for stub in view.stubs:
        if stub.incoming:
            hidden.setdefault(stub.attached, []).append(shown(stub.text, None, view.ascii))
    rows: list[_TreeLine] = []
    printed: set[int] = set()
    later = [view.root]
    for start in later:
        if start in printed:
            continue
        if rows:
            rows.append(_TreeLine("", "", "", "", ""))
        stack: list[_Branch | _TreeLine] = [_Branch(start, None, "", True)]
        while stack:
            branch = stack.pop()
            if isinstance(branch, _TreeLine):
                rows.append(branch)
                continue
            node = view.nodes[branch.node]
            own, below, local = branch.lines, branch.lines, ""
            if branch.wire is not None:
                own += end if branch.last else fork
                below += gap if branch.last else bar
                if not view.nodes[branch.wire.source].given:
                    local = write.chain_rule(branch.wire)
            wires, cut = view.incoming(branch.node), hidden.get(branch.node, [])
            again = branch.node in printed
            deep = bool(wires) and len(below) > len(bar) * deepest
            if (again and node.kind != "const") or deep:
                place = "above" if again else "below"
                rows.append(
                    _TreeLine(f"{own}{write.name(node)}  (see {place})", "", "", "", local, own, below)
                )
                later += [] if again else [branch.node]
                continue
            printed.add(branch.node)
            label, grad = own + write.name(node), write.grad(node)
            tangent = "" if node.tangent is None else write.number(node.tangent)
            if node.expression:
                label += f" = {shown(node.expression, None, view.ascii)}"
            below_this = below + (bar if wires or cut else gap)
            rows.append(_TreeLine(label, write.value(node), tangent, grad, local, own, below_this))
            stack += [
                _TreeLine(below + end + text, "", "", "", "", below + end, below + gap) for text in cut
            ]
            stack += [
                _Branch(wire.source, wire, below, wire is wires[-1] and not cut) for wire in reversed(wires)
            ]
    return rows, len(later) > 1
