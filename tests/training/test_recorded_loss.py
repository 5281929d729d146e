"""Training by recorded programs: the numbers of circuits, and what cannot be recorded."""

import random
from typing import Any

import pytest

from autograd_lite import Value
from autograd_lite.losses import mse, softmax_cross_entropy
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adam
from autograd_lite.training import fit

from ..support.networks import line, model, numbers


def penalty_of(net: MLP) -> Any:
    """A hundredth of the sum of the squares of the parameters."""
    return lambda: 0.01 * sum(w * w for w in net.parameters())


def test_a_program_trains_as_circuits_do() -> None:
    xs, ys = line(20)
    nets = [model(), model()]
    histories = [
        fit(net, (xs, ys), mse, Adam(net.parameters(), lr=0.05), epochs=9, batch_size=8, engine=engine,
            penalty=penalty_of(net), validation=(xs[:5], ys[:5]))
        for net, engine in zip(nets, ("eager", "program"), strict=True)
    ]  # fmt: skip
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-12)
    assert histories[0].validation == pytest.approx(histories[1].validation, rel=1e-12)
    assert numbers(nets[0]) == pytest.approx(numbers(nets[1]), rel=1e-9)
    assert histories[0].engine == "eager: as asked for"
    assert histories[1].engine.startswith("program")


def test_labels_are_data_of_a_program() -> None:
    xs, ys = [[0.5, -1.0], [1.0, 0.25], [-2.0, 1.5]], [0, 2, 1]
    nets = [MLP(2, [4, 3], rng=random.Random(3)) for _ in range(2)]
    histories = [
        fit(net, (xs, ys), softmax_cross_entropy, SGD(net.parameters(), lr=0.1), epochs=5, engine=engine)
        for net, engine in zip(nets, ("eager", "program"), strict=True)
    ]
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-12)


def test_little_work_is_done_eagerly_and_much_by_a_program() -> None:
    w = Value(0.5)
    data = [1.0] * 100, [2.0] * 100
    assert "too few" in fit(scaled(w), data, mse, SGD([w], lr=0.01), epochs=2).engine
    assert fit(scaled(w), data, mse, SGD([w], lr=0.01), epochs=1500).engine.startswith("program")


@pytest.mark.usefixtures("always_worth")
def test_what_cannot_be_recorded_is_trained_eagerly_and_told() -> None:
    w = Value(1.0)
    history = fit(lambda x: w * x if x < 2 else -w * x, ([1.0, 3.0], [1.0, 1.0]), mse, SGD([w], lr=0.01))
    assert history.engine.startswith("eager: BranchChanged: sample 1")
    baked = fit(lambda x: w * w.data * x, ([1.0], [1.0]), mse, SGD([w], lr=0.01))
    assert "recorded as constants" in baked.engine
    assert (
        "structures"
        in fit(lambda x: w * sum(x), ([[1.0], [1.0, 2.0]], [0, 0]), mse, SGD([w], lr=0.01)).engine
    )
    with pytest.raises(ValueError, match="different structures: the input of sample 1 is"):
        fit(lambda x: w * sum(x), ([[1.0], [1.0, 2.0]], [0, 0]), mse, SGD([w], lr=0.01), engine="program")
    with pytest.raises(ValueError, match="engine must be"):
        fit(lambda x: w * x, ([1.0], [1.0]), mse, SGD([w], lr=0.01), engine="fast")


def scaled(w: Value) -> Any:
    return lambda x: w * x


@pytest.mark.usefixtures("always_worth")
def test_a_branch_by_equality_is_found_and_trained_eagerly() -> None:
    losses: list[Any] = [
        lambda s, y: (s - 3.0) ** 2 if y == 1 else s**2,
        lambda s, y: (s - 3.0) ** 2 if y in (1,) else s**2,
    ]
    data = [1.0, 2.0, 1.5], [1, 0, 1]
    for loss in losses:
        found = []
        for engine in ("auto", "eager"):
            w = Value(0.5)
            history = fit(scaled(w), data, loss, SGD([w], lr=0.05), epochs=5, engine=engine)
            assert history.engine.startswith("eager")
            found.append(w.data)
        assert found[0] == found[1]


def sum_and_penalty(ws: list[Value]) -> tuple[Any, Any]:
    return lambda x: sum(w * x for w in ws), lambda: 0.1 * sum(w if w > 0 else -w for w in ws)


