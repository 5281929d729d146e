"""A program as a pure function of ``jax.numpy`` arrays.

Only the values are computed here, group by group of the layout; JAX differentiates, batches, compiles
and distributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, groupby
from typing import Any

import numpy as np

from ..support.nested import rebuild
from .arguments import Arguments
from .jax_branches import Branches, of_each
from .jax_rows import JaxRows
from .recording import Recording
from .rewrite import rewritten
from .schedule import Group, Layout, laid_out
from .steps import Ref


def to_jax(recording: Recording, arguments: Arguments, output: Any, parameters: int = 0) -> Any:
    """A pure function of arrays that gives the program's value; see :meth:`Program.to_jax`.

    :param output: the structure of the result, with something at each of its leaves.
    :param parameters: how many of the last inputs are parameters; they are then the first argument.
    """
    try:
        import jax
    except ImportError as error:
        raise ImportError("to_jax needs JAX: python -m pip install 'autograd-lite[jax]'") from error
    circuit = rewritten(recording)
    layout = laid_out(circuit, [False] * recording.inputs, [True] * recording.inputs)
    branches = Branches(circuit)
    rows = JaxRows()
    number, many = count(), len(arguments.examples) + bool(parameters)
    places = rebuild(output, lambda x: next(number))  # where each output stands among all

    def function(*args: Any) -> Any:
        own = args[1:] if parameters else args
        if len(args) != many:
            raise TypeError(f"the program of {function.__name__} takes {many} arguments, not {len(args)}")
        if parameters and jax.numpy.shape(args[0]) != (parameters,):
            raise ValueError(f"the first argument must be an array of the {parameters} parameters")
        parts: list[Any] = []
        for name, example, given in zip(arguments.names, arguments.examples, own, strict=True):
            for single, group in groupby(_leaves(example, given, name), lambda x: x.ndim == 0):
                together = list(group)
                parts += [jax.numpy.stack(together)] if single else map(jax.numpy.ravel, together)
        parts += args[:1] if parameters else []
        selected = {}
        if branches.wild:
            first = _Pass(rows, circuit.fixed, layout, list(map(jax.lax.stop_gradient, parts)), {})
            selected = branches.selected(first)
        found = _Pass(rows, circuit.fixed, layout, parts, selected).roots()
        return jax.tree.map(lambda at: found[np.asarray(at, int)], places)

    function.__name__ = function.__qualname__ = arguments.function
    return function


def _leaves(example: Any, given: Any, where: str) -> Iterator[Any]:
    """The numbers of an argument as JAX's arrays, from left to right.

    :raises ValueError: where an argument has another structure than its example.
    """
    import jax.numpy as jnp

    if isinstance(example, dict):
        if not isinstance(given, dict) or given.keys() != example.keys():
            raise ValueError(f"{where} must be a dict with the keys {list(example)}, not {given!r:.60}")
        for key, each in example.items():
            yield from _leaves(each, given[key], f"{where}[{key!r}]")
    elif isinstance(given, list | tuple) and not isinstance(example, float):
        if len(given) != len(example):
            raise ValueError(f"{where} must have {len(example)} entries, not {len(given)}")
        for i, (each, part) in enumerate(zip(example, given, strict=True)):
            yield from _leaves(each, part, f"{where}[{i}]")
    else:
        try:
            shape: Any = np.asarray(example, float).shape
        except (TypeError, ValueError):
            shape = "of the example"
        if isinstance(given, dict | list | tuple) or jnp.shape(given) != shape:
            raise ValueError(
                f"{where} must have the shape {shape}, not {type(given).__name__} ({given!r:.60})"
            )
        if 0 not in shape:
            yield jnp.asarray(given)


class _Pass:
    """All groups computed at some inputs, which are given as flat arrays side by side.

    :param selected: masks for groups: a gradient goes through only where they are true.
    """

    def __init__(
        self, rows: JaxRows, fixed: set[int], layout: Layout, inputs: list[Any], selected: dict[int, Any]
    ) -> None:
        import jax

        self.jnp, self.lax = jax.numpy, jax.lax
        self.rows, self.fixed, self.layout = rows, fixed, layout
        self.dtype = self.jnp.result_type(float, *inputs)
        self.constants = np.array(layout.constants, float)
        #: For each space the arrays of its rows, with the number of the first.
        self.held: dict[str, list[tuple[int, Any]]] = {"p": [], "u": []}
        for part, first in zip(inputs, np.cumsum([0, *(x.size for x in inputs)]), strict=False):
            self.held["p"].append((int(first), part.astype(self.dtype)))
        wide = {"dot": self._dot, "sum": self._sum}
        for i, group in enumerate(layout.groups):
            mask = selected.get(i)
            if group.row.name not in wide:
                z = rows.apply(group.row, [self._only(x, mask) for x in self._operands(group)])
            else:
                z = wide[group.row.name](group, None if mask is None else mask[:, None])
            z = self.jnp.broadcast_to(self.jnp.asarray(z, self.dtype), (group.out.n,))
            still = self._fixed(group)
            if still.any():
                z = self.jnp.where(still, self.lax.stop_gradient(z), z)
            self.held[group.out.space].append((group.out.start, z))

    def _fixed(self, group: Group) -> Any:
        return np.array([entry in self.fixed for entry in group.entries])

    def roots(self) -> Any:
        """The outputs side by side; nan where a comparison comes out otherwise than it was recorded."""
        roots = [x if isinstance(x, tuple) else ("", x) for x in self.layout.roots]
        parts = []
        for space, places in groupby(roots, lambda root: root[0]):
            numbers = np.array([at for _, at in places])
            parts.append(self._line(space, numbers) if space else self.jnp.asarray(numbers, self.dtype))
        found = parts[0] if len(parts) == 1 else self.jnp.concatenate(parts or [self.jnp.zeros(0)])
        if self.layout.guard is None:
            return found
        space, row = self.layout.guard
        wrong = self.lax.stop_gradient(self._line(space, np.array([row])))
        return found * self.jnp.where(wrong == 0.0, 1.0, self.jnp.nan).astype(self.dtype)

    def partials(self, group: Group) -> list[Any]:
        """The local derivatives of the group's operations by each operand."""
        z = self._line(group.out.space, group.out.rows().ravel())
        return self.rows.partials(group.row, self._operands(group), z)

    def _only(self, x: Any, mask: Any) -> Any:
        """An operand that a gradient reaches only where the mask is true."""
        if mask is None or isinstance(x, float):
            return x
        return self.jnp.where(mask, x, self.lax.stop_gradient(x))

    def _operands(self, group: Group) -> list[Any]:
        """The operands of single operations: floats, and arrays of one entry or one for each."""
        return [self._grid(x.space, x.rows()).ravel() if isinstance(x, Ref) else x for x in group.operands]

    def _dot(self, group: Group, mask: Any) -> Any:
        sides, z = group.operands[:2], None
        refs = [x for x in sides if isinstance(x, Ref)]
        if len(refs) == 2 and mask is None:
            # The results are entries of the products of all different vectors of the two sides.
            (left, i), (right, k) = (_distinct(x.rows()) for x in refs)
            if len(left) * len(right) <= 2 * group.out.n:
                a, b = (
                    self.jnp.broadcast_to(self._grid(x.space, rows), rows.shape)
                    for x, rows in zip(refs, (left, right), strict=True)
                )
                if len(right) > 1 and (np.diff(k) >= 0).all():  # the right side changes last
                    a, b, left, right, i, k = b, a, right, left, k, i
                z = self._some((a @ (b.T if len(right) > 1 else b[0])).ravel(), i * len(right) + k)
        if z is None:
            grids = [self._grid(x.space, x.rows()) if isinstance(x, Ref) else x for x in sides]
            a, b = (self._only(x, mask) for x in grids)
            z = self.jnp.sum(self.jnp.broadcast_to(a * b, (group.out.n, refs[0].m)), axis=1)
        for bias in group.operands[2:]:
            z += self._grid(bias.space, bias.rows()).ravel() if isinstance(bias, Ref) else bias
        return z

    def _sum(self, group: Group, mask: Any) -> Any:
        total: Any = 0.0
        for x in group.operands:
            if isinstance(x, Ref):
                rows = of_each(group, x)
                terms = self._only(self._grid(x.space, rows), mask)
                total += self.jnp.sum(self.jnp.broadcast_to(terms, rows.shape), axis=1)
            else:
                total += x
        return total

    # Rows: as slices where they are regular, else gathered

    def _grid(self, space: str, rows: Any) -> Any:
        """The rows as an array of two axes; an axis along which nothing changes has length 1."""
        for axis in (0, 1):
            head = rows.take([0], axis)
            rows = head if (rows == head).all() else rows
        n, m = rows.shape
        if n > 1 and m > 1 and space != "c":
            by_i, by_k = int(rows[1, 0] - rows[0, 0]), int(rows[0, 1] - rows[0, 0])
            if 0 < by_i < by_k:
                return self._grid(space, rows.T).T
            width = by_i // by_k if by_k > 0 and by_i % by_k == 0 else 0
            first, part = next(each for each in reversed(self.held[space]) if each[0] <= rows[0, 0])
            regular = rows[0, 0] + by_i * np.arange(n)[:, None] + by_k * np.arange(m)
            if width >= m and rows[-1, -1] < first + part.size and (rows == regular).all():
                # Whole lines, of which the columns are taken; the last line may need filling.
                lines = rows[0, 0] - first + by_k * np.arange(n * width)
                part = self.jnp.pad(part, (0, max(int(lines[-1]) + 1 - part.size, 0)))
                return self._some(part, lines).reshape(n, width)[:, :m]
        return self._line(space, rows.ravel()).reshape(n, m)

    def _line(self, space: str, rows: Any) -> Any:
        """The rows, which may lie in several arrays, as one array."""
        if space == "c":
            return self.jnp.asarray(self.constants[rows], self.dtype)
        held = self.held[space]
        owner = self.owner(space, rows)
        owners = np.unique(owner)
        parts = [self._some(held[o][1], rows[owner == o] - held[o][0]) for o in owners]
        if len(parts) == 1:
            return parts[0]
        return self._some(self.jnp.concatenate(parts), np.argsort(np.argsort(owner, kind="stable")))

    def owner(self, space: str, rows: Any) -> Any:
        """Which of the arrays of a space holds each of the rows."""
        return np.searchsorted([first for first, _ in self.held[space]], rows, "right") - 1

    def _some(self, array: Any, at: Any) -> Any:
        """The entries of a flat array at these positions."""
        step = int(at[1] - at[0]) if len(at) > 1 else 1
        if step > 0 and (np.diff(at) == step).all():
            whole = step == 1 and len(at) == array.size
            return array if whole else self.lax.slice(array, (int(at[0]),), (int(at[-1]) + 1,), (step,))
        return array.at[at].get(mode="promise_in_bounds")


def _distinct(rows: Any) -> tuple[Any, Any]:
    """The different lines of a table, in the order in which they come, and which of them each line is."""
    _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return rows[first[order]], np.argsort(order)[inverse.ravel()]
