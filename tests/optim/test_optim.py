"""Optimisers: each step equal to the published rule, and never half a step."""

import math
import random
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_lite import Constant, Value
from autograd_lite.nn import Neuron
from autograd_lite.optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Groups,
    Optimizer,
    RMSprop,
    cosine,
    exponential,
    linear,
    step_decay,
    warmup,
)

from ..support.interrupts import interrupted_at, interruptions

Array = Any
STEPS = 200

# The rules as PyTorch's documentation states them, on arrays: (x, g, t, state) -> x at step t from 1.


def sgd(x: Array, g: Array, t: int, state: dict[str, Array], s: dict[str, Any]) -> Array:
    g = g + s.get("weight_decay", 0.0) * x
    mu = s.get("momentum", 0.0)
    if mu:
        state["b"] = g if t == 1 else mu * state["b"] + g
        g = g + mu * state["b"] if s.get("nesterov") else state["b"]
    return x - s["lr"] * g


def adam(x: Array, g: Array, t: int, state: dict[str, Array], s: dict[str, Any]) -> Array:
    g = g + s.get("weight_decay", 0.0) * x
    return adam_rule(x, g, t, state, s)


def adamw(x: Array, g: Array, t: int, state: dict[str, Array], s: dict[str, Any]) -> Array:
    x = x - s["lr"] * s.get("weight_decay", 0.01) * x
    return adam_rule(x, g, t, state, s)


def adam_rule(x: Array, g: Array, t: int, state: dict[str, Array], s: dict[str, Any]) -> Array:
    b1, b2 = s.get("betas", (0.9, 0.999))
    state["m"] = b1 * state.get("m", 0.0) + (1 - b1) * g
    state["v"] = b2 * state.get("v", 0.0) + (1 - b2) * g**2
    m_hat, v_hat = state["m"] / (1 - b1**t), state["v"] / (1 - b2**t)
    return x - s["lr"] * m_hat / (np.sqrt(v_hat) + s.get("eps", 1e-8))


def rms(x: Array, g: Array, t: int, state: dict[str, Array], s: dict[str, Any]) -> Array:
    g = g + s.get("weight_decay", 0.0) * x
    alpha = s.get("alpha", 0.99)
    state["s"] = alpha * state.get("s", 0.0) + (1 - alpha) * g**2
    state["b"] = s.get("momentum", 0.0) * state.get("b", 0.0) + g / (
        np.sqrt(state["s"]) + s.get("eps", 1e-8)
    )
    return x - s["lr"] * state["b"]


def adagrad(x: Array, g: Array, t: int, state: dict[str, Array], s: dict[str, Any]) -> Array:
    g = g + s.get("weight_decay", 0.0) * x
    state["s"] = state.get("s", 0.0) + g**2
    rate = s["lr"] / (1 + (t - 1) * s.get("lr_decay", 0.0))
    return x - rate * g / (np.sqrt(state["s"]) + s.get("eps", 1e-10))


