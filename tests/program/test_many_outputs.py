"""Programs of many outputs: where these lie, and second derivatives of logits, a square of them."""

import itertools
from typing import Any

import numpy as np
import pytest

from autograd_lite import hessian, jacobian, log, log_softmax, logsumexp, record, sin, softmax

LOGITS: dict[str, Any] = {
    "logsumexp": lambda x, k: logsumexp(x),
    "log_softmax at a label": lambda x, k: log_softmax(x, k),
    "softmax": lambda x, k: softmax(x, 0),
}


@pytest.mark.parametrize("name", LOGITS)
def test_second_derivatives_of_logits_have_as_many_wires_as_the_hessian_has_entries(name: str) -> None:
    wires = []
    for n in (6, 12, 24):
        program = record(LOGITS[name], [0.1 * i for i in range(n)], 1.0, engine="python", verify=False)
        made = record(hessian(program), [0.1 * i for i in range(n)], 1.0, engine="python", verify=False)
        wires.append(sum(map(len, made.recording.operands)))
    assert wires[2] / wires[1] < 5.0  # a cube's would be 8
    assert wires[1] / wires[0] < 5.0


def test_derivatives_by_several_inputs_share_their_circuits() -> None:
    times = np.linspace(0.0, 1.0, 5)
    at = np.array([0.3, 0.2])
    jacobian_of = record(jacobian(lambda p: np.sin(p[0] * times + p[1])), at)
    rows = [row.name for row in jacobian_of.recording.rows if row is not None]
    assert rows.count("cos") == len(times)
    slopes = np.cos(0.3 * times + 0.2)
    np.testing.assert_allclose(jacobian_of(at), np.stack([slopes * times, slopes], axis=1), rtol=1e-14)


def test_second_derivatives_of_logits_keep_their_digits_wherever_the_largest_is() -> None:
    rng, at = np.random.default_rng(3), [0.3, -0.2, 0.1, 0.0]
    programs = {name: record(f, at, 1.0, verify=False) for name, f in LOGITS.items()}
    for k, spread in itertools.product((0, 2), (1.0, 40.0)):
        x = spread * rng.normal(size=4)
        shares = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
        rests = np.array([np.delete(shares, i).sum() for i in range(4)])  # 1 less each, exactly
        slopes = np.where(np.eye(4) > 0, shares * rests, -np.outer(shares, shares))
        off = np.where(np.arange(4) == 0, rests[0], -shares)
        expected = {
            "logsumexp": slopes,
            "log_softmax at a label": -slopes,
            "softmax": shares[0] * (np.outer(off, off) - slopes),
        }
        for name, program in programs.items():
            found = program.hessian(x.tolist(), float(k))
            assert np.allclose(found, expected[name], rtol=1e-11, atol=0.0), name


def test_many_outputs_lie_where_they_may() -> None:
    """In one space or several, side by side or not, and numbers of the formula among them."""
    pytest.importorskip("llvmlite")

    def f(x: Any) -> Any:
        found = [sin(each) for each in x] + [x[2], 3.0, x[0]] + [each * each for each in reversed(x)]
        return [*found, found[1], found[0], 2.0, 2.5]

    x = np.linspace(0.1, 2.0, 20)
    for engine in ("machine", "tape", "numpy"):
        assert np.allclose(record(f, x, engine=engine, verify=False)(x), f(x), rtol=1e-14)
    with pytest.warns(RuntimeWarning, match="log"):
        record(lambda x: [log(each) for each in x], x, engine="machine", verify=False)(0.0 * x)
