"""Circuits, single operations and their local derivatives as formulas, in text and in LaTeX.

The formula of a local derivative is not written down anywhere: the row's rule is run once on stand-in
nodes and the circuit that it makes is printed. So a new row, a user's own too, has one at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import Any, NamedTuple

from ..core.order import circuit
from ..core.primitive import Primitive
from ..core.value import Value
from ..support.ieee import errstate
from .notation import given_names, labels
from .terms import Algebra, Term
from .typeset import typeset

#: The longest formula of a whole circuit, in characters, when no limit is given.
LONGEST = 100_000

#: A row of more operands than this has formulas only for local derivatives that are an operand or a
#: number: each of the others would name every operand.
_WIDEST = 16


class _Step(NamedTuple):
    row: Primitive
    operands: tuple[int | float, ...]  # a position among operands and earlier results, or a number


class Recipe(NamedTuple):
    """How a local derivative is made from a row's operands; ``result`` as an operand of a step."""

    steps: tuple[_Step, ...]
    result: int | float


class Writer:
    """Makes the formulas of a drawing: one operation at a time, over the terms of its operands."""

    def __init__(self, collect: bool = False) -> None:
        self.algebra = Algebra(collect)
        self._recipes: dict[tuple[Any, ...], tuple[Recipe | None, ...]] = {}

    def locals(self, node: Value, operands: Sequence[Term]) -> Callable[[int], Term | None]:
        """The local derivatives of ``node`` by position; None where there is no formula."""
        recipes = self._recipes_of(node)

        def local(position: int) -> Term | None:
            recipe = recipes[position]
            if recipe is None:
                return None
            made = [*operands] if recipe.steps else operands
            for row, arguments in recipe.steps:
                terms = [self._argument(made, a) for a in arguments]
                made = [*made, self.algebra.apply(row, terms)]
            return self._argument(made, recipe.result)

        return local

    def _argument(self, made: Sequence[Term], argument: int | float) -> Term:
        return made[argument] if isinstance(argument, int) else self.algebra.number(argument)

    def _recipes_of(self, node: Value) -> tuple[Recipe | None, ...]:
        row = node.op
        assert row is not None
        parents, recorded = node.parents, node._locals()
        live = tuple(d is not None for d in recorded)
        # A named constant keeps its name, but as an exponent: a rule may want to know that one.
        fixed = tuple(
            p.data if p.is_constant and (p.name is None or (len(parents) == 2 and i == 1)) else None
            for i, p in enumerate(parents)
        )
        # A user's rule may look at the numbers; the package's own never do.
        own = all(_is_own(rule) for rule in row.shown)
        key = (row, live, fixed, *(() if own else (p.data for p in parents)))
        found = self._recipes.get(key)
        if found is None:
            data = tuple(0.5 if own else p.data for p in parents)
            # In a context of its own no scope is open and operations are recorded.
            found = Context().run(_recipes, row, data, fixed, live)
            self._recipes[key] = found
        return found


def _is_own(rule: Any) -> bool:
    return str(getattr(rule, "__module__", "")).startswith(f"{__package__}.")


def _recipes(
    row: Primitive,
    data: Sequence[float],
    fixed: Sequence[float | None],
    live: Sequence[bool],
) -> tuple[Recipe | None, ...]:
    """The recipe of every local derivative of ``row``, None where no gradient flows."""
    stand_ins = [Value(x) if c is None else c for x, c in zip(data, fixed, strict=True)]
    places = {s: i for i, s in enumerate(stand_ins) if isinstance(s, Value)}
    result: Value | None = None
    with errstate("ignore"):
        try:
            result = Value._apply(row, tuple(stand_ins))
            rules = row.rule_results(row.shown, stand_ins, result, live)
        except Exception:  # a rule of the user's that works on floats alone: it has no formula
            return (None,) * len(live)
    return tuple(
        None
        if local is None or (len(live) > _WIDEST and isinstance(local, Value) and local.op)
        else _recipe(local, places, fixed)
        for local in rules
    )


def _recipe(local: Any, places: Mapping[Value, int], fixed: Sequence[float | None]) -> Recipe:
    if not isinstance(local, Value):
        return Recipe((), float(local))
    known: dict[Value, int | float] = dict(places)
    steps: list[_Step] = []
    for node in circuit(local):
        if node in known:
            continue
        if node.op is None or node.is_constant:
            known[node] = node.data
        else:
            steps.append(_Step(node.op, tuple(known[p] for p in node.parents)))
            known[node] = len(fixed) + len(steps) - 1
    return Recipe(tuple(steps), known[local])


def _operand_terms(
    algebra: Algebra, node: Value, names: Sequence[str | None], style: str
) -> list[Term]:
    if len(names) != len(node.parents):
        raise ValueError(f"{node!r} has {len(node.parents)} operands, not {len(names)}: name each")
    return [
        algebra.number(p.data) if name is None else algebra.name((i, name), name, name)
        for i, (p, name) in enumerate(zip(node.parents, names, strict=True))
    ]