CASES: list[tuple[type[Optimizer], Any, dict[str, Any]]] = [
    (SGD, sgd, {"lr": 0.02}),
    (SGD, sgd, {"lr": 0.02, "weight_decay": 0.1}),
    (SGD, sgd, {"lr": 0.02, "momentum": 0.9}),
    (SGD, sgd, {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    (SGD, sgd, {"lr": 0.02, "momentum": 0.5, "nesterov": True, "weight_decay": 0.1}),
    (Adam, adam, {"lr": 0.05}),
    (Adam, adam, {"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    (AdamW, adamw, {"lr": 0.05}),
    (AdamW, adamw, {"lr": 0.05, "betas": (0.8, 0.99), "eps": 1e-4, "weight_decay": 0.3}),
    (RMSprop, rms, {"lr": 0.02}),
    (RMSprop, rms, {"lr": 0.02, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1, "momentum": 0.5}),
    (Adagrad, adagrad, {"lr": 0.1}),
    (Adagrad, adagrad, {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.1, "eps": 1e-3}),
]

START = [1.3, -0.7, 0.0, 2.5]


def gradient(x: Array, t: int) -> Array:
    """That of a bowl that shakes, so that no rule can settle."""
    return np.array([1.0, 10.0, 0.1, 3.0]) * x + np.sin(np.arange(4.0) + t)


def trajectory(optimizer: Optimizer) -> Array:
    course = []
    for t in range(STEPS):
        slopes = gradient(np.array([p.data for p in optimizer.parameters]), t)
        for p, g in zip(optimizer.parameters, slopes, strict=True):
            p.grad = float(g)
        optimizer.step()
        course.append([p.data for p in optimizer.parameters])
    return np.array(course)


@pytest.mark.parametrize(("kind", "rule", "settings"), CASES)
def test_every_step_is_the_published_rule(
    kind: type[Optimizer], rule: Any, settings: dict[str, Any]
) -> None:
    found = trajectory(kind([Value(x) for x in START], **settings))
    x, state = np.array(START), dict[str, Array]()
    for t in range(STEPS):
        x = rule(x, gradient(x, t), t + 1, state, settings)
        assert found[t] == pytest.approx(x, rel=1e-10, abs=1e-12), f"step {t}"


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """PyTorch without its compiler: an optimizer imports it, which takes longer than all the rest."""
    torch = pytest.importorskip("torch", exc_type=ImportError)
    if "torch._dynamo" not in sys.modules:
        nothing = SimpleNamespace(graph_break=lambda: None, disable=lambda f, *_, **__: f)
        monkeypatch.setitem(sys.modules, "torch._dynamo", nothing)
        monkeypatch.setitem(vars(torch), "_dynamo", nothing)
    return torch


@pytest.mark.parametrize(("kind", "rule", "settings"), CASES)
def test_every_step_is_pytorchs(
    kind: type[Optimizer], rule: Any, settings: dict[str, Any], torch: Any
) -> None:
    found = trajectory(kind([Value(x) for x in START], **settings))
    x = torch.tensor(START, dtype=torch.float64)
    theirs = getattr(torch.optim, kind.__name__)([x], **settings)
    for t in range(STEPS):
        x.grad = torch.from_numpy(gradient(x.numpy(), t))
        theirs.step()
        assert found[t] == pytest.approx(x.numpy(), rel=1e-10, abs=1e-12), f"step {t}"


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW, RMSprop, Adagrad])
def test_defaults_are_pytorchs(kind: type[Optimizer], torch: Any) -> None:
    (group,) = getattr(torch.optim, kind.__name__)([torch.zeros(1)]).param_groups
    ours = vars(kind([Value(0.0)]))  # type: ignore[call-arg]  # the kinds have defaults, their base has not
    shared = group.keys() & ours.keys() - {"params"}
    assert {"lr", "weight_decay"} <= shared
    assert {name: ours[name] for name in shared} == {name: group[name] for name in shared}


def test_an_optimiser_needs_data_and_grad_and_no_more() -> None:
    x = SimpleNamespace(data=3.0, grad=6.0)
    optimizer = SGD([x], lr=0.5)
    optimizer.step()
    optimizer.zero_grad()
    assert (x.data, x.grad) == (0.0, 0.0)


def test_a_step_leaves_no_trace_in_the_circuit() -> None:
    w = Value(2.0)
    (w * w).backward()
    SGD([w], lr=0.1).step()
    assert w.op is None
    assert w.parents == ()
    assert w.data == pytest.approx(1.6)


def test_a_parameter_given_twice_moves_once() -> None:
    w, v = Value(1.0), Value(2.0)
    w.grad = v.grad = 1.0
    optimizer = SGD(iter([w, v, w]), lr=0.1)
    assert optimizer.parameters == [w, v]
    optimizer.step()
    assert (w.data, v.data) == (0.9, 1.9)


def test_zero_grad_forgets_the_sweep() -> None:
    w = Value(2.0)
    optimizer = SGD([w], lr=0.1)
    (w * math.inf).backward()
    optimizer.zero_grad()
    assert w.grad == 0.0
    assert not w.swept


@pytest.mark.parametrize("number", [np.float32, np.float64, int, Fraction])
def test_numbers_of_all_kinds_become_floats(number: Any) -> None:
    for make in (SGD, Adam, AdamW):
        w = Value(1.0)
        w.data, w.grad = number(1), number(2)
        optimizer = make([w], lr=number(1))
        optimizer.step()
        assert type(w.data) is float
        optimizer.lr = number(1)
        optimizer.step()
        assert {type(x) for x in (w.data, *optimizer.state_dict().values())} == {float}


def test_a_state_that_overflows_is_refused() -> None:
    w = Value(1.0, "w")
    optimizer = Adam([w], lr=0.1)
    w.grad = 1e160
    with pytest.raises(FloatingPointError, match=r"\(w\).*square"):
        optimizer.step()
    assert (w.data, optimizer.state_dict()) == (1.0, {"lr": 0.1})


def test_only_inputs_can_be_moved() -> None:
    w = Value(1.0, "w")
    y = w * 3.0
    y.name = "y"
    for wrong, says in ((y, "y.*computed"), (Constant(2.0, "c"), "c.*constant")):
        with pytest.raises(ValueError, match=says):
            SGD([w, wrong])
    for nothing in (w, Neuron(2), Neuron(2).parameters):
        with pytest.raises(TypeError, match=r"parameters\(\)"):
            SGD(nothing)  # type: ignore[arg-type]


def test_a_state_interrupted_while_it_is_loaded_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    optimizer = Adam([Value(1.0), Value(2.0)], 0.1)
    for p in optimizer.parameters:
        p.grad = 1.0
    optimizer.step()
    old = optimizer.state_dict()
    new = {name: 2.0 * x for name, x in old.items()}
    for stop in range(1, 60):
        with interrupted_at(stop, monkeypatch) as struck:
            optimizer.load_state_dict(new)
        assert optimizer.state_dict() == (old if struck else new)
        optimizer.load_state_dict(old)
    assert not struck


@pytest.mark.parametrize(("kind", "rule", "settings"), CASES)
def test_no_gradient_is_a_gradient_of_0(kind: type[Optimizer], rule: Any, settings: dict[str, Any]) -> None:
    def ends(nothing: Any) -> list[float]:
        parameters = [SimpleNamespace(data=x, grad=0.5) for x in START]
        optimizer = kind(parameters, **settings)
        optimizer.step()
        for p in parameters[:2]:
            p.grad = nothing  # PyTorch's users write None
        optimizer.step()
        optimizer.zero_grad()
        optimizer.step()
        return [p.data for p in parameters]

    assert ends(None) == ends(0.0)


def test_the_learning_rate_may_change_between_steps() -> None:
    w = Value(1.0)
    optimizer = SGD([w], lr=1.0)
    optimizer.lr = 0.25
    w.grad = 2.0
    optimizer.step()
    assert w.data == 0.5
    optimizer.lr = -1.0
    with pytest.raises(ValueError, match="lr"):
        optimizer.step()
    assert w.data == 0.5


# All or nothing

KINDS: list[Callable[[Any], Optimizer]] = [
    lambda ps: SGD(ps, 0.1),
    lambda ps: SGD(ps, 0.1, momentum=0.9),
    lambda ps: Adam(ps, 0.1),
    lambda ps: AdamW(ps, 0.1),
]


class Fragile:
    """A parameter that an interruption can strike while it is written."""

    strikes_at = -1
    writes = 0

    def __init__(self, data: float) -> None:
        self._data, self.grad = data, 1.0

    @property
    def data(self) -> float:
        return self._data

    @data.setter
    def data(self, x: float) -> None:
        cls = type(self)
        cls.writes += 1
        if cls.writes == cls.strikes_at:
            raise KeyboardInterrupt
        self._data = x


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_training_goes_on_from_a_file_to_the_last_bit(
    make: Callable[[Any], Optimizer], before: int, tmp_path: Path
) -> None:
    def steps(optimizer: Optimizer, count: int) -> None:
        for _ in range(count):
            for p in optimizer.parameters:
                p.grad = math.sin(17.0 * p.data)
            optimizer.step()

    def parameters() -> list[Value]:
        return [Value(0.3), Value(-1.7)]

    straight, first, second = (make(parameters()) for _ in range(3))
    steps(straight, before)
    straight.lr = 0.01
    steps(straight, 4)

    steps(first, before)
    first.lr = 0.01
    first.save(tmp_path / "optimiser.json")
    second.load(tmp_path / "optimiser.json")
    for new, old in zip(second.parameters, first.parameters, strict=True):
        new.data = old.data
    steps(second, 4)
    assert [p.data for p in second.parameters] == [p.data for p in straight.parameters]
    assert second.state_dict() == straight.state_dict()


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda state: state.pop("mean.1"), ValueError, "mean.1"),
        (lambda state: state.pop("lr"), ValueError, "lr"),
        (lambda state: state.update({"velocity.0": 1.0}), ValueError, "velocity.0"),
        (lambda state: state.update({"mean.2": 1.0}), ValueError, "mean.2"),
        (lambda state: state.update({"square.0": "1"}), TypeError, "square.0"),
        (lambda state: state.update(lr=-1.0), ValueError, "lr"),
        (lambda state: state.update({"square.0": -1.0}), ValueError, "square"),
        (lambda state: state.update({"square.1": math.inf}), ValueError, "square"),
        (lambda state: state.update({"steps.0": 0.0}), ValueError, "steps"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(
    change: Callable[[dict[str, Any]], Any], error: Any, says: str
) -> None:
    optimizer = Adam([Value(1.0), Value(2.0)], 0.1)
    for p in optimizer.parameters:
        p.grad = 1.0
    optimizer.step()
    before = optimizer.state_dict()
    other: dict[str, Any] = {name: 2.0 * x for name, x in before.items()}
    change(other)
    with pytest.raises(error, match=says):
        optimizer.load_state_dict(other)
    assert optimizer.state_dict() == before


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("strike", [1, 2, 3])
def test_an_interrupted_step_is_taken_back_whole(make: Callable[[Any], Optimizer], strike: int) -> None:
    ps, twins = ([Fragile(x) for x in (1.0, 2.0, 3.0)] for _ in range(2))
    optimizer, undisturbed = make(ps), make(twins)
    optimizer.step()
    undisturbed.step()
    before = [p.data for p in ps]
    Fragile.writes, Fragile.strikes_at = 0, strike
    try:
        with pytest.raises(KeyboardInterrupt):
            optimizer.step()
    finally:
        Fragile.strikes_at = -1
    assert [p.data for p in ps] == before
    for _ in range(3):  # momentum and counters are those of one step too
        optimizer.step()
        undisturbed.step()
    assert [p.data for p in ps] == [p.data for p in twins]
    assert [p.data for p in ps] != before


@pytest.mark.parametrize("make", KINDS)
def test_a_step_struck_at_any_line_is_done_or_not(make: Callable[[Any], Optimizer]) -> None:
    ps = [Value(1.0, "u"), Value(2.0, "v")]
    optimizer = make(ps)

    def step() -> None:
        for p in ps:
            p.grad = 1.0
        optimizer.step()

    def now() -> tuple[list[float], dict[str, float]]:
        return [p.data for p in ps], optimizer.state_dict()

    step()
    numbers, state = before = now()
    step()
    after = now()
    for p, x in zip(ps, numbers, strict=True):
        p.data = x
    optimizer.load_state_dict(state)
    for _ in interruptions(step):
        assert now() in (before, after)
        for p, x in zip(ps, numbers, strict=True):
            p.data = x
        optimizer.load_state_dict(state)
    assert now() == after


def test_a_state_of_another_kind_of_step_is_refused() -> None:
    plain, heavy = SGD([Value(1.0)], 0.1), SGD([Value(1.0)], 0.1, momentum=0.9)
    for optimizer in (plain, heavy):
        optimizer.parameters[0].grad = 1.0
        optimizer.step()
    with pytest.raises(ValueError, match=r"velocity\.0"):
        plain.load_state_dict(heavy.state_dict())


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_moves_nothing(make: Callable[[Any], Optimizer], bad: float) -> None:
    ps = [Value(1.0, "u"), Value(2.0, "v")]
    ps[0].grad, ps[1].grad = 1.0, bad
    optimizer = make(ps)
    with pytest.raises(FloatingPointError, match=r"parameter 1 \(v\)"):
        optimizer.step()
    assert [p.data for p in ps] == [1.0, 2.0]
    ps[1].grad = 1.0
    fresh = make([Value(1.0), Value(2.0)])
    for p in fresh.parameters:
        p.grad = 1.0
    optimizer.step()
    fresh.step()
    assert [p.data for p in ps] == [p.data for p in fresh.parameters]


def test_a_step_out_of_range_is_refused() -> None:
    ps = [Value(1.0, "u"), Value(-1e308, "v")]
    ps[0].grad, ps[1].grad = 1.0, 1e308
    with pytest.raises(FloatingPointError, match=r"\(v\).* -inf"):
        SGD(ps, lr=10.0).step()
    assert [p.data for p in ps] == [1.0, -1e308]


@pytest.mark.parametrize(
    ("attempt", "error", "says"),
    [
        (lambda: SGD([]), ValueError, "at least one"),
        (lambda: SGD([1.0]), TypeError, "float"),  # type: ignore[list-item]
        (lambda: SGD([Value(1.0)], lr=-0.1), ValueError, r"lr .* -0\.1"),
        (lambda: SGD([Value(1.0)], lr=math.nan), ValueError, "nan"),
        (lambda: SGD([Value(1.0)], momentum=-1.0), ValueError, "momentum"),
        (lambda: SGD([Value(1.0)], nesterov=True), ValueError, "momentum"),
        (lambda: Adam([Value(1.0)], betas=(0.9, 1.0)), ValueError, "betas"),
        (lambda: Adam([Value(1.0)], betas=(0.9,)), ValueError, "two"),  # type: ignore[arg-type]
        (lambda: Adam([Value(1.0)], eps=0.0), ValueError, "eps"),
        (lambda: Adam([Value(1.0)], eps=math.inf), ValueError, "eps"),
        (lambda: SGD([Value(1.0)], lr=math.inf), ValueError, "inf"),
        (lambda: SGD([Value(1.0)], lr="0.1"), TypeError, "str"),  # type: ignore[arg-type]
        (lambda: SGD([Value(1.0)], lr=None), TypeError, "NoneType"),  # type: ignore[arg-type]
        (lambda: AdamW([Value(1.0)], weight_decay=-1.0), ValueError, "weight_decay"),
        (lambda: Adam([Value(1.0)], betas=(-0.1, 0.9)), ValueError, r"betas.* -0\.1"),
        (lambda: Adam([Value(1.0)], betas=("a", 0.9)), TypeError, "betas"),  # type: ignore[arg-type]
        (lambda: Adam([Value(1.0)], betas=0.9), ValueError, "two"),  # type: ignore[arg-type]
        (lambda: Adam([Value(1.0)], eps="a"), TypeError, "eps"),  # type: ignore[arg-type]
        (lambda: linear(1.0, 0.0, 0), ValueError, "epochs"),
        (lambda: cosine(1.0, 0.0, 0), ValueError, "epochs"),
        (lambda: warmup(0, exponential(1.0, 0.5)), ValueError, "epochs"),
        (lambda: step_decay(1.0, 0), ValueError, "every"),
    ],
)
def test_bad_settings_are_told(attempt: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        attempt()


def test_settings_may_be_given_by_place() -> None:
    sgd = SGD([Value(1.0)], 0.1, 0.9, 0.01)
    assert (sgd.lr, sgd.momentum, sgd.weight_decay) == (0.1, 0.9, 0.01)


def test_the_settings_left_out_are_pytorchs() -> None:
    assert SGD([Value(1.0)]).lr == Adam([Value(1.0)]).lr == AdamW([Value(1.0)]).lr == 1e-3
    adam = AdamW([Value(1.0)])
    assert (adam.betas, adam.eps, adam.weight_decay) == ((0.9, 0.999), 1e-8, 1e-2)
    assert Adam([Value(1.0)], betas=(0.99999, 0.0)).betas == (0.99999, 0.0)


# Schedules


def test_schedules_are_their_formulas() -> None:
    for epoch in range(25):
        share = min(epoch / 20, 1)
        assert linear(0.5, 0.1, 20)(epoch) == pytest.approx(0.5 - 0.4 * share)
        assert exponential(0.5, 0.9)(epoch) == pytest.approx(0.5 * 0.9**epoch)
        assert step_decay(0.5, 7, 0.2)(epoch) == pytest.approx(0.5 * 0.2 ** (epoch // 7))
        wave = 0.1 + 0.4 * (1 + math.cos(math.pi * share)) / 2
        assert cosine(0.5, 0.1, 20)(epoch) == pytest.approx(wave)
        rise = warmup(5, cosine(0.5, 0.1, 20))
        expected = 0.1 * (epoch + 1) if epoch < 5 else cosine(0.5, 0.1, 20)(epoch - 5)
        assert rise(epoch) == pytest.approx(expected)


def test_momentum_beats_plain_descent_in_a_narrow_valley() -> None:
    def end(**settings: Any) -> float:
        rng = random.Random(0)
        x, y = Value(rng.uniform(1, 2)), Value(rng.uniform(1, 2))
        optimizer = SGD([x, y], lr=0.005, **settings)
        for _ in range(100):
            optimizer.zero_grad()
            (x**2 + 50 * y**2).backward()
            optimizer.step()
        return x.data**2 + 50 * y.data**2

    assert end(momentum=0.9, nesterov=True) < end(momentum=0.9) < end()


@pytest.mark.parametrize(
    ("name", "x"),
    [("square.1", math.nan), ("square.0", -1.0), ("mean.0", math.inf), ("mean.1", math.nan),
     ("steps.0", 1.5), ("steps.0", 0.0), ("lr", math.nan)],
)  # fmt: skip
def test_a_state_that_no_step_leaves_is_refused(name: str, x: float) -> None:
    parts = [Value(1.0), Value(2.0)]
    adam = Adam(parts, lr=0.1)
    (parts[0] * parts[1]).backward()
    adam.step()
    before = adam.state_dict()
    with pytest.raises(ValueError, match=name.partition(".")[0]):
        adam.load_state_dict({**before, name: x})
    assert adam.state_dict() == before


def test_a_line_ends_at_its_end() -> None:
    for end in (1e-18, 0.3, 0.0):
        rate = linear(0.1, end, 10)
        assert (rate(0), rate(10), rate(11)) == (0.1, end, end)


@pytest.mark.parametrize("kind", [SGD, Adam, RMSprop])
def test_a_long_gradient_is_shortened_to_max_norm(kind: Callable[..., Optimizer]) -> None:
    long, short = [Value(1.0), Value(2.0)], [Value(1.0), Value(2.0)]
    for scale in (1.0, 0.01):
        clipped, plain = kind(long, lr=0.1, max_norm=0.5), kind(short, lr=0.1)
        for p, q, g in zip(long, short, (3.0 * scale, 4.0 * scale), strict=True):
            p.grad, q.grad = g, g * min(1.0, 0.1 / scale)
        clipped.step()
        plain.step()
        assert [p.data for p in long] == pytest.approx([q.data for q in short], rel=1e-14)


def test_a_max_norm_that_is_changed_is_looked_at_before_the_step() -> None:
    x = Value(1.0)
    sgd = SGD([x], lr=0.1, max_norm=1.0)
    sgd.max_norm, x.grad = -1.0, 5.0
    with pytest.raises(ValueError, match="max_norm"):
        sgd.step()
    assert x.data == 1.0
    sgd.max_norm = None
    sgd.step()
    assert x.data == 0.5


def test_max_norm_is_a_number_above_0() -> None:
    with pytest.raises(ValueError, match="max_norm"):
        SGD([Value(1.0)], max_norm=0.0)


def test_groups_step_together_or_not_at_all() -> None:
    body, head = Value(1.0, "body"), Value(1.0, "head")
    both = Groups(SGD([body], lr=0.1, momentum=0.9), Adam([head], lr=1.0))
    body.grad, head.grad = 1.0, math.inf
    with pytest.raises(FloatingPointError, match="head"):
        both.step()
    assert (body.data, head.data) == (1.0, 1.0)
    assert both.state_dict() == {"0.lr": 0.1, "1.lr": 1.0}
    head.grad = 1.0
    both.step()
    assert (body.data, head.data) == pytest.approx((0.9, 0.0), abs=1e-7)
    both.lr = 0.05
    assert [each.lr for each in both.optimizers] == pytest.approx([0.05, 0.5])
    again = Groups(SGD([body], lr=0.3, momentum=0.9), Adam([head], lr=0.3))
    again.load_state_dict(both.state_dict())
    assert again.state_dict() == both.state_dict()
    broken = both.state_dict() | {"1.steps.0": 0.5}
    with pytest.raises(ValueError, match="steps"):
        again.load_state_dict(broken)
    assert again.state_dict() == both.state_dict()
    both.zero_grad()
    assert (body.grad, head.grad) == (0.0, 0.0)


def test_rates_of_groups_keep_their_proportions_through_0() -> None:
    one, other = Value(1.0), Value(1.0)
    both = Groups(SGD([one], lr=0.1), SGD([other], lr=1.0))
    for lr in (0.0, 0.2):
        both.lr = lr
        assert [each.lr for each in both.optimizers] == pytest.approx([lr, 10 * lr])
    both.optimizers[0].lr = 0.0
    with pytest.raises(ValueError, match="one by one"):
        both.lr = 0.1
    still = Groups(SGD([one], lr=0.0), SGD([other], lr=0.0))
    with pytest.raises(ValueError, match="one by one"):
        still.lr = 0.1


def test_what_is_no_group_is_told() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match="optimizers"):
        Groups([x])  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="at least one"):
        Groups()
    with pytest.raises(ValueError, match="in common"):
        Groups(SGD([x]), SGD([x]))


def test_the_settings_that_matter_are_shown() -> None:
    x = Value(1.0)
    assert repr(SGD([x], lr=0.1)) == "SGD(1 parameters, lr=0.1)"
    assert "momentum=0.9" in repr(SGD([x], momentum=0.9))
    assert "betas=(0.5, 0.9)" in repr(Adam([x], betas=(0.5, 0.9)))
