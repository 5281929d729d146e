"""Branches that are not selected, where JAX must not multiply an infinite derivative by 0.

The engines leave out what a piecewise row does not select. JAX multiplies by 0 instead, and 0·inf is
nan. So where that may happen, it is found out first which results are selected.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .rewrite import Circuit
from .row_facts import TAME
from .schedule import Group
from .steps import Ref


class Branches:
    """Which entries of a circuit may have an infinite derivative in a branch that is not selected.

    :ivar wild: these entries; empty for most circuits.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.fixed = circuit.fixed
        wild: set[int] = set()
        self.below: set[int] = set()  # entries that a piecewise row is made of
        for i, row in enumerate(circuit.rows):
            operands = circuit.operands[i]
            if row and (row.name not in TAME or any(type(p) is int and p in wild for p in operands)):
                wild.add(i)
        for i, row in reversed(list(enumerate(circuit.rows)) if wild else []):
            if row and i not in circuit.fixed and (i in self.below or row.piecewise):
                self.below.update(p for p in circuit.operands[i] if type(p) is int)
        self.wild = (wild & self.below) - circuit.fixed

    def selected(self, values: Any) -> dict[int, Any]:
        """For each group that holds a wild entry, what of it reaches the outputs or is not wild.

        An operand is not selected where the derivative of a piecewise row by it is 0.

        :param values: a pass over the circuit, with the values of all entries.
        """
        groups = values.layout.groups
        roots = {place[1] for place in values.layout.roots if isinstance(place, tuple) and place[0] == "u"}
        needed: list[Any] = [
            np.array(
                [e not in self.below or group.out.start + k in roots for k, e in enumerate(group.entries)]
            )
            for group in groups
        ]
        masks = {}
        for i, group in reversed(list(enumerate(groups))):
            if not self.wild.isdisjoint(group.entries):
                # What is not wild needs no mask, and nothing tells which of it is needed.
                masks[i] = needed[i] | np.array([entry not in self.wild for entry in group.entries])
            mask = needed[i] & np.array([entry not in self.fixed for entry in group.entries])
            marks = [
                (k, o, rows, mine)
                for k, x in enumerate(group.operands)
                if isinstance(x, Ref) and x.space == "u"
                for o, rows, mine in self._marked(values, group, x)
            ]
            if marks and group.row.piecewise:
                slopes = values.partials(group)
            for k, o, rows, mine in marks:
                here = mask & (slopes[k] != 0.0) if group.row.piecewise else mask
                here = values.jnp.broadcast_to(here[:, None], mine.shape)
                if mine.all() and np.array_equal(rows.ravel(), np.arange(groups[o].out.n)):
                    needed[o] = needed[o] | here.ravel()
                else:
                    into = values.jnp.asarray(needed[o])
                    needed[o] = into.at[rows[mine]].max(here.ravel()[np.flatnonzero(mine)])
        return masks

    def _marked(self, values: Any, group: Group, x: Ref) -> list[tuple[int, Any, Any]]:
        """The groups with wild entries that an operand reads: which, the rows in it, and where it does."""
        rows = of_each(group, x)
        owner = values.owner("u", rows)
        groups = values.layout.groups
        return [
            (o, rows - groups[o].out.start, owner == o)
            for o in np.unique(owner).tolist()
            if not self.wild.isdisjoint(groups[o].entries)
        ]


def of_each(group: Group, x: Ref) -> Any:
    """The rows that each operation of the group reads, a line for each; a sum may read runs of rows."""
    return x.rows() if group.out.n > 1 else x.rows().reshape(1, -1)
