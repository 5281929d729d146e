"""The card style: one table per node with its value and gradient, the chain rule on every wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..view.numbers import factor, fmt, ordinal, relation
from ..view.view import Node, View, Wire
from .labels import NAME, adds_up, cell, cut, lines, row, run, table, tooltip, wrapped

FONT = "Helvetica,Arial,sans-serif"

#: A title has so many characters in a line, and so many lines.
_TITLE, _TITLE_LINES = 90, 6


@dataclass(frozen=True)
class Look:
    """How a view is drawn, whatever the style."""

    colours: dict[str, str]
    direction: str = "LR"
    local: bool = True
    scopes: bool = True
    nodes: frozenset[int] = frozenset()  # highlighted
    wires: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Writer:
    """The texts of a view, as every style writes them."""

    view: View
    look: Look

    def number(self, x: float) -> str:
        """``x`` in the digits of the view."""
        return fmt(x, self.view.digits, self.view.ascii)

    @property
    def times(self) -> str:
        """The sign of a product, with its spaces."""
        return " * " if self.view.ascii else " × "

    @property
    def dots(self) -> str:
        """What stands for what is left out."""
        return "..." if self.view.ascii else "…"

    def partial(self, of: Node, by: Node) -> str:
        """``∂of/∂by``."""
        d = "d" if self.view.ascii else "∂"
        return f"{d}{cut(of.label, 20)}/{d}{cut(by.label, 20)}"

    def node_tip(self, node: Node) -> str:
        """``q = x + y = 3; ∂f/∂q = −4``."""
        of = f" = {node.expression_full}" if node.expression_full else ""
        text = f"{node.whole_label or node.label}{of} = {self.number(node.value)}"
        if node.grad is not None:
            root = self.view.nodes[self.view.root]
            text += f"; {self.partial(root, node)} = {self.number(node.grad)}"
        return tooltip(text)

    def sentence(self, node: Node) -> str:
        """``q = x + y = 3, gradient −4``."""
        of = f" = {node.expression}" if node.expression else ""
        gradient = "" if node.grad is None else f", gradient {self.number(node.grad)}"
        name = node.whole_label or node.label
        return f"{name}{of} = {self.number(node.value)}{gradient}"

    def wire_tip(self, wire: Wire) -> str:
        """``∂u₁/∂t = cos(t) = 0.5403; 0.5403 × 0.6441 ≈ 0.348``."""
        source, target = self.view.nodes[wire.source], self.view.nodes[wire.target]
        if wire.local is None:
            if source.kind == "const":
                return tooltip(f"{source.label} is a constant: no gradient flows to it")
            why = "" if wire.is_flat else ": this branch is not taken"
            return tooltip(f"{self.partial(target, source)} = 0{why}")
        local = self.number(wire.local)
        formula = wire.local_formula
        known = f" = {formula}" if formula and formula != local else ""
        text = f"{self.partial(target, source)}{known} = {local}"
        product = self.product(wire)
        if product is not None:
            text += f"; {local}{self.times}{' '.join(product)}"
        return tooltip(text)

    def product(self, wire: Wire) -> tuple[str, str, str] | None:
        """The upstream gradient, the sign and the contribution of a wire, once it has one."""
        upstream = self.view.nodes[wire.target].grad
        if wire.local is None or wire.contribution is None or upstream is None:
            return None
        a, b, c = map(self.number, (wire.local, upstream, wire.contribution))
        return factor(b), relation(a, b, c, self.view.ascii), c

    def place(self, wire: Wire) -> str:
        """Which of its places an operand is meant in that the target has in several: `` (1st x)``."""
        return self._places.get(wire.id, "")

    @cached_property
    def _places(self) -> dict[str, str]:
        ends = [(wire.source, wire.target) for wire in self.view.wires]
        several, met = Counter(ends), Counter[tuple[int, int]]()
        found = {}
        for wire, end in zip(self.view.wires, ends, strict=True):
            met[end] += 1
            if several[end] > 1:
                name = cut(self.view.nodes[wire.source].label, 20)
                found[wire.id] = f" ({ordinal(met[end])} {name})"
        return found

    def sum_of_paths(self, i: int) -> str | None:
        """``= 0.348 + 1.932`` under a gradient that several wires contribute to."""
        node = self.view.nodes[i]
        found = [w.contribution for w in self.view.outgoing(i) if w.contribution is not None]
        whole = i not in self.view.parted
        if not found or (whole and len(found) < 2) or node.grad is None:
            return None
        terms = [self.number(x) for x in found]
        equal = not whole or adds_up(terms, self.number(node.grad))
        sign = "=" if equal else "~=" if self.view.ascii else "≈"
        shown = " + ".join([terms[0], *map(factor, terms[1:3])])
        if len(terms) > 3:
            return f"{sign} {shown} + {self.dots} ({len(terms)} paths)"
        return f"{sign} {shown}" + ("" if whole else f" + {self.dots}")

    def text(
        self, text: str, role: str, size: float, bold: bool = False, italic: bool = False
    ) -> str:
        """One run of text in the colour of a role."""
        return run(text, self.look.colours[role], size, bold, italic)

    def outline(self, i: int, width: int = 1) -> dict[str, object]:
        """Border and colour of a card, with the halo of a highlighted one."""
        c = self.look.colours
        if i in self.look.nodes:
            return {"border": 4, "color": c["alert"]}
        return {"border": width, "color": c["wire"]}

    def stroke(self, *wires: int) -> str:
        """Attributes of the edges that draw highlighted wires."""
        if not self.look.wires.intersection(wires):
            return ""
        return f' color="{self.look.colours["alert"]}" penwidth=3.6'


def card(view: View, look: Look) -> str:
    """The view as DOT, in cards: the header, the value, the gradient and the sum of its paths."""
    write = Writer(view, look)
    body = [
        *(node_card(write, i) for i in range(len(view.nodes))),
        *stubs(write),
        *(clusters(write) if look.scopes else ()),
        *(_wire(write, wire, j) for j, wire in enumerate(view.wires)),
    ]
    return document(write, body, "nodesep=0.3 ranksep=0.5", fontsizes=(14, 12))


def document(
    write: Writer, body: list[str], spacing: str, fontsizes: tuple[int, int], stroke: float = 1.2
) -> str:
    """The finished DOT text around the statements of ``body``."""
    c = write.look.colours
    font = f'fontname="{FONT}" fontcolor="{c["ink"]}"'
    pen = f'color="{c["wire"]}" penwidth={stroke:g}'
    return "\n".join(
        [
            "digraph circuit {",
            f'  graph [rankdir={write.look.direction} bgcolor="{c["paper"]}" {font} pad=0.15 '
            f"{spacing} splines=spline{caption(write)}];",
            f"  node [{font} fontsize={fontsizes[0]} {pen}];",
            f"  edge [{font} fontsize={fontsizes[1]} {pen} arrowsize=0.7];",
            *(f"  {line}" for line in body),
            "}",
            "",
        ]
    )


def caption(write: Writer) -> str:
    """The graph attributes that put title and captions under the picture, on the left."""
    view, c = write.view, write.look.colours
    title = wrapped(view.title or "", _TITLE, _TITLE_LINES)
    texts = [(line, c["ink"], 15.0, True) for line in title]
    texts += [(each, c["muted"], 13.0, False) for each in view.captions]
    if not texts:
        return ""
    return f" labelloc=b labeljust=l label={lines([(' ', c['muted'], 5.0, False), *texts])}"


def stubs(write: Writer, starts: Mapping[int, str] | None = None) -> Iterator[str]:
    """What a cut left out, dashed, beside the node that it was cut from.

    :param starts: where what comes after a node begins, when not at the node itself.
    """
    for k, stub in enumerate(write.view.stubs):
        own = f"n{stub.attached}"
        place = own if stub.incoming else (starts or {}).get(stub.attached, own)
        yield from stub_of(write, k, place, stub.text, stub.incoming)


def stub_of(write: Writer, k: int, place: str, text: str, incoming: bool) -> Iterator[str]:
    """Stub number ``k``, tied to what is called ``place`` in the drawing."""
    c = write.look.colours
    yield (
        f's{k} [id="s{k}" class="stub" shape=box style="rounded,dashed" color="{c["rule"]}" '
        f'height=0.3 margin="0.1,0.04" label=<{write.text(text, "muted", 12)}>];'
    )
    ends = (f"s{k}", place) if incoming else (place, f"s{k}")
    yield f'{ends[0]} -> {ends[1]} [class="stub" style=dashed arrowhead=none color="{c["rule"]}"];'


def clusters(write: Writer) -> Iterator[str]:
    """Nested outlines, one per scope, around the nodes made in it."""
    tree: dict[str, list[str]] = {}  # path: the node ids right in it
    for node in write.view.nodes:
        parts = node.scope.split("/") if node.scope else []
        for depth in range(1, len(parts) + 1):
            tree.setdefault("/".join(parts[:depth]), [])
        if parts:
            tree[node.scope].append(node.id)
    c = write.look.colours
    open_paths: list[str] = []
    for k, path in enumerate(sorted(tree, key=lambda path: path.split("/"))):
        while open_paths and not path.startswith(open_paths[-1] + "/"):
            open_paths.pop()
            yield "}"
        open_paths.append(path)
        name = cut(path.rpartition("/")[2])
        yield (
            f'subgraph cluster_{k} {{ id="c{k}" class="scope" style="rounded,filled" margin=12 '
            f'color="{c["rule"]}" fillcolor="{c["cluster"]}" tooltip={tooltip(path)} '
            f"labelloc=t labeljust=l label=<{write.text(name, 'muted', 13, bold=True)}>; "
            + " ".join(f"{member};" for member in tree[path])
        )
    yield from ("}" for _ in open_paths)


def node_card(write: Writer, i: int) -> str:
    """The statement that draws node ``i`` as a card."""
    node, c = write.view.nodes[i], write.look.colours
    leaf = node.kind in ("leaf", "param", "const") and not node.expression
    header = write.text(cut(node.label), "ink", 16, bold=True, italic=True)
    if node.expression:
        header += write.text(f" = {cut(node.expression, 2 * NAME)}", "ink", 15)
    border = write.outline(i, width=2 if i == write.view.root else 1)
    fill = "out" if node.kind == "out" else "op"
    rows = [
        row(cell(header, colspan=2, cellpadding=5))
        if leaf
        else row(cell(header, colspan=2, bgcolor=c[fill], cellpadding=5)),
        ruled(c["wire"], 2, border["border"]),
        _numbered(write, "value", "value", node.value),
    ]
    if node.grad is not None:
        rows.append(_numbered(write, "grad", "grad", node.grad))
        total = write.sum_of_paths(i)
        if total is not None:
            rows.append(row(cell(write.text(roomy(total), "grad", 12), colspan=2, align="RIGHT")))
    style = {"leaf": "ROUNDED", "param": "ROUNDED", "const": "DASHED"}.get(node.kind)
    label = table(
        rows,
        border=border["border"],
        cellborder=0,
        cellspacing=0,
        cellpadding=4,
        color=border["color"],
        bgcolor=c["op" if node.kind == "out" else node.kind],
        **({"style": style} if style else {}),
    )
    return (
        f'{node.id} [id="{node.id}" class="{node.kind}" shape=plain label={label} '
        f"tooltip={write.node_tip(node)}];"
    )


def roomy(text: str) -> str:
    """``text`` with room at its end: browsers set a long run a little wider than it was measured."""
    return text + " " if len(text) > 24 else text


def ruled(colour: str, columns: int, border: object) -> str:
    """A line across a table.

    Graphviz draws ``<HR/>`` out over a thick border, and a thin row short of a thin one.
    """
    if border == 1:
        return "<HR/>"
    return row(cell("", colspan=columns, height=1, cellpadding=0, bgcolor=colour))


def _numbered(write: Writer, label: str, role: str, number: float) -> str:
    return row(
        cell(write.text(label, "muted", 11), align="LEFT"),
        cell(write.text(write.number(number), role, 16, bold=True), align="RIGHT"),
    )


def _wire(write: Writer, wire: Wire, j: int) -> str:
    source, target = write.view.nodes[wire.source], write.view.nodes[wire.target]
    dead = wire.local is None
    label = ""
    if write.look.local and not (dead and source.kind == "const"):
        local = write.number(0.0 if wire.local is None else wire.local)
        # Of x·x both are the same; of what is folded each place has a derivative of its own.
        place = write.place(wire) if target.members > 1 else ""
        rows = [
            write.text(f"{write.partial(target, source)}{place} = ", "muted", 12)
            + write.text(local, "local", 13, bold=True)
        ]
        product = write.product(wire)
        if product is not None:
            upstream, sign, contribution = product
            rows.append(
                write.text(local, "local", 13)
                + write.text(write.times, "muted", 13)
                + write.text(upstream, "grad", 13)
                + write.text(f" {sign} ", "muted", 13)
                + write.text(contribution, "grad", 13, bold=True)
            )
        cells = [row(cell(each, align="LEFT")) for each in rows]
        # From top to bottom a label stands right beside its wire.
        padding = 1 if write.look.direction == "LR" else 3
        label = f" label={table(cells, border=0, cellspacing=0, cellpadding=padding)}"
    dashed = " style=dashed" if dead and source.kind != "const" else ""
    return (
        f'{source.id} -> {target.id} [id="{wire.id}" class="edge" '
        f"tooltip={write.wire_tip(wire)}{dashed}{write.stroke(j)}{label}];"
    )
