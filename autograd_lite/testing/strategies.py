"""The strategies: circuits, inputs for one, single rows over their whole domain, programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

try:
    from hypothesis import strategies as st
except ImportError as missing:  # pragma: no cover - needs an environment without it
    raise ImportError(
        'autograd_lite.testing needs Hypothesis: pip install "autograd-lite[testing]"'
    ) from missing

from ..check.row_points import has_index
from ..core.primitive import BUILT_IN, TABLE, Interval, Primitive, lookup_or_raise
from ..core.value import Value
from ..program import Program, record
from ..support.ieee import errstate
from ..support.nested import several
from .recipe import Recipe, within

#: The rows that come with the package, in the order of the table.
PACKAGED = tuple(name for name in TABLE if name in BUILT_IN)

#: Those of them whose operands are any numbers of the domain: no index, no order, no pairs.
GROWABLE = tuple(
    name
    for name in PACKAGED
    if getattr(TABLE[name].gather, "func", None) is several
    and all(low < high for low, high in TABLE[name].domain)
)


@st.composite
def circuits(
    draw: Any,
    *,
    min_inputs: int = 1,
    max_inputs: int = 4,
    max_steps: int = 12,
    rows: Sequence[str] = PACKAGED,
    magnitude: float = math.inf,
    margin: float = 1e-2,
) -> Recipe:
    """Recipes whose every operation stays inside its row's domain, with sharing and repeats.

    An operand is an earlier result that lies in the domain of the operation, or a new input from
    anywhere in that domain. Inputs are short decimal numbers, so that failures print well; for numbers
    of all sizes, see :func:`rows`.

    :param rows: names of the rows to grow from: the package's, or your own as well.
    :param magnitude: bound on the absolute value of the inputs and of all results, where circuits
        shall be kept tame. The domains of the rows are cut to it.
    :param margin: how far operands stay away from kinks.

    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, database=None, deadline=None)
    ... @given(circuits(max_steps=2))
    ... def check(recipe):
    ...     assert math.isfinite(recipe(*recipe.inputs))
    >>> check()
    """
    count = draw(st.integers(min_inputs, max_inputs))
    anywhere = _decimals((-min(magnitude, 8.0), min(magnitude, 8.0)))
    inputs = draw(st.lists(anywhere, min_size=min_inputs, max_size=min_inputs))
    steps: list[tuple[str, list[Any]]] = []  # inputs are negative here: they are counted at the end
    results: dict[int, float] = {-1 - i: x for i, x in enumerate(inputs)}
    for _ in range(draw(st.integers(1, max_steps))):
        row = lookup_or_raise(draw(st.sampled_from(rows)))
        fresh: dict[int, float] = {}
        positions: list[Any] = [
            _operand(draw, interval, results, fresh, count, magnitude)
            for interval in _intervals(row, draw(st.integers(1, 4)) if row.arity is None else 0)
        ]
        if has_index(row):
            positions.append(float(draw(st.integers(0, len(positions) - 1))))
        if None in positions:
            continue
        numbers = {**results, **fresh}
        operands = [numbers[p] if isinstance(p, int) else p for p in positions]
        with errstate("ignore"):
            z = row.ieee_value(operands)
        if within(row, operands, margin) and math.isfinite(z) and abs(z) <= magnitude:
            results |= fresh
            results[len(steps)] = z
            steps.append((row.name, positions))
    if not steps:
        inputs = inputs or [1.0]
        return Recipe(tuple(inputs), (("pos", (0,)),))
    return _renumbered(results, steps, min_inputs)


def _operand(
    draw: Any,
    interval: Interval,
    results: dict[int, float],
    fresh: dict[int, float],
    count: int,
    magnitude: float,
) -> int | float | None:
    """A number for an operand: an earlier result, a new input, or None where there is neither."""
    low, high = interval
    if low == high:
        return low
    known = {**results, **fresh}
    fitting = [p for p, x in known.items() if low <= x <= high]
    used = sum(p < 0 for p in known)
    low, high = max(low, -magnitude), min(high, magnitude)
    may_be_new = used < count and low < high
    chosen = draw(st.integers(0, len(fitting) - (not may_be_new))) if fitting or may_be_new else -1
    if chosen < 0:
        return None
    if chosen < len(fitting):
        return fitting[chosen]
    fresh[-1 - used] = draw(_decimals((low, high)))
    return -1 - used


def _renumbered(results: dict[int, float], steps: list[tuple[str, list[Any]]], min_inputs: int) -> Recipe:
    """The recipe, with the inputs in front of the steps, and without what the result does not need."""
    xs = {p: x for p, x in results.items() if p < 0}
    place = {p: k for k, p in enumerate([*xs, *range(len(steps))])}
    whole = Recipe(
        tuple(xs.values()),
        tuple(
            (name, tuple(place[p] if isinstance(p, int) else p for p in positions))
            for name, positions in steps
        ),
    )
    return whole.pruned(min_inputs)


@st.composite
def inputs(draw: Any, recipe: Recipe, margin: float = 1e-2) -> tuple[float, ...]:
    """Other inputs for a circuit, at which each operation stays inside its domain and off its kinks.

    They lie on a random ray from the inputs of the recipe, as far out as that allows.

    :param margin: how far operands stay away from kinks.

    >>> logarithm = Recipe((1.0,), (("log", (0,)),))
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, database=None, deadline=None)
    ... @given(inputs(logarithm))
    ... def check(xs):
    ...     assert xs[0] > 0.0
    >>> check()
    """
    direction = draw(st.tuples(*[_decimals((-4.0, 4.0))] * len(recipe.inputs)))
    for halvings in range(12):
        part = 0.5**halvings
        xs = tuple(x + part * d for x, d in zip(recipe.inputs, direction, strict=True))
        if recipe.is_smooth_at(xs, margin):
            return xs
    return recipe.inputs


@st.composite
def rows(draw: Any, names: Sequence[str] = PACKAGED, most: int = 4, margin: float = 0.0) -> Recipe:
    """Recipes of one operation, at points over the whole domain of its row.

    Numbers of all sizes that the domain holds are among them, and those beside its ends.

    :param names: the rows to try; your own, say.
    :param most: how many operands an operation of any number of them has at most.
    :param margin: how far the operands stay away from kinks.

    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, database=None, deadline=None)
    ... @given(rows(["sinh"]))
    ... def check(recipe):
    ...     assert str(recipe).endswith("sinh(x0)")
    >>> check()
    """
    row = lookup_or_raise(draw(st.sampled_from(names)))
    xs = draw(operands(row, most=most, margin=margin))
    held = [low == high for low, high in row.domain] if row.arity else [False] * len(xs)
    if has_index(row):
        held[-1] = True
    free = [x for x, fixed in zip(xs, held, strict=True) if not fixed]
    place = iter(range(len(free)))
    step = tuple([x if fixed else next(place) for x, fixed in zip(xs, held, strict=True)])
    return Recipe(tuple(free), ((row.name, step),))


def operands(row: Primitive, *, most: int = 4, margin: float = 0.0) -> st.SearchStrategy[list[float]]:
    """Operands of a row, over its whole domain; an index is among them where the row has one.

    :param most: how many there are at most, where a row takes any number of them.
    :param margin: how far they stay away from kinks.

    >>> from autograd_lite import TABLE
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, database=None, deadline=None)
    ... @given(operands(TABLE["log"]))
    ... def check(xs):
    ...     assert xs[0] > 0.0
    >>> check()
    """

    @st.composite
    def drawn(draw: Any) -> list[float]:
        size = draw(st.integers(1, most)) if row.arity is None else 0
        xs = [draw(_inside(interval)) for interval in _intervals(row, size)]
        return [*xs, float(draw(st.integers(0, len(xs) - 1)))] if has_index(row) else xs

    return drawn().filter(lambda xs: within(row, xs, margin) or (margin == 0.0 and row.kink is not None))


@dataclass(frozen=True)
class Recorded:
    """A recipe and the program that an engine made of it.

    >>> from autograd_lite import record
    >>> recipe = Recipe((2.0,), (("square", (0,)),))
    >>> Recorded(recipe, "python", record(recipe, 2.0, engine="python"))
    x0 = Value(2.0); square(x0)  # engine='python'
    """

    recipe: Recipe
    engine: str
    program: Program

    def __repr__(self) -> str:
        return f"{self.recipe}  # engine={self.engine!r}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How Hypothesis prints a failing example."""
        printer.text(repr(self))


