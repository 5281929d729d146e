"""Makes the story of a view: what each step says, and from when each number is visible.

What is added in which step comes from :mod:`autograd_lite.steps`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...steps import Addition, additions
from ..text.numbers import ordinal
from ..text.writer import Writer
from ..view.view import View, Wire
from .story import Span, Spans, Step, Story
from .substitution import substituted

#: The most lines of an explanation that lists nodes.
_MOST_LISTED = 12
_UNDRAWN = " (with paths that are not drawn)"


def tell(view: View, quiz: bool = False) -> Story:
    """The story of a view that holds gradients.

    :param quiz: split each backward step into a question and its answer.
    """
    return _Teller(view, quiz).story


class _Teller:
    def __init__(self, view: View, quiz: bool) -> None:
        self.view, self.quiz = view, quiz
        self.write = Writer(view)
        self.number = self.write.number
        self.top = view.nodes[view.root]
        self.story = Story()
        self._wires = {(wire.target, wire.slot): wire for wire in view.wires}
        self._additions: dict[int, list[Addition[int]]] = {}
        for addition in self._sweep():
            self._additions.setdefault(addition.node, []).append(addition)
        made = [i for i, node in enumerate(view.nodes) if node.kind in ("op", "out")]
        given = [i for i, node in enumerate(view.nodes) if node.kind not in ("op", "out")]
        self._start(len(made), sum(view.nodes[i].kind != "const" for i in given))
        self._inputs(given)
        for i in made:
            self._forward(i)
        if self.top.grad is not None:
            self._seed()
            for row, i in enumerate(view.rows):
                self._backward(i, row)
        self._done(given)

    def _sweep(self) -> Iterator[Addition[int]]:
        """The additions of the sweep along the wires that are drawn."""

        def walked(i: int) -> list[tuple[int, int, float]]:
            wires = (w for w in self.view.incoming(i) if w.contribution is not None)
            return [(w.slot, w.source, w.local) for w in wires if w.local is not None]

        # Paths that are not drawn count in the gradient of a node, too.
        gradients = {i: n.grad for i, n in enumerate(self.view.nodes) if n.grad is not None}
        return additions(self.view.root, 1.0, self.view.rows, walked, gradients)

    def name(self, i: int) -> str:
        """What node ``i`` is called."""
        return self.write.name(self.view.nodes[i])

    def partial(self, of: int, by: int) -> str:
        """``∂of/∂by``."""
        return self.write.partial(self.view.nodes[of], self.view.nodes[by])

    def gradient(self, of: int) -> str:
        """The derivative of the root by node ``of``."""
        return self.write.gradient(self.view.nodes[of])

    def add(self, step: Step) -> None:
        """Append a step."""
        self.story.steps.append(step)

    @property
    def here(self) -> int:
        """The number of the step that comes next."""
        return len(self.story.steps)

    def change(self, i: int, text: str) -> None:
        """Show ``text`` as the gradient of node ``i`` from the next step on."""
        changes = self.story.grad.setdefault(i, [])
        if changes and changes[-1][0] == self.here:
            changes.pop()
        changes.append((self.here, text))

    # Steps

    def _start(self, made: int, given: int) -> None:
        counts = f"{made:,} operation{'s' * (made != 1)}"
        if given:  # they may all be cut off
            counts += f" on {given:,} input{'s' * (given != 1)}"
        counts += "."
        top = self.name(self.view.root)
        passes = (
            (Span("forward", "val b"), Span(f": the values, from the inputs to {top}")),
            (Span("backward", "grad b"), Span(f": the gradients, from {top} to the inputs")),
        )
        self.add(Step("start", "The circuit", (Span(counts),), (passes,)))

    def _inputs(self, given: list[int]) -> None:
        lines: list[Spans] = []
        for i in given:
            node = self.view.nodes[i]
            self.story.value[i] = self.here
            if node.kind == "const" and not node.named:
                continue
            what = {"param": " (parameter)", "const": " (constant)"}.get(node.kind, "")
            lines.append(
                (
                    Span(f"{self.name(i)} = "),
                    Span(self.number(node.value), "val b"),
                    Span(what, "muted"),
                )
            )
        intro = "What the circuit starts from:" if given else "None of the inputs is drawn."
        self.add(
            Step(
                "forward",
                "The inputs",
                (Span(intro),),
                self._listed(lines),
                tuple(self.view.nodes[i].id for i in given),
            )
        )

    def _listed(self, lines: list[Spans]) -> tuple[tuple[Spans, ...], ...]:
        more = len(lines) - _MOST_LISTED
        if more > 1:
            lines[_MOST_LISTED:] = [(Span(f"… {more:,} more", "muted"),)]
        return (tuple(lines),) if lines else ()

    def _forward(self, i: int) -> None:
        node = self.view.nodes[i]
        wires = self.view.incoming(i)
        self.story.value[i] = self.here
        sources = {w.source for w in wires}
        labels = [self.view.nodes[j].label for j in sources]
        worked = None
        if len(set(labels)) == len(labels):  # two nodes of different scopes may share a name
            values = [self.number(self.view.nodes[j].value) for j in sources]
            worked = substituted(node.expression_full, dict(zip(labels, values, strict=True)))
        line = [Span(f"{self.name(i)} = {node.expression}")]
        if worked is not None and worked != self.number(node.value):
            line.append(Span(f" = {worked}", "muted"))
        line += [Span(" = "), Span(self.number(node.value), "val b")]
        locals_: list[Spans] = []
        for w in wires:
            self.story.local[w.id] = self.here
            if not self.view.nodes[w.source].given:
                locals_.append(self._local(w))
        groups: list[tuple[Spans, ...]] = [(tuple(line),)]
        if locals_:
            head = "local derivative" + "s" * (len(locals_) > 1)
            groups.append(((Span(head, "muted"),), *locals_))
        groups += self._left_out(i)
        ids = tuple(w.id for w in wires)
        row = self.view.rows.index(i) if i in self.view.rows else None
        title = f"Forward: {self.name(i)} = {node.expression}"
        self.add(Step("forward", title, (), tuple(groups), (node.id,), ids, row))

    def _local(self, w: Wire) -> Spans:
        """``∂u₁/∂t = cos(t) = 0.5403``."""
        partial = Span(self.partial(w.target, w.source), "local")
        if w.local is None:
            why = "" if w.is_flat else " (this branch is not taken)"
            return (partial, Span(" = 0"), Span(why, "muted"))
        local = self.number(w.local)
        known = f" = {w.local_formula}" if w.local_formula not in ("", local) else ""
        return (partial, Span(f"{known} = "), Span(local, "local b"))

    def _seed(self) -> None:
        self.story.seed = self.here
        root = self.view.root
        for i, node in enumerate(self.view.nodes):
            if node.grad is not None:
                self.change(i, self.number(1.0 if i == root else 0.0))
        own = self.gradient(root)
        self.add(
            Step(
                "backward",
                f"The seed: {own} = 1",
                (Span("The sweep starts at the result; every other gradient starts at 0."),),
                (((Span(own, "grad"), Span(" = "), Span("1", "grad b")),),),
                (self.top.id,),
            )
        )

    def _backward(self, i: int, row: int) -> None:
        node = self.view.nodes[i]
        if node.grad is None:
            return
        added = self._additions.get(i, [])
        wires = [self._wire(a) for a in added]
        of = f"{self.name(i)} = {node.expression}"
        upstream = self.number(node.grad)
        intro = [
            Span(f"upstream gradient of {self.name(i)}: {self.gradient(i)} = "),
            Span(upstream, "grad b"),
        ]
        if self.story.grad[i][-1][1] != upstream:
            self.change(i, upstream)
            intro.append(Span(_UNDRAWN, "muted"))
        lit = (node.id,), tuple(w.id for w in wires), row
        if self.quiz and added:
            asked = tuple(self._lines(a, asked=True) for a in added)
            self.add(Step("ask", f"Predict: backward through {of}", tuple(intro), asked, *lit))
        groups = tuple(self._lines(a) for a in added)
        for a in added:
            self.change(a.parent, self._total(a))
            if self.write.sum_of_paths(a.parent) is not None:
                self.story.total[a.parent] = self.here
        for w in self.view.incoming(i):
            if w.local is not None:
                self.story.product[w.id] = self.here
        self.story.backward[i] = self.here
        rest = self._left_out(i)
        if not groups and not rest:
            rest = [((Span("No gradient flows on from here.", "muted"),),)]
        self.add(Step("backward", f"Backward through {of}", tuple(intro), (*groups, *rest), *lit))

    def _left_out(self, i: int) -> list[tuple[Spans, ...]]:
        text = self.write.left_out(i)
        return [((Span(text, "muted"),),)] if text else []

    def _wire(self, addition: Addition[int]) -> Wire:
        return self._wires[addition.node, addition.position]

    def _total(self, a: Addition[int]) -> str:
        """The gradient of the operand after an addition, in print."""
        total, final = a.total, self.view.nodes[a.parent].grad
        outgoing = self.view.outgoing(a.parent)
        parts = [w.contribution for w in outgoing if w.contribution is not None]
        if a.path == len(parts) and final is not None:
            # The same sum in another order may differ in its last digits.
            close = 1e-12 * sum(map(abs, parts))
            if not abs(total - final) > close:
                total = final
        return self.number(total)

    def _lines(self, a: Addition[int], asked: bool = False) -> tuple[Spans, ...]:
        """The chain rule on one wire: in symbols, in numbers, and what it does to the operand."""
        w = self._wire(a)
        product, place = self.write.product(w), self.write.place(w)
        assert w.local is not None
        assert product is not None
        local = self.number(w.local)
        symbols: list[Span] = [
            Span(f"{self.gradient(w.source)} += "),
            Span(self.partial(w.target, w.source), "local b"),
            Span(" × ", "muted"),
            Span(self.gradient(w.target), "grad"),
        ]
        if place:
            symbols.append(Span(f" ({place})", "muted"))
        numbers: list[Span] = []
        if w.local_formula not in ("", local):
            numbers.append(Span(f"{w.local_formula} = "))
        numbers += [
            Span(local, "local b"),
            Span(" × ", "muted"),
            Span(product[0], "grad"),
            Span(" = " if asked else f" {product[1]} ", "muted"),
            Span("?" if asked else product[2], "grad b"),
        ]
        effect: list[Span] = [
            Span(f"{self.name(w.source)}.grad: {self.number(a.before)} → ", "muted"),
            Span("?" if asked else self._total(a), "grad b"),
        ]
        if a.path > 1:
            effect.append(Span(f" ({_in_words(a.path)} path: the contributions add)", "muted"))
        return tuple(symbols), tuple(numbers), tuple(effect)

    def _done(self, given: list[int]) -> None:
        lines: list[Spans] = []
        for i in given:
            grad = self.view.nodes[i].grad
            if grad is None:
                continue
            line = [
                Span(f"{self.gradient(i)} = "),
                Span(self.number(grad), "grad b"),
            ]
            if self.story.grad[i][-1][1] != self.number(grad):
                self.change(i, self.number(grad))
                line.append(Span(_UNDRAWN, "muted"))
            lines.append(tuple(line))
        result = (
            Span(f"{self.name(self.view.root)} = "),
            Span(self.number(self.top.value), "val b"),
        )
        self.add(Step("done", "The result", result, self._listed(lines)))


def _in_words(n: int) -> str:
    words = ("", "first", "second", "third", "fourth", "fifth", "sixth")
    return words[n] if n < len(words) else ordinal(n)
