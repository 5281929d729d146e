"""The checker checked, in short; ``python benchmarks/checker.py`` tries ten thousand of each."""

from __future__ import annotations

from random import Random

import pytest

from ..support.trials import FAULTS, entries_of, is_confirmed, right, wrong


def test_no_right_derivative_is_called_wrong() -> None:
    rng, tried = Random(5), 0
    while tried < 300:
        trial = right(rng)
        for entry in entries_of(trial):
            tried += 1
            assert entry.verdict != "not a function"
            assert entry.verdict != "wrong" or not is_confirmed(trial, entry), f"{trial.text}: {entry}"


@pytest.mark.parametrize("kind", [*FAULTS, "order 2"])
def test_no_wrong_derivative_agrees(kind: str) -> None:
    rng, tried, found = Random(6), 0, 0
    while tried < 25:
        for trial, entry in wrong(rng, kind):
            tried += 1
            found += entry.verdict == "wrong"
            assert not entry.ok, f"{trial.text}: {entry}"
    assert found > tried / 2
