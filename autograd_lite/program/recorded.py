"""``record`` and ``jit``: how programs are made, one for each structure and branch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any, overload

from ..core.value import Value
from ..support.nested import leaves
from .arguments import structure_of
from .program import Program
from .recording import BranchChanged
from .verification import require_no_reads


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
        Their numbers are inputs of the program; their structure is part of it, the order of the keys
        of a dict included.
    :param parameters: Values that ``f`` uses beside its arguments, as ``model.parameters()``: they
        are read at every call, and gradients are added to their ``grad``. Other Values are constants
        of the program; when one is changed later, a call raises.
    :param on_branch: what happens where a comparison of Values comes out otherwise than here:
        ``"raise"``, or ``"record"`` to record that branch too, up to ``max_programs`` of them; the result
        is then what :func:`jit` gives, which has no batches.
    :param verify: whether ``f`` is run a second time at slightly moved inputs, which finds numbers
        that were baked in.
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


class Jitted:
    """A function that records itself at the first call of each structure, and replays afterwards."""

    def __init__(
        self,
        f: Callable[..., Any],
        parameters: Sequence[Value] = (),
        max_programs: int = 8,
        verify: bool = True,
        engine: str | None = None,
        strict: bool = False,
        exact: bool = False,
    ) -> None:
        functools.update_wrapper(self, f)
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        self.function, self._strict = f, strict
        self._lock = RLock()
        self.programs: dict[Any, list[Program]] = {}
        self._settings = parameters, verify, engine, exact
        self._most = max_programs

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=RLock())

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The value; with Values among the arguments, the circuit that the function makes."""
        if any(
            isinstance(x, Value) for arg in (*args, *named.values()) for x in leaves(arg, "an argument")
        ):
            return self.function(*args, **named)
        return self._replayed("__call__", args, named)

    def record(self, *args: Any) -> Program:
        """The program at these arguments, recorded now."""
        return self._program(args)

    def value_and_grad(self, *args: Any, argnums: Any = 0) -> tuple[float, Any]:
        """The value and the gradient; see :meth:`Program.value_and_grad`."""
        return self._replayed("value_and_grad", args, {}, argnums=argnums)  # type: ignore[no-any-return]  # a pair

    def grad(self, *args: Any, argnums: Any = 0) -> Any:
        """The gradient alone."""
        return self.value_and_grad(*args, argnums=argnums)[1]

    def jacobian(self, *args: Any, argnums: Any = 0) -> Any:
        """The derivatives of every output by every input; see :meth:`Program.jacobian`."""
        return self._replayed("jacobian", args, {}, argnums=argnums)

    def hessian(self, *args: Any, argnums: Any = 0) -> Any:
        """The second derivatives; see :meth:`Program.hessian`."""
        return self._replayed("hessian", args, {}, argnums=argnums)

    def _replayed(self, method: str, args: Sequence[Any], named: dict[str, Any], **settings: Any) -> Any:
        error: Exception | None = None
        for _ in range(2):
            for program in tuple(self._kept(args, named)):
                try:
                    return getattr(program, method)(*args, *named.values(), **settings)
                except BranchChanged as changed:
                    error = changed
                except ValueError as other:
                    if not program.stale():
                        raise
                    error = other
                    self._kept(args, named).remove(program)
            with self._lock:
                self._program(args, named)
        raise error  # type: ignore[misc]  # not even a fresh recording held

    def at_parameters(self, xs: Any) -> Any:
        """The value and the gradient of a function without arguments, at these numbers of the parameters.

        The Values of the parameters are neither read nor changed. None where no program that was
        recorded so far serves.
        """
        found = (program.at_parameters(xs) for program in self._kept((), {}))
        return next((each for each in found if each is not None), None)

    def _kept(self, args: Sequence[Any], named: dict[str, Any]) -> list[Program]:
        key = (tuple(map(structure_of, args)), tuple(named), tuple(map(structure_of, named.values())))
        return self.programs.setdefault(key, [])

    def _program(self, args: Sequence[Any], named: dict[str, Any] | None = None) -> Program:
        """A program recorded at these arguments, kept as the first to be tried."""
        kept = self._kept(args, named or {})
        if len(kept) >= self._most:
            raise BranchChanged(
                f"{self.__name__} took {len(kept)} different branches, as many as are kept "
                "(max_programs): use where, maximum or autograd_lite.max, or allow more"
            )
        function = self.function
        if named:
            keys, count = list(named), len(args)

            def function(*given: Any) -> Any:
                return self.function(*given[:count], **dict(zip(keys, given[count:], strict=True)))

            function.__name__ = self.__name__
        program = Program.of(function, (*args, *(named or {}).values()), *self._settings)
        if self._strict:
            require_no_reads(program)
        kept.insert(0, program)
        return program


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
