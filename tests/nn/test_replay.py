"""Predictions of many samples, by a program where the module can be recorded."""

from typing import Any

import numpy as np
import pytest

from autograd_lite import Value
from autograd_lite.nn import MLP, Module


@pytest.mark.usefixtures("always_worth")
def test_predictions_of_many_samples_are_those_of_each() -> None:
    samples = [[0.5, -1.0], [2.0, 0.25], [-0.75, 3.0]]
    for net in (MLP(2, [4, 1], activation="tanh"), MLP(2, [4, 3])):
        each = [net(x) for x in samples]
        expected = [[y.data for y in ys] if isinstance(ys, list) else ys.data for ys in each]
        found = net.predict(samples)
        assert len(found) == 3
        for one, two in zip(found, expected, strict=True):
            assert one == pytest.approx(two, rel=1e-13)
        assert net.predict(samples[:1]) == [expected[0]]
        assert net.predict(np.array(samples)) == found
    assert net.predict([]) == []


@pytest.mark.usefixtures("always_worth")
def test_a_module_that_cannot_be_recorded_predicts_all_the_same() -> None:
    class Branching(Module):
        def __init__(self) -> None:
            self.w = Value(2.0)

        def forward(self, x: Any) -> Any:
            return self.w * x if x > 0 else -x

    assert Branching().predict([1.0, -3.0, 2.0]) == [2.0, 3.0, 4.0]


@pytest.mark.usefixtures("always_worth")
def test_a_module_that_branches_by_equality_predicts_as_it_does() -> None:
    class Exact(Module):
        def __init__(self) -> None:
            self.w = Value(2.0)

        def forward(self, x: Any) -> Any:
            return self.w * 10.0 if x == 1 else self.w * x

    assert Exact().predict([3.0, 1.0, 2.0]) == [6.0, 20.0, 4.0]
