"""A module over many samples by a recorded program."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from ..core.value import Value
from ..support.arrays import is_array
from ..support.context import no_grad
from ..support.nested import leaves
from ..support.numbers import plain

#: How many samples are compared with the module itself.
_SAMPLES_TRIED = 8


def replayed(
    module: Callable[[Any], Any], parameters: Sequence[Value], samples: Sequence[Any]
) -> list[Any] | None:
    """The outputs for each sample, as numbers; None where the module cannot be recorded."""
    if not find_spec("numpy"):
        return None
    from ..program import Program
    from ..program.verification import require_no_reads, require_work, verify

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program = Program.of(module, (samples[0],), parameters)
            require_work(program, len(samples))
            verify(program)
        found = _by_sample(require_no_reads(program).batch(0, None)(samples))
        if found is None:
            return None
        for sample, output in zip(samples[:_SAMPLES_TRIED], found, strict=False):
            with no_grad():
                expected = module(sample)
            numbers = [list(map(plain, leaves(each, "an output"))) for each in (output, expected)]
            for one, two in zip(*numbers, strict=True):
                if not abs(one - two) <= 1e-9 * (abs(two) + 1e-3):
                    return None
        return found
    except Exception:  # whatever the reason is, the module itself gives the outputs, or says why not
        return None


def _by_sample(found: Any) -> list[Any] | None:
    if is_array(found):
        return list(found.tolist())
    if type(found) not in (list, tuple) or not all(map(is_array, found)):
        return None
    return [type(found)(row) for row in zip(*(column.tolist() for column in found), strict=True)]
