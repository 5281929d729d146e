"""Makes the story of a view: what each step says, and from when each number is visible.

Its texts have slots for the numbers, see :mod:`.slots`.
"""

from __future__ import annotations

from ..text.numbers import ordinal
from ..text.writer import bracketed
from ..view.view import View, Wire
from .slots import SlotWriter, held, slot
from .story import Span, Spans, Step, Story
from .substitution import substitution

#: The most lines of an explanation that lists nodes.
_MOST_LISTED = 24

#: The most lines of such a list that stand below each other.
_TOGETHER = 6
_UNDRAWN = " (with paths that are not drawn)"


def tell(view: View, quiz: bool = False) -> Story:
    """The story of a view that holds gradients.

    :param quiz: split each backward step into a question and its answer.
    """
    return _Teller(view, quiz).story


class _Teller:
    def __init__(self, view: View, quiz: bool) -> None:
        self.view, self.quiz = held(view), quiz
        self.write = SlotWriter(self.view)
        self.number = self.write.number
        self.top = self.view.nodes[view.root]
        self.story = Story()
        #: How many contributions there were to the gradient of each node.
        self._paths = dict.fromkeys(range(len(view.nodes)), 0)
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
        return tuple(tuple(lines[k : k + _TOGETHER]) for k in range(0, len(lines), _TOGETHER))

    def _forward(self, i: int) -> None:
        node = self.view.nodes[i]
        wires = self.view.incoming(i)
        self.story.value[i] = self.here
        line = [Span(f"{self.name(i)} = {node.expression}")]
        places = {self.view.nodes[w.source].label: w.source for w in wires}
        # Two nodes of different scopes may share a name.
        if len(places) == len({w.source for w in wires}):
            pieces = substitution(node.expression_full, places)
            if pieces:
                line.append(Span(slot("w", len(self.story.substitutions)), "muted"))
                self.story.substitutions.append((i, pieces))
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
            return (partial, Span(" = 0"))
        known = f" = {w.local_formula}" if self.write.has_formula(w) else ""
        number = Span(self.number(w.local), "local b")
        return (partial, Span(f"{known} = "), number, Span(slot("d", w), "muted"))

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
        wires = [w for w in self.view.incoming(i) if w.contribution is not None]
        of = f"{self.name(i)} = {node.expression}"
        intro = [
            Span(f"upstream gradient of {self.name(i)}: {self.gradient(i)} = "),
            Span(self.number(node.grad), "grad b"),
        ]
        if i in self.view.feeds_hidden:
            self.change(i, self.number(node.grad))
            intro.append(Span(_UNDRAWN, "muted"))
        lit = (node.id,), tuple(w.id for w in wires), row
        for w in wires:
            self._paths[w.source] += 1
        places = self._places(wires)
        if self.quiz and wires:
            asked = tuple(self._lines(w, places[w.id], asked=True) for w in wires)
            self.add(Step("ask", f"Predict: backward through {of}", tuple(intro), asked, *lit))
        groups = tuple(self._lines(w, places[w.id]) for w in wires)
        for w in wires:
            self.change(w.source, slot("a", w))
            if self.write.sum_of_paths(w.source) is not None:
                self.story.total[w.source] = self.here
        for w in self.view.incoming(i):
            if w.local is not None:
                self.story.product[w.id] = self.here
        self.story.backward[i] = self.here
        rest = self._left_out(i)
        if not groups and not rest:
            rest = [((Span("No gradient flows on from here.", "muted"),),)]
        self.add(Step("backward", f"Backward through {of}", tuple(intro), (*groups, *rest), *lit))

    def _places(self, wires: list[Wire]) -> dict[str, int]:
        """Which of all contributions to its source each of some wires adds that end in one node."""
        found = {}
        for k, w in enumerate(wires):
            later = sum(other.source == w.source for other in wires[k + 1 :])
            found[w.id] = self._paths[w.source] - later
        return found

    def _left_out(self, i: int) -> list[tuple[Spans, ...]]:
        text = self.write.left_out(i)
        return [((Span(text, "muted"),),)] if text else []

    def _lines(self, w: Wire, path: int, asked: bool = False) -> tuple[Spans, ...]:
        """The chain rule on one wire: in symbols, in numbers, and what it does to the operand.

        :param path: which of the contributions to the gradient of the operand this is.
        """
        place = self.write.place(w)
        # Which number stands there, for a page that asks for it
        mark = {kind: f" ask {kind}{w.id[1:]}" if asked else "" for kind in "luca"}
        local = Span(slot("l", w), "local b" + mark["l"])
        symbols: list[Span] = [
            Span(f"{self.gradient(w.source)} += "),
            Span(self.partial(w.target, w.source), "local b"),
            Span(" × ", "muted"),
            Span(self.gradient(w.target), "grad"),
        ]
        if place:
            symbols.append(Span(f" ({place})", "muted"))
        numbers: list[Span] = []
        if self.write.has_formula(w):
            numbers += [
                Span(bracketed(w.local_formula)),
                Span(" × ", "muted"),
                Span(self.gradient(w.target), "grad"),
                Span(" = "),
            ]
        numbers += [
            local,
            Span(" × ", "muted"),
            Span(slot("u", w), "grad" + mark["u"]),
            Span(" = " if asked else f" {slot('r', w)} ", "muted"),
            Span("?" if asked else slot("c", w), "grad b" + mark["c"]),
        ]
        effect: list[Span] = [Span(f"{self.name(w.source)}.grad: {slot('b', w)} → ", "muted")]
        if path > 1 and not asked:
            effect = [Span(f"{self.name(w.source)}.grad: {slot('b', w)} + ", "muted")]
            effect += [Span(slot("k", w), "grad"), Span(f" {slot('s', w)} ", "muted")]
        effect.append(Span("?" if asked else slot("a", w), "grad b" + mark["a"]))
        if path > 1 and not asked:
            effect.append(Span(f" ({_counted_path(path)} path: the contributions add)", "muted"))
        if not asked:
            effect.append(Span(slot("d", w), "muted"))
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
            if i in self.view.feeds_hidden:
                self.change(i, self.number(grad))
                line.append(Span(_UNDRAWN, "muted"))
            lines.append(tuple(line))
        result = (
            Span(f"{self.name(self.view.root)} = "),
            Span(self.number(self.top.value), "val b"),
        )
        self.add(Step("done", "The result", result, self._listed(lines)))


def _counted_path(n: int) -> str:
    words = ("", "first", "second", "third", "fourth", "fifth", "sixth")
    return words[n] if n < len(words) else ordinal(n)
