"""What people expect of a training loop: metrics, shuffling, schedules of steps, batches of any size."""

import random
from typing import Any

import pytest

from autograd_lite import Value
from autograd_lite.losses import binary_cross_entropy_with_logits, mse
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adam, Groups, linear
from autograd_lite.program import jit, load_program, record
from autograd_lite.training import History, accuracy, accuracy_of_logits, fit
from autograd_lite.training.samples import samples_of

DATA = [-2.0, -1.0, 0.5, 1.0, 3.0], [0, 0, 1, 1, 1]
ENGINES = ["eager", "auto"]


def line() -> tuple[Value, Value]:
    return Value(0.1, "w"), Value(0.0, "b")


@pytest.mark.parametrize("engine", ENGINES)
def test_metrics_are_means_after_every_epoch(engine: str) -> None:
    w, b = line()
    seen: list[float] = []

    def stop(history: History) -> bool:
        hits = [(w.data * x + b.data > 0) == (y == 1) for x, y in zip(*DATA, strict=True)]
        seen.append(sum(hits) / len(hits))
        return False

    named: Any = {"hits": accuracy_of_logits, "output": lambda z, y: z}
    history = fit(
        lambda x: w * x + b, DATA, binary_cross_entropy_with_logits, SGD([w, b], lr=0.5), epochs=6,
        metrics=named, stop=stop, engine=engine,
    )  # fmt: skip
    assert history.metrics["hits"] == seen
    assert len(history.metrics["output"]) == 6
    assert history.metrics["output"][-1] == pytest.approx(w.data * 0.3 + b.data)  # 0.3 is the mean input


@pytest.mark.parametrize("engine", ENGINES)
def test_metrics_are_those_of_the_validation_data_where_there_are_some(engine: str) -> None:
    net = MLP(1, [3, 1], activation="tanh", rng=random.Random(0))
    data = [[x] for x in DATA[0]], DATA[1]
    other = [[-1.0], [1.0]], [1, 0]
    history = fit(
        net, data, binary_cross_entropy_with_logits, Adam(net.parameters(), lr=0.2), epochs=30,
        metrics=[accuracy_of_logits], validation=other, engine=engine,
    )  # fmt: skip
    assert history.metrics["accuracy_of_logits"][-1] == 0.0
    with pytest.raises(ValueError, match="metrics"):
        fit(net, data, mse, SGD(net.parameters()), metrics=[accuracy], validation=other, history=history)


def test_metrics_in_a_list_have_different_names() -> None:
    w = Value(0.0)
    with pytest.raises(ValueError, match="<lambda>"):
        fit(lambda x: w * x, ([1.0], [3.0]), mse, SGD([w]), metrics=[lambda z, y: 1.0, lambda z, y: 2.0])
    assert w.data == 0.0


def test_a_name_is_no_metric() -> None:
    net = MLP(1, [1], rng=random.Random(0))
    with pytest.raises(TypeError, match="metric accuracy"):
        fit(net, DATA, mse, SGD(net.parameters()), metrics="accuracy")  # type: ignore[arg-type]  # no function


def test_accuracy_reads_classes_as_people_write_them() -> None:
    assert (
        accuracy([0.1, 0.9], 1)
        == accuracy((3.0, -1.0), [1, 0])
        == accuracy(0.2, 0)
        == accuracy(2.0, 1)
        == 1.0
    )
    assert accuracy([0.1, 0.9], 0) == accuracy(0.2, 1) == accuracy(0.3, -1) == 0.0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_may_be_larger_than_the_data(engine: str) -> None:
    found = []
    for size in (None, 500):
        w, b = line()
        history = fit(
            lambda x: w * x + b, DATA, mse, SGD([w, b], lr=0.1), epochs=3, batch_size=size, engine=engine  # noqa: B023 - called at once
        )  # fmt: skip
        found.append((w.data, b.data, history.steps))
    assert found[0] == found[1]


def test_shuffle_needs_no_generator() -> None:
    def run(**settings: Any) -> float:
        w, b = line()
        fit(lambda x: w * x + b, DATA, mse, SGD([w, b], lr=0.1), epochs=2, batch_size=1, **settings)
        return w.data

    random.seed(7)
    first = run(shuffle=True)
    random.seed(7)
    assert (
        run(shuffle=True) == first == run(rng=random.Random(7)) == run(shuffle=True, rng=random.Random(7))
    )
    assert run() == run(shuffle=False, rng=random.Random(7)) != first


