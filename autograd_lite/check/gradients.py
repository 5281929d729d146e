"""``gradcheck``: every derivative that the engine claims, against the function's own values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ..core.order import made_from
from ..core.primitive import Primitive
from ..core.value import Value
from ..forensics import rounding
from ..support.ieee import errstate
from ..support.settings import above_0, at_least_0, flag, whole_number
from .differences import ROUNDOFF, Probe, Slope, numbers_of, plain_difference
from .report import Entry, GradcheckError, Report
from .suspects import blamed
from .tapes import Tape
from .targets import Claims, Target, row_of_some, target_of
from .verdicts import VERDICTS, Finding, Surroundings, Tolerance, fits, quick, thorough

#: Verdicts that say that the function has no derivative at the point.
_BREAKS = ("kink", "jump", "outside")


def gradcheck(
    func: Any,
    inputs: Any = None,
    *,
    eps: float | None = None,
    atol: float = 0.0,
    rtol: float = 1e-6,
    order: int = 1,
    modes: Sequence[str] = ("reverse", "forward"),
    raise_exception: bool = True,
    accept: Sequence[str] = (),
) -> Report:
    """Compare the derivatives of ``func`` with its own values beside the point, input by input.

    Differences at steps of many sizes, extrapolated, give the slope and the error of that slope; where
    every operation of the circuit has a complex form, the complex step gives it to the last places.
    Every derivative gets a verdict: see :class:`Entry`. Nothing that is seen beside the point makes
    the check itself raise.

    :param func: a function of numbers and nested structures of them; a module, which is checked by its
        inputs and its parameters; a program of any engine; or a Value, which is checked by its inputs.
    :param inputs: the arguments of ``func``: a tuple with one entry each (a single number will do). For
        a Value, those of its inputs to check; by default all.
    :param eps: the step of a plain central difference, which is tried first; what it does not settle
        is examined with steps of all sizes.
    :param atol: an absolute tolerance on top of the error of the differences.
    :param rtol: a relative tolerance on top of it.
    :param order: check derivatives up to this order.
    :param modes: ``"reverse"``, ``"forward"`` or both.
    :param raise_exception: raise when something is neither right nor accepted; otherwise only report it.
    :param accept: verdicts that the caller accepts, such as ``("kink",)``.
    :raises GradcheckError: with the report, which names the input and the error.
    :raises ValueError: when there is nothing to check, and for settings that mean nothing.

    >>> from autograd_lite import relu, sin
    >>> print(gradcheck(lambda x, y: x * sin(y), (2.0, 1.0)).summary)
    all 2 derivatives agree with finite differences, reverse and forward
    >>> entry = gradcheck(relu, 0.0, accept=("kink",)).entries[0]
    >>> entry.verdict, entry.left, entry.right, entry.derivative
    ('kink', 0.0, 1.0, 0.0)
    """
    _require_settings(eps, order, modes, accept, {"rtol": rtol, "atol": atol})
    raises = flag("raise_exception", raise_exception)
    target = target_of(func, inputs)
    if not target.point:
        raise ValueError(f"there is nothing to differentiate by: inputs is {inputs!r}")
    tolerance = Tolerance(rtol, atol)
    entries: list[Entry] = []
    with errstate("ignore"):
        for n in range(1, order + 1):
            entries += examined(target, n, modes, eps, tolerance, entries)
    if not entries:
        raise ValueError("there is nothing to check: the function has no output")
    report = Report(tuple(entries), tuple(accept))
    if raises and not report:
        raise GradcheckError(report)
    return report


def _require_settings(
    eps: float | None,
    order: int,
    modes: Sequence[str],
    accept: Sequence[str],
    tolerances: Mapping[str, float],
) -> None:
    if isinstance(modes, str) or not modes or any(mode not in ("reverse", "forward") for mode in modes):
        raise ValueError(f'modes must be a tuple of "reverse" and "forward", not {modes!r:.60}')
    whole_number("order", order, 1)
    if eps is not None:
        above_0("eps", eps)
    for name, tolerance in tolerances.items():
        at_least_0(name, tolerance)
    if isinstance(accept, str) or any(verdict not in VERDICTS for verdict in accept):
        raise ValueError(f"accept must be verdicts of {', '.join(VERDICTS)}, not {accept!r}")


def examined(
    target: Target,
    order: int,
    modes: Sequence[str],
    eps: float | None,
    tolerance: Tolerance,
    lower: Sequence[Entry] = (),
    blame: bool = True,
) -> Iterator[Entry]:
    """An entry for every derivative of one order, in every mode.

    :param lower: the entries of lower orders: where one of them is no derivative, none of this order is.
    :param blame: whether to look for the operation that is to blame for a wrong one.
    """
    check = _Check(target, order, modes, eps, tolerance)
    broken = {entry.input: entry for entry in lower if entry.verdict in _BREAKS}
    for i, name in enumerate(target.names):
        for output in range(len(check.claims.values)):
            found = {mode: rows[output][i] for mode, rows in check.claims.found.items()}
            for mode, derivative in found.items():
                finding, by = check.verdict(output, i, derivative)
                fault, suspects = "", tuple[str, ...]()
                if finding.verdict == "wrong" and name in broken:
                    remark = f"of order {broken[name].order}: {broken[name].verdict}"
                    finding = finding._replace(verdict="cannot tell", remark=remark)
                elif (
                    finding.verdict == "wrong" and order > 1 and derivative != derivative and check.bends()
                ):
                    suspects = check.bends()
                    remark = (
                        f"the slope of {' and '.join(suspects)} is chosen at its kink: no number follows"
                    )
                    finding = finding._replace(remark=remark)
                elif finding.verdict == "wrong":
                    fault = _blame_of(found, check.tape.paths(output, i)) if len(found) > 1 else ""
                    suspects = check.suspects(output, i) if blame and fault != "sweep" else ()
                yield Entry(
                    mode, order, output, name, target.point[i], derivative,
                    finding.slope.number, tolerance.between(derivative, finding.slope), finding.verdict,
                    finding.left, finding.right, finding.remark, by, fault, suspects,
                )  # fmt: skip


def _claims(target: Target, order: int, modes: Sequence[str]) -> Claims:
    try:
        return target.claims(order, modes)
    except TypeError as error:
        if len(target.inputs) == 1 and isinstance(target.inputs[0], list) and order == 1:
            raise TypeError(
                f"{error}; inputs is a tuple with one entry per argument of the function: "
                "give a list only where an argument is a list"
            ) from error
        raise


def _one_number(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


def _blame_of(found: dict[str, float], size: float) -> str:
    """Whether the two modes say the same, so that the rules that both use are at fault."""
    one, two = found.values()
    room = 1e-9 * max(abs(one), abs(two)) + 2**-40 * size
    return "rule" if _one_number(one, two) or abs(one - two) <= room else "sweep"


def _decides(slope: float, derivative: float) -> bool:
    """Whether the complex step says something: not among the smallest numbers, where it underflows."""
    size = max(abs(slope), abs(derivative))
    return math.isfinite(slope + derivative) and (size == 0.0 or size > 1e-280)


class _Check:
    """The function of one order beside the point: differences by each input, kept while they last."""

    def __init__(
        self, target: Target, order: int, modes: Sequence[str], eps: float | None, tolerance: Tolerance
    ) -> None:
        self.target, self.order, self.eps, self.tolerance = target, order, eps, tolerance
        claims = _claims(target, order, modes)
        numbers = numbers_of(lambda _: target.numbers(target.point, order), len(claims.values))
        if order > 1:  # by the same sweep as beside the point; a circuit may add in another order
            claims = claims._replace(values=list(numbers(0.0)))
        self.claims, self.again = claims, numbers(0.0)
        self.tape = Tape(claims.variables, claims.roots)
        self.known: dict[object, Any] = {}

    def verdict(self, output: int, i: int, derivative: float) -> tuple[Finding, str]:
        """The finding on one derivative, and whether it is by differences or by the complex step."""
        value, again = self.claims.values[output], self.again[output]
        if not _one_number(value, again):
            remark = f"it gave {value!r} and {again!r} for one input"
            return Finding("not a function", Slope(math.nan, 0.0, 0), remark=remark), "differences"
        probe = self.once(("probe", i), lambda: self.probe(i))
        if self.eps is not None and (quickly := self.plainly(probe, output, derivative)):
            return quickly, "differences"
        slopes = self.once(("complex", i), lambda: self.by_complex_step(probe, i))
        if slopes is not None and _decides(slopes[output], derivative):
            return self.by_slope(probe, output, i, slopes[output], derivative), "the complex step"
        size = self.tape.paths(output, i)
        known = Surroundings(self.hidden(output), self.blind(), self.tape.reaches(output, i), size)
        for exponent in (probe.start(), probe.start() - 7):
            found = quick(probe, output, derivative, self.tolerance, exponent, known)
            if found is not None:
                return found, "differences"
        judge = self.once(("thorough", i, output), lambda: thorough(probe, output, self.tolerance, known))
        return judge(derivative), "differences"

    def by_slope(self, probe: Probe, output: int, i: int, number: float, derivative: float) -> Finding:
        """The finding by a slope that is known to the last places.

        They are those of a point that is rounded: beside a zero of the derivative, where parts of it cancel
        inside an operation, that leaves fewer of them.
        """
        size = self.tape.paths(output, i)
        slope = Slope(number, 2**-45 * size, 0)
        verdict = fits(derivative, slope, self.tolerance, size)
        if verdict == "wrong":
            size += probe.turn(output)
            slope = slope._replace(error=2**-45 * size)
            verdict = fits(derivative, slope, self.tolerance, size)
        return Finding(verdict, slope)

    def once(self, key: object, make: Any) -> Any:
        """What ``make`` gives, made once."""
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def probe(self, i: int) -> Probe:
        """The function of one input alone."""
        point, count = self.target.point, len(self.claims.values)

        def along(t: float) -> Sequence[float]:
            return self.target.numbers([*point[:i], t, *point[i + 1 :]], self.order)

        return Probe(numbers_of(along, count), point[i], self.claims.values)

    def plainly(self, probe: Probe, output: int, derivative: float) -> Finding | None:
        """*Agrees*, where the central difference that the caller asked for says so."""
        assert self.eps is not None
        number, error = plain_difference(probe, output, self.eps)
        exponent = math.frexp(self.eps)[1] + 1
        if not math.isfinite(number + error + derivative):
            return None
        if fits(derivative, Slope(number, error, 0), self.tolerance) != "agrees":
            return None
        room = 10 * (error + self.tolerance.rtol * abs(number) + self.tolerance.atol)
        room += 32 * probe.noise(output, exponent - 2) / math.ldexp(1.0, exponent - 2)
        if not abs(probe.kink(output, exponent)) <= room:
            return None
        return Finding("agrees", Slope(number, error, 0))

    def by_complex_step(self, probe: Probe, i: int) -> list[float] | None:
        """The derivatives by one input, where the circuit is analytic and gives the function.

        It does when it gives the function's numbers beside the point too: a function may branch, or
        read numbers that no circuit knows.
        """
        try:
            slopes = self.tape.slopes(i)
        except Exception:  # a value function that does not bear complex numbers
            return None
        if slopes is None:
            return None
        return slopes if self.follows(probe, i) else None

    def follows(self, probe: Probe, i: int) -> bool:
        """Whether the circuit, run again, gives the function's numbers beside the point.

        Where it does so at fine steps alone, there must be an edge between: a function that leaves the
        circuit little by little has another slope, of which nothing is to be seen at the finest steps.
        """
        start, before = probe.start(), 0.0
        fine = min(math.frexp(probe.x)[1] - 20 if probe.x else -30, start - 2)
        if max(self.off(probe, i, start), self.off(probe, i, start - 2)) <= 1.0:
            return True
        for exponent in range(start, fine - 1, -2):
            off = self.off(probe, i, exponent)
            if off <= 1.0 < before:
                return before > 2**12
            before = off
        return False

    def off(self, probe: Probe, i: int, exponent: int) -> float:
        """How far the function is from the circuit at a step, in multiples of what rounding explains."""
        h, most = math.ldexp(1.0, exponent), 0.0
        for x, numbers in zip((probe.x + h, probe.x - h), probe.pair(exponent), strict=True):
            for output, (a, b) in enumerate(zip(self.tape.replayed(i, x), numbers, strict=True)):
                if not math.isfinite(a + b):
                    return math.inf
                if a != b:
                    room = 64 * ROUNDOFF * abs(b) + 8 * self.hidden(output)
                    most = max(most, abs(a - b) / room if room else math.inf)
        return most

    def hidden(self, output: int) -> float:
        """A bound on the rounding error inside the function."""

        def bound() -> float:
            root = self.claims.roots[output]
            found = rounding(root).bound if isinstance(root, Value) else 0.0
            return found if math.isfinite(found) else 0.0

        return float(self.once(("hidden", output), bound))

    def blind(self) -> bool:
        """Whether the function has jumps that no step sees."""
        return bool(self.once("blind", self.tape.is_blind))

    def bends(self) -> tuple[str, ...]:
        """The rows that sit on a kink in the function itself, whose slope there is a choice."""

        def look() -> tuple[str, ...]:
            roots = [r for r in self.target.circuit(self.target.point, 1)[1] if isinstance(r, Value)]
            found: dict[str, None] = {}
            for node in made_from(*roots):
                row = node.op
                if row and row.kink is not None and row.kink(*(p.data for p in node.parents)) == 0.0:
                    found[row.name] = None
            return tuple(found)

        return tuple(self.once("bends", look))

    def suspects(self, output: int, i: int) -> tuple[str, ...]:
        """The operations between one input and one output whose own rules are off."""

        def look() -> tuple[str, ...]:
            if self.order == 1:
                return blamed([self.claims.roots[output]], self.claims.variables[i], self.is_off)
            return blamed(self.target.circuit(self.target.point, 1)[1], None, self.is_off)

        return tuple(self.once("suspects" if self.order > 1 else ("suspects", output, i), look))

    def is_off(self, node: Value, places: Sequence[int]) -> list[int]:
        """The operands, of these, by which the derivative of a node is wrong when it is checked alone."""
        row, data = cast(Primitive, node.op), [p.data for p in node.parents]
        function = row_of_some(row, data, places)
        target = Target(function, tuple(data[k] for k in places), list(map(str, places)))
        try:
            entries = list(examined(target, self.order, ("reverse",), None, self.tolerance, (), False))
        except Exception:  # a rule that cannot be asked alone is not named
            return []
        off = {entry.input for entry in entries if entry.verdict == "wrong"}
        return [k for k in places if str(k) in off]
