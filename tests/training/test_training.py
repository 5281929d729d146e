"""Training: the same numbers as a loop written out, and a model that is never half trained."""

import math
import random
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_lite import Constant, Value, errstate, no_grad
from autograd_lite import sum as total
from autograd_lite.data import lecture_xor, moons
from autograd_lite.losses import (
    binary_cross_entropy_with_logits,
    half_squared_error,
    mse,
)
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adam, exponential
from autograd_lite.training import History, fit

from ..support.networks import descend, line, model, numbers


@pytest.mark.parametrize("batch_size", [None, 1, 16, 64, 70])
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_it_is_the_loop_that_one_would_write(batch_size: int | None, reduce: str) -> None:
    xs, ys = line()
    ours, theirs = model(), model()
    made = fit(
        ours,
        (xs, ys),
        mse,
        Adam(ours.parameters(), lr=0.01),
        epochs=3,
        batch_size=batch_size,
        rng=random.Random(1),
        reduce=reduce,
    )

    optimizer, rng = Adam(theirs.parameters(), lr=0.01), random.Random(1)
    size, course, steps = batch_size or 70, [], 0
    for _ in range(3):
        order = list(range(70))
        rng.shuffle(order)
        seen = 0.0
        for start in range(0, 70, size):
            chosen = order[start : start + size]
            losses = [mse(theirs(xs[i]), ys[i]) for i in chosen]
            whole = total(losses) / float(len(losses)) if reduce == "mean" else total(losses)
            optimizer.zero_grad()
            whole.backward()
            optimizer.step()
            seen += whole.data * (len(chosen) / 70 if reduce == "mean" else 1)
            steps += 1
        course.append(seen)
    assert numbers(ours) == pytest.approx(numbers(theirs), rel=1e-11)
    assert made.loss == pytest.approx(course, rel=1e-12)
    assert (made.steps, made.lr, made.stopped) == (steps, [0.01] * 3, "")


def test_online_full_batch_and_minibatch_all_learn_moons() -> None:
    xs, ys = moons(60, noise=0.1, rng=random.Random(0))
    for batch_size, epochs, lr in ((None, 100, 0.1), (10, 20, 0.1), (1, 12, 0.02)):
        net = MLP(2, [8, 1], activation="tanh", rng=random.Random(2))
        fit(
            net,
            (xs, ys),
            binary_cross_entropy_with_logits,
            Adam(net.parameters(), lr=lr),
            epochs=epochs,
            batch_size=batch_size,
            rng=random.Random(1),
        )
        right = sum((net(x).data > 0) == bool(y) for x, y in zip(xs, ys, strict=True))
        assert right >= 54


def test_the_lectures_batch_is_the_sum_in_the_given_order() -> None:
    problem = lecture_xor(n=200)
    net = MLP(2, [2, 1], activation="sigmoid", output="sigmoid")
    for layer, W, b in zip(net.layers, problem.weights, problem.biases, strict=True):
        for neuron, ws, bias in zip(layer.neurons, W, b, strict=True):
            neuron.b.data = bias
            for w, x in zip(neuron.w, ws, strict=True):
                w.data = x
    data = problem.xs, problem.ys
    sgd = SGD(net.parameters(), lr=0.03)
    history = fit(net, data, half_squared_error, sgd, epochs=3, reduce="sum")

    errors, _, layers = descend(problem, steps=3, lr=0.03)
    assert history.loss == pytest.approx(errors, rel=1e-12)
    expected = np.concatenate([layer.ravel() for layer in layers])
    assert numbers(net) == pytest.approx(expected.tolist(), rel=1e-12)


def test_arrays_are_taken_as_lists_are() -> None:
    xs, ys = line(8)
    nets = [model(), model()]
    for net, data in zip(nets, [(xs, ys), (np.array(xs), np.array(ys))], strict=True):
        fit(net, data, mse, SGD(net.parameters(), lr=0.1), epochs=2)  # type: ignore[arg-type]  # an array is no Sequence to mypy
    assert numbers(nets[0]) == numbers(nets[1])
    assert all(type(w) is float for w in numbers(nets[1]))


