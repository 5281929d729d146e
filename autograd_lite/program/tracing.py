"""A function is run once on Values, and the circuit that it made becomes a recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from threading import get_ident
from typing import Any

from ..core.order import made_from
from ..core.value import Value
from ..support.context import enable_grad, open_blocks
from ..support.nested import rebuild
from ..support.numbers import Watch, number, watchers
from .arguments import Arguments
from .recording import Guard, Operand, Recording


def traced(
    f: Callable[..., Any],
    arguments: Arguments,
    parameters: Sequence[Value],
    numbers: Sequence[float] | None = None,
) -> tuple[Recording, Any]:
    """The recording of ``f`` and what it returned, at the examples or at other ``numbers``.

    :raises TypeError: when ``f`` returns something else than numbers.
    :raises OuterValueError: when ``f`` uses a Value of a function that is recorded around it.
    """
    if numbers is None:
        numbers = [x for part in arguments.numbers for x in part]
    variables = [Value(x) for x in numbers]
    remaining = iter(variables)
    args = [rebuild(example, lambda x: next(remaining)) for example in arguments.examples]
    output, watch = _watched(f, args, variables)
    outputs: list[Any] = []
    rebuild(output, lambda x: outputs.append(_output(x, arguments.function)))
    recording = recording_of([*variables, *parameters], outputs, watch)
    around = watchers.get(get_ident())
    if around is not None and any(value in around.inputs for value, _ in recording.captured):
        raise OuterValueError(
            f"{arguments.function} uses a Value of the function that is recorded around it, which would be "
            "a constant: pass it as an argument, or call the function itself there"
        )
    return recording, output


class OuterValueError(ValueError):
    """A function was recorded inside another one, and uses a Value of that one."""


def names_of(f: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the positional parameters of a function, where it tells them."""
    told = getattr(f, "__signature__", None)
    if told is not None:
        return tuple(p.name for p in told.parameters.values() if p.kind <= p.POSITIONAL_OR_KEYWORD)
    code = getattr(f, "__code__", None)
    if code is None:
        return ()
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names[1:] if hasattr(f, "__self__") else names


def _output(x: Any, name: str) -> Any:
    if isinstance(x, Value):
        return x
    try:
        return number(x)
    except TypeError:
        kind = type(x).__name__
        raise TypeError(f"a program gives numbers; {name} returned {kind} ({x!r:.60})") from None


def recording_of(variables: Sequence[Value], outputs: Sequence[Any], watch: Watch) -> Recording:
    """The recording of a circuit from its leaves to its outputs."""
    recording = Recording(len(variables))
    recording.reads = sorted(watch.reads)
    recording.names = {i: v.name for i, v in enumerate(variables) if v.name}
    known = {variable: i for i, variable in enumerate(variables)}

    def operand(x: Any) -> Operand:
        if isinstance(x, Value):
            found = known.get(x)
            return x._data if found is None else found
        return float(x)

    compared = [x for each in watch.comparisons for x in (each.left, each.right)]
    roots = [x for x in (*compared, *outputs) if isinstance(x, Value) and not x.is_constant]
    for node in made_from(*roots):
        if node in known:
            continue
        if node.op is None:
            recording.captured.append((node, node._data))
        elif not node.is_constant:
            operands = node._a if type(node._b) is tuple else (node._a, node._b)[: node.op.arity]
            recording.operands.append(tuple([operand(p) for p in operands]))
            here = known[node] = len(recording.rows)
            recording.rows.append(node.op)
            if node._label is not None:
                recording.scopes[here] = node.scope
                if node.name:
                    recording.names[here] = node.name
    recording.roots = [operand(x) for x in outputs]
    guards = [
        Guard(each.symbol, operand(each.left), operand(each.right), *each[3:]) for each in watch.comparisons
    ]
    # A comparison of numbers alone comes out the same at every replay.
    recording.guards = [g for g in guards if isinstance(g.left, int) or isinstance(g.right, int)]
    return recording


def _watched(f: Callable[..., Any], args: Sequence[Any], inputs: Sequence[Value]) -> tuple[Any, Watch]:
    """What ``f`` returns, with operations recorded, and what it did with the numbers of Values."""
    watch, thread = Watch(), get_ident()
    before = watchers.get(thread)
    watch.inputs = {*inputs, *(before.inputs if before else ())}
    watchers[thread] = watch
    try:
        with enable_grad() if open_blocks else nullcontext():
            return f(*args), watch
    finally:
        if before is None:
            del watchers[thread]
        else:
            watchers[thread] = before
