"""What gradcheck found: an entry per derivative, and the table of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..support.tables import rows_in_html, rows_in_text

#: The most rows of a table that are printed; what does not agree comes first.
_SHOWN = 24
_REPORT_HEAD = ("verdict", "output", "input", "mode", "derivative", "difference", "tolerance", "")


class GradcheckError(AssertionError):
    """A derivative and its finite difference do not agree; ``report`` has the whole comparison."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


@dataclass(frozen=True)
class Entry:
    """One derivative, and the verdict on it.

    :ivar verdict: one of

        - ``"agrees"``: it is the slope of the function, within ``tolerance``.
        - ``"wrong"``: it is not. ``fault`` says whether a ``"rule"`` or the ``"sweep"`` is to blame.
        - ``"kink"``: the function has two slopes here, ``left`` and ``right``; ``between`` says
          whether the derivative lies between them.
        - ``"jump"``: the function jumps here; ``remark`` says by how much.
        - ``"outside"``: the function gives no number here, or to one side, which ``remark`` names.
        - ``"infinite"``: the slope runs away to the same infinity on both sides, as the derivative says.
        - ``"digits"``: too few digits to tell: the tolerance is larger than what it judges.
        - ``"not a function"``: it gave two numbers for one input.
        - ``"cannot tell"``: the differences contradict one another at every step.

    :ivar difference: the slope of the function that the derivative was compared with: by differences,
        or by the complex step (``by`` says which).
    :ivar tolerance: how far the two may be apart: the error of the difference, ``rtol`` times the
        larger of the two, and ``atol``.
    :ivar suspects: the operations on the path whose own rules are off.

    >>> from autograd_lite import gradcheck, relu
    >>> entry = gradcheck(relu, 0.0, raise_exception=False).entries[0]
    >>> entry.verdict, round(entry.left, 6), round(entry.right, 6), entry.between
    ('kink', 0.0, 1.0, True)
    """

    mode: str
    order: int
    output: int
    input: str
    point: float
    derivative: float
    difference: float
    tolerance: float
    verdict: str
    left: float = math.nan
    right: float = math.nan
    remark: str = ""
    by: str = "differences"
    fault: str = ""
    suspects: tuple[str, ...] = ()

    @property
    def error(self) -> float:
        """The absolute difference of the two."""
        return abs(self.derivative - self.difference)

    @property
    def ok(self) -> bool:
        """Whether the verdict is ``"agrees"``."""
        return self.verdict == "agrees"

    @property
    def between(self) -> bool:
        """Whether the derivative lies between the slopes to the left and to the right."""
        low, high = sorted((self.left, self.right))
        return low - self.tolerance <= self.derivative <= high + self.tolerance

    @property
    def details(self) -> str:
        """The words beside the numbers: both slopes, the error, a remark, and what is to blame."""
        parts = []
        if not (self.ok or self.verdict == "wrong") and (
            self.left == self.left or self.right == self.right
        ):
            parts.append(f"left {self.left:.6g}, right {self.right:.6g}")
        if self.verdict == "wrong" and math.isfinite(self.error):
            larger = max(abs(self.derivative), abs(self.difference))
            parts.append(f"off by {self.error:.3g} ({self.error / larger:.2g} of it)")
        if self.remark:
            parts.append(self.remark)
        if self.fault:
            parts.append(
                "reverse and forward agree: a rule is at fault"
                if self.fault == "rule"
                else "reverse and forward differ: the sweep is at fault"
            )
        if self.suspects:
            parts.append(f"look at {', '.join(self.suspects)}")
        return "; ".join(parts)

    def __str__(self) -> str:
        return (
            f"{self.verdict}: {self.mode}, order {self.order}, output {self.output}, "
            f"{self.input} = {self.point!r}: derivative {self.derivative:.12g}, "
            f"finite difference {self.difference:.12g}, error {self.error:.3g} "
            f"(tolerance {self.tolerance:.3g}){'; ' if self.details else ''}{self.details}"
        )


@dataclass(frozen=True, repr=False)
class Report:
    """What :func:`gradcheck` compared; true when every derivative agrees, or has an accepted verdict.

    It prints as a table. A kink counts as accepted only where the derivative lies between its slopes.

    >>> from autograd_lite import gradcheck, sin
    >>> report = gradcheck(sin, 1.0)
    >>> bool(report), report.summary
    (True, 'the derivative agrees with finite differences, reverse and forward')
    """

    entries: tuple[Entry, ...]
    accept: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every derivative agrees, or has a verdict that the caller accepts."""
        return not self.wrong

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """The entries that are neither right nor accepted: those that are wrong first, by their error."""
        bad = [entry for entry in self.entries if not self._accepts(entry)]
        return tuple(sorted(bad, key=lambda e: (e.verdict != "wrong", math.isfinite(e.error), -e.error)))

    def _accepts(self, entry: Entry) -> bool:
        accepted = entry.verdict in self.accept and (entry.verdict != "kink" or entry.between)
        return entry.ok or accepted

    def __bool__(self) -> bool:
        return self.ok

    @property
    def summary(self) -> str:
        """The first line: how many derivatives there are, and how many have which verdict."""
        modes = " and ".join(dict.fromkeys(entry.mode for entry in self.entries))
        which: dict[tuple[int, int, str], str] = {}  # of two modes, the verdict that is not "agrees"
        for entry in (*self.entries, *reversed(self.wrong)):
            key = (entry.order, entry.output, entry.input)
            if key not in which or not entry.ok:
                which[key] = entry.verdict
        count, kinds = len(which), list(which.values())
        if set(kinds) == {"agrees"}:
            what = "the derivative agrees" if count == 1 else f"all {count} derivatives agree"
            return f"{what} with finite differences, {modes}"
        counts = ", ".join(f"{kinds.count(kind)} {kind!r}" for kind in dict.fromkeys(sorted(kinds)))
        accepted = "; accepted" if self.ok else ""
        return f"of {count} derivative{'s' * (count > 1)}, {modes}: {counts}{accepted}"

    def __str__(self) -> str:
        rows = self._rows()
        more = [f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
        return "\n".join([self.summary, rows_in_text(_REPORT_HEAD, rows[:_SHOWN]), *more])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        rows = self._rows()
        more = f"<p>and {len(rows) - _SHOWN} more</p>" if len(rows) > _SHOWN else ""
        return rows_in_html(_REPORT_HEAD, rows[:_SHOWN], self.summary) + more

    def _rows(self) -> list[tuple[str, ...]]:
        """A row per derivative, the modes that say the same together; what is wrong first."""
        first = {id(entry): i for i, entry in enumerate(self.wrong)}
        last = len(first)
        together: dict[tuple[object, ...], list[Entry]] = {}
        for entry in sorted(self.entries, key=lambda e: first.get(id(e), last)):
            key = (entry.order, entry.output, entry.input, repr(entry.derivative), entry.verdict)
            together.setdefault(key, []).append(entry)
        orders = {entry.order for entry in self.entries} != {1}
        return [_line_of(entries, orders) for entries in together.values()]


def _line_of(entries: list[Entry], orders: bool) -> tuple[str, ...]:
    entry = entries[0]
    verdict = entry.verdict.upper() if entry.verdict == "wrong" else entry.verdict
    return (
        verdict,
        f"{entry.output}{f', order {entry.order}' if orders else ''}",
        f"{entry.input} = {entry.point!r}",
        " and ".join(e.mode for e in entries),
        f"{entry.derivative:.12g}",
        f"{entry.difference:.12g}",
        f"{entry.tolerance:.2g}",
        entry.details,
    )