def test_a_penalty_counts_once_per_batch() -> None:
    w = Value(3.0)
    sgd = SGD([w], lr=0.1)
    history = fit(lambda x: w * x, ([0.0] * 40, [0.0] * 40), mse, sgd, penalty=lambda: 0.5 * w**2, epochs=1)
    assert w.data == pytest.approx(2.7)
    assert history.loss == [4.5]


def test_a_schedule_gives_each_epoch_its_rate() -> None:
    w = Value(1.0)
    sgd = SGD([w], lr=99.0)
    args: Any = (lambda x: w * x, ([1.0], [0.0]), half_squared_error, sgd)
    history = fit(*args, epochs=3, schedule=exponential(0.5, 0.5))
    assert history.lr == [0.5, 0.25, 0.125]
    assert w.data == 0.5 * 0.75 * 0.875
    fit(*args, epochs=2, schedule=exponential(0.5, 0.5), history=history)
    assert history.lr == [0.5, 0.25, 0.125, 0.0625, 0.03125]  # counted on
    assert (len(history.loss), history.steps) == (5, 5)


def test_another_evaluation_trains_to_the_same_numbers() -> None:
    xs, ys = line()
    eager, other = model(), model()

    def evaluate(xs: list[Any], ys: list[Any]) -> tuple[float, list[float]]:
        twin = model()
        for p, x in zip(twin.parameters(), numbers(other), strict=True):
            p.data = x
        root = total([mse(twin(x), y) for x, y in zip(xs, ys, strict=True)]) / float(len(xs))
        root.backward()
        return root.data, [p.grad for p in twin.parameters()]

    histories = [
        fit(
            net,
            (xs, ys),
            mse,
            SGD(net.parameters(), lr=0.1, momentum=0.9),
            epochs=3,
            batch_size=20,
            rng=random.Random(0),
            evaluate=how,
        )
        for net, how in ((eager, None), (other, evaluate))
    ]
    assert numbers(eager) == pytest.approx(numbers(other), rel=1e-11)
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-12)


# Stopping


def test_patience_ends_what_no_longer_improves() -> None:
    w = Value(1.0)
    sgd = SGD([w], lr=1.0)
    data: Any = ([1.0], [0.0])
    history = fit(lambda x: w * x, data, half_squared_error, sgd, epochs=50, patience=3)
    assert history.loss == [0.5, 0.0, 0.0, 0.0, 0.0]
    assert history.stopped == "no improvement in 3 epochs"
    w.data = 1.0
    slow = fit(
        lambda x: w * x, data, half_squared_error, SGD([w], lr=0.01), epochs=50, patience=2,
        tolerance=0.1,
    )  # fmt: skip
    assert len(slow.loss) == 3


def test_small_gains_add_up_to_an_improvement() -> None:
    falling = iter([1.0, 0.95, 0.9, 0.85, 0.8, 0.79, 0.79])
    w = Value(1.0)
    history = fit(
        lambda x: w * x, ([1.0], [0.0]), lambda y, t: 0.0 * y + next(falling), SGD([w], lr=1e-9),
        epochs=50, patience=3, tolerance=0.1, engine="eager",
    )  # fmt: skip
    # 0.85 is the first that is more than 0.1 below 1; nothing after it is 0.1 below that.
    assert history.loss == pytest.approx([1.0, 0.95, 0.9, 0.85, 0.8, 0.79, 0.79][:7])
    assert history.stopped == "no improvement in 3 epochs"


def test_patience_remembers_the_epochs_of_the_history() -> None:
    w = Value(0.0)
    args: Any = (lambda x: w * x, ([1.0], [0.0]), half_squared_error, SGD([w], lr=0.1))
    history = fit(*args, epochs=2, patience=3)
    assert not history.stopped
    fit(*args, epochs=2, patience=3, history=history)
    assert (history.stopped, len(history.loss)) == ("no improvement in 3 epochs", 4)
    fit(*args, epochs=1, history=history)
    assert history.stopped == ""


