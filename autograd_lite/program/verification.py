"""Whether a recording stands for its function: numbers that were baked in are found."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence
from itertools import chain
from typing import Any

from ..support.blocks import Block, OpenBlock
from ..support.callers import caller_place, warn_caller
from ..support.context import no_grad, scope
from ..support.ieee import errstate
from ..support.nested import rebuild
from ..support.numbers import plain
from .recording import Operand, Recording
from .tracing import traced

#: So many operations take the eager engine about as long as a program takes to be compiled.
WORTH = 300_000


def verify(program: Any) -> None:
    """Record the function again at slightly moved inputs, and warn where the circuits differ.

    A number that was read through ``data``, drawn at random or counted while recording is another
    one then. What changes no output is no fault: the shift of a softmax by its largest operand.
    """
    fault = _fault(program)
    if fault is not None:
        message = f"{fault} (verify=False skips this check)"
        warn_caller(message)


def _fault(program: Any) -> str | None:
    """What is wrong with the recording, or None."""
    recording = program.recording
    numbers = [x for part in program.arguments.numbers for x in part]
    moved = [x + 1e-4 * (i % 7 + 1) * (abs(x) or 1.0) / 7 for i, x in enumerate(numbers)]
    # An index has no neighbors: where the function fails, whole numbers stay where they are.
    kept = [x if x.is_integer() else y for x, y in zip(numbers, moved, strict=True)]
    generators = _random_state()
    with errstate("ignore"):
        for place in (moved, kept):
            try:
                again, moved = _moved(program, place), place
                break
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
        else:
            return f"{program.__name__} fails at slightly moved inputs: {failure}"
        if generators != _random_state():
            return (
                f"{program.__name__} draws random numbers, which are constants of the program: pass them in"
            )
        if [(g.symbol, g.outcome) for g in again.guards] != [
            (g.symbol, g.outcome) for g in recording.guards
        ]:
            return None  # it took another branch there, which the guards tell
        if _shape(again) != _shape(recording):
            return (
                f"{program.__name__} made another circuit at slightly moved inputs, and no comparison "
                "of Values explains it: a number is read with .data, counted or drawn at random"
            )
        changed = _differing(recording, again)
        if recording.reads and not changed:
            return (
                f"{program.__name__} reads .data at {', '.join(recording.reads[:3])}: a branch that hangs "
                "on it is not seen. Compare the Values themselves"
            )
        if not changed and not _same_on_numbers(program):
            return (
                f"{program.__name__} gives another result for numbers than for Values: == and in compare "
                "Values by identity, and isinstance sees their type. Use < and >, or where"
            )
        if not changed or _harmless(recording, again, [*moved, *[p._data for p in program.parameters]]):
            return None
        with _Places("lines"):
            placed = _again(program, numbers)
    lines = sorted({placed.scopes.get(i, "its result") for i, _ in changed})
    shown = ", ".join(f"{recording.of((), was)!r}" for _, was in changed[:3])
    return (
        f"{program.__name__} uses numbers that change with its inputs but were recorded as constants "
        f"({shown}{', …' if len(changed) > 3 else ''}) at {', '.join(lines)}: do not read .data or "
        "draw numbers inside, or pass them as arguments"
    )


def require_work(program: Any, times: int) -> None:
    """Refuse a program that would be compiled for little.

    :param times: how many samples it is to be run on.
    :raises ValueError: when circuits would be done before the program is compiled.
    """
    work = times * len(program.recording)
    if work < WORTH:
        raise ValueError(f"{work} operations in all are too few to compile a program for")


def require_no_reads(program: Any) -> Any:
    """The program, where its function read no number of a Value, on which it may have branched.

    :raises ValueError: naming the lines that did.
    """
    reads = program.recording.reads
    if reads:
        raise ValueError(f"{program.__name__} reads .data at {', '.join(reads[:3])}")
    return program


def _random_state() -> Any:
    """The state of the generators that a function may draw from without being given one."""
    numpy = sys.modules.get("numpy")
    state = numpy.random.get_state() if numpy is not None else ()
    return random.getstate(), tuple(map(str, state[1:3]))


def _same_on_numbers(program: Any) -> bool:
    """Whether the function gives the outputs of the recording at plain numbers too, where it takes them."""
    try:
        pairs = outputs_of_both(program, program.arguments.examples)
    except Exception:  # it is written for Values alone
        return True
    off = [abs(a - b) for a, b in pairs if not (_close(a, b) or a != a or a == b)]
    if not off:
        return True
    xs = [x for part in program.arguments.numbers for x in part]
    made = program.recording.on_floats([*xs, *[p._data for p in program.parameters]])
    # Where large numbers cancel, another order of adding gives other digits.
    rounding = 1e-13 * max(filter(math.isfinite, map(abs, made)), default=0.0)
    return all(x <= rounding for x in off)


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * (abs(a) + abs(b)) + 1e-300


def outputs_of_both(program: Any, args: Sequence[Any]) -> list[tuple[float, float]]:
    """The outputs of a recording at these numbers, each with that of the function itself.

    :raises BranchChanged: where the function takes another branch.
    """
    recording, found = program.recording, list[float]()
    with no_grad():
        rebuild(program.function(*args), lambda x: found.append(plain(x)))
    made = recording.on_floats([*program.arguments.flat(args), *[p._data for p in program.parameters]])
    recording.require_branches(made)
    return [(recording.of(made, root), x) for root, x in zip(recording.roots, found, strict=False)]


def _moved(program: Any, numbers: list[float]) -> Recording:
    """The recording at other numbers, and at other numbers of the parameters."""
    before = [p._data for p in program.parameters]
    try:
        for i, p in enumerate(program.parameters):
            p._data += 1e-4 * (i % 5 + 1) * (abs(p._data) or 1.0) / 5
        found = _again(program, numbers)
    finally:
        for p, x in zip(program.parameters, before, strict=True):
            p._data = x
    return found


def _again(program: Any, numbers: list[float]) -> Recording:
    """The function recorded again at these numbers."""
    return traced(program.function, program.arguments, program.parameters, numbers)[0]


def _shape(recording: Recording) -> Any:
    """The rows, how many operands each has, and which of them are entries."""
    entries = [*recording.operands, recording.roots]
    operands = list(chain.from_iterable(entries))
    numbered = [p if type(p) is int else None for p in operands]
    return recording.rows, list(map(len, entries)), numbered


def _differing(one: Recording, two: Recording) -> list[tuple[int, Operand]]:
    """The operations of which a constant differs, and the constant."""
    entries = zip((*one.operands, one.roots), (*two.operands, two.roots), strict=True)
    return [
        (i, a)
        for i, (was, now) in enumerate(entries)
        if was != now
        for a, b in zip(was, now, strict=True)
        if type(a) is float and a != b and not (a != a and b != b)
    ]


def _harmless(one: Recording, two: Recording, xs: list[float]) -> bool:
    """Whether the constants of the first recording give the outputs of the second."""
    made, right = one.on_floats(xs), two.on_floats(xs)
    pairs = [(one.of(made, a), two.of(right, b)) for a, b in zip(one.roots, two.roots, strict=True)]
    return all(_close(a, b) for a, b in pairs)


class _Places(scope):
    """A scope whose path is the line of the caller: nodes made in it tell where they were made."""

    def __enter__(self) -> None:
        entry = _Here(self)
        self._stack.set((*self._stack.get(), entry))
        for listed in self._listed:
            listed[entry] = None


class _Here(OpenBlock):
    __slots__ = ()

    def __init__(self, block: Block) -> None:
        self.block = block

    setting = property(lambda self: caller_place())