def expression(
    node: Value, operand_names: Sequence[str | None], style: str = "text", digits: int = 4
) -> str:
    """One operation over the names of its operands; ``""`` for a leaf.

    :param operand_names: one per operand, already in the wanted style; None prints its number.

    >>> t = Value(1.0, "t")
    >>> expression(t * 3, ["t", None]), expression(t**2, ["t", None])
    ('3t', 't²')
    """
    if node.op is None:
        return ""
    algebra = Algebra()
    terms = _operand_terms(algebra, node, operand_names, style)
    return typeset(algebra.apply(node.op, terms), style, digits)


def local_formula(
    node: Value,
    position: int,
    names: Sequence[str | None],
    style: str = "text",
    digits: int = 4,
) -> str:
    """The derivative of one operation by the operand at ``position``, in the form people know.

    ``""`` where no gradient flows, and for a row whose rule works on floats alone.

    >>> from autograd_lite import tanh
    >>> x = Value(1.0, "x")
    >>> local_formula(tanh(x), 0, ["x"]), local_formula(1 / x, 1, [None, "x"])
    ('1 − tanh²(x)', '−1/x²')
    """
    if node.op is None or node._locals()[position] is None:
        return ""
    writer = Writer(collect=True)
    operands = _operand_terms(writer.algebra, node, names, style)
    term = writer.locals(node, operands)(position)
    return "" if term is None else typeset(term, style, digits)


def term(root: Value, algebra: Algebra, names: Mapping[Value, str]) -> Term:
    """The formula of a whole circuit over the names of its inputs."""
    order = circuit(root)
    inputs = (v for v in order if v.op is None or v.is_constant)
    known_as = labels(inputs, names, scoped=False)
    terms: dict[Value, Term] = {}
    speaks: set[Value] = set()
    for node in order:
        label = known_as.get(node)
        if label is not None and (label.named or (node.op is None and not node.is_constant)):
            terms[node] = algebra.name(node, label.text, label.latex)
            speaks.add(node)
        elif node.op is not None and not (node.is_constant and speaks.isdisjoint(node.parents)):
            terms[node] = algebra.apply(node.op, [terms[p] for p in node.parents])
            speaks.add(node)
        else:
            terms[node] = algebra.number(node.data)
    return terms[root]


def text(
    node: Value,
    names: Mapping[str, Any] | None = None,
    limit: int | None = None,
    ascii: bool = False,
    digits: int = 4,
) -> str:
    """The formula of a whole circuit over its inputs, in plain text.

    Numbers are merged and like terms collected, for printing only. A shared part is written wherever
    it is used, so the formula of a small circuit can be very long.

    :param names: names of the inputs by identity, such as ``locals()``; they beat ``.name``.
    :param limit: the most characters (100,000 when not given); a longer formula ends in ``…``.

    >>> from autograd_lite.core.transforms import gradients
    >>> x = Value(2.0, "x")
    >>> first = gradients(x**3, x)
    >>> text(x**3), text(first), text(gradients(first, x))
    ('x³', '3x²', '6x')
    """
    style = "ascii" if ascii else "text"
    found = term(node, Algebra(collect=True), given_names(names))
    return typeset(found, style, digits, limit=LONGEST if limit is None else limit)


def latex(
    node: Value, names: Mapping[str, Any] | None = None, limit: int | None = None, digits: int = 4
) -> str:
    r"""The formula of a whole circuit over its inputs, for LaTeX's math mode; see :func:`text`.

    Parts beyond ``limit`` characters become ``\cdots``.

    >>> from autograd_lite import sin
    >>> x = Value(2.0, "x1")
    >>> print(latex(sin(x) / 2))
    \frac{\sin\left(x_{1}\right)}{2}
    """
    found = term(node, Algebra(collect=True), given_names(names))
    return typeset(found, "latex", digits, limit=LONGEST if limit is None else limit)


def formula(
    root: Value, style: str = "text", *, names: Mapping[str, Any] | None = None, digits: int = 4
) -> str:
    """The formula of a whole circuit over its inputs; ``style`` is ``"text"`` or ``"latex"``.

    Derivatives made by ``gradients`` are circuits like any other.

    :raises ValueError: for another style.

    >>> from autograd_lite import Value, gradients
    >>> x = Value(2.0, "x")
    >>> formula(x**3), formula(gradients(x**3, x)), formula(gradients(x**3, x), "latex")
    ('x³', '3x²', '3x^{2}')
    """
    if style not in ("text", "latex"):
        raise ValueError(f'the style of a formula is "text" or "latex", not {style!r}')
    return (text if style == "text" else latex)(root, names, digits=digits)