@pytest.mark.usefixtures("always_worth")
def test_a_penalty_that_gives_up_leaves_the_gradient_as_it_was() -> None:
    found = []
    for engine in ("auto", "eager"):
        ws = [Value(0.05 * (i + 1)) for i in range(4)]
        net, penalty = sum_and_penalty(ws)
        fit(net, ([1.0], [-1.0]), mse, SGD(ws, lr=0.02), epochs=30, penalty=penalty, engine=engine)
        found.append([w.data for w in ws])
    assert found[0] == pytest.approx(found[1], rel=1e-12)


@pytest.mark.usefixtures("always_worth")
@pytest.mark.parametrize("held_out", [([[1.0, 2.0, 3.0]], [1.0]), ([[1.0, Value(2.0)]], [1.0])])
def test_validation_data_of_another_kind_are_measured_eagerly(held_out: Any) -> None:
    found = []
    for engine in ("auto", "eager"):
        w = Value(1.0)
        history = fit(
            lambda x: w * sum(x),  # noqa: B023 - it is called in this turn alone
            ([[1.0, 2.0], [0.5, 1.0]], [0.0, 1.0]),
            mse, SGD([w], lr=0.05), epochs=4, validation=held_out, engine=engine,
        )  # fmt: skip
        assert history.engine.startswith("eager: ")
        found.append([w.data, *history.loss, *history.validation])
    assert found[0] == pytest.approx(found[1], rel=1e-12)


@pytest.mark.usefixtures("always_worth")
def test_random_masks_are_not_frozen() -> None:
    w = Value(1.0)
    net = lambda x: w * x if random.random() < 0.5 else w  # noqa: E731
    assert "random numbers" in fit(net, ([1.0, 2.0], [0.0, 0.0]), mse, SGD([w], lr=0.01)).engine


def annealed(w: Value, share: list[float], in_penalty: bool) -> dict[str, Any]:
    """A training run whose loss, or penalty, reads a number that ``stop`` changes."""

    def stop(_: Any) -> bool:
        share[0] *= 0.5
        return False

    loss = mse if in_penalty else lambda s, y: share[0] * mse(s, y)
    penalty = (lambda: share[0] * w * w) if in_penalty else None
    return {
        "model": scaled(w),
        "data": ([1.0, 2.0], [2.0, 5.0]),
        "loss": loss,
        "penalty": penalty,
        "stop": stop,
    }


@pytest.mark.usefixtures("always_worth")
@pytest.mark.parametrize("in_penalty", [False, True])
def test_a_number_that_a_callback_changes_is_noticed(in_penalty: bool) -> None:
    found = []
    for engine in ("auto", "eager"):
        w = Value(0.5)
        history = fit(
            **annealed(w, [1.0], in_penalty), optimizer=SGD([w], lr=0.05), epochs=5, engine=engine
        )
        assert history.engine.startswith("eager")
        found.append([w.data, *history.loss])
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    w = Value(0.5)
    with pytest.raises(ValueError, match="and the function"):
        fit(**annealed(w, [1.0], in_penalty), optimizer=SGD([w]), epochs=5, engine="program")
    assert w.data != 0.5  # the first epoch counts


@pytest.mark.usefixtures("always_worth")
def test_a_parameter_that_is_replaced_is_noticed() -> None:
    found = []
    for engine in ("auto", "eager"):
        net = model()
        sgd = SGD(net.parameters(), lr=0.05)

        def replace(_: Any, net: MLP = net) -> bool:
            neuron = net.layers[1].neurons[0]
            neuron.b = Value(neuron.b.data)
            return False

        history = fit(net, line(8), mse, sgd, epochs=3, stop=replace, engine=engine)
        found.append(numbers(net) + history.loss)
    assert "replaced" in fit(net, line(8), mse, sgd, epochs=2, stop=replace).engine
    assert found[0] == pytest.approx(found[1], rel=1e-12)


@pytest.mark.usefixtures("always_worth")
@pytest.mark.parametrize("change", ["pop", "reverse"])
def test_other_parameters_of_the_optimizer_are_noticed(change: str) -> None:
    found = []
    for engine in ("auto", "eager"):
        net = model()
        sgd = SGD(net.parameters(), lr=0.05, momentum=0.0)
        history = fit(
            net,
            line(8),
            mse,
            sgd,
            epochs=4,
            stop=lambda h, sgd=sgd: len(h.loss) == 2 and getattr(sgd.parameters, change)() is False,  # type: ignore[misc]  # a default of its own
            engine=engine,
        )
        assert history.engine.startswith("eager")
        found.append(numbers(net) + history.loss)
    assert found[0] == pytest.approx(found[1], rel=1e-12)
