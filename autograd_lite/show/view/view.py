"""A circuit as plain data, captured, folded, named and cut: what every emitter reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...core.order import circuit, require_values
from ...core.value import Value
from ...formulas.notation import DisplayName, display_names, given_names
from .folding import thinned_early, without_repeats
from .options import Options, asks_for_gradients, nodes_in, rates_of, values_of
from .reduce import differentiated, focused, fold, moved, trimmed
from .sketch import Group, Sketch, capture, stale
from .spans import allowed_nodes
from .texts import Formula, FormulaWriter
from .units import Affine, weighted_sums

#: Where a number stands: "value" or "grad" with the id of a node, "local" or "contribution" of a wire.
Spot = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """One drawn node.

    ``kind`` is ``"leaf"``, ``"param"``, ``"const"``, ``"op"`` or ``"out"`` (the root when it is an
    operation). ``label`` may hold any printable character: emitters escape it. ``named`` is False
    for v₁, v₂, … ``expression`` is the formula, short enough to be printed, ``expression_full`` the
    one for a tooltip; both are empty for leaves. ``grad`` is None where no gradient is shown.
    ``members`` counts the nodes of the circuit that are drawn as this one. ``whole_label`` is the
    complete name where ``label`` is cut, else empty. ``given`` is whether nothing is differentiated by
    it: a constant, or what depends on none of ``wrt``. ``tangent`` is the rate at which it changes in
    forward mode, None where that is not shown. ``copies`` is the number of equal nodes of which this one
    is drawn.
    """

    id: str
    kind: str
    label: str
    latex_label: str
    named: bool
    expression: str
    expression_full: str
    latex_expression: str
    glyph: str
    value: float
    grad: float | None
    scope: str
    members: int = 1
    whole_label: str = ""
    given: bool = False
    tangent: float | None = None
    copies: int = 1


@dataclass(frozen=True)
class Wire:
    """One operand slot of a drawn operation: from node ``source`` into slot ``slot`` of ``target``.

    ``local`` is the derivative of the target by the source along this wire, None where there is none
    (a constant, an unselected branch, a step function); its formula is ``""`` where only the number
    is known. ``reached`` is whether the sweep reaches the target. ``contribution`` is ``local`` times
    the target's gradient; None where the sweep does not go, and where no gradient is shown.
    """

    id: str
    source: int
    target: int
    slot: int
    local: float | None
    local_formula: str
    latex_local: str
    contribution: float | None
    reached: bool = True

    @property
    def walked(self) -> bool:
        """Whether the sweep goes along this wire, if there is a sweep."""
        return self.local is not None and self.reached

    def pushed(self, view: View) -> float | None:
        """What this wire adds to the tangent of its target; None where forward mode is not shown."""
        tangent = view.nodes[self.source].tangent
        return None if tangent is None or self.local is None else self.local * tangent

    @property
    def is_flat(self) -> bool:
        """Whether the derivative is 0 wherever there is one, as that of ``floor``."""
        return self.local is None and self.local_formula == "0"


@dataclass(frozen=True)
class Stub:
    """What a cut left out beside node ``attached``: its operands (``incoming``) or its consumers.

    One that is not ``drawn`` is told in words only.
    """

    attached: int
    text: str
    incoming: bool
    drawn: bool = True


@dataclass(frozen=True)
class View:
    """A circuit at one moment: nodes in evaluation order, wires between their indices.

    ``rows`` are the operations in the order of the sweep, as in the lecture's table. ``captions`` say
    what was left out and what is out of date. ``blanks`` numbers the places that an exercise sheet
    leaves blank; ``answered`` fills them in, as its answer key. ``d`` is how derivatives are written,
    ``wrt`` what is differentiated by, empty for all inputs. ``after`` has how many alike nodes are left out
    right after one, ``rounds`` what goes round from a time step to the next. Of two circuits side by side,
    ``roots`` has the root of the first, ``instead`` its numbers at the places of the second, ``apart`` the
    nodes that only one of them has.

    >>> from autograd_lite import draw
    >>> x = Value(3.0, "x")
    >>> view = draw(x * x).view
    >>> [node.label for node in view.nodes], len(view.wires)
    (['x', 'v₁'], 2)
    """

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    root: int
    rows: tuple[int, ...]
    swept: bool
    digits: int
    ascii: bool
    captions: tuple[str, ...]
    stubs: tuple[Stub, ...] = ()
    title: str | None = None
    blanks: Mapping[Spot, int] = field(default_factory=dict)
    answered: bool = False
    d: str = "∂"
    wrt: tuple[int, ...] = ()
    after: Mapping[int, int] = field(default_factory=dict)
    rounds: tuple[tuple[int, int], ...] = ()
    roots: tuple[int, ...] = ()
    instead: Mapping[Spot, float | None] = field(default_factory=dict)
    apart: frozenset[int] = frozenset()

    def incoming(self, i: int) -> tuple[Wire, ...]:
        """The wires into node ``i``, in slot order."""
        return self._ends[0][i]

    def outgoing(self, i: int) -> tuple[Wire, ...]:
        """The wires out of node ``i``, in wire order."""
        return self._ends[1][i]

    def unswept(self) -> View:
        """The same view without any gradient, as before a sweep."""
        nodes = tuple(replace(node, grad=None) for node in self.nodes)
        wires = tuple(replace(wire, contribution=None) for wire in self.wires)
        return replace(self, nodes=nodes, wires=wires, swept=False)

    @cached_property
    def feeds_hidden(self) -> frozenset[int]:
        """The nodes that some operation uses that is not drawn."""
        cut = {stub.attached for stub in self.stubs if not stub.incoming}
        folded = (w.source for w in self.wires if self.nodes[w.source].copies < self.nodes[w.target].copies)
        return frozenset(cut.union(folded))

    @property
    def drawn(self) -> int:
        """How many nodes of the circuit the drawn ones stand for."""
        return sum(node.members for node in self.nodes)

    @property
    def scoped(self) -> bool:
        """Whether any node belongs to a scope, so that the view can be collapsed by scope."""
        return any(node.scope for node in self.nodes)

    @cached_property
    def reading_order(self) -> tuple[int, ...]:
        """The nodes, from the root back, operands in their order."""
        stack, found = [*self.roots, self.root], dict[int, None]()
        while stack:
            i = stack.pop()
            found.setdefault(i)
            for wire in reversed(self.incoming(i)):
                if wire.source not in found:
                    stack.append(wire.source)
        return (*found, *(i for i in range(len(self.nodes)) if i not in found))

    @cached_property
    def _ends(self) -> tuple[list[tuple[Wire, ...]], list[tuple[Wire, ...]]]:
        into: list[list[Wire]] = [[] for _ in self.nodes]
        out: list[list[Wire]] = [[] for _ in self.nodes]
        for wire in self.wires:
            into[wire.target].append(wire)
            out[wire.source].append(wire)
        return [tuple(w) for w in into], [tuple(w) for w in out]


def snapshot(
    root: Value, options: Options | None = None, *, scoped: bool = True, laid_out: bool = False
) -> View:
    """What ``root`` and everything below it look like now. Nothing is written to the circuit.

    :param options: what is shown and how; the defaults when left out.
    :param scoped: whether the caller shows scopes, so that nodes of different ones may share a name.
    :param laid_out: whether every node is to be laid out, which takes long where wires are long: of a
        circuit with too long wires less than ``max_nodes`` is shown.
    :raises TypeError: when ``root`` is not a Value.
    :raises ValueError: for ``min_grad`` where no gradient is shown.

    >>> x = Value(3.0, "x")
    >>> view = snapshot(x * x, Options(grads="always"))
    >>> [(wire.slot, wire.local_formula, wire.contribution) for wire in view.wires]
    [(0, 'x', 3.0), (1, 'x', 3.0)]
    >>> view.nodes[0].grad
    6.0
    """
    options = options or Options()
    sketch = sketch_of(root, options, scoped=scoped, laid_out=laid_out)
    view = view_of(sketch, options)
    return view if sketch.swept else view.unswept()


def sketch_of(
    root: Value,
    options: Options,
    *,
    scoped: bool = True,
    collapsible: bool = False,
    sums: Mapping[Value, Affine] | None = None,
    shown: Sequence[Value] = (),
    laid_out: bool = False,
) -> Sketch:
    """Which nodes and wires of the circuit below ``root`` are drawn, before any text is made.

    :param collapsible: leave a circuit with scopes whole, for the caller to collapse.
    :param sums: the weighted sums of a network: they stay nodes, and so do their activations and inputs.
        Their repetition is folded where there is much of it; that of others where it is asked for.
    :param shown: nodes that may not be folded away.
    """
    require_values("snapshot", root)
    asked = options.grads == "auto" and asks_for_gradients(options.blanks)
    visible = options.grads == "always" or asked or (options.grads == "auto" and root.swept)
    swept = visible and not root.is_constant
    if options.min_grad is not None and not swept:
        raise ValueError(
            f"min_grad={options.min_grad} needs gradients: call backward() first, or give grads='always'"
        )
    digits, ascii = options.digits, options.ascii
    given, by = given_names(options.names), values_of(options.wrt)
    parts = (sums or {}).values()
    whole = {*(sums or ()), *(s.activation for s in parts if s.activation is not None)}
    inputs = {x.operand for s in parts for _, x in s.terms}
    sketch = capture(root, given, options.constants == "nodes", inputs)
    kept = whole | nodes_in(options)
    sketch = fold(sketch, options.detail, given, kept)
    if sums is None and options.plates:
        sums = weighted_sums(sketch.order, given)
    nodes = sketch.nodes
    if sums is not None and (part := thinned_early(sketch, sums, options, shown)) is not sketch:
        near = set(part.nodes)
        for node in part.nodes:
            near.update(*(m.parents for m in part.group(node).members) if node in part.opened else ())
        nodes, sketch = tuple(filter(near.__contains__, nodes)), part
    called = display_names(nodes, given, digits, ascii, scoped, sketch.written)
    sketch = replace(sketch, names=called, swept=swept)
    warned = stale(sketch, digits, ascii)
    if rates := rates_of(options.tangents):
        sketch = moved(sketch, rates, digits, ascii)
    if by:
        sketch = differentiated(sketch, by)
    if options.focus is not None:
        sketch = focused(sketch, options.focus)
    if sums is not None:
        sketch = without_repeats(sketch, sums, options, shown)
    if collapsible and any(node.scope for node in sketch.nodes):
        options = replace(options, max_nodes=None)
    untrimmed, sketch = sketch, trimmed(sketch, options)
    if laid_out and options.max_nodes is not None:
        while (few := allowed_nodes(sketch, options.max_nodes)) is not None:
            sketch = trimmed(untrimmed, replace(options, max_nodes=few))
    return replace(sketch, captions=(*sketch.captions, *warned))


def view_of(sketch: Sketch, options: Options) -> View:
    """A sketch with all its texts and numbers, gradients among them unless the root is a constant."""
    write = FormulaWriter(sketch.names, options.digits, options.ascii)
    swept = not sketch.root.is_constant
    index = {node: i for i, node in enumerate(sketch.nodes)}
    slots: dict[Value, set[int]] = {}
    for wire in sketch.wires:
        slots.setdefault(wire.target, set()).add(wire.slot)
    groups = {node: sketch.group(node) for node in sketch.nodes if node in sketch.opened}
    formulas = {n: write.formula(g, slots.get(n, set())) for n, g in groups.items()}
    nodes = tuple(
        _drawn_node(i, node, sketch, groups.get(node), sketch.names[node], formulas.get(node), write, swept)
        for i, node in enumerate(sketch.nodes)
    )
    wires = []
    for i, wire in enumerate(sketch.wires):
        text, latex = formulas[wire.target].locals_[wire.slot]
        wires.append(
            Wire(
                f"e{i}",
                index[wire.source],
                index[wire.target],
                wire.slot,
                wire.local,
                text,
                latex,
                sketch.contribution(wire),
                wire.target in sketch.adjoint,
            )
        )
    more = "..." if options.ascii else "…"
    stubs = [(node, text, incoming, True) for node, text, incoming in sketch.stubs]
    stubs += [
        (node, f"{more} {number:,} more", incoming, False) for node, number, incoming in sketch.untold
    ]
    sweep = reversed(circuit(sketch.root, rightmost_first=True))
    return View(
        nodes,
        tuple(wires),
        index[sketch.root],
        tuple(index[n] for n in sweep if n in index and nodes[index[n]].kind in ("op", "out")),
        swept,
        options.digits,
        options.ascii,
        sketch.captions,
        tuple(
            Stub(index[node], text, before, drawn) for node, text, before, drawn in stubs if node in index
        ),
        options.title,
        d=options.d,
        wrt=tuple(index[node] for node in values_of(options.wrt) if node in index),
        after={index[node]: number for node, number in sketch.after.items() if node in index},
        rounds=tuple((index[result], index[before]) for result, before in sketch.rounds),
    )


def told_apart(view: View, sketch: Sketch, options: Options) -> View:
    """The same view with no two nodes of one name, for words beside a picture that shows scopes."""
    if not any(node.scope for node in sketch.names):
        return view
    given = given_names(options.names)
    names = display_names(sketch.names, given, options.digits, options.ascii, False, sketch.written)
    return view_of(replace(sketch, names=names), options)


def _drawn_node(
    i: int,
    node: Value,
    sketch: Sketch,
    group: Group | None,
    name: DisplayName,
    formula: Formula | None,
    write: FormulaWriter,
    swept: bool,
) -> Node:
    if node.is_constant:
        kind = "const"
    elif node.op is None or group is None:  # of the time step before only the result is drawn
        kind = "param" if node.is_parameter else "leaf"
    else:
        kind = "out" if node is sketch.root else "op"
    return Node(
        f"n{i}",
        kind,
        name.text,
        name.latex,
        name.named,
        formula.short if formula else "",
        formula.full if formula else "",
        formula.latex if formula else "",
        write.glyph(group) if group else "",
        node.data,
        sketch.adjoint.get(node, 0.0) if swept and not sketch.is_given(node) else None,
        node.scope,
        len(group.members) if group else 1,
        name.whole,
        sketch.is_given(node),
        None if sketch.tangents is None or node.is_constant else sketch.tangents.get(node, 0.0),
        sketch.copies.get(node, 1),
    )
