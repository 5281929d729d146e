"""A recorded function in other forms: files, texts, functions of JAX and of JavaScript."""

from __future__ import annotations

import os
from typing import Any

from ..support.saved import write_document
from .choosing import has
from .document import FILE_FORMAT, document_of
from .point_runs import PointRuns
from .source import standalone


class ProgramForms(PointRuns):
    """What people and other programs read of a program; it is a part of :class:`~.program.Program`."""

    @property
    def engine(self) -> str:
        """Which engine runs, and why."""
        return next((point.why for point in self._points.values()), str(self.choice))

    @property
    def source(self) -> str:
        """The program as straight-line Python: ``value`` and, for one output, ``value_and_gradient``.

        The names of its arguments are the places of the numbers in the arguments of the function. The
        text has the functions that it calls, and runs without the package; rows of your own it imports.
        """
        return standalone(self.recording, [*self.arguments.paths(), *self._names_of_parameters()])

    def _names_of_parameters(self) -> list[str]:
        return [p.name or f"parameter_{i}" for i, p in enumerate(self.parameters)]

    def __str__(self) -> str:
        """The steps of the schedule for the value and the gradient by all inputs, with their rows."""
        if not has("numpy"):
            return f"{self!r}\n(its schedule needs NumPy: python -m pip install 'autograd-lite[fast]')"
        from .plan import plan_of

        wanted = [True] * self.recording.inputs if self._alone else None
        plan = plan_of(self.recording, None, wanted, self.choice.most(len(self.recording)))
        size = sum(plan.counts.values()) * 8
        return f"{self!r}\n{plan}\n{size:,} bytes of rows"

    def __repr__(self) -> str:
        recording, name = self.recording, self.arguments.function
        return (
            f"<program of {name}: {recording.inputs} inputs, {len(recording)} operations, "
            f"{len(recording.roots)} outputs, engine {self.engine}>"
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program to a file of plain data, for :func:`load_program`; see :mod:`.document`.

        The file has the circuit and the names, and neither code nor the numbers of the examples.

        :raises OSError: when the file cannot be written; an existing file is then unchanged.
        :raises ValueError: when a Value that the function uses beside its arguments has another number
            now, and for structures that JSON cannot hold.
        """
        self.require_fresh()
        write_document(path, FILE_FORMAT, "program", document_of(self))

    def to_jax(self) -> Any:
        """The program as a pure function of ``jax.numpy`` arrays, for JAX's transforms.

        It takes arguments of the structure of the examples, where an array may stand for nested lists
        of numbers, and gives arrays without axes, or of the shape of an array that the function
        returned. ``jit``, ``vmap``, ``grad``, ``jvp`` and ``shard_map`` apply. A program with
        ``parameters`` takes their numbers as its first argument: one flat array, in their order.

        The derivatives are those of the table, at kinks and ties too, and what is not selected by
        ``where`` and its kin adds nothing. Where a comparison comes out otherwise than when the
        program was recorded, the result and its derivatives are nan. JAX computes in single precision
        unless its setting ``jax_enable_x64`` is on. A row of your own is called back in Python, value
        by value, and has a first derivative only; so is ``sinc_derivative``. ``polygamma`` is JAX's,
        which is for positive numbers.

        :raises ImportError: when JAX is not installed.
        :raises ValueError: when a Value that the function uses beside its arguments has another number
            now; the others are constants.
        """
        try:
            from .to_jax import to_jax
        except ModuleNotFoundError:  # NumPy, which comes with JAX
            raise ImportError("to_jax needs JAX: python -m pip install 'autograd-lite[jax]'") from None

        self.require_fresh()
        return to_jax(self.recording, self.arguments, self.outputs, len(self.parameters))

    def to_javascript(self) -> str:
        r"""The program as a module of JavaScript, for a page that computes by itself.

        It exports ``value(…)``, which gives the output, or an array of several, and for one output
        ``valueAndGradient(…)``, which gives an array of the value and an array of all derivatives. Their
        arguments are the numbers of the arguments from left to right, then those of the parameters; numbers
        are double precision, and derivatives those of the table, at kinks and ties too. The text has all
        that it calls, and nothing else. It throws an Error where a comparison comes out otherwise than when
        the program was recorded.

        :raises ValueError: for a row of your own, of which only Python is known, and where a Value that
            the function uses beside its arguments has another number now.

        >>> from autograd_lite import record, sin
        >>> print(record(lambda x, y: x * sin(y), 1.0, 2.0).to_javascript().split("\n\n")[1])
        export function value(x, y) {
          let t2, t3;
          t2 = Math.sin(y);
          t3 = x * t2;
          return t3;
        }
        """
        from .javascript import module_of

        self.require_fresh()
        names = [*self.arguments.paths(), *self._names_of_parameters()]
        return module_of(self.recording, names, self.arguments.function)
