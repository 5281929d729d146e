"""Training that ends badly, or has nothing to learn: what is kept, counted and said."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_lite import Constant, Value, errstate, no_grad
from autograd_lite import sum as total
from autograd_lite.losses import half_squared_error, mse
from autograd_lite.optim import SGD, Adam
from autograd_lite.training import History, fit

DATA = [1.0, 2.0], [3.0, 6.0]  # y = 3x


def slope(start: float = 1.0) -> tuple[Value, Callable[[float], Any]]:
    w = Value(start, "w")
    return w, lambda x: w * x


@pytest.mark.parametrize("end", [FloatingPointError, KeyboardInterrupt])
def test_the_best_epoch_is_kept_on_the_way_out(end: type[BaseException]) -> None:
    w, model = slope()
    reached: list[float] = []

    def rate(epoch: int) -> float:
        reached.append(w.data)
        if epoch == 3 and end is KeyboardInterrupt:
            raise end
        return 0.1 if epoch < 3 else 1e300

    history = History()
    with pytest.raises(end), errstate("ignore"):
        fit(
            model, DATA, mse, SGD([w]), epochs=60, validation=DATA, restore_best=True,
            schedule=rate, history=history,
        )  # fmt: skip
    assert len(history.loss) >= 3
    assert w.data == reached[1 + history.validation.index(min(history.validation))]
    assert 2.5 < w.data < 3.5


def test_a_first_call_goes_back_to_an_epoch_of_its_own() -> None:
    w, model = slope(2.9)
    history = fit(model, DATA, mse, SGD([w], 0.5), epochs=3, validation=DATA, restore_best=True)
    assert history.validation[0] == min(history.validation) > mse(2.9 * 2, 6.0)
    # One step of w ← w − ½·(2·Σx²/2)·(w − 3), Σx² = 5: past the minimum, and further out.
    assert w.data == pytest.approx(2.9 - 0.5 * 5.0 * (2.9 - 3.0), rel=1e-12)


def test_without_a_finite_validation_the_parameters_stay_where_they_are() -> None:
    w, model = slope()
    far = [1e200], [-1e200]
    with errstate("ignore"):
        history = fit(model, DATA, mse, SGD([w], 0.1), epochs=2, validation=far, restore_best=True)
    assert history.validation == [math.inf, math.inf]
    assert w.data != 1.0


def test_equal_epochs_are_told_apart_by_their_order() -> None:
    w, model = slope()
    seen: list[float] = []

    def note(_: History) -> bool:
        seen.append(w.data)
        return False

    apart = [0.0], [1.0]  # the model gives 0 there whatever w is
    fit(model, DATA, mse, SGD([w], 0.1), epochs=3, validation=apart, restore_best=True, stop=note)
    assert w.data == seen[0]


def test_a_step_that_is_refused_is_not_counted() -> None:
    w, model = slope()

    def loss(y: Any, t: float) -> Any:
        return half_squared_error(y, t) if t < 6.0 else y * 1e308 * 10.0 + 0.0 * y

    history = History()
    with pytest.raises(FloatingPointError), pytest.warns(RuntimeWarning):
        fit(model, DATA, loss, SGD([w], 0.1), epochs=2, batch_size=1, history=history)
    assert history.steps == 1
    assert history.loss == []


def test_patience_goes_by_the_validation_of_the_epochs_before() -> None:
    w, model = slope()
    # The loss goes on falling, the validation does not.
    past = History(loss=[9.0, 8.0, 7.0], lr=[0.1] * 3, validation=[1e-9, 5.0, 5.0], steps=3)
    history = fit(model, DATA, mse, SGD([w], 0.01), epochs=5, validation=DATA, patience=2, history=past)
    assert len(history.loss) == 3
    assert "2 epochs" in history.stopped


def test_a_loss_of_numbers_and_values_is_noted_whole() -> None:
    w, model = slope()

    def hinge(y: Value, t: float) -> Any:
        return 0.5 if t < 6.0 else half_squared_error(y, t)

    history = fit(model, DATA, hinge, SGD([w], 0.1))
    assert history.loss[0] == pytest.approx((0.5 + 0.5 * (2.0 - 6.0) ** 2) / 2)
    assert w.data == pytest.approx(1.0 - 0.1 * (2.0 - 6.0) * 2.0 / 2)


def test_a_loss_that_is_a_constant_has_no_gradient_and_no_warning() -> None:
    w, model = slope()
    history = fit(
        model, DATA, lambda y, t: Constant(0.5) if t < 6.0 else half_squared_error(y, t), SGD([w], 0.1),
        batch_size=1,
    )  # fmt: skip
    assert history.loss == [(0.5 + 8.0) / 2]
    assert w.data > 1.0


def test_a_parameter_of_a_later_sample_is_met_inside_no_grad_too() -> None:
    w, model = slope()
    with no_grad():
        history = fit(
            model, DATA, lambda y, t: 0.0 if t < 6.0 else half_squared_error(y, t), SGD([w], 0.1),
            batch_size=1,
        )  # fmt: skip
    assert history.steps == 2
    assert w.data > 1.0


def test_samples_may_be_texts_and_rows_arrays_in_lists() -> None:
    weights = {letter: Value(0.0, letter) for letter in "abc"}

    def spelled(word: str) -> Any:
        return total([weights[letter] for letter in word])

    fit(spelled, (["ab", "c"], [1.0, 2.0]), mse, Adam(weights.values(), 0.5), epochs=200)
    assert weights["c"].data == pytest.approx(2.0, abs=0.05)

    w, _ = slope()
    rows: Any = [np.array([1.0]), (2.0,)], [np.float64(3.0), 6]
    fit(lambda row: w * row[0], rows, mse, SGD([w], 0.1), epochs=50)
    assert w.data == pytest.approx(3.0)


def test_an_optimiser_of_ones_own_is_held_to_the_same() -> None:
    u, w = Value(1.0), Value(1.0)

    class Mine:
        parameters, lr = [w], 0.1

        def zero_grad(self) -> None:
            w.grad = 0.0

        def step(self) -> None:
            w.data -= self.lr * w.grad

    with pytest.raises(ValueError, match="none of the 1 parameters"):
        fit(lambda x: u * x, DATA, half_squared_error, Mine())
    fit(lambda x: w * x, DATA, half_squared_error, Mine(), epochs=50)
    assert w.data == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize("row", [10**400, [1.0, 10**400], [[math.nan]], [1.0, [math.inf]]])
def test_a_number_that_is_no_finite_float_is_named_with_its_sample(row: Any) -> None:
    w, _ = slope()
    with pytest.raises(ValueError, match="sample 1"):
        fit(lambda x: w, ([0.0, row], [0.0, 0.0]), mse, SGD([w], 0.1))
    assert w.data == 1.0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"optimizer": "sgd"}, "'sgd'"),
        ({"optimizer": SGD}, "SGD"),
        ({"history": []}, r"list \(\[\]\)"),
        ({"schedule": 0.1}, r"schedule .* float \(0\.1\)"),
        ({"penalty": 3.0}, r"penalty .*3\.0"),
        ({"model": None}, "model .* None"),
        ({"loss": "mse"}, "loss .*'mse'"),
    ],
)
def test_what_is_no_function_or_optimiser_is_told(settings: dict[str, Any], says: str) -> None:
    w, model = slope()
    given: Any = {"model": model, "data": DATA, "loss": mse, "optimizer": SGD([w], 0.1)}
    with pytest.raises(TypeError, match=says):
        fit(**{**given, **settings})
    assert w.data == 1.0


def test_a_penalty_that_is_no_number_is_told() -> None:
    w, model = slope()
    with pytest.raises(TypeError, match="'big'"):
        fit(model, DATA, mse, SGD([w], 0.1), penalty=lambda: "big")
    assert w.data == 1.0


@pytest.mark.parametrize("stream", [SimpleNamespace(isatty=lambda: False), None])
def test_a_notebook_has_a_bar_and_a_program_without_a_terminal_none(
    stream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    stand_in: Any = ModuleType("tqdm.auto")
    bar = SimpleNamespace(update=lambda n: None, set_postfix=lambda **_: None, close=lambda: None)

    def show(**options: Any) -> Any:
        made.append(options)
        return bar

    stand_in.tqdm = show
    monkeypatch.setitem(sys.modules, "tqdm.auto", stand_in)
    monkeypatch.setattr(sys, "stderr", stream)
    w, model = slope()
    fit(model, DATA, mse, SGD([w], 0.1), rng=random.Random(0))
    assert made == []
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    fit(model, DATA, mse, SGD([w], 0.1))
    assert len(made) == 1
