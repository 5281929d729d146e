"""What ``jit`` gives: a function that keeps a program for each structure and branch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import RLock
from typing import Any

from ..core.value import Value
from ..support.nested import leaves
from ..support.settings import flag
from ..support.spellings import Elsewhere
from .arguments import structure_of
from .branches import JittedBatch
from .program import Program
from .recording import BranchChanged
from .tracing import OuterValueError
from .verification import require_no_reads


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
        self.parameters = list(parameters)
        self._settings = self.parameters, flag("verify", verify), engine, flag("exact", exact)
        self._most = max_programs

    save = Elsewhere("f.record(*examples).save(path), the program of one structure and one branch")

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
        try:
            return self._replayed("__call__", args, named)
        except OuterValueError:  # it belongs to the circuit of the function around it
            return self.function(*args, **named)

    def record(self, *args: Any) -> Program:
        """The program at these arguments, recorded now."""
        return self._program(args)

    def at(self, *args: Any) -> Program:
        """The program of the branch of these arguments: one that is kept, or a new one."""
        with self._lock:
            for program in tuple(self._kept(args, {})):
                if program.stale():
                    self._forget(program, args, {})
                elif program.suits(*args):
                    return program
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

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """The value and the directional derivative; see :meth:`Program.jvp`."""
        return self._tried(lambda program: program.jvp(primals, tangents), primals, {})  # type: ignore[no-any-return]  # a pair

    def hvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """The Hessian times a direction; see :meth:`Program.hvp`."""
        return self._tried(lambda program: program.hvp(primals, tangents), primals, {})

    def batch(self, in_axes: Any = 0, reduce: str | None = "mean") -> JittedBatch:
        """The function over many samples; see :meth:`Program.batch`.

        It is recorded at the first sample of each structure. Where samples take different branches, each
        branch is recorded, and each sample goes to the program of its branch.
        """
        return JittedBatch(self, in_axes, reduce)

    @property
    def source(self) -> str:
        """The text of every program so far; see :meth:`Program.source`.

        :raises ValueError: before the first call, when nothing is recorded.
        """
        texts = [program.source for programs in self.programs.values() for program in reversed(programs)]
        if not texts:
            raise ValueError(f"{self.__name__} is not recorded yet: call it, or its method record, first")
        heads = [f"# Program {i + 1} of {len(texts)}\n\n" * (len(texts) > 1) for i in range(len(texts))]
        return "\n\n".join(head + text for head, text in zip(heads, texts, strict=True))

    def _replayed(self, method: str, args: Sequence[Any], named: dict[str, Any], **settings: Any) -> Any:
        given = (*args, *named.values())
        return self._tried(lambda program: getattr(program, method)(*given, **settings), args, named)

    def _tried(self, ask: Callable[[Program], Any], args: Sequence[Any], named: dict[str, Any]) -> Any:
        """What the first program gives whose branches are those of the arguments."""
        error: Exception | None = None
        fresh = False
        while True:
            known = tuple(self._kept(args, named))
            for program in known:
                try:
                    return ask(program)
                except BranchChanged as changed:
                    error = changed
                except ValueError as other:
                    if not program.stale():
                        raise
                    error = other
                    self._forget(program, args, named)
            if fresh:
                raise error  # type: ignore[misc]  # not even a fresh recording held
            with self._lock:
                # Another thread may have recorded this branch in the meantime
                fresh = set(self._kept(args, named)) <= set(known)
                if fresh:
                    self._program(args, named)

    def at_parameters(self, xs: Any) -> Any:
        """The value and the gradient of a function without arguments, at these numbers of the parameters.

        The Values of the parameters are neither read nor changed. None where no program that was
        recorded so far serves.
        """
        found = (program.at_parameters(xs) for program in self._kept((), {}))
        return next((each for each in found if each is not None), None)

    def kept(self, *args: Any) -> list[Program]:
        """The programs of this structure of arguments so far, the latest first."""
        return self._kept(args, {})

    def _kept(self, args: Sequence[Any], named: dict[str, Any]) -> list[Program]:
        key = (tuple(map(structure_of, args)), tuple(named), tuple(map(structure_of, named.values())))
        return self.programs.setdefault(key, [])

    def _forget(self, program: Program, args: Sequence[Any], named: dict[str, Any]) -> None:
        """Keep a program no longer, unless another thread has forgotten it already.

        :raises ValueError: where another Value is in the place of a parameter, which gets the gradient.
        """
        if self.parameters and (replaced := program.used.replaced()):
            raise ValueError(replaced)
        with suppress(ValueError):
            self._kept(args, named).remove(program)

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
