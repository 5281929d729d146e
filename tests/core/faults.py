"""Faults for the rules of the table, and whether the tests that hold for every row find them.

``python -m tests.core.faults`` puts every fault into every rule, one at a time, and runs the tests over
the table on that row: it prints how many it injected and how many were caught, and names the others.
A fault that changes no number at many points, beside kinks too, is no fault and is not counted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from mpmath import mp

from autograd_lite import Primitive, Value, errstate

from ..support.references import BUILT_IN, beside_kinks, call, draws, on_kinks, plain, variables
from . import test_table

#: The local derivative by one operand, as a function of the operands and the result.
Slope = Callable[[list[Any], Any], Any]


def _moved(row: Primitive, i: int, slope: Slope, xs: list[Any], by: float) -> Any:
    there = [x + by if k == i else x for k, x in enumerate(xs)]
    return slope(there, call(row, there))


def _turned(row: Primitive, xs: list[Any]) -> list[Any]:
    own = variables(row, xs)
    return [xs[own[own.index(k) - 1]] if k in own else x for k, x in enumerate(xs)]


def _curved(d: Any, x: Any) -> Any:
    # The same number; as a function of the operand its slope is off by 10⁻⁶.
    return d + 1e-6 * (x - x.data) if isinstance(x, Value) else d


#: What is put in place of the local derivative ``slope`` by operand ``i`` of ``xs``, with the result ``z``.
FAULTS: dict[str, Callable[[Primitive, int, Slope, list[Any], Any], Any]] = {
    "the sign": lambda row, i, slope, xs, z: -slope(xs, z),
    "1e-9 of it": lambda row, i, slope, xs, z: slope(xs, z) * (1.0 + 1e-9),
    "1e-9 beside it": lambda row, i, slope, xs, z: slope(xs, z) + 1e-9,
    "second order alone": lambda row, i, slope, xs, z: _curved(slope(xs, z), xs[i]),
    "the operands turned": lambda row, i, slope, xs, z: slope(_turned(row, xs), z),
    "the result for the operand": lambda row, i, slope, xs, z: slope([*xs[:i], z, *xs[i + 1 :]], z),
    "the operand for the result": lambda row, i, slope, xs, z: slope(xs, xs[i]),
    "a kink moved up": lambda row, i, slope, xs, z: _moved(row, i, slope, xs, 1e-6),
    "a kink moved down": lambda row, i, slope, xs, z: _moved(row, i, slope, xs, -1e-6),
}


class Fault(NamedTuple):
    """One fault: its kind, and the operand by which the derivative is wrong, -1 for the last of many."""

    row: Primitive
    operand: int
    kind: str

    def __str__(self) -> str:
        return f"{self.row.name}, operand {self.operand}: {self.kind}"


def faults() -> Iterator[Fault]:
    """Every fault of every rule; of a row of any number of operands, in the first and the last."""
    for row in BUILT_IN.values():
        operands = next(draws(row, 1))
        ends = variables(row, operands) if row.arity else [0, -1]
        for i in ends:
            for kind in FAULTS:
                if row.kink is not None or not kind.startswith("a kink"):
                    yield Fault(row, i, kind)


def _faulty(fault: Fault, rules: Sequence[Callable[..., Any]]) -> tuple[Callable[..., Any], ...]:
    """The rules with the fault in them."""
    row, kind = fault.row, FAULTS[fault.kind]
    if row.arity is not None:
        sound, i = rules[fault.operand], fault.operand
        wrong = [*rules]
        wrong[i] = lambda *args: kind(row, i, lambda xs, z: sound(*xs, z), list(args[:-1]), args[-1])
        return tuple(wrong)
    (all_,) = rules

    def rule(xs: Sequence[Any], z: Any) -> list[Any]:
        found = list(all_(xs, z))
        own = variables(row, list(xs))  # an index at the end is none of them
        i = own[fault.operand]
        found[i] = kind(row, i, lambda xs, z: all_(xs, z)[i], list(xs), z)
        return found

    return (rule,)


@contextmanager
def injected(fault: Fault) -> Iterator[None]:
    """The row has the fault, for numbers and for Values."""
    row = fault.row
    local = _faulty(fault, row.local)
    shown = tuple(
        wrong if seen is sound else seen
        for wrong, sound, seen in zip(_faulty(fault, row.rules), row.rules, row.shown, strict=True)
    )
    with (
        patch.object(row, "rules", _faulty(fault, row.rules)),
        patch.object(row, "local", local),
        patch.object(row, "slope", local[0]),
        patch.object(row, "shown", shown),
    ):
        yield


def changes_something(fault: Fault) -> bool:
    """Whether a number is another one anywhere, for a reader to whom 0 and -0 are the same."""
    row, wrong = fault.row, _faulty(fault, fault.row.local)
    for operands in [*beside_kinks(row, 2), *on_kinks(row, 2), *draws(row, 60, most=4)]:
        z, live = call(row, operands), [True] * len(operands)
        right = row.rule_results(row.local, tuple(operands), z, live)
        own = variables(row, operands)
        if fault.kind == "second order alone":
            # The wire of an operand that is not selected is cut: its slope is 0 at every order.
            slope = plain(right[fault.operand if row.arity else own[fault.operand]])
            if not row.piecewise or (slope and slope == slope):
                return True
            continue
        try:
            found = row.rule_results(wrong, tuple(operands), z, live)
        except (ArithmeticError, ValueError):
            return True
        pairs = [(plain(found[i]), plain(right[i])) for i in own]
        if any(a != b and not (a != a and b != b) for a, b in pairs):
            return True
    return False


def is_caught(fault: Fault) -> bool:
    """Whether a test that holds for every row fails when the row has the fault."""
    with injected(fault):
        try:
            for operands in draws(fault.row, 6, most=4):
                test_table.check_rules(fault.row, operands)
            test_table.test_rules_beside_kinks(fault.row)
            test_table.test_rules_on_kinks(fault.row)
            test_table.test_second_order_on_kinks_by_operands_that_do_not_decide(fault.row)
            test_table.test_higher_orders_through_the_rules(fault.row, 2, 2e-12)
        except (AssertionError, ArithmeticError, ValueError):
            return True
    return False


def main() -> int:
    """Inject every fault and print what was caught; the exit code is 1 when something was not."""
    count = caught = 0
    with mp.workdps(50), errstate("ignore"):
        for fault in faults():
            if not changes_something(fault):
                continue
            count += 1
            if is_caught(fault):
                caught += 1
            else:
                print(f"not caught: {fault}", flush=True)
    print(f"{caught:,} of {count:,} faults caught, in the rules of {len(BUILT_IN)} rows")
    return 0 if caught == count else 1


if __name__ == "__main__":
    sys.exit(main())
