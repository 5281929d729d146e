"""Right and wrong derivatives in any number, to try gradcheck on: random circuits, rows, kinks, edges.

``python benchmarks/checker.py`` tries thousands of them; the suite tries a few.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from mpmath import mp, mpf

from autograd_lite import TABLE, Primitive, derivative, errstate, primitive
from autograd_lite.check.gradients import examined
from autograd_lite.check.report import Entry
from autograd_lite.check.targets import Claims, Target
from autograd_lite.check.verdicts import Tolerance
from autograd_lite.core.primitive import Operand
from autograd_lite.testing import Recipe, apply_row, within

from .references import INDEXED, REFERENCES

_TOLERANCE = Tolerance(1e-6, 0.0)
#: Where rows have kinks, ties, edges and saturation.
_SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -3.0, 1e-9, -1e-6, 1e-3, 30.0, 1e3, 1e6)
BUILT_IN_ROWS = tuple(
    name
    for name in REFERENCES
    if name not in (*INDEXED, "dot") and all(low < high for low, high in TABLE[name].domain)
)


class Trial(NamedTuple):
    """A function at a point, the order to check, and how it prints."""

    function: Any
    inputs: tuple[float, ...]
    order: int
    text: str


def grown(rng: Random, special: bool, rows: tuple[str, ...] = BUILT_IN_ROWS) -> Recipe:
    """A random circuit of up to eight operations on up to three inputs.

    :param special: whether it may stand on kinks, at edges and far out.
    """
    inputs = tuple(
        rng.choice(_SPECIAL) if special and rng.random() < 0.5 else round(rng.uniform(-4.0, 4.0), 3)
        for _ in range(rng.randint(1, 3))
    )
    results, steps = list(inputs), list[tuple[str, tuple[int, ...]]]()
    for _ in range(rng.randint(1, 8)):
        row = TABLE[rng.choice(rows)]
        count = row.arity or rng.randint(1, 4)
        places = tuple(rng.randrange(len(results)) for _ in range(count))
        operands = [results[p] for p in places]
        with errstate("ignore"):
            z = float(apply_row(row, operands))
        sound = special or (within(row, operands) and abs(z) < 1e3)
        if sound and (math.isfinite(z) or (special and rng.random() < 0.1)):
            results.append(z)
            steps.append((row.name, places))
    return Recipe(inputs, tuple(steps or [("sin", (0,))]))


def at_row(rng: Random, row: Primitive) -> Trial:
    """One row at a point of its domain, at an end of it, or at a kink."""
    count = row.arity or rng.randint(1, 4)
    domain = (row.domain * count)[:count]
    xs = []
    for low, high in domain:
        kind = rng.random()
        xs.append(
            rng.choice((low, high))
            if kind < 0.1
            else rng.choice(_SPECIAL)
            if kind < 0.35
            else rng.choice((-1, 1)) * 10.0 ** rng.uniform(-12, 6)
            if kind < 0.5
            else rng.uniform(low, high)
        )
    if len(xs) > 1 and rng.random() < 0.2:
        xs[1] = xs[0]  # a tie
    fixed = {0: xs[0]} if row.name in ("polygamma", "sinc_derivative", "log_ndtr_derivative") else {}
    if fixed:
        xs[0] = fixed[0] = 1.0
    if row.name in INDEXED:
        xs.append(0.0)
        fixed = {len(xs) - 1: 0.0}
    free = [k for k in range(len(xs)) if k not in fixed]

    def f(*given: Any, apply: Any = None) -> Any:
        operands: list[Any] = list(xs)
        for k, x in zip(free, given, strict=True):
            operands[k] = x
        return row._at(tuple(operands)) if apply is None else apply(row.name, operands)

    return Trial(f, tuple(xs[k] for k in free), rng.choice((1, 1, 2)), f"{row.name}{tuple(xs)}")


#: Rows of one operand whose slope may change its sign inside the domain.
_TURNING = ("gelu", "silu", "gamma", "lgamma", "sinc", "cos", "sin", "log_cosh", "gaussian", "sech", "erf")


def at_turn(rng: Random) -> Trial:
    """A row at a float beside which a derivative of it changes its sign, or within 10⁻⁹ of that."""
    row, order = TABLE[rng.choice(_TURNING)], rng.choice((1, 2))
    slope = derivative(row, order)
    a = rng.uniform(*row.domain[0])
    b = a + 0.4
    with errstate("ignore"):
        while slope(a) * slope(b) > 0.0 and b < row.domain[0][1] + 1.0:
            a, b = b, b + 0.4
        while a < (middle := (a + b) / 2) < b:
            a, b = (a, middle) if slope(a) * slope(middle) <= 0.0 else (middle, b)

    def f(x: Any, apply: Any = None) -> Any:
        return row(x) if apply is None else apply(row.name, [x])

    x = rng.choice((a, b, a * (1.0 + 1e-13), b * (1.0 - 1e-9)))
    return Trial(f, (x,), order, f"{row.name}({x!r})")


def right(rng: Random) -> Trial:
    """A derivative as the library has it."""
    if rng.random() < 0.05:
        return at_turn(rng)
    if rng.random() < 0.4:
        return at_row(rng, TABLE[rng.choice(tuple(REFERENCES))])
    recipe = grown(rng, special=rng.random() < 0.5)
    return Trial(recipe, recipe.inputs, rng.choice((1, 1, 1, 2)), str(recipe))


def entries_of(trial: Trial, claims: Any = None) -> Iterator[Entry]:
    """What gradcheck says of every derivative of the trial of its order, by the reverse sweep."""
    names = [f"x{i}" for i in range(len(trial.inputs))]
    target = Target(trial.function, trial.inputs, names)
    entries: list[Entry] = []
    with errstate("ignore"):
        for order in range(1, trial.order):
            entries += examined(target, order, ("reverse",), None, _TOLERANCE, entries, False)
        if claims is not None:
            target = claims(trial, names)
        yield from examined(target, trial.order, ("reverse",), None, _TOLERANCE, entries, False)


def is_confirmed(trial: Trial, entry: Entry) -> bool:
    """Whether differences of mpmath's values to either side bear out a derivative of the library.

    One of first order alone is asked; at higher orders only that it is a number.
    """
    if not math.isfinite(entry.derivative):
        return False
    if entry.order > 1:
        return True
    i = int(entry.input[1:])
    with mp.workdps(60):
        xs = [mpf(x) for x in trial.inputs]

        def at(x: Any) -> Any:
            return trial.function(*xs[:i], x, *xs[i + 1 :], apply=lambda name, zs: REFERENCES[name](*zs))

        h = mpf(2) ** -90 * max(abs(xs[i]), mpf(2) ** -20)
        slopes = [(at(xs[i] + side * h) - at(xs[i])) / (side * h) for side in (1, -1)]
    return any(abs(s - entry.derivative) <= 1e-5 * abs(entry.derivative) + 1e-300 for s in slopes)


FAULTS = {"0.1 %": 1.001, "1e-5": 1 + 1e-5, "sign": -1.0}


class _Perturbed(Target):
    """A function of which one derivative is claimed times a factor."""

    def __init__(self, trial: Trial, names: list[str], factor: float) -> None:
        super().__init__(trial.function, trial.inputs, names)
        self.factor = factor

    def claims(self, order: int, modes: Any) -> Claims:
        found = super().claims(order, modes)
        for rows in found.found.values():
            for row in rows:
                row[:] = [self.factor * d for d in row]
        return found


def wrong(rng: Random, kind: str) -> Iterator[tuple[Trial, Entry]]:
    """Wrong derivatives that are not 0, each with what gradcheck says of it.

    :param kind: a key of FAULTS, or ``"order 2"`` for a rule whose own derivative is wrong.
    """
    how = rng.random()
    if kind == "order 2" or how < 0.4:
        yield from _through_a_rule(rng, kind)
        return
    if how < 0.7:
        trial = at_row(rng, TABLE[rng.choice(tuple(REFERENCES))])
    else:
        recipe = grown(rng, special=rng.random() < 0.3)
        trial = Trial(recipe, recipe.inputs, rng.choice((1, 1, 2)), str(recipe))
    factor = FAULTS[kind]
    for entry in entries_of(trial, lambda t, names: _Perturbed(t, names, factor)):
        if 1e-290 < abs(entry.derivative) < math.inf and abs(entry.derivative) > entry.tolerance:
            yield trial, entry  # not what rounding leaves of a sum that is 0


def _through_a_rule(rng: Random, kind: str) -> Iterator[tuple[Trial, Entry]]:
    """Circuits of which one input goes through a row with a wrong rule."""
    recipe = grown(rng, special=False)
    where = rng.randrange(len(recipe.inputs))
    if kind == "order 2":
        bend = rng.choice((1e-3, -1.0, 0.5))
        # On floats it is 1 everywhere; as a circuit it has a slope of its own.
        rule = lambda x, z: 1.0 + bend * (x - getattr(x, "data", x))  # noqa: E731 - a rule is one
    else:
        rule = lambda x, z: FAULTS[kind]  # noqa: E731 - as above
    through = primitive("through_a_rule", lambda x: x, [rule], "x itself", replace=True)
    try:

        def f(*xs: Any) -> Any:
            given = list(xs)
            given[where] = through(given[where])
            return recipe(*given)

        trial = Trial(f, recipe.inputs, 2 if kind == "order 2" else 1, f"{recipe} through x{where}")
        plain = Trial(recipe, recipe.inputs, trial.order, "")
        for entry, sound in zip(entries_of(trial), entries_of(plain), strict=True):
            # Not every derivative is touched: those that are differ from the sound ones.
            touched = abs(entry.derivative - sound.derivative) > 0.9e-5 * abs(entry.derivative)
            if touched and entry.derivative and math.isfinite(entry.derivative):
                yield trial, entry
    finally:
        del TABLE["through_a_rule"]
        delattr(Operand, "through_a_rule")