@pytest.mark.parametrize("parts", [[12], [6, 6], [4, 4, 4], [1] * 12, [3, 9]])
def test_patience_ends_training_in_parts_where_it_would_at_once(parts: list[int]) -> None:
    w, history = Value(0.0), History()
    sgd = SGD([w], lr=0.0)
    for epochs in parts:
        fit(
            lambda x: w * x, ([1.0], [2.0]), half_squared_error, sgd,
            epochs=epochs, patience=3, history=history,
        )  # fmt: skip
    assert (len(history.loss), history.stopped) == (4, "no improvement in 3 epochs")


@pytest.mark.parametrize("start", [math.nan, math.inf])
def test_a_beginning_that_is_no_number_is_not_the_best(start: float) -> None:
    w, history = Value(0.0, "w"), History([1.0], [start], [0.1])
    measured = iter([start, 3.0, 1.0, 2.0])

    def model(x: float) -> Any:
        return Constant(next(measured)) if x < 0 else w * x

    def loss(y: Value, t: float) -> Any:
        return y if t < 0 else (y - t) ** 2

    fit(
        model, ([1.0], [2.5]), loss, SGD([w], lr=0.25), epochs=3,
        validation=([-1.0], [-1.0]), restore_best=True, history=history,
    )  # fmt: skip
    assert history.validation[1:] == [3.0, 1.0, 2.0]
    assert w.data == pytest.approx(2.5 * (1 - 0.5**2))  # as after the second epoch


def test_the_best_of_a_call_that_goes_on_may_be_its_beginning() -> None:
    w, history = Value(2.0, "w"), History()

    def go_on(epochs: int) -> float:
        fit(
            lambda x: w * x, ([1.0], [2.5]), half_squared_error, SGD([w], lr=0.1), epochs=epochs,
            validation=([1.0], [2.1]), restore_best=True, history=history,
        )  # fmt: skip
        return w.data

    assert go_on(1) == pytest.approx(2.05)
    best = go_on(1)
    assert best == pytest.approx(2.095)
    assert go_on(20) == best
    assert len(history.validation) == 22


@pytest.mark.parametrize("batch_size", [1, 2, 33])
@pytest.mark.parametrize("turned", [False, True])
def test_a_loss_that_is_a_number_has_no_gradient(batch_size: int, turned: bool) -> None:
    def plain_hinge(score: Value, y: int) -> Any:
        return max(0.0, 1.0 - y * score)  # 0.0 itself, where the sample is on its side

    a = Value(1.0, "a")
    xs, ys = [1.5] * 32 + [0.5], [1] * 33
    data = (xs[::-1], ys) if turned else (xs, ys)
    history = fit(lambda x: a * x, data, plain_hinge, SGD([a], lr=0.01), batch_size=batch_size)
    assert history.loss == [pytest.approx(0.5 / 33)]
    share = 0.5 / (33 if batch_size == 33 else 2 if batch_size == 2 and turned else 1)
    assert a.data == pytest.approx(1.0 + 0.01 * share)


@pytest.mark.parametrize("batch_size", [None, 1, 5])
@pytest.mark.parametrize("last", [False, True])
def test_a_parameter_may_be_in_any_sample_or_in_the_penalty(batch_size: int | None, last: bool) -> None:
    left, right = Value(1.0, "left"), Value(1.0, "right")

    def model(x: float) -> Value:
        return (left if x < 0 else right) * x

    xs = [-1.0] * 40 + [1.0]
    data = (xs if last else xs[::-1], [0.0] * 41)
    fit(model, data, half_squared_error, SGD([right], lr=0.1), batch_size=batch_size)
    assert (left.data, right.data < 1.0) == (1.0, True)
    alone = Value(1.0)
    fit(
        model, data, half_squared_error, SGD([alone], lr=0.1),
        batch_size=batch_size, penalty=lambda: alone * alone,
    )  # fmt: skip
    assert alone.data < 1.0


