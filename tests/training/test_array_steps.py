"""Training on arrays: the numbers of training on Values, wherever somebody may look."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import Value, errstate
from autograd_lite.losses import mse
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, UpdateRule
from autograd_lite.program.choosing import has
from autograd_lite.training import History, fit
from autograd_lite.training.objective import BatchLoss
from autograd_lite.training.recorded_loss import RecordedLoss
from autograd_lite.training.steps import ArraySteps

from ..support.interrupts import interruptions

pytestmark = pytest.mark.skipif(not has("numpy"), reason="programs of batches need NumPy")

Make = Callable[[Any], Optimizer]
OPTIMIZERS: list[Make] = [
    lambda ps: SGD(ps, lr=0.1),
    lambda ps: SGD(ps, lr=0.1, momentum=0.9, weight_decay=0.01),
    lambda ps: SGD(ps, lr=0.1, momentum=0.9, nesterov=True),
    lambda ps: Adam(ps, lr=0.02, weight_decay=0.1),
    lambda ps: AdamW(ps, lr=0.02, weight_decay=0.1),
    lambda ps: RMSprop(ps, lr=0.01, momentum=0.5),
    lambda ps: Adagrad(ps, lr=0.1, lr_decay=0.1),
    lambda ps: SGD(ps, lr=0.1, momentum=0.9, max_norm=0.2),
]
ENGINES = [name for name in ("numpy", "machine", "tape") if has(name)]


def samples(count: int = 20) -> tuple[list[list[float]], list[float]]:
    rng = random.Random(0)
    xs = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(count)]
    return xs, [2.0 * a - b + rng.gauss(0, 0.1) for a, b in xs]


def network() -> MLP:
    return MLP(2, [1], activation="tanh", rng=random.Random(1))


class Seen:
    """What a callback sees after every epoch, and what it does then."""

    def __init__(
        self, net: MLP, optimizer: Optimizer, act: Callable[[int, Any], None] | None = None
    ) -> None:
        self.net, self.optimizer, self.act = net, optimizer, act
        self.numbers: list[float] = []

    def __call__(self, history: History) -> bool:
        ps = self.net.parameters()
        self.numbers += [p.data for p in ps] + [p.grad for p in ps]
        self.numbers += self.optimizer.state_dict().values()
        if self.act is not None:
            self.act(len(history.loss), self.optimizer)
        return False


def both(make: Make, act: Callable[[int, Any], None] | None = None, **settings: Any) -> list[Seen]:
    """What is seen of training on Values and of training by a program."""
    found = []
    for engine in ("eager", "program"):
        net = network()
        seen = Seen(net, make(net.parameters()), act)
        history = fit(
            net, samples(), mse, seen.optimizer, epochs=4, batch_size=8, rng=random.Random(2), stop=seen,
            engine=engine, **settings,
        )  # fmt: skip
        seen(history)
        seen.numbers += history.loss + history.validation
        found.append(seen)
    return found


@pytest.mark.parametrize(
    ("make", "engine"), [(make, ENGINES[i % len(ENGINES)]) for i, make in enumerate(OPTIMIZERS)]
)
def test_what_callbacks_see_is_what_they_see_of_values(
    make: Make, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_LITE_ENGINE", engine)
    eager, program = both(make, reduce="sum" if engine == "numpy" else "mean")
    assert program.numbers == pytest.approx(eager.numbers, rel=1e-9, abs=1e-12)


def halved(epoch: int, optimizer: Any) -> None:
    """Parameters, settings and the state are changed by a callback."""
    optimizer.parameters[epoch % 3].data *= 0.5
    optimizer.lr *= 0.5
    state = optimizer.state_dict()
    if epoch == 2:
        optimizer.load_state_dict({name: 0.75 * x if "." in name else x for name, x in state.items()})


def heavier(epoch: int, optimizer: Any) -> None:
    """Another rule is chosen on the way."""
    optimizer.momentum = 0.5 * (epoch > 1)
    optimizer.nesterov = epoch > 2


@pytest.mark.parametrize(("make", "act"), [(OPTIMIZERS[1], halved), (OPTIMIZERS[0], heavier)])
def test_what_a_callback_changes_counts(make: Make, act: Callable[[int, Any], None]) -> None:
    eager, program = both(make, act, validation=samples(5), restore_best=True)
    assert program.numbers == pytest.approx(eager.numbers, rel=1e-9, abs=1e-12)
    assert program.numbers != both(make)[1].numbers


def test_an_optimizer_with_a_step_of_its_own_makes_its_steps() -> None:
    made = []

    class Noted(SGD):
        def step(self) -> None:
            made.append(self.parameters[0].grad)
            super().step()

    eager, program = both(lambda ps: Noted(ps, lr=0.1))
    assert program.numbers == pytest.approx(eager.numbers, rel=1e-9)
    assert len(made) == 2 * 4 * 3
    assert not Noted([Value(1.0)]).is_by_rule()


def scaled(*ws: Value) -> Callable[[float], Any]:
    return lambda x: sum(w * x for w in ws)


def absolute(*ws: Value) -> Callable[[], Any]:
    """A penalty that compares its parameters."""
    return lambda: 0.1 * sum(w if w > 0 else -w for w in ws)


def test_divergence_stops_at_the_last_finite_step_of_arrays() -> None:
    found = []
    for engine in ("eager", "program"):
        w, history = Value(1.0, "w"), History()
        with errstate("ignore"), pytest.raises(FloatingPointError, match=r"epoch|gradient|step"):
            fit(
                scaled(w), ([1e3] * 3, [0.0] * 3), mse, SGD([w], lr=1e90), epochs=100,
                history=history, engine=engine,
            )  # fmt: skip
        assert 0 < history.steps < 100
        assert math.isfinite(w.data)
        found.append([w.data, history.steps, *history.loss])
    assert found[1] == pytest.approx(found[0], rel=1e-12)


def test_a_strike_at_any_line_leaves_whole_steps() -> None:
    net = network()
    adam, (xs, ys) = Adam(net.parameters(), lr=0.05), samples(4)
    loss = BatchLoss(net, mse, "mean", lambda: 0.1 * sum(p * p for p in net.parameters()))
    recorded = RecordedLoss(loss, adam.parameters, (xs, ys), True, 9)
    steps, history = ArraySteps(recorded, adam, (xs, ys), 2), History()

    def now() -> list[float]:
        steps.show()
        return [p.data for p in adam.parameters] + list(adam.state_dict().values())

    def restore() -> None:
        for p, x in zip(adam.parameters, numbers, strict=True):
            p.data = x
        adam.load_state_dict(state)
        steps.look()

    def epoch() -> None:
        for _ in steps.epoch([0, 1, 2, 3], history):
            whole.append(now())

    whole: list[list[float]] = []
    epoch()  # so that there is a state
    numbers, state = [p.data for p in adam.parameters], adam.state_dict()
    whole = [now()]
    epoch()
    reached = list(whole)
    assert len(reached) == 3
    restore()
    strikes = 0
    for _ in interruptions(lambda: list(steps.epoch([0, 1, 2, 3], history))):
        assert now() in reached
        restore()
        strikes += 1
    assert strikes > 20
    assert now() == reached[-1]


def test_no_value_is_half_written_when_they_are_shown() -> None:
    net = network()
    adam, (xs, ys) = Adam(net.parameters(), lr=0.05), samples(4)
    recorded = RecordedLoss(BatchLoss(net, mse, "mean", None), adam.parameters, (xs, ys), True, 9)
    steps = ArraySteps(recorded, adam, (xs, ys), 4)
    before = [p.data for p in adam.parameters]
    list(steps.epoch([0, 1, 2, 3], History()))
    for _ in interruptions(steps.show):
        now = [p.data for p in adam.parameters]
        same = [a == b for a, b in zip(now, before, strict=True)]
        assert all(same) or not any(same)
        assert all(same) == (adam.state_dict() == {"lr": 0.05})


def test_a_penalty_that_branches_is_recorded_for_both_branches() -> None:
    found = []
    for engine in ("eager", "program"):
        ws = [Value(0.05), Value(0.1)]
        history = fit(
            scaled(*ws), ([1.0], [-1.0]), mse, SGD(ws, lr=0.02), epochs=20, engine=engine,
            penalty=absolute(*ws),
        )  # fmt: skip
        found.append([*(w.data for w in ws), *history.loss])
    assert found[1] == pytest.approx(found[0], rel=1e-12)


@pytest.mark.parametrize("axes", [0, 1, 2])
def test_every_epoch_is_shuffled_anew_whatever_a_sample_is(axes: int) -> None:
    xs: list[Any] = [0.1 * i for i in range(20)]
    for _ in range(axes):
        xs = [[x] for x in xs]
    data, found = (xs, [0.3 * i for i in range(20)]), []
    for engine in ("eager", "program"):
        w = Value(0.5)

        def net(x: Any, w: Value = w) -> Any:
            for _ in range(axes):
                (x,) = x
            return w * x

        history = fit(
            net, data, mse, SGD([w], lr=0.05), epochs=4, batch_size=6, rng=random.Random(1), engine=engine
        )
        found.append([w.data, *history.loss])
    assert found[1] == pytest.approx(found[0], rel=1e-12)


def test_the_number_of_the_step_is_that_of_the_optimizer() -> None:
    class Slowing(Optimizer):
        """Steps that become shorter, as the first is divided by 1, the second by 2."""

        @property
        def rule(self) -> UpdateRule:
            return UpdateRule((), lambda sqrt, x, g, lr: (x - lr * g,))

        def shared_settings(self, step: float) -> tuple[float, ...]:
            return (self.lr / step,)

    eager, program = both(lambda ps: Slowing(ps, 0.1, 0.0))
    assert program.numbers == pytest.approx(eager.numbers, rel=1e-9)
    x = Value(0.0)
    slowing = Slowing([x], 1.0, 0.0)
    for _ in range(3):
        x.grad = -1.0
        slowing.step()
    assert x.data == 1.0 + 1.0 / 2.0 + 1.0 / 3.0
    resumed = Slowing([x], 1.0, 0.0)
    resumed.load_state_dict(slowing.state_dict())
    resumed.step()
    assert x.data == 1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0


def test_an_optimizer_of_ones_own_is_a_rule_and_its_settings() -> None:
    class OwnRMS(Optimizer):
        """Steps divided by the root of a running mean of squares (Hinton 2012)."""

        @property
        def rule(self) -> UpdateRule:
            return UpdateRule(("square",), self.move)

        @staticmethod
        def move(sqrt: Any, x: Any, g: Any, square: Any, lr: Any) -> tuple[Any, ...]:
            square = 0.9 * square + 0.1 * g * g
            return x - lr * g / (sqrt(square) + 1e-8), square

        def shared_settings(self, step: float) -> tuple[float, ...]:
            return (self.lr,)

    eager, program = both(lambda ps: OwnRMS(ps, 0.01, 0.0))
    assert program.numbers == pytest.approx(eager.numbers, rel=1e-9)
    net = network()
    mine, adam = OwnRMS(net.parameters(), 0.01, 0.0), Adam(net.parameters(), 0.01, betas=(0.0, 0.9))
    for p in net.parameters():
        p.grad = 0.5
    start = [p.data for p in net.parameters()]
    mine.step()
    moved = [(x - p.data) * math.sqrt(0.1) for x, p in zip(start, net.parameters(), strict=True)]
    for p, x in zip(net.parameters(), start, strict=True):
        p.data = x
    adam.step()  # the same, with the mean of squares corrected for its start at 0
    assert moved == pytest.approx([x - p.data for x, p in zip(start, net.parameters(), strict=True)])
