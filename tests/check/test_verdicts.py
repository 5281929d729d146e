"""Each verdict of gradcheck where it belongs, and never a wrong one."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import TABLE, Value, gradcheck, losses, nn
from autograd_lite.check import Entry, GradcheckError, Report, difference
from autograd_lite.check.differences import Probe, Slope
from autograd_lite.check.gradients import _blame_of
from autograd_lite.check.tapes import Tape
from autograd_lite.check.verdicts import VERDICTS, Surroundings, Tolerance, fits
from autograd_lite.program import jit, record


def checked(f: Any, inputs: Any, **settings: Any) -> Report:
    return gradcheck(f, inputs, raise_exception=False, **settings)


def one(f: Any, inputs: Any, **settings: Any) -> Entry:
    """The first entry, after a look at what holds of all."""
    report = checked(f, inputs, **settings)
    for entry in report.entries:
        assert entry.verdict in VERDICTS
        assert math.isfinite(entry.tolerance)
        assert str(entry)
    assert str(report)
    assert report._repr_html_().count("<tr>") >= 2
    return report.entries[0]


@pytest.mark.parametrize("eps", [None, 1e-6])
def test_an_infinite_derivative_never_agrees_with_a_number(row: Any, eps: float | None) -> None:
    bad = row(lambda x: x * x, [lambda x, z: math.inf])
    assert one(bad, 1.0, eps=eps).verdict == "wrong"
    assert one(lambda x: 1 / x, 0.0, eps=eps).verdict == "outside"


@pytest.mark.parametrize(
    ("f", "x", "side"),
    [
        (ag.asin, 1.0, "right"), (ag.acos, -1.0, "left"), (ag.sqrt, 0.0, "left"), (ag.acosh, 1.0, "left"),
        (ag.log, -1.0, "point"), (ag.exp, 710.0, "point"), (ag.acos, 100.0, "point"),
        (ag.log, 0.0, "point"), (ag.atanh, 1.0, "point"), (lambda x: x**0.5, -3.0, "point"),
    ],
)  # fmt: skip
def test_outside_the_domain_says_where_there_is_no_number(f: Any, x: float, side: str) -> None:
    entry = one(f, x)
    assert entry.verdict == "outside"
    assert side in entry.remark


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.sin, 1e6), (lambda x: 1 / x, 1e-4), (ag.cbrt, 1e-9), (ag.relu, 1e-6),
        (lambda x: ag.sin(1e6 * x), 1.0), (ag.relu, -1e-12), (ag.leaky_relu, 1e-9),
        (lambda x: ag.abs(x - 1), 1 + 1e-7), (ag.erf, 1e-12), (ag.lgamma, 1e-8), (ag.digamma, 1e6),
        (lambda x: ag.relu(ag.sin(1e5 * x)), 1.0), (ag.floor, 1e6 + 0.5), (ag.sin, 1e15),
        (lambda x: x * x + 1e4, 1e-8), (ag.tanh, 25.0), (lambda x: ag.cos(x) - ag.cos(x), 1.0),
        (lambda x: 0.0 * x, 1.0), (lambda x: x**2, 0.0), (ag.cos, 0.0), (ag.relu, -3.0),
        (lambda x: ag.log(ag.relu(x)), 2.0), (ag.gamma, 20.5),
    ],
)  # fmt: skip
def test_right_derivatives_agree_at_every_scale(f: Any, x: float) -> None:
    assert {entry.verdict for entry in checked(f, x).entries} == {"agrees"}


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.gelu, -0.7517915246935645), (ag.gelu, -0.7517915246936396), (ag.silu, -1.2784645427610737),
        (lambda x: ag.gelu(3.0 * x) + 1.0, -0.25059717489785486),
    ],
)  # fmt: skip
def test_a_slope_that_is_0_by_cancellation_inside_a_row_is_never_wrong(f: Any, x: float) -> None:
    entry = one(f, x)
    assert (entry.by, entry.verdict) in {("the complex step", "agrees"), ("the complex step", "digits")}
    assert one(f, x + 0.01).verdict == "agrees"


@pytest.mark.parametrize(
    "x", [1e-100, -1e-10, 0.0, 0.3, 1.4302966531242027, 2.0, -7.25, 1e10, -1e50, 1e250]
)
@pytest.mark.parametrize("n", [0.0, 1.0, 2.0])
def test_sinc_is_judged_by_the_complex_step(n: float, x: float) -> None:
    """Near 0 no difference sees its slope, and far out all floats are whole numbers, where it is 0."""
    assert one(lambda t: ag.sinc(t) if n == 0 else ag.sinc_derivative(n, t), x).verdict == "agrees"
    assert one(ag.sinc, 1e300).verdict == "cannot tell"


@pytest.mark.parametrize("x", [2.905494978699401e-12, -1e-9, 0.3, 0.9])
@pytest.mark.parametrize("f", [ag.atanh, ag.asin])
def test_second_derivatives_by_a_square_that_is_taken_from_1_agree(f: Any, x: float) -> None:
    assert {entry.verdict for entry in checked(f, x, order=2).entries} == {"agrees"}


@pytest.mark.parametrize("x", [20.0, -20.0])
def test_a_crossing_of_two_forms_inside_a_row_is_no_kink(x: float) -> None:
    assert one(ag.log_cosh, x).verdict == "agrees"


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e5])
@pytest.mark.parametrize("x", [0.0, 3.0, -7.5])
def test_a_kink_has_two_slopes_and_the_derivative_lies_between(x: float, scale: float) -> None:
    entry = one(lambda t: scale * ag.abs(t - x) + 2 * scale * t, x)
    assert entry.verdict == "kink"
    assert entry.left == pytest.approx(scale)
    assert entry.right == pytest.approx(3 * scale)
    assert entry.between
    assert "between" in entry.remark


def test_a_derivative_that_is_neither_slope_nor_between_is_not_accepted(row: Any) -> None:
    bent = row(lambda x: max(x, 0.0), [lambda x, z: 1.5])
    assert not one(bent, 0.0).between
    assert not checked(bent, 0.0, accept=("kink",))
    assert checked(ag.relu, 0.0, accept=("kink",))
    assert gradcheck(ag.relu, 0.0, accept=("kink",)).ok
    with pytest.raises(GradcheckError):
        gradcheck(ag.relu, 0.0, accept=("jump",))
    with pytest.raises(ValueError, match="accept"):
        gradcheck(ag.relu, 0.0, accept=("kinks",))


@pytest.mark.parametrize(
    ("f", "x"), [(ag.floor, 1.0), (ag.sign, 0.0), (ag.step, 0.0), (ag.round, 2.5), (ag.floor, 1e6)]
)
def test_a_jump_tells_its_size(f: Any, x: float) -> None:
    entry = one(f, x)
    assert entry.verdict == "jump"
    assert "1" in entry.remark


def test_a_branch_of_python_is_seen(row: Any) -> None:
    assert one(lambda x: x * x if x > 1 else x, 1.0).verdict == "kink"
    assert one(lambda x: x * x if x > 1 else -x, 1.0).verdict == "jump"
    assert one(lambda x: ag.sin(x) / x if x.data else 0.0 * x, 0.0).verdict == "jump"


def test_a_slope_that_runs_away_on_both_sides_is_infinite(row: Any) -> None:
    entry = one(ag.cbrt, 0.0)
    assert entry.verdict == "infinite"
    assert (entry.left, entry.right, entry.derivative) == (math.inf, math.inf, math.inf)
    down = row(lambda x: math.copysign(abs(x) ** 0.5, x), [lambda x, z: -math.inf])
    assert one(down, 0.0).verdict == "wrong"
    level = row(lambda x: math.copysign(abs(x) ** 0.5, x), [lambda x, z: 0.0])
    assert one(level, 0.0).verdict == "cannot tell"
    cusp = one(lambda x: ag.sqrt(ag.abs(x)), 0.0)
    assert (cusp.verdict, cusp.left, cusp.right) == ("kink", -math.inf, math.inf)


def test_where_rounding_hides_the_derivative_there_are_too_few_digits(row: Any) -> None:
    wrong = row(lambda x: x**3, [lambda x, z: -3 * x * x])
    assert one(lambda x: wrong(x) + 1e16, 1.0).verdict == "digits"
    assert one(wrong, 1.0).verdict == "wrong"
    right = row(lambda x: x**3, [lambda x, z: 3 * x * x])
    assert one(lambda x: right(x) + 1e16, 1.0).verdict == "digits"
    assert one(lambda x: (right(x) + 1e16) - 1e16, 1.3).verdict in ("digits", "jump", "cannot tell")
    own = row(math.erf, [lambda x, z: 2 / math.sqrt(math.pi) * ag.gaussian(x)])
    assert one(own, 6.0).verdict == "digits"
    # A tolerance that the caller gives is no reason to believe either.
    assert one(lambda x: 1e-8 * wrong(x), 1.0, atol=1e-5, eps=1e-6).verdict == "digits"
    assert one(lambda x: 1e-12 * wrong(x) + 1.0, 1.0, atol=1e-5).verdict == "digits"


def test_two_numbers_for_one_input_are_no_function() -> None:
    source = random.Random(1)
    entry = one(lambda x: x * source.random(), 2.0)
    assert entry.verdict == "not a function"
    report = checked(lambda x: [x * source.random(), x * x], 2.0)
    assert [entry.verdict for entry in report.entries] == ["not a function"] * 2 + ["agrees"] * 2


@pytest.mark.parametrize("x", [0.0, 1e-12, 0.3])
def test_a_derivative_that_is_lost_on_the_way_is_wrong(x: float) -> None:
    """No gradient flows, and the finest steps vanish in a sum: the function is not flat for that."""
    assert one(lambda t: math.sin(t.data + 0.7), x).verdict == "wrong"
    assert one(lambda t: math.sin(t.data + 1000.0), x).verdict != "agrees"
    assert one(lambda t: ag.floor(t + 0.5), x).verdict == "agrees"
    assert one(lambda t: ag.relu(t - 0.7), x).verdict == "agrees"


def test_what_no_step_settles_is_never_wrong() -> None:
    # Periods below what steps of √u·|x| can see.
    assert one(lambda x: ag.fmod(x, 1e-10), 3.0).verdict != "wrong"
    assert one(lambda x: ag.floor(1e9 * x), 0.341).verdict != "wrong"
    assert one(lambda x: ag.floor(ag.exp(x)), 80.0).verdict != "wrong"


def test_second_order_at_a_kink() -> None:
    report = checked(lambda v: (ag.abs(v[0]) + ag.abs(v[1])) ** 4 + ag.exp(v[1]), ([1.0, 0.0],), order=2)
    verdicts = [e.verdict for e in report.entries if e.mode == "reverse"]
    assert verdicts == ["agrees", "kink", "agrees", "agrees", "kink", "jump"]


def test_a_wrong_sum_of_kinks_is_found() -> None:
    entry = one(lambda x: ag.relu(x) - ag.relu(-x), 0.0)  # it is x, and each half says 0
    assert entry.verdict == "wrong"
    assert entry.difference == pytest.approx(1.0)


def test_a_rule_and_the_sweep_are_told_apart(row: Any, monkeypatch: Any) -> None:
    off = row(lambda x, y: x * y, [lambda x, y, z: y, lambda x, y, z: 1.01 * x])
    report = checked(lambda x, y: ag.sin(off(x, y)) + y, (2.0, 3.0))
    bad = [entry for entry in report.entries if entry.verdict == "wrong"]
    assert {entry.input for entry in bad} == {"argument 1"}
    assert {entry.fault for entry in bad} == {"rule"}
    assert {entry.suspects for entry in bad} == {(f"{off.name} by operand 1",)}
    assert "rule" in str(report)
    assert off.name in str(report)

    monkeypatch.setattr("autograd_lite.check.targets._pushed", lambda roots, xs: [[0.5] * len(xs)])
    bad = list(checked(ag.sin, 1.0).wrong)
    assert [(entry.mode, entry.fault) for entry in bad] == [("forward", "sweep")]


def test_slopes_without_bound_make_no_kink(row: Any) -> None:
    pole = row(lambda x: 1 / (x - 1) if x != 1 else math.inf, [lambda x, z: 7 * z * z])
    for beside in (1e-11, 1e-12, 1e-13):
        assert not ag.gradcheck(pole, 1 + beside, accept=("kink",), raise_exception=False).ok
    assert one(ag.gamma, -2.9999999999).verdict != "kink"


def test_only_what_lies_between_an_input_and_an_output_is_named(row: Any) -> None:
    one_off, other_off = (row(math.sin, [lambda x, z, by=by: by * ag.cos(x)]) for by in (1.01, 0.99))
    report = checked(lambda x, y: [ag.exp(one_off(x)), other_off(y)], (0.7, 0.4))
    named = {(entry.output, entry.input): entry.suspects for entry in report.wrong}
    assert named == {(0, "argument 0"): (one_off.name,), (1, "argument 1"): (other_off.name,)}


def test_a_rule_that_is_wrong_at_second_order_is_named(row: Any) -> None:
    off = row(math.sin, [lambda x, z: math.cos(x.data if isinstance(x, Value) else x)])
    report = checked(lambda x: ag.exp(off(x)), 0.7, order=2)
    assert {entry.order for entry in report.wrong} == {2}
    assert {entry.suspects for entry in report.wrong} == {(off.name,)}
    beside_a_jump = checked(lambda x: off(x + 0.7) + ag.step(x), 0.0, order=2).entries
    assert {(e.order, e.verdict) for e in beside_a_jump} == {(1, "jump"), (2, "cannot tell")}
    alone = checked(lambda x: off(x + 0.7), 0.0, order=2)
    assert {(e.order, e.verdict) for e in alone.entries} == {(1, "agrees"), (2, "wrong")}
    assert "order 1: jump" in beside_a_jump[-1].remark


def test_values_are_checked_by_their_inputs() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    report = gradcheck(ag.sin(x * y) + x, None)
    assert {entry.input for entry in report.entries} == {"x", "y"}
    assert report.ok
    assert {entry.input for entry in gradcheck(x * y, (y,)).entries} == {"y"}
    with pytest.raises(TypeError, match="inputs of a Value"):
        gradcheck(x * y, (2.0,))
    with pytest.raises(TypeError, match="inputs"):
        gradcheck(ag.sin)
    with pytest.raises(TypeError, match="gradcheck takes"):
        gradcheck(3.0, 1.0)


def test_modules_are_checked_by_inputs_and_parameters() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh")
    before = [p.data for p in model.parameters()], [p.grad for p in model.parameters()]
    report = gradcheck(model, ([0.3, -0.2],))
    names = {entry.input for entry in report.entries}
    assert len(names) == 2 + len(before[0])
    assert set(dict(model.named_parameters())) < names
    assert report.ok
    assert ([p.data for p in model.parameters()], [p.grad for p in model.parameters()]) == before


def test_losses_are_checked() -> None:
    assert gradcheck(losses.half_squared_error, ([1.0, 2.0], [0.5, 0.1])).ok
    assert gradcheck(lambda z: losses.softmax_cross_entropy(z, 1), ([1.0, -2.0, 0.3],), order=2).ok


@pytest.mark.parametrize("engine", ["python", "numpy", "machine"])
def test_programs_are_checked_by_their_own_engine(engine: str, monkeypatch: Any) -> None:
    weight = ag.parameter(2.0, "w")
    program = record(lambda x, y: ag.erf(x * y) + weight * x, 0.5, 1.5, parameters=[weight], engine=engine)
    assert gradcheck(program, (0.5, 1.5), order=2, modes=("reverse",)).ok
    report = gradcheck(program, (0.7, 1.5))
    assert report.ok
    assert {entry.mode for entry in report.entries} == {"reverse", "forward"}
    assert weight.grad == 0.0
    push = type(program).jvp
    with monkeypatch.context() as patch:
        patch.setattr(type(program), "jvp", lambda self, *given: (0.0, 2.0 * push(self, *given)[1]))
        bad = [e for e in checked(program, (0.5, 1.5)).entries if e.verdict == "wrong"]
    assert {entry.mode for entry in bad} == {"forward"}
    sound = type(program).value_and_grad
    monkeypatch.setattr(
        type(program), "value_and_grad", lambda self, *xs, **k: (0.0, (1.0, sound(self, *xs, **k)[1][1]))
    )
    bad = [e for e in checked(program, (0.5, 1.5)).entries if not e.ok]
    assert {(e.input, e.mode, e.verdict, e.fault) for e in bad} == {
        ("argument 0", "reverse", "wrong", "sweep")
    }


def test_programs_of_several_outputs_and_of_arrays() -> None:
    assert gradcheck(record(lambda x: [x * x, ag.relu(x)], 1.5), 1.5).ok
    assert gradcheck(record(lambda w: ag.sum([x * x * x for x in w]), np.array([1.0, 2.0])),
                     (np.array([1.5, 0.5]),), order=2).ok  # fmt: skip
    weight = ag.parameter(2.0, "w")
    jitted = jit(lambda x: weight * x * x if x > 0 else -x, parameters=[weight])
    assert gradcheck(jitted, -1.5, order=2).ok
    assert gradcheck(jitted, 1.5).ok
    assert not weight.swept


def test_pytorch_s_settings_are_understood(row: Any) -> None:
    assert gradcheck(lambda x, y: x * ag.erf(y), (1.5, 0.2), eps=1e-6, atol=1e-5, rtol=1e-3)
    off = row(lambda x: x * x, [lambda x, z: 2.01 * x])
    assert not gradcheck(func=off, inputs=(1.0,), eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=False)
    assert gradcheck(func=off, inputs=(1.0,), eps=1e-6, atol=0.1, rtol=1e-3, raise_exception=False)


def test_a_network_costs_ten_calls_an_input_at_most() -> None:
    model, calls = nn.MLP(3, [4, 1], rng=random.Random(1)), 0
    rows = [[1.0, 2.0, -1.0], [0.5, 0.1, -0.3], [2.0, 0.0, 1.0]]

    def f(state: Any) -> Any:
        nonlocal calls
        calls += 1
        return ag.sum([nn.functional_call(model, state, xs) ** 2 for xs in rows])

    state = model.state_dict()
    report = checked(f, (state,))
    assert {entry.verdict for entry in report.entries} <= {"agrees", "kink"}
    assert calls <= 10 * len(state)


def test_nothing_beside_the_point_makes_the_check_raise() -> None:
    def picky(x: Any) -> Any:
        if x.data != 1.0:
            raise RuntimeError("only at 1")
        return x * x

    assert one(picky, 1.0).verdict == "outside"
    assert one(lambda x: [x] * (1 + (x.data > 1.0)), 1.0).verdict == "outside"


def test_the_table_is_what_is_printed(row: Any) -> None:
    report = checked(lambda x: [ag.relu(x), x * x], 0.0)
    lines = str(report).splitlines()
    assert "verdict" in lines[1]
    assert lines[2].split()[0] == "kink"
    assert lines[3].split()[0] == "agrees"
    assert repr(report) == str(report)
    many = checked(lambda xs: ag.sum(xs), ([0.5] * 60,))
    assert len(str(many).splitlines()) < 40
    shown = many._repr_html_().count("<tr>") - 1
    assert 2 < shown < 40
    for text in (str(many), many._repr_html_()):
        assert f"and {60 - shown} more" in text
        assert "more" not in str(report) + report._repr_html_()
    off = row(lambda x: x * x, [lambda x, z: 2.001 * x])
    assert "left" not in one(lambda x: off(x) + ag.relu(x), 3.0).details
    assert "left 0, right 1" in report.entries[0].details


def test_the_difference_at_kinks_and_outside() -> None:
    assert math.isnan(difference(lambda x: math.log(x), -1.0)[0])
    assert difference(abs, 1e-6)[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.log, 1e-300),
        (lambda x: ag.relu(x) ** 2, 0.0),  # the curvature jumps
        (lambda x: ag.relu(1.0 - 3.0 * x) ** 2, 1.0 / 3.0),
        (lambda x: x * abs(x) + 1.0, 0.0),
        (lambda x: ag.relu(x - 1.0), 1.0 + 1e-9),
    ],
)
def test_where_differences_are_at_their_ends(f: Any, x: float) -> None:
    assert one(f, x).verdict == "agrees"


@pytest.mark.parametrize("x", [1e-200, -1e-170])
def test_values_that_are_lost_among_the_smallest_numbers_say_nothing(x: float) -> None:
    assert one(lambda x: x * x, x).verdict == "digits"


@pytest.mark.parametrize("eps", [None, 1e-6])
@pytest.mark.parametrize("factor", [-1.0, 1.01])
def test_a_derivative_below_the_noise_of_a_coarse_step_is_not_taken_for_0(
    row: Any, factor: float, eps: float | None
) -> None:
    off = row(lambda x: x * x, [lambda x, z: factor * 2.0 * x])
    assert one(off, 1e-20, eps=eps).verdict == "wrong"
    assert one(lambda x: ag.exp(off(x)), 1e-20, eps=eps).verdict == "digits"
    assert one(off, 0.0, eps=eps).verdict == "agrees"


def test_a_kink_close_by_is_no_jump(row: Any) -> None:
    own = row(lambda x: max(x, 0.0), [lambda x, z: float(x > 0)])
    for beside in (1e-9, -1e-9, 1e-12, 1e-14, *(k * math.ulp(1.0) for k in (1, -1, 2, -2, 3))):
        assert one(lambda x: ag.relu(x - 1.0), 1.0 + beside).verdict == "agrees"
        assert one(lambda x: own(x - 1.0), 1.0 + beside).verdict in ("agrees", "kink", "cannot tell")
    assert one(lambda x: ag.relu(x - 1.0), 1.0).verdict == "kink"
    assert one(lambda x: x + 1e-6 * ag.step(x - 1.0), 1.0).verdict == "jump"


def test_curvature_at_the_kink_of_a_length() -> None:
    for f in (lambda x: abs(x) * abs(x), lambda x: ag.exp(-0.5 * ag.norm([x]) ** 2)):
        assert gradcheck(f, 0.0, order=2)
    assert gradcheck(lambda x: ag.cos(abs(x)), 0.0, order=2)
    report = checked(lambda x: ag.logaddexp(abs(x), -abs(x)) + ag.relu(x + 1.0), 0.0, order=2)
    (entry,) = [e for e in report.entries if e.order == 2 and e.mode == "reverse"]
    assert math.isnan(entry.derivative)
    assert (entry.verdict, entry.suspects, entry.fault) == ("wrong", ("abs",), "")


def test_a_kink_within_the_rounding_of_its_operand_is_still_a_kink() -> None:
    assert one(lambda x: ag.relu((x + 0.1) - 1.1), 1.0).verdict == "kink"  # at 2e-16 by rounding, not at 0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: ag.tanh(ag.relu(x)),
        lambda x: ag.tanh(ag.abs(-x)),
        lambda x: ag.sigmoid(2.0 * ag.maximum(x, 0.5 * x)),
        lambda x: ag.tanh(ag.clip(x, -30.0, 30.0) + ag.floor(x)),
        lambda x: ag.tanh(ag.leaky_relu(x) + ag.fmod(x, 19.0)),
        lambda x: ag.erf(0.3 * ag.where(x, x, 1.0)),
        lambda x: ag.tanh(x + ag.round(x) + ag.trunc(x)) * ag.copysign(x, -1.0),
        lambda x: ag.tanh(25.0 * ag.softsign(x)),
    ],
)
def test_branches_beside_a_kink_keep_the_digits_at_saturation(f: Any) -> None:
    assert gradcheck(f, 20.3, order=2)


def test_a_wrong_branch_is_wrong_at_saturation_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TABLE["relu"], "slope", lambda x, z: 1.001 * (x > 0))
    assert one(lambda x: ag.tanh(ag.relu(x)), 20.0).verdict == "wrong"


def test_a_slope_of_0_beside_a_jump_of_the_curvature_is_still_judged(row: Any) -> None:
    leaning = row(lambda x: x * abs(x) + 1e-7 * x, [lambda x, z: 2.0 * ag.abs(x)])
    assert one(leaning, 0.0).verdict == "wrong"


@pytest.mark.parametrize("setting", ["rtol", "atol"])
@pytest.mark.parametrize("size", [math.inf, math.nan, -1e-6])
def test_a_tolerance_is_a_number(setting: str, size: float) -> None:
    settings: dict[str, Any] = {setting: size}
    with pytest.raises(ValueError, match=setting):
        gradcheck(ag.sin, 1.0, **settings)


def test_the_verdict_by_the_numbers_alone() -> None:
    tolerance = Tolerance(1e-6, 0.0)
    rough = Slope(1.0, 1e-5, 0)  # too rough for agreement: its error is above the share of rtol
    assert fits(1.0 + 2.05e-5, rough, tolerance) == "digits"
    assert fits(1.0 + 2.2e-5, rough, tolerance) == "wrong"
    assert fits(1.0 + 1e-6, Slope(1.0, 1e-7, 0), tolerance) == "agrees"
    assert fits(math.inf, rough, tolerance) == "wrong"
    known = Surroundings(size=1.0)
    assert known.is_rounding(1e-13)
    assert not known.is_rounding(1e-11)


def test_whether_two_modes_say_the_same() -> None:
    assert _blame_of({"reverse": 0.1 + 0.2, "forward": 0.3}, 0.0) == "rule"
    assert _blame_of({"reverse": 1.0, "forward": 1e9}, 0.0) == "sweep"
    assert _blame_of({"reverse": math.nan, "forward": math.nan}, 0.0) == "rule"


def test_the_gap_between_one_sided_slopes() -> None:
    smooth = Probe(lambda t: [math.exp(t)], 0.5, [math.exp(0.5)])
    assert abs(smooth.kink(0, -6)) < 1e-9
    bent = Probe(lambda t: [abs(t - 0.5) * math.exp(t)], 0.5, [0.0])
    assert bent.kink(0, -6) == pytest.approx(2 * math.exp(0.5), rel=1e-4)


def test_kinks_closer_together_than_numbers() -> None:
    for scale, blind in ((0.37 * 2.0**45, True), (3.7, False), (1e300, True)):
        x = Value(1.0)
        assert Tape([x], [ag.floor(x * scale)]).is_blind() == blind


def test_the_complex_step_decides_nothing_among_the_smallest_numbers() -> None:
    assert one(lambda x: (x * 1e-300) * 1e300, 1.0).verdict == "agrees"
