"""The verdict on one derivative, from what the function does beside the point.

A verdict is never better than its evidence. *Wrong* needs differences that settle and leave no room for
the derivative; where they contradict one another, it is *cannot tell*; where rounding alone could hide
the derivative, it is *digits*.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from .differences import Probe, Slope

VERDICTS = (
    "agrees", "wrong", "kink", "jump", "outside", "infinite", "digits", "not a function", "cannot tell",
)  # fmt: skip
#: The largest error of a difference, in multiples of ``rtol``, with which agreement still means something.
_SHARE = 4.0


class Tolerance(NamedTuple):
    """How far a derivative may be from a difference: relative and absolute, on top of the error."""

    rtol: float
    atol: float

    def between(self, derivative: float, slope: Slope) -> float:
        """The tolerance for these two, the error of the difference included; it is finite."""
        sizes = [abs(x) for x in (derivative, slope.number) if math.isfinite(x)]
        total = slope.error + self.rtol * max(sizes, default=0.0) + self.atol
        return total if math.isfinite(total) else 0.0


class Finding(NamedTuple):
    """A verdict, the slope that it rests on, the slopes to both sides, and a remark for people."""

    verdict: str
    slope: Slope
    left: float = math.nan
    right: float = math.nan
    remark: str = ""


_NOTHING = Slope(math.nan, 0.0, 0)


def fits(derivative: float, slope: Slope, tolerance: Tolerance, beside: float = 0.0) -> str:
    """``"agrees"``, ``"digits"`` or ``"wrong"``, by the numbers alone.

    :param beside: the slopes near the point; a derivative that is 0 up to rounding is judged by them.
    """
    if not math.isfinite(derivative):
        return "wrong"
    error = abs(derivative - slope.number)
    judged = max(abs(derivative), abs(slope.number))
    rtol, atol = tolerance
    if max(abs(derivative), error) <= slope.error <= _SHARE * rtol * beside:
        return "agrees"  # 0, up to rounding
    if slope.error <= _SHARE * rtol * judged and error <= slope.error + rtol * judged:
        return "agrees"
    if error > 2 * slope.error + rtol * judged + atol:
        return "wrong"
    if slope.error <= max(_SHARE * rtol * judged, atol) and atol < judged:
        return "agrees" if error <= slope.error + rtol * judged + atol else "wrong"
    return "digits"


class Surroundings(NamedTuple):
    """What is known of a function beside taking its values.

    :ivar hidden: a bound on the rounding error inside the function.
    :ivar blind: whether it has jumps that lie closer together than numbers do, which no step sees.
    :ivar reached: whether a gradient flows from the output to the input.
    :ivar size: the sum of the sizes of what the derivative is the sum of.
    """

    hidden: float = 0.0
    blind: bool = False
    reached: bool = True
    size: float = 0.0

    def is_rounding(self, derivative: float) -> bool:
        """Whether a derivative is 0, or what rounding left of terms that cancel."""
        return abs(derivative) <= 2**-40 * self.size


def quick(
    probe: Probe, output: int, derivative: float, tolerance: Tolerance, exponent: int, known: Surroundings
) -> Finding | None:
    """*Agrees*, where three steps leave no doubt; else None."""
    found = probe.window(output, exponent, 0)
    if not math.isfinite(found.number + found.error + derivative):
        return None
    beside = max(abs(probe.quotient(output, exponent - 2, side)) for side in (1, -1))
    if derivative == 0.0 and is_flat(probe, output, range(exponent - 2, exponent + 1)):
        return Finding("agrees", found)
    if fits(derivative, found, tolerance, beside * known.is_rounding(derivative)) != "agrees":
        return None
    judged = max(abs(derivative), abs(found.number))
    room = 10 * (found.error + tolerance.rtol * judged)
    return Finding("agrees", found) if abs(probe.kink(output, exponent)) <= room else None


def is_flat(probe: Probe, output: int, exponents: Iterable[int]) -> bool:
    """Whether the function has one and the same value at all these steps."""
    return all(probe.change(output, e, side) == 0.0 for e in exponents for side in (1, -1))


class _Beside:
    """What steps of every size show of a function beside the point.

    :ivar noise: what is in the values beside a smooth function.
    :ivar left: the slope to the left; its error is inf where it does not settle.
    :ivar right: the same to the right.
    :ivar sides: both as numbers, nan where they do not settle.
    """

    def __init__(self, probe: Probe, output: int, known: Surroundings, finer: int) -> None:
        self.probe, self.output, self.known = probe, output, known
        self.steps = probe.ladder(finer)
        self.noise = probe.restlessness(output, self.steps)
        self.left, self.right = (
            _one_sided(probe, output, self.steps, side, self.noise, known.hidden) for side in (-1, 1)
        )
        self.sides = (_settled_or_nan(self.left), _settled_or_nan(self.right))

    def is_restless(self) -> bool:
        """Whether the values have more in them than their own rounding."""
        return self.noise > 64 * self.probe.noise(self.output, self.steps[-1])

    def outside(self) -> Finding | None:
        """*Outside*, where the function gives no number at the point or to a side."""
        value = self.probe.values[self.output]
        gone = [
            f"to the {name}"
            for name, side in (("left", -1), ("right", 1))
            if not all(math.isfinite(self.probe.change(self.output, e, side)) for e in self.steps[-6:])
        ]
        if not math.isfinite(value):
            remark = f"the function is {value!r} at the point"
        elif gone:
            remark = f"the function gives no number {' and '.join(gone)}"
        else:
            return None
        return Finding("outside", _NOTHING, *self.sides, remark)

    def jump(self) -> Finding | None:
        """*Jump*, where the value just beside the point is another one."""
        jumps = [_jump(self.probe, self.output, self.steps, side, self.known.hidden) for side in (-1, 1)]
        if not any(jumps):
            return None
        remark = f"it jumps by {jumps[0]:+.6g} to the left and by {jumps[1]:+.6g} to the right"
        smooth = [math.nan if jump else slope for jump, slope in zip(jumps, self.sides, strict=True)]
        return Finding("jump", _NOTHING, smooth[0], smooth[1], remark)


def thorough(
    probe: Probe, output: int, tolerance: Tolerance, known: Surroundings, finer: int = 0
) -> Callable[[float], Finding]:
    """A judge of derivatives at the point, by steps of every size: a function that gives the finding.

    :param finer: how many powers of two below the steps of most functions the finest is.
    """
    beside = _Beside(probe, output, known, finer)
    broken = beside.outside() or beside.jump()
    if broken:
        return lambda d: broken
    left, right = beside.left, beside.right
    if math.isinf(left.number) and left.number == right.number:
        return lambda d: _vertical(d, left.number)
    usable = [e for e in beside.steps if math.isfinite(probe.quotient(output, e, 0))]
    central = probe.settled(output, usable, 0, beside.noise)
    contested = any(slope.contested for slope in (left, right, central or _NOTHING))
    if finer == 0 and (beside.is_restless() or contested):
        return thorough(probe, output, tolerance, known, 10)
    if math.isinf(left.number) or math.isinf(right.number) or _apart(left, right, tolerance, known.hidden):
        return lambda d: _kink(d, left, right, tolerance)
    if central is None or not math.isfinite(left.error + right.error):
        return lambda d: Finding("cannot tell", central or _NOTHING, *beside.sides)
    flat = is_flat(probe, output, usable)
    if not (known.reached or flat) and is_flat(probe, output, usable[-5:]):
        # The finest steps may be lost in a sum with something larger: then there is a slope at others.
        nearby = max(abs(probe.quotient(output, probe.start(), side)) for side in (1, -1))
        flat = abs(central.number) <= central.error <= _SHARE * tolerance.rtol * nearby
        flat = flat or is_flat(probe, output, [e for e in usable if e <= probe.start()])
    flat = flat or _levels_off(probe, output, left, right, tolerance)
    return _judge_of_slope(beside, central, flat, tolerance)


def _judge_of_slope(
    beside: _Beside, central: Slope, flat: bool, tolerance: Tolerance
) -> Callable[[float], Finding]:
    """A judge of derivatives where the function has one slope, found by central differences."""
    probe, output, known = beside.probe, beside.output, beside.known
    near = max(abs(probe.quotient(output, central.exponent, side)) for side in (1, -1))
    rounded = central.error <= 4 * _rounding_share(probe, output, central, beside.noise)
    doubtful = (
        known.blind
        or central.contested
        or central.windows < 4
        or beside.is_restless()
        or (not rounded and central.error > abs(central.number) / 8)
        or not _confirmed(probe, output, central, known.hidden)
    )
    hides = 2 * central.error + 2 * known.hidden / math.ldexp(1.0, central.exponent)

    def judged(d: float) -> Finding:
        verdict, remark = fits(d, central, tolerance, near * known.is_rounding(d)), ""
        if flat and d == 0.0:
            verdict = "agrees"
        elif verdict == "wrong" and abs(d - central.number) <= hides:
            verdict, remark = "digits", "what is inside the function may be rounded by more than this"
        elif verdict == "wrong" and math.isfinite(d):
            tiny = max(abs(d), abs(central.number)) < 1e-280  # of values that may have been lost
            verdict = "cannot tell" if doubtful or tiny else "wrong"
        elif verdict == "digits" and not rounded:
            verdict = "cannot tell"
        return Finding(verdict, central, *beside.sides, remark)

    return judged


def _levels_off(probe: Probe, output: int, left: Slope, right: Slope, tolerance: Tolerance) -> bool:
    """Whether both one-sided slopes are 0 up to an error that is small beside the slopes nearby.

    So it is where the curvature jumps: central differences are then off by a multiple of the step.
    """
    error = left.error + right.error
    nearby = max(abs(probe.quotient(output, probe.start(), side)) for side in (1, -1))
    return abs(left.number) + abs(right.number) <= error <= _SHARE * tolerance.rtol * nearby


def _settled_or_nan(slope: Slope) -> float:
    return slope.number if math.isfinite(slope.error) else math.nan


def _rounding_share(probe: Probe, output: int, slope: Slope, noise: float) -> float:
    """How much of the error of a slope is rounding."""
    noise = max(noise, probe.noise(output, slope.exponent))
    return 2 * noise / math.ldexp(1.0, slope.exponent)


def _one_sided(
    probe: Probe, output: int, steps: list[int], side: int, noise: float, hidden: float
) -> Slope:
    """The slope to one side: ±inf where it runs away, with the error inf where it does not settle."""
    usable = [e for e in steps if math.isfinite(probe.quotient(output, e, side))]
    if len(usable) < 17 or usable[-1] != steps[-1]:
        return Slope(math.nan, math.inf, 0)
    runs = [probe.quotient(output, e, side) for e in usable[-17::4]]
    rises = [after - before for before, after in pairwise(runs)]
    rounding = max(hidden, probe.noise(output, usable[-1])) / math.ldexp(1.0, usable[-1])
    away = all(rise * runs[-1] > 0 for rise in rises) and abs(rises[-1]) > 8 * rounding
    last = runs[-1] - probe.quotient(output, usable[-2], side)
    away = away and last / rises[-1] > 0.15  # no kink just beyond the finest steps
    if away and all(abs(after) >= 0.7 * abs(before) for before, after in pairwise(rises)):
        return Slope(math.copysign(math.inf, runs[-1]), 0.0, usable[-1])
    found = probe.settled(output, usable, side, noise)
    if found is None or found.windows < 3:
        return Slope(runs[-1], math.inf, usable[-1])
    return found


def _confirmed(probe: Probe, output: int, slope: Slope, noise: float) -> bool:
    """Whether steps far below √ROUNDOFF · |x|, which have few digits, contradict the slope nowhere."""
    if probe.x == 0.0:
        return True  # the ladder went far enough
    for below in (29, 33, 37):
        e = max(math.frexp(probe.x)[1] - below, -1000)
        found = probe.quotient(output, e, 0)
        rounding = 4 * max(noise, probe.noise(output, e)) / math.ldexp(1.0, e)
        if not abs(found - slope.number) <= 0.05 * abs(slope.number) + slope.error + rounding:
            return False
    return True


def _jump(probe: Probe, output: int, steps: list[int], side: int, hidden: float) -> float:
    """The size of a jump to that side, 0 where there is none."""
    far, near, here = (probe.change(output, steps[-k], side) for k in (5, 3, 1))
    rounding = 16 * max(hidden, probe.noise(output, steps[-1]))
    steady = abs(here) >= 0.9 * abs(far) and abs(here - near) <= 0.05 * abs(here)
    if not (steady and abs(here) > rounding):
        return 0.0
    # What the function reaches within the finest of these steps is no jump, but a kink close by
    least = probe.change(output, probe.finest(), side)
    # and so is what its slope to the other side would reach within the last place of the point.
    reach = 2 * abs(probe.quotient(output, steps[-5], -side)) * math.ldexp(1.0, probe.finest())
    return here if abs(least - here) <= 0.05 * abs(here) and not abs(here) <= reach else 0.0


def _apart(left: Slope, right: Slope, tolerance: Tolerance, hidden: float) -> bool:
    """Whether two one-sided slopes are certainly not one number."""
    if left.contested or right.contested:
        return False
    room = 3 * (left.error + right.error)
    for slope in (left, right):
        room += 2 * min(hidden / math.ldexp(1.0, slope.exponent), math.inf)
    return abs(left.number - right.number) > room + 10 * tolerance.rtol * max(
        abs(left.number), abs(right.number)
    )


def _kink(d: float, left: Slope, right: Slope, tolerance: Tolerance) -> Finding:
    low, high = sorted((left, right), key=lambda slope: slope.number)
    between = low.number - tolerance.between(d, low) <= d <= high.number + tolerance.between(
        d, high
    ) and math.isfinite(d)
    middle = Slope((left.number + right.number) / 2, 0.0, left.exponent)
    if math.isfinite(d) and not (math.isfinite(left.number) and math.isfinite(right.number)):
        remark = "beside the point the function runs away: any number would lie between the slopes"
        return Finding("cannot tell", middle, left.number, right.number, remark)
    remark = "the derivative lies between" if between else "the derivative does not lie between"
    return Finding("kink", middle, left.number, right.number, remark)


def _vertical(d: float, slope: float) -> Finding:
    if d == slope:
        return Finding("infinite", Slope(slope, 0.0, 0), slope, slope, "both sides run away")
    verdict = "wrong" if math.isinf(d) else "cannot tell"
    return Finding(
        verdict, Slope(slope, 0.0, 0), slope, slope, "both sides run away, the derivative does not"
    )