@pytest.mark.parametrize("parts", [[4], [2, 2], [1, 3], [3, 0, 1]])
def test_training_in_parts_is_training_at_once(parts: list[int]) -> None:
    net, rng, history = model(), random.Random(5), History()
    adam = Adam(net.parameters(), lr=0.01)
    for epochs in parts:
        fit(
            net, line(), mse, adam, epochs=epochs, batch_size=16, rng=rng, history=history,
            validation=line(), schedule=exponential(0.01, 0.5),
        )  # fmt: skip
    whole, once = model(), History()
    fit(
        whole, line(), mse, Adam(whole.parameters(), lr=0.01), epochs=4, batch_size=16,
        rng=random.Random(5), history=once, validation=line(), schedule=exponential(0.01, 0.5),
    )  # fmt: skip
    assert numbers(net) == numbers(whole)
    assert history == once


def test_the_best_epoch_can_be_gone_back_to() -> None:
    def trained(**more: Any) -> tuple[Value, History]:
        w = Value(0.0)
        return w, fit(
            lambda x: w * x, ([1.0], [1.0]), half_squared_error, SGD([w], lr=0.25), epochs=8,
            validation=([1.0], [0.5]), **more,
        )  # fmt: skip

    course = [1.0 - 0.75**k for k in range(1, 9)]
    last, history = trained()
    assert history.validation == pytest.approx([(w - 0.5) ** 2 / 2 for w in course])
    assert last.data == pytest.approx(course[-1])
    for more in ({}, {"patience": 2}):
        best, history = trained(restore_best=True, **more)
        assert best.data == pytest.approx(course[1])  # 0.4375, the one nearest to a half
        assert min(history.validation) == history.validation[1]


def test_training_asks_for_derivatives_inside_no_grad_too() -> None:
    w = Value(0.0)
    with no_grad():
        fit(lambda x: w * x, ([1.0], [1.0]), half_squared_error, SGD([w], lr=0.5), epochs=1)
        assert (w * 2.0).is_constant
    assert w.data == 0.5


def test_a_loss_without_the_parameters_is_refused() -> None:
    mine, other = model(), model()
    before = numbers(mine), numbers(other)
    with pytest.raises(ValueError, match="none of the"):
        fit(mine, line(), mse, SGD(other.parameters(), lr=0.1))
    assert (numbers(mine), numbers(other)) == before
    dead = MLP(1, [2, 1], activation="relu", rng=random.Random(0))
    for neuron in dead.layers[0].neurons:
        neuron.b.data = -100.0
    dead.layers[1].neurons[0].b = Constant(0.0)
    fit(dead, ([[0.0]], [1.0]), mse, SGD(dead.layers[0].parameters(), lr=0.1))


