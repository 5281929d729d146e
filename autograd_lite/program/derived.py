"""Derivatives of other kinds: programs of the transforms of a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core import transforms
from .point_runs import PointRuns


class TransformedPrograms(PointRuns):
    """The transforms of a program, each recorded once; it is a part of :class:`~.program.Program`."""

    of: Callable[..., Any]
    __call__: Callable[..., Any]

    def _transformed(self, name: str, make: Callable[..., Any], *given: Sequence[Any]) -> Any:
        """The program of a transform; ``given`` are the sequences of arguments that it is recorded at."""
        self.require_fresh()
        if name not in self._derived:
            # Dicts with their keys in the order of the examples, as all results have them
            ordered = [self.arguments.ordered(args) for args in given]
            examples = ordered if len(given) > 1 else ordered[0]
            exact = self.choice.exact
            made = type(self).of(make, examples, self.parameters, engine=self._asked, exact=exact)
            made._transform, self._derived[name] = make, made
        return self._derived[name]

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """The value and the directional derivative, as the transform of that name gives them."""
        found = self._transformed("jvp", lambda p, t: transforms.jvp(self, p, t), primals, tangents)
        return tuple(found(primals, tangents))

    def hvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """The Hessian times a direction, as the transform of that name gives it."""
        made = self._transformed("hvp", lambda p, t: transforms.hvp(self, p, t), primals, tangents)
        return made(primals, tangents)

    def jacobian(self, *args: Any, argnums: Any = 0) -> Any:
        """The derivatives of every output by every input, as the transform of that name gives them."""
        return self._matrix(transforms.jacobian, args, argnums)

    def hessian(self, *args: Any, argnums: Any = 0) -> Any:
        """The second derivatives, as the transform of that name gives them."""
        return self._matrix(transforms.hessian, args, argnums)

    def _matrix(self, transform: Callable[..., Any], args: Sequence[Any], argnums: Any) -> Any:
        name = f"{transform.__name__} {argnums}"
        return self._transformed(name, transform(self, argnums), args)(*args)
