"""A scalar reverse-mode automatic differentiation engine that shows how a derivative is made.

>>> from autograd_lite import Value, cos, sin
>>> x = Value(1.0, "x")
>>> J = cos(sin(x**2) + 3 * x**2)
>>> J.backward()
>>> print(f"{x.grad:.6f}")
4.560792
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from .core.gathered import *  # noqa: F403 - every row of the table is a public function
from .core.gathered import dist
from .core.order import circuit
from .core.primitive import ALIASES, TABLE, Primitive
from .core.registration import primitive
from .core.table import *  # noqa: F403 - as above
from .core.transforms import derivative, grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .core.value import Constant, Value, parameter
from .support.context import enable_grad, no_grad, scope
from .support.ieee import NonFiniteError, errstate

if TYPE_CHECKING:
    from .check import gradcheck
    from .forensics import find_nonfinite, kinks, rounding, statistics
    from .formulas import formula
    from .minimization import least_squares, minimize
    from .program import BranchChanged, Program, jit, load_program, record
    from .show.draw import draw, draw_dot, play, trace
    from .show.text.table import table
    from .show.text.tree import tree
    from .training import fit

#: JAX's names: ``jacobian`` goes forward or in reverse, whichever is less work.
jacfwd = jacrev = jacobian

__version__ = "0.1.0"

#: Names that are imported when they are first used, so that the import stays quick.
_LAZY = {
    "BranchChanged": "program",
    "Program": "program",
    "draw": "show",
    "draw_dot": "show.draw",
    "find_nonfinite": "forensics",
    "fit": "training",
    "formula": "formulas",
    "gradcheck": "check",
    "jit": "program",
    "kinks": "forensics",
    "least_squares": "minimization",
    "load_program": "program",
    "minimize": "minimization",
    "play": "show",
    "record": "program",
    "rounding": "forensics",
    "statistics": "forensics",
    "table": "show",
    "trace": "show.draw",
    "tree": "show",
}

#: Modules that are attributes of the package without an import of their own.
_MODULES = (
    "check",
    "data",
    "forensics",
    "formulas",
    "losses",
    "minimization",
    "nn",
    "optim",
    "parse",
    "program",
    "show",
    "special",
    "steps",
    "testing",
    "training",
)

__all__ = [
    "TABLE",
    "BranchChanged",
    "Constant",
    "NonFiniteError",
    "Primitive",
    "Program",
    "Value",
    "circuit",
    "derivative",
    "dist",
    "draw",
    "draw_dot",
    "enable_grad",
    "errstate",
    "find_nonfinite",
    "fit",
    "formula",
    "grad",
    "gradcheck",
    "gradients",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "kinks",
    "least_squares",
    "load_program",
    "minimize",
    "no_grad",
    "parameter",
    "play",
    "primitive",
    "record",
    "rounding",
    "scope",
    "statistics",
    "table",
    "trace",
    "tree",
    "value_and_grad",
    "vjp",
]
# A star import leaves Python's own sum, max, round, … alone; they are functions here all the same.
__all__ += (name for name in TABLE if not hasattr(builtins, name))
__all__.sort()


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name in _MODULES:
            return import_module(f".{name}", __name__)
        if name in _LAZY:
            return getattr(import_module(f".{_LAZY[name]}", __name__), name)
        row = ALIASES.get(name)
        if row is None:
            from .support.elsewhere import INSTEAD
            from .support.hints import missing_name

            raise missing_name(__name__, name, INSTEAD, __dir__())
        return row


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *ALIASES})