def test_ctrl_c_in_the_validation_leaves_whole_epochs() -> None:
    w = Value(0.0)
    calls = 0

    def loss(y: Any, t: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:  # the second epoch's validation
            raise KeyboardInterrupt
        return half_squared_error(y, t)

    history = History()
    args: Any = (lambda x: w * x, ([1.0], [1.0]), loss, SGD([w], lr=0.5))
    with pytest.raises(KeyboardInterrupt):
        fit(*args, epochs=5, validation=([1.0], [0.0]), history=history, engine="eager")
    assert (len(history.loss), len(history.validation), len(history.lr)) == (1, 1, 1)
    fit(*args, epochs=1, validation=([1.0], [0.0]), history=history, engine="eager")
    assert (len(history.loss), len(history.validation)) == (2, 2)
    with pytest.raises(ValueError, match="2 epochs, 2 of them with validation"):
        fit(*args, epochs=1, history=history, engine="eager")


def test_rows_may_be_iterators_and_arrays() -> None:
    xs, ys = line()
    nets = [model() for _ in range(3)]
    for net, rows in zip(nets, (xs, (map(float, x) for x in xs), [np.array(x) for x in xs]), strict=True):
        fit(net, (rows, ys), mse, SGD(net.parameters(), lr=0.1))  # type: ignore[arg-type]
    assert numbers(nets[0]) == numbers(nets[1]) == numbers(nets[2])
    for bad in ([(1.0, math.nan)], [np.array([1.0, math.inf])]):
        with pytest.raises(ValueError, match="sample 0"):
            fit(nets[0], (bad, [0.0]), mse, SGD(nets[0].parameters(), lr=0.1))


def test_the_loss_itself_must_be_finite() -> None:
    w = Value(1.0)
    for number in (math.nan, math.inf):
        with pytest.raises(FloatingPointError, match="loss"), errstate("ignore"):
            fit(lambda x: w * x + number, ([1.0], [0.0]), mse, SGD([w], lr=0.1))  # noqa: B023
    assert w.data == 1.0


def test_validation_is_watched_in_place_of_the_training_loss() -> None:
    w = Value(0.0)
    history = fit(
        lambda x: w * x,
        ([1.0], [1.0]),
        half_squared_error,
        SGD([w], lr=0.5),
        epochs=50,
        validation=([1.0, 1.0], [0.0, 0.5]),
        patience=2,
    )
    assert history.loss == sorted(history.loss, reverse=True)
    # At w the two held-out samples cost (w² + (w − ½)²)/4.
    course = [0.5, 0.75, 0.875]
    assert history.validation == [(w**2 + (w - 0.5) ** 2) / 4 for w in course]
    assert history.stopped


def test_stop_has_the_last_word() -> None:
    w = Value(1.0)
    history = fit(
        lambda x: w * x,
        ([1.0], [0.0]),
        half_squared_error,
        SGD([w], lr=0.1),
        epochs=50,
        stop=lambda h: h.loss[-1] < 0.3,
    )
    assert history.loss[-1] < 0.3 < history.loss[-2]
    assert history.stopped


class Interrupted:
    """A model whose n-th call is cut off by Ctrl-C."""

    def __init__(self, net: MLP, calls: int) -> None:
        self.net, self.left = net, calls

    def __call__(self, x: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.net(x)


@pytest.mark.parametrize("calls", [0, 5, 10, 23, 50, 71])
def test_ctrl_c_leaves_the_last_complete_step(calls: int) -> None:
    xs, ys = line(20)
    net, twin = model(), model()
    history = History()
    with pytest.raises(KeyboardInterrupt):
        fit(
            Interrupted(net, calls),
            (xs, ys),
            mse,
            Adam(net.parameters(), lr=0.05),
            epochs=9,
            batch_size=10,
            engine="eager",
            history=history,
        )
    assert history.steps == calls // 10
    assert len(history.loss) == calls // 20
    optimizer = Adam(twin.parameters(), lr=0.05)
    for k in range(calls // 10):
        start = k % 2 * 10
        fit(twin, (xs[start : start + 10], ys[start : start + 10]), mse, optimizer, engine="eager")
    assert numbers(net) == numbers(twin)


def test_ctrl_c_while_a_step_is_written_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    net = model()
    optimizer = SGD(net.parameters(), lr=0.1)
    before = numbers(net)
    written: list[float] = []

    class Struck(SimpleNamespace):
        def __setattr__(self, key: str, x: Any) -> None:
            if key == "data" and not written:
                written.append(x)
                raise KeyboardInterrupt
            super().__setattr__(key, x)

    last = Struck.__new__(Struck)
    last.__dict__.update(data=1.0, grad=0.0)
    optimizer.parameters.append(last)
    with pytest.raises(KeyboardInterrupt):
        fit(net, line(5), mse, optimizer)
    assert written
    assert numbers(net) == before


# What cannot be trained on


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (([[1.0, math.nan]], [1.0]), "nan in the input of sample 0"),
        (([[1.0, 2.0], [1.0, -math.inf]], [1.0, 1.0]), "-inf in the input of sample 1"),
        (([[1.0, 2.0]], [math.nan]), "nan in the target of sample 0"),
        (([[1.0, 2.0]], [[0.0, math.inf]]), "inf in the target of sample 0"),
        ((np.array([[1.0, math.nan]]), np.array([1.0])), "nan in the input"),
        (([[Value(math.nan), 1.0]], [1.0]), "nan in the input"),
        (([[1.0, 2.0]], [1.0, 2.0]), "1 inputs but 2 targets"),
        (([], []), "no samples"),
    ],
)
@pytest.mark.parametrize("where", ["data", "validation"])
def test_bad_data_are_told_before_anything_moves(data: Any, says: str, where: str) -> None:
    net = model()
    before = numbers(net)
    given: dict[str, Any] = {"data": line(4), "validation": None} | {where: data}
    with pytest.raises(ValueError, match=says):
        fit(net, loss=mse, optimizer=SGD(net.parameters(), lr=0.1), **given)
    assert numbers(net) == before


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"schedule_of": "batch"}, ValueError, "epoch.*step"),
        ({"metrics": {"hits": 3}}, TypeError, "hits"),
        ({"batch_size": 0}, ValueError, "not 0"),
        ({"reduce": "max"}, ValueError, "max"),
        ({"patience": 0}, ValueError, "patience"),
        ({"patience": 0.5}, TypeError, "float"),
        ({"patience": 2, "tolerance": math.nan}, ValueError, "tolerance"),
        ({"patience": 2, "tolerance": -1.0}, ValueError, "tolerance"),
        ({"epochs": 2.5}, TypeError, "float"),
        ({"batch_size": 2.5}, TypeError, "float"),
        ({"restore_best": True}, ValueError, "validation"),
        ({"evaluate": lambda xs, ys: (0.0, [0.0] * 99)}, ValueError, "99 numbers"),
        ({"evaluate": lambda xs, ys: 0.0, "penalty": lambda: 0.0}, ValueError, "penalty"),
        ({"epochs": -1}, ValueError, "epochs"),
        ({"rng": 0}, TypeError, r"random\.Random"),
        ({"data": [1, 2, 3]}, TypeError, "pair"),
        ({"data": None}, TypeError, "pair"),
        ({"loss": lambda y, t: 1.0}, ValueError, "plain number"),
        ({"loss": lambda y, t: "1.0"}, TypeError, "str"),
        ({"batch_size": 2.0}, TypeError, "batch_size"),
        ({"epochs": None}, TypeError, "epochs"),
        ({"patience": 1.5}, TypeError, "patience"),
        ({"schedule": lambda epoch: -1.0}, ValueError, "epoch 0.*-1.0"),
        ({"schedule": lambda epoch: None}, TypeError, "epoch 0"),
    ],
)
def test_bad_settings_are_told(settings: dict[str, Any], error: Any, says: str) -> None:
    net = model()
    before = numbers(net)
    args: dict[str, Any] = {
        "data": line(4),
        "loss": mse,
        "optimizer": SGD(net.parameters(), lr=0.1),
    } | settings
    with pytest.raises(error, match=says):
        fit(net, **args)
    assert numbers(net) == before