def test_rows_of_a_frame_are_samples() -> None:
    np = pytest.importorskip("numpy")
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    class Frame:
        """What matters of pandas' frames: they iterate over the names of their columns."""

        def __iter__(self) -> Any:
            return iter(["a", "b"])

        def __len__(self) -> int:
            return 3

        def to_numpy(self) -> Any:
            return rows

    frames: Any = Frame(), rows[:, 0]
    assert samples_of(frames, "the data") == (rows.tolist(), [1.0, 3.0, 5.0])
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(rows, columns=["a", "b"])
    assert samples_of((frame, frame["a"]), "the data") == (rows.tolist(), [1.0, 3.0, 5.0])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_schedule_may_count_steps(engine: str) -> None:
    w, b = line()
    asked: list[int] = []

    def rate(step: int) -> float:
        asked.append(step)
        return 0.1 / (1 + step)

    settings: Any = {"epochs": 2, "batch_size": 2, "engine": engine}
    history = fit(
        lambda x: w * x + b, DATA, mse, SGD([w, b]), schedule=rate, schedule_of="step", **settings
    )
    assert asked == list(range(6))
    assert history.lr == [0.1 / 3, 0.1 / 6]
    v, c = line()
    optimizer = SGD([v, c])
    for step in range(6):
        chosen = slice(2 * (step % 3), 2 * (step % 3) + 2)
        for p in (v, c):
            p.zero_grad()
        part = [mse(v * x + c, y) for x, y in zip(DATA[0][chosen], DATA[1][chosen], strict=True)]
        (sum(part) / len(part)).backward()
        optimizer.lr = 0.1 / (1 + step)
        optimizer.step()
    assert (w.data, b.data) == pytest.approx((v.data, c.data), rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_groups_train_with_rates_of_their_own(engine: str) -> None:
    w, b = line()
    both = Groups(SGD([w], lr=0.2), SGD([b], lr=0.1))
    fit(lambda x: w * x + b, DATA, mse, both, epochs=1, engine=engine)
    v, c = line()
    (sum(mse(v * x + c, y) for x, y in zip(*DATA, strict=True)) / 5.0).backward()
    assert (w.data, b.data) == pytest.approx((v.data - 0.2 * v.grad, c.data - 0.1 * c.grad))
    fit(lambda x: w * x + b, DATA, mse, both, epochs=3, schedule=linear(0.2, 0.1, 2), engine=engine)
    assert [each.lr for each in both.optimizers] == pytest.approx([0.1, 0.05])


@pytest.mark.parametrize("flag", ["shuffle", "restore_best", "progress"])
def test_a_word_is_no_flag(flag: str) -> None:
    """``"no"`` counts as True in Python."""
    w, b = line()
    settings: Any = {flag: "no", "validation": DATA}
    with pytest.raises(TypeError, match=f"{flag} must be True or False, not 'no'"):
        fit(lambda x: w * x + b, DATA, mse, SGD([w, b], lr=0.1), **settings)
    assert (w.data, b.data) == (0.1, 0.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda word: SGD(line(), 0.1, 0.9, nesterov=word), lambda word: MLP(1, [1]).train(word),
        lambda word: record(abs, 1.0, verify=word), lambda word: record(abs, 1.0, exact=word),
        lambda word: jit(abs, verify=word), lambda word: load_program("nowhere", exact=word),
    ],
)  # fmt: skip
def test_a_word_is_no_flag_anywhere(make: Any) -> None:
    with pytest.raises(TypeError, match="must be True or False, not 'no'"):
        make("no")


@pytest.mark.parametrize("engine", ["eager", "program"])
def test_a_sample_of_another_width_is_told_with_its_numbers(engine: str) -> None:
    net = MLP(2, [1], rng=random.Random(0))
    before = net.state_dict()
    with pytest.raises(ValueError, match=r"\[7\.0\]"):
        fit(net, ([[1.0, 2.0], [7.0]], [0.0, 1.0]), mse, SGD(net.parameters(), lr=0.1), engine=engine)
    assert net.state_dict() == before
    single: Any = [1.0, 2.0], 1.0
    with pytest.raises(TypeError, match="inputs of all samples"):
        fit(net, single, mse, SGD(net.parameters(), lr=0.1), engine=engine)


def test_an_error_of_another_kind_leaves_training_as_it_is() -> None:
    class OwnError(ValueError):
        """With more than a text."""

    def model(x: float) -> Value:
        raise OwnError(x, 3)

    with pytest.raises(OwnError) as caught:
        fit(model, DATA, mse, SGD(line(), lr=0.1), engine="eager")
    assert caught.value.args == (-2.0, 3)
