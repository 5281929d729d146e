"""The rows of the table as functions of JAX's arrays, with the derivatives of the table.

Where JAX's own derivative is another (at kinks, at ties, at the edge of a domain), an operation is a
``custom_jvp`` with the rule of its row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.primitive import BUILT_IN, Primitive
from .callbacks import quiet
from .row_facts import NATIVE_IN_JAX
from .rules import recipes
from .steps import Local

#: What stands for an array template that JAX has not, or has in a better form.
_TEMPLATES = {
    "erf": "special.erf({0})",
    "erfc": "special.erfc({0})",
    "erfinv": "special.erfinv({0})",
    "norm_cdf": "special.ndtr({0})",
    "log_ndtr": "special.log_ndtr({0})",
    "gelu": "{0} * special.ndtr({0})",
    "gamma": "special.gamma({0})",
    "lgamma": "special.gammaln({0})",
    "digamma": "special.digamma({0})",
    "polygamma": "special.polygamma(int({0}), {1})",
    "sigmoid": "special.expit({0})",
    "silu": "{0} * special.expit({0})",
    "relu": "nn.relu({0})",
    "where": "np.where({0} != 0.0, {1}, {2})",
}


class JaxRows:
    """The rows of the table as functions of JAX's arrays, with the derivatives of their rules."""

    def __init__(self) -> None:
        self._made: dict[Any, Callable[..., Any]] = {}

    def apply(self, row: Primitive, operands: Sequence[Any]) -> Any:
        """The value at arrays and floats; a float is no operand that is differentiated."""
        fixed = [x if isinstance(x, float) else None for x in operands]
        if None not in fixed:
            return row.ieee_value(fixed)  # type: ignore[arg-type]  # no None
        if row.name in NATIVE_IN_JAX:
            return self._value(row, operands)
        key = (row, repr(fixed))
        if key not in self._made:
            self._made[key] = self._with_rule(row, fixed)
        return self._made[key](*[x for x in operands if not isinstance(x, float)])

    def _with_rule(self, row: Primitive, fixed: list[float | None]) -> Callable[..., Any]:
        import jax

        def all_of(live: Sequence[Any]) -> list[Any]:
            remaining = iter(live)
            return [next(remaining) if c is None else c for c in fixed]

        @jax.custom_jvp  # type: ignore[untyped-decorator]  # JAX's
        def function(*live: Any) -> Any:
            return self._value(row, all_of(live))

        @function.defjvp  # type: ignore[untyped-decorator]  # JAX's
        def rule(primals: Any, tangents: Any) -> Any:
            z = function(*primals)
            slope = jax.numpy.zeros_like(z)
            partials = self.partials(row, all_of(primals), z)
            live = [d for d, c in zip(partials, fixed, strict=True) if c is None]
            for d, tangent in zip(live, tangents, strict=True):
                if not (isinstance(d, float) and d == 0.0):
                    part = d * tangent
                    slope += jax.numpy.where(d == 0.0, 0.0, part) if row.piecewise else part
            return z, slope

        return function  # type: ignore[no-any-return]  # a function

    def partials(self, row: Primitive, operands: Sequence[Any], z: Any) -> list[Any]:
        """The local derivative by each operand, None for one that is a float."""
        fixed = [x if isinstance(x, float) else None for x in operands]
        found = recipes(row, fixed)
        if found is None:
            return [
                None if isinstance(x, float) else self._called(Local(row, i), (*operands, z))
                for i, x in enumerate(operands)
            ]
        made: list[Any] = []
        for recipe in found:
            if recipe is None:
                made.append(None)
                continue
            values = [*operands, z]
            for each, sources in recipe.steps:
                values.append(self.apply(each, [values[p] if type(p) is int else p for p in sources]))
            made.append(values[recipe.result] if type(recipe.result) is int else recipe.result)
        return made

    def _value(self, row: Primitive, operands: Sequence[Any]) -> Any:
        import jax

        template = _TEMPLATES.get(row.name, row.array)
        if row.name not in BUILT_IN or "vectorize" in template:
            return self._called(row, operands)
        names = {f"x{i}": x for i, x in enumerate(operands)}
        text = template.format(*names) if "{0}" in template else template.replace("{}", ", ".join(names))
        known = {"np": jax.numpy, "special": jax.scipy.special, "nn": jax.nn}
        found = eval(text, known, names)
        return found.astype(jax.numpy.result_type(float, *operands))

    def _called(self, row: Primitive | Local, operands: Sequence[Any]) -> Any:
        """The value by a call back to Python; it has no derivative of its own."""
        import jax
        import jax.numpy as jnp

        kind = jnp.result_type(float, *operands)
        shape = jnp.broadcast_shapes(*map(jnp.shape, operands))
        each = np.vectorize(quiet(row), otypes=[float])

        def host(*xs: Any) -> Any:
            return np.asarray(each(*map(np.asarray, xs)), kind)

        @jax.custom_jvp  # type: ignore[untyped-decorator]  # JAX's
        def call(*xs: Any) -> Any:
            like = jax.ShapeDtypeStruct(shape, kind)
            found = jax.pure_callback(host, like, *xs, vmap_method="broadcast_all")
            for x in xs:  # changes no number: in shard_map a result differs by device where x does
                found = jnp.where(x == x, found, found)
            return found

        @call.defjvp  # type: ignore[untyped-decorator]  # JAX's
        def refuse(primals: Any, tangents: Any) -> Any:
            name = row.row.name if isinstance(row, Local) else row.name
            raise TypeError(
                f"{name} is called back from JAX, which has its first derivative and no higher one"
            )

        return call(*[jnp.broadcast_to(jnp.asarray(x, kind), shape) for x in operands])
