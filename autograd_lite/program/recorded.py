"""``record`` and ``jit``: how programs are made, one for each structure and branch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, overload

from ..core.value import Value
from .jitted import Jitted
from .program import Program


def record(
    f: Callable[..., Any],
    *examples: Any,
    parameters: Sequence[Value] = (),
    on_branch: str = "raise",
    max_programs: int = 8,
    verify: bool = True,
    engine: str | None = None,
    exact: bool = False,
) -> Any:
    """The program of ``f``: it is run once at the examples, and replays without it.

    :param examples: arguments of ``f``: numbers, arrays or nested lists, tuples and dicts of numbers.
        Their numbers are inputs of the program; their structure is part of it. A dict is matched by
        its keys, and ``f`` sees them in the order of the example.
    :param parameters: Values that ``f`` uses beside its arguments, as ``model.parameters()``: they
        are read at every call, and gradients are added to their ``grad``. Other Values are constants
        of the program; when one is changed later, a call raises. It also raises where another Value has
        taken the place of one of them; see :class:`.holders.Holders` for the places that are looked at.
    :param on_branch: what happens where a comparison of Values comes out otherwise than here:
        ``"raise"``, or ``"record"`` to record that branch too, up to ``max_programs`` of them; the result
        is then what :func:`jit` gives.
    :param verify: whether ``f`` is run a second time at slightly moved inputs and parameters, which finds
        numbers that were baked in. The parameters are put back; no other thread should use them then.
    :param engine: ``"python"``, ``"numpy"``, ``"machine"`` or ``"tape"``; the fastest that is
        installed when it is left out, or what the environment variable ``AUTOGRAD_LITE_ENGINE`` says.
    :param exact: whether values are the eager engine's to the last bit in machine code too, which is then
        slower. Derivatives may be added in another order.
    :raises TypeError: when ``f`` returns something else than numbers.

    >>> from autograd_lite import sin
    >>> program = record(lambda x, y: sin(x) * y, 0.0, 2.0)
    >>> program(0.0, 3.0), program.value_and_grad(0.0, 3.0)
    (0.0, (0.0, 3.0))
    """
    if on_branch not in ("raise", "record"):
        raise ValueError(f'on_branch is "raise" or "record", not {on_branch!r}')
    if on_branch == "raise":
        return Program.of(f, examples, parameters, verify, engine, exact)
    made = jit(
        f, parameters=parameters, max_programs=max_programs, verify=verify, engine=engine, exact=exact
    )
    made.record(*examples)
    return made


@overload
def jit(
    f: None = None,
    *,
    parameters: Sequence[Value] = ...,
    max_programs: int = ...,
    verify: bool = ...,
    engine: str | None = ...,
    exact: bool = ...,
) -> Callable[[Callable[..., Any]], Jitted]: ...


@overload
def jit(
    f: Callable[..., Any],
    *,
    parameters: Sequence[Value] = ...,
    max_programs: int = ...,
    verify: bool = ...,
    engine: str | None = ...,
    exact: bool = ...,
) -> Jitted: ...


def jit(
    f: Callable[..., Any] | None = None,
    *,
    parameters: Sequence[Value] = (),
    max_programs: int = 8,
    verify: bool = True,
    engine: str | None = None,
    exact: bool = False,
) -> Any:
    """``f`` recorded at the first call of each structure of its arguments, and replayed afterwards.

    A decorator, with settings or without. Where a comparison of Values comes out otherwise, that
    branch is recorded too. See :func:`record` for the settings.

    >>> @jit
    ... def f(x):
    ...     return x * x if x > 0 else -x
    >>> f(3.0), f(-2.0), f.grad(3.0), f.grad(-2.0)
    (9.0, 2.0, 6.0, -1.0)
    """
    if f is None:
        return functools.partial(
            jit, parameters=parameters, max_programs=max_programs, verify=verify, engine=engine, exact=exact
        )
    return Jitted(f, parameters, max_programs, verify, engine, exact=exact)
