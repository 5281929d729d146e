"""Tells the story of a view: what each step says, and when each number of the picture is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..view.numbers import ordinal
from ..view.view import View, Wire
from .story import Line, Run, Step, Story
from .words import Words, substituted

#: Most lines of an explanation that lists nodes.
_LISTED = 12
_UNDRAWN = " (with paths that are not drawn)"


def tell(view: View, quiz: bool = False) -> Story:
    """The story of a view that holds gradients.

    :param quiz: split each backward step into a question and its answer.
    """
    return _Teller(view, quiz).story


@dataclass(frozen=True)
class _Addition:
    """One addition to the gradient of an operand, in print; ``place`` tells the two of ``x·x``."""

    wire: Wire
    place: str
    before: str
    total: str
    path: int


class _Teller(Words):
    def __init__(self, view: View, quiz: bool) -> None:
        super().__init__(view)
        self.quiz = quiz
        self.top = view.nodes[view.root]
        self.story = Story()
        self._sums: dict[int, float] = {}
        self._paths: Counter[int] = Counter()
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

    def add(self, step: Step) -> int:
        """Append a step, and tell its number."""
        self.story.steps.append(step)
        return len(self.story.steps) - 1

    @property
    def here(self) -> int:
        """The number of the step that comes next."""
        return len(self.story.steps)

    def change(self, i: int, text: str) -> None:
        """From the next step on the gradient of node ``i`` reads ``text``."""
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
            (Run("forward", "val b"), Run(f": the values, from the inputs to {top}")),
            (Run("backward", "grad b"), Run(f": the gradients, from {top} to the inputs")),
        )
        self.add(Step("start", "The circuit", (Run(counts),), (passes,)))

    def _inputs(self, given: list[int]) -> None:
        lines: list[Line] = []
        for i in given:
            node = self.view.nodes[i]
            self.story.value[i] = self.here
            if node.kind == "const" and not node.named:
                continue
            what = {"param": " (parameter)", "const": " (constant)"}.get(node.kind, "")
            lines.append(
                (
                    Run(f"{self.name(i)} = "),
                    Run(self.number(node.value), "val b"),
                    Run(what, "muted"),
                )
            )
        intro = "What the circuit starts from:" if given else "None of the inputs is drawn."
        self.add(
            Step(
                "forward",
                "The inputs",
                (Run(intro),),
                self._listed(lines),
                tuple(self.view.nodes[i].id for i in given),
            )
        )

    def _listed(self, lines: list[Line]) -> tuple[tuple[Line, ...], ...]:
        more = len(lines) - _LISTED
        if more > 1:
            lines[_LISTED:] = [(Run(f"… {more:,} more", "muted"),)]
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
        line = [Run(f"{self.name(i)} = {node.expression}")]
        if worked is not None and worked != self.number(node.value):
            line.append(Run(f" = {worked}", "muted"))
        line += [Run(" = "), Run(self.number(node.value), "val b")]
        locals_: list[Line] = []
        for w in wires:
            self.story.local[w.id] = self.here
            if self.view.nodes[w.source].kind != "const":
                locals_.append(self._local(w))
        groups: list[tuple[Line, ...]] = [(tuple(line),)]
        if locals_:
            head = "local derivative" + "s" * (len(locals_) > 1)
            groups.append(((Run(head, "muted"),), *locals_))
        groups += self._left_out(i)
        ids = tuple(w.id for w in wires)
        row = self.view.rows.index(i) if i in self.view.rows else None
        title = f"Forward: {self.name(i)} = {node.expression}"
        self.add(Step("forward", title, (), tuple(groups), (node.id,), ids, row))

    def _local(self, w: Wire) -> Line:
        """``∂u₁/∂t = cos(t) = 0.5403``."""
        partial = Run(self.partial(w.target, w.source), "local")
        if w.local is None:
            why = "" if w.is_flat else " (this branch is not taken)"
            return (partial, Run(" = 0"), Run(why, "muted"))
        local = self.number(w.local)
        known = f" = {w.local_formula}" if w.local_formula not in ("", local) else ""
        return (partial, Run(f"{known} = "), Run(local, "local b"))

    def _seed(self) -> None:
        self.story.seed = self.here
        root = self.view.root
        for i, node in enumerate(self.view.nodes):
            if node.grad is not None:
                self.change(i, self.number(1.0 if i == root else 0.0))
        own = self.partial(root, root)
        self.add(
            Step(
                "backward",
                f"The seed: {own} = 1",
                (Run("The sweep starts at the result; every other gradient starts at 0."),),
                (((Run(own, "grad"), Run(" = "), Run("1", "grad b")),),),
                (self.top.id,),
            )
        )

    def _backward(self, i: int, row: int) -> None:
        node = self.view.nodes[i]
        if node.grad is None:
            return
        wires = [w for w in self.view.incoming(i) if w.contribution is not None]
        additions = [self._addition(w, self.write.place(w)) for w in wires]
        of = f"{self.name(i)} = {node.expression}"
        upstream = self.number(node.grad)
        intro = [
            Run(f"upstream gradient of {self.name(i)}: {self.partial(self.view.root, i)} = "),
            Run(upstream, "grad b"),
        ]
        if self.story.grad[i][-1][1] != upstream:
            self.change(i, upstream)
            intro.append(Run(_UNDRAWN, "muted"))
        lit = (node.id,), tuple(w.id for w in wires), row
        if self.quiz and additions:
            asked = tuple(self._lines(a, upstream, asked=True) for a in additions)
            self.add(Step("ask", f"Predict: backward through {of}", tuple(intro), asked, *lit))
        groups = tuple(self._lines(a, upstream) for a in additions)
        for a in additions:
            self.story.product[a.wire.id] = self.here
            self.change(a.wire.source, a.total)
            if self.write.sum_of_paths(a.wire.source) is not None:
                self.story.total[a.wire.source] = self.here
        self.story.backward[i] = self.here
        rest = self._left_out(i)
        if not groups and not rest:
            rest = [((Run("No gradient flows on from here.", "muted"),),)]
        told = Step("backward", f"Backward through {of}", tuple(intro), (*groups, *rest), *lit)
        self.add(told)

    def _left_out(self, i: int) -> list[tuple[Line, ...]]:
        text = self.left_out(i)
        return [((Run(text, "muted"),),)] if text else []

    def _addition(self, w: Wire, place: str) -> _Addition:
        assert w.contribution is not None
        source = self.view.nodes[w.source]
        self._paths[w.source] += 1
        before = self._sums.get(w.source, 0.0)
        total = w.contribution if self._paths[w.source] == 1 else before + w.contribution
        parts = [o.contribution for o in self.view.outgoing(w.source) if o.contribution is not None]
        if self._paths[w.source] == len(parts) and source.grad is not None:
            # The same sum in another order may differ in its last digits.
            close = 1e-12 * sum(map(abs, parts))
            if not abs(total - source.grad) > close:
                total = source.grad
        self._sums[w.source] = total
        return _Addition(w, place, self.number(before), self.number(total), self._paths[w.source])

    def _lines(self, a: _Addition, upstream: str, asked: bool = False) -> tuple[Line, ...]:
        """The chain rule on one wire: in symbols, in numbers, and what it does to the operand."""
        w, root = a.wire, self.view.root
        product = self.write.product(w)
        assert w.local is not None
        assert product is not None
        local = self.number(w.local)
        symbols: list[Run] = [
            Run(f"{self.partial(root, w.source)} += "),
            Run(self.partial(w.target, w.source), "local b"),
            Run(" × ", "muted"),
            Run(self.partial(root, w.target), "grad"),
        ]
        if a.place:
            symbols.append(Run(a.place, "muted"))
        numbers: list[Run] = []
        if w.local_formula not in ("", local):
            numbers.append(Run(f"{w.local_formula} = "))
        numbers += [
            Run(local, "local b"),
            Run(" × ", "muted"),
            Run(product[0], "grad"),
            Run(" = " if asked else f" {product[1]} ", "muted"),
            Run("?" if asked else product[2], "grad b"),
        ]
        effect: list[Run] = [
            Run(f"{self.name(w.source)}.grad: {a.before} → ", "muted"),
            Run("?" if asked else a.total, "grad b"),
        ]
        if a.path > 1:
            effect.append(Run(f" ({_path(a.path)} path: the contributions add)", "muted"))
        return tuple(symbols), tuple(numbers), tuple(effect)

    def _done(self, given: list[int]) -> None:
        lines: list[Line] = []
        for i in given:
            grad = self.view.nodes[i].grad
            if grad is None:
                continue
            line = [Run(f"{self.partial(self.view.root, i)} = "), Run(self.number(grad), "grad b")]
            if self.story.grad[i][-1][1] != self.number(grad):
                self.change(i, self.number(grad))
                line.append(Run(_UNDRAWN, "muted"))
            lines.append(tuple(line))
        result = (
            Run(f"{self.name(self.view.root)} = "),
            Run(self.number(self.top.value), "val b"),
        )
        self.add(Step("done", "The result", result, self._listed(lines)))


def _path(n: int) -> str:
    words = ("", "first", "second", "third", "fourth", "fifth", "sixth")
    return words[n] if n < len(words) else ordinal(n)