@st.composite
def programs(draw: Any, /, engines: Sequence[str] = ("python",), **options: Any) -> Recorded:
    """Recorded circuits, to compare with the same recipes run eagerly.

    :param engines: which engines to record for: ``"python"``, ``"numpy"``, ``"machine"``.
    :param options: as for :func:`circuits`.

    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3, database=None, deadline=None)
    ... @given(programs(max_steps=2))
    ... def check(made):
    ...     xs = made.recipe.inputs
    ...     assert math.isclose(made.program(*xs), made.recipe(*xs), abs_tol=1e-9)
    >>> check()
    """
    recipe = draw(circuits(**options))
    engine = draw(st.sampled_from(engines))
    with errstate("ignore"):
        program = record(lambda *xs: recipe(*xs), *recipe.inputs, engine=engine, verify=False)
    return Recorded(recipe, engine, program)


def values(recipe: Recipe) -> list[Value]:
    """The inputs of a recipe as named Values.

    >>> values(Recipe((2.0,), (("square", (0,)),)))
    [Value(2.0, name='x0')]
    """
    return [Value(x, f"x{i}") for i, x in enumerate(recipe.inputs)]


def _intervals(row: Primitive, size: int) -> list[Interval]:
    """The domain of every operand, ``size`` of them where a row takes any number."""
    if row.arity is not None:
        return list(row.domain)
    return list(row.domain) * (2 * size if row.name == "dot" else size)


def _decimals(interval: Interval) -> st.SearchStrategy[float]:
    """Short decimal numbers inside an interval."""
    low, high = interval
    digits = 4 - math.floor(math.log10(high - low))
    numbers = st.floats(low, high, allow_subnormal=False).map(lambda x: round(x, digits))
    return numbers.filter(lambda x: low < x < high)


def _inside(interval: Interval) -> st.SearchStrategy[float]:
    """Numbers of all sizes inside an open interval, often beside its ends; or the one that it holds."""
    low, high = interval
    if low == high:
        return st.just(low)
    wide = st.floats(low, high, exclude_min=True, exclude_max=True, allow_subnormal=False)
    beside = st.integers(1, 50).map(lambda k: (high - low) * 2.0**-k)
    ends = beside.flatmap(lambda gap: st.sampled_from([low + gap, high - gap]))
    return wide | _decimals(interval) | ends.filter(lambda x: low < x < high)
