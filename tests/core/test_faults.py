"""A sample of the faults of the table: ``python -m tests.core.faults`` injects them all."""

from itertools import islice

import pytest
from mpmath import mp

from autograd_lite import errstate

from ..support.references import BUILT_IN
from .faults import FAULTS, Fault, changes_something, faults, is_caught


@pytest.mark.parametrize("fault", list(islice(faults(), 3, None, 13)), ids=str)
def test_a_fault_in_a_rule_is_caught(fault: Fault) -> None:
    with mp.workdps(50), errstate("ignore"):
        assert is_caught(fault) or not changes_something(fault)


def test_every_rule_is_given_every_kind_of_fault() -> None:
    kinds: dict[str, set[str]] = {}
    for fault in faults():
        kinds.setdefault(fault.row.name, set()).add(fault.kind)
    assert kinds.keys() == BUILT_IN.keys()
    assert kinds["abs"] == FAULTS.keys()


def test_what_is_no_fault_is_not_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAULTS, "nothing", lambda row, i, slope, xs, z: slope(xs, z))
    with mp.workdps(50), errstate("ignore"):
        for name in ("sin", "pow", "softmax", "relu"):
            harmless = Fault(BUILT_IN[name], 0, "nothing")
            assert not is_caught(harmless)
            assert not changes_something(harmless)
