"""The derivative of a function of one number by differences, and how far it can be believed.

Central differences and one-sided ones at steps that are powers of two, so that ``x ± h`` is exact,
extrapolated to step 0 in windows of three steps (Richardson 1911; Ridders 1982). Every window brings an
estimate of its own error. Fine windows overrule coarse ones: coarse steps may agree with one another
by chance, beside an oscillation, a pole or a kink that they jump over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

#: Half a unit in the last place, relative to the number.
ROUNDOFF = math.ulp(1.0) / 2
_TINIEST = math.ulp(0.0)
_FINEST = 26  # a step of √ROUNDOFF · |x|, as a power of two
_LEAST_EXPONENT = -1070  # a quarter of it is a number, too
_RANGE = 60  # how many powers of two the steps span where x says nothing of the scale


class Slope(NamedTuple):
    """An estimate of a slope, of its error, and the exponent of the finest step that it is made from.

    ``windows`` is how many windows of steps support it; it is ``contested`` where finer ones do not.
    """

    number: float
    error: float
    exponent: int
    windows: int = 1
    contested: bool = False


class Probe:
    """The values of a function of one number beside a point, each computed once.

    The function gives a list of numbers; each of them is examined on its own.

    :ivar values: the numbers at the point itself.
    """

    def __init__(
        self, along: Callable[[float], Sequence[float]], x: float, values: Sequence[float]
    ) -> None:
        self.along, self.x, self.values = along, x, values
        self.known: dict[int, tuple[Sequence[float], Sequence[float]]] = {}

    def pair(self, exponent: int) -> tuple[Sequence[float], Sequence[float]]:
        """The numbers above and below the point, at a step of 2 to the power ``exponent``."""
        if exponent not in self.known:
            h = math.ldexp(1.0, exponent)
            above, below = self.along(self.x + h), self.along(self.x - h)
            self.known[exponent] = (above, below)
        return self.known[exponent]

    def start(self) -> int:
        """The exponent of a first step, at which three steps most often do."""
        return _exponent(max(abs(self.x), 0.125)) - 5

    def ladder(self, finer: int = 0) -> list[int]:
        """Exponents of steps from the scale of the function down to √ROUNDOFF · |x|, coarse first.

        :param finer: how many powers of two below that the finest is.
        """
        top = _exponent(max(abs(self.x), 1.0)) - 2
        if self.x == 0.0:
            return list(range(top, top - _RANGE, -1))
        own = _exponent(abs(self.x))
        finest = max(own - _FINEST - finer, _LEAST_EXPONENT)
        steps = list(range(top, max(finest, top - _RANGE) - 1, -1))
        return steps + [e for e in range(own - 1, finest - 1, -1) if e < steps[-1]]

    def finest(self) -> int:
        """The exponent of the smallest step that leaves both sides numbers of their own."""
        return _exponent(math.ulp(self.x)) - 1 if self.x else self.ladder()[-1]

    def change(self, output: int, exponent: int, side: int) -> float:
        """By how much the function differs from its value, at a step to that side (1 or −1)."""
        there = self.pair(exponent)[0 if side > 0 else 1][output]
        return there - self.values[output]

    def quotient(self, output: int, exponent: int, side: int) -> float:
        """The difference quotient at one step: to one side (1 or −1), or central (0)."""
        h = math.ldexp(1.0, exponent)
        if side:
            return side * self.change(output, exponent, side) / h
        above, below = self.pair(exponent)
        return above[output] / (2 * h) - below[output] / (2 * h)

    def turn(self, output: int) -> float:
        """By how much the slope changes when the point moves by itself: |x·f″|, by three values."""
        exponent = self.start() - 7
        bend = self.change(output, exponent, 1) + self.change(output, exponent, -1)
        found = abs(self.x * bend) / math.ldexp(1.0, 2 * exponent)
        return found if math.isfinite(found) else 0.0

    def noise(self, output: int, exponent: int) -> float:
        """What the rounding of the function's values may be, by their size at these steps."""
        above, below = self.pair(exponent)
        size = max(abs(above[output]), abs(below[output]), abs(self.values[output]))
        return 4 * (ROUNDOFF * size + _TINIEST)

    def window(self, output: int, exponent: int, side: int, noise: float = 0.0) -> Slope:
        """The slope from this step and the next two, extrapolated to step 0.

        ``noise`` is known to be in the values beside their rounding. The error of the best number is
        taken to be that of the one before.
        """
        coarse, middle, fine = (self.quotient(output, exponent - k, side) for k in range(3))
        first, second = (2, 4) if side else (4, 16)  # one-sided quotients err by h, central ones by h²
        before = middle + (middle - coarse) / (first - 1)
        after = fine + (fine - middle) / (first - 1)
        best = after + (after - before) / (second - 1)
        rounding = max(noise, self.noise(output, exponent))
        spread = (8.0 if side else 2.0) * rounding / math.ldexp(1.0, exponent - 2)
        return Slope(best, abs(best - before) + spread, exponent - 2)

    def kink(self, output: int, exponent: int) -> float:
        """Right slope less left slope, from three steps; about 0 where the function is smooth.

        The difference of one-sided quotients has odd powers of the step alone, which are
        extrapolated away.
        """
        gaps = [
            self.quotient(output, exponent - k, 1) - self.quotient(output, exponent - k, -1)
            for k in range(3)
        ]
        before, after = 2 * gaps[1] - gaps[0], 2 * gaps[2] - gaps[1]
        return (8 * after - before) / 7

    def restlessness(self, output: int, exponents: Sequence[int]) -> float:
        """What is in the values beside a smooth function, seen at the finest steps."""
        seconds = [self.change(output, e, 1) + self.change(output, e, -1) for e in sorted(exponents)[:4]]
        found = [abs(coarse - 4 * fine) / 4 for fine, coarse in pairwise(seconds)]
        return max((x for x in found if math.isfinite(x)), default=0.0)

    def settled(self, output: int, exponents: Iterable[int], side: int, noise: float) -> Slope | None:
        """The slope at all these steps, or None where they say nothing.

        From fine to coarse, a window is believed as long as it agrees with those that are finer.
        """
        steps = set(exponents)
        best: Slope | None = None
        windows, contested = 0, False
        for e in sorted(steps):
            if not {e - 1, e - 2} <= steps:
                continue
            found = self.window(output, e, side, noise)
            if not math.isfinite(found.number + found.error):
                continue
            if best is not None and abs(found.number - best.number) > found.error + best.error:
                if windows >= 3:
                    break
                windows, best, contested = 0, None, True  # so few of the finest steps settle nothing
            windows += 1
            if best is None or found.error < best.error:
                best = found
        return best and best._replace(windows=windows, contested=contested)