@pytest.mark.filterwarnings("ignore:.* gave:RuntimeWarning")
def test_divergence_stops_at_the_last_finite_step() -> None:
    w = Value(1.0, "w")
    history = History()
    with pytest.raises(FloatingPointError, match=r"epoch|gradient|step"):
        fit(
            lambda x: w * x,
            ([1e3], [0.0]),
            half_squared_error,
            SGD([w], lr=1e90),
            epochs=100,
            history=history,
        )
    assert math.isfinite(w.data)
    assert w.data != 1.0
    assert 0 < history.steps < 100


def test_a_wrong_length_of_one_sample_moves_nothing() -> None:
    net = model()
    before = numbers(net)
    xs, ys = line(4)
    xs[3] = [1.0]
    with pytest.raises(ValueError, match="takes 2 inputs, not 1"):
        fit(net, (xs, ys), mse, SGD(net.parameters(), lr=0.1))
    assert numbers(net) == before


def test_validation_losses_that_overflow_are_no_improvement() -> None:
    for far in ([1.3e154] * 3, [1e200]):
        w = Value(1.0)
        args: Any = (lambda x, w=w: w * x, ([1.0], [0.0]), half_squared_error, SGD([w], lr=1e-9))
        with errstate("ignore"):
            history = fit(*args, validation=(far, [0.0] * len(far)), epochs=9, patience=2, engine="eager")
        assert history.validation == [math.inf] * 2