def _exponent(x: float) -> int:
    return math.frexp(x)[1]


def difference(f: Callable[[float], float], x: float, eps: float | None = None) -> tuple[float, float]:
    """The derivative of ``f`` at ``x`` by central differences, and an estimate of its error.

    Without ``eps`` the differences are taken at many steps and extrapolated, and fine steps overrule
    coarse ones. Where they do not settle, the error is inf; where ``f`` gives no number beside the
    point, the derivative is nan.

    >>> slope, error = difference(math.exp, 1.0)
    >>> abs(slope - math.e) <= error < 1e-9
    True
    """
    total = numbers_of(lambda t: [f(t)], 1)
    probe = Probe(total, x, total(x))
    if eps is not None:
        return plain_difference(probe, 0, eps)
    steps = [e for e in probe.ladder() if math.isfinite(probe.quotient(0, e, 0))]
    if not steps:
        return math.nan, math.inf
    found = probe.settled(0, steps, 0, probe.restlessness(0, steps))
    return (found.number, found.error) if found else (probe.quotient(0, steps[-1], 0), math.inf)


def plain_difference(probe: Probe, output: int, eps: float) -> tuple[float, float]:
    """The central difference at the step ``eps``, and an estimate of its error from half that step."""
    found = []
    for h in (eps, eps / 2):
        above, below = probe.x + h, probe.x - h
        rise = probe.along(above)[output] - probe.along(below)[output]
        found.append(rise / (above - below) if above > below else math.nan)
    rounding = 4 * ROUNDOFF * max(abs(probe.values[output]), abs(found[1]) * eps) / (eps / 2)
    return found[0], abs(found[0] - found[1]) * 4 / 3 + rounding


def numbers_of(f: Callable[[float], Sequence[float]], count: int) -> Callable[[float], Sequence[float]]:
    """``f`` with nan for every number where it raises, or gives another number of numbers."""

    def total(x: float) -> Sequence[float]:
        try:
            found = f(x)
        except Exception:  # a function outside its domain may raise what it likes
            return [math.nan] * count
        return found if len(found) == count else [math.nan] * count

    return total