def test_the_validation_is_summed_where_the_losses_are() -> None:
    for reduce, expected in (("sum", 5.0), ("mean", 2.5)):
        w = Value(1.0)
        args: Any = (lambda x, w=w: w * x, ([0.0], [0.0]), mse, SGD([w]))
        history = fit(*args, validation=([1.0, 2.0], [0.0, 0.0]), reduce=reduce)
        assert history.validation == [expected]


def test_validation_records_nothing() -> None:
    w = Value(1.0)
    seen: list[Any] = []

    def model(x: float) -> Any:
        seen.append(w * x)
        return seen[-1]

    fit(model, ([1.0], [0.0]), mse, SGD([w]), validation=([1.0], [0.0]), engine="eager")
    assert [y.is_constant for y in seen] == [False, True]


# The progress bar


def test_a_bar_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    net = model()
    args: Any = (net, line(4), mse, SGD(net.parameters(), lr=0.1))
    fit(*args, epochs=2, batch_size=2, progress=True)
    shown = capsys.readouterr().err
    assert "4/4" in shown
    assert "loss=" in shown
    for quiet in (False, None):  # None: nobody is looking at a captured stream
        fit(*args, progress=quiet)
    assert capsys.readouterr() == ("", "")
    with pytest.raises(ValueError, match="takes 2"):
        fit(net, ([[1.0]], [0.0]), mse, SGD(net.parameters()), progress=True)
    assert capsys.readouterr().err.endswith("\n")  # the bar is closed


def test_a_bar_without_tqdm_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    net = model()
    before = numbers(net)
    args: Any = (net, line(4), mse, SGD(net.parameters(), lr=0.1))
    with pytest.raises(ImportError, match=r"autograd-lite\[train\]"):
        fit(*args, progress=True)
    assert numbers(net) == before
    monkeypatch.setattr("sys.stderr", SimpleNamespace(isatty=lambda: True))
    fit(*args)  # not asked for, so not missed
    assert numbers(net) != before


def test_a_history_is_shown_as_a_table() -> None:
    history = History(loss=[1 / (k + 1) for k in range(40)], steps=40, stopped="by hand")
    lines = str(history).splitlines()
    assert lines[0].split() == ["epoch", "loss"]
    assert lines[1].split() == ["1", "1"]
    assert lines[-2].split() == ["40", "0.025"]
    assert len(lines) < 16
    assert "by hand" in lines[-1]
    assert history._repr_html_().startswith("<pre")
    assert len(str(History(loss=[1.0] * 12)).splitlines()) == 14
    assert str(History()).splitlines() == ["  epoch", "0 steps"]


def test_what_is_held_out_is_measured_as_one_predicts() -> None:
    class Drops(MLP):
        def forward(self, x: Any) -> Any:
            return super().forward(x) * (random.random() if self.training else 1.0)

    xs, ys = line()
    net = Drops(2, [1], activation="tanh", rng=random.Random(1))
    history = fit(
        net, (xs, ys), mse, SGD(net.parameters(), lr=0.01), epochs=2, validation=(xs, ys), engine="eager",
        metrics={"first": lambda predicted, target: predicted},
    )  # fmt: skip
    with no_grad():
        outputs = [net.eval()(x).data for x in xs]
    assert net.training is False
    assert history.validation[-1] == pytest.approx(np.mean((np.array(outputs) - ys) ** 2), rel=1e-12)
    assert history.metrics["first"][-1] == pytest.approx(np.mean(outputs), rel=1e-12)
