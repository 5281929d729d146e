"""Training in epochs: one sample at a time, in minibatches, or on all samples at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..support.context import guarded
from ..support.generators import Generator, generator
from ..support.progress import progress_bar
from ..support.saved import assign
from ..support.settings import at_least_0, flag, require_engine, require_functions, whole_number
from ..support.texts import preformatted
from .metrics import Metric, by_name, judged
from .modes import predicting
from .objective import BatchLoss
from .rates import Rates
from .recorded_loss import RecordedLoss
from .samples import Data, samples_of
from .steps import steps_of


class OptimizerLike(Protocol):
    """The attributes and methods that ``fit`` uses of an optimizer."""

    parameters: list[Any]
    lr: float

    def zero_grad(self) -> None:
        """Set the gradients to 0."""
        ...

    def step(self) -> None:
        """Change the parameters, all of them or none."""
        ...


#: The most epochs that the text of a history lists.
_MOST_EPOCHS = 12


@dataclass
class History:
    """The record of a training run, with one entry per complete epoch.

    ``loss`` has the training loss, in which each batch is measured before its own step, ``validation``
    the loss on the validation data after the epoch, and ``lr`` the learning rate (with a schedule of
    steps that of the last). ``metrics`` has a list for each metric, by its name. ``steps`` is the number
    of steps, ``stopped`` is the reason when training ended before its last epoch, and ``engine`` says
    what computed the loss, and why.

    >>> history = History()
    >>> history.loss += [0.5, 0.25]
    >>> history.loss[-1], history.stopped
    (0.25, '')
    """

    loss: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    steps: int = 0
    stopped: str = ""
    engine: str = field(default="", compare=False)
    metrics: dict[str, list[float]] = field(default_factory=dict)

    def __str__(self) -> str:
        columns = {"loss": self.loss, "validation": self.validation, "lr": self.lr, **self.metrics}
        columns = {name: numbers for name, numbers in columns.items() if numbers}
        epochs = range(1, len(self.loss) + 1)
        chosen = epochs if len(epochs) <= _MOST_EPOCHS else [*epochs[:5], *epochs[-5:]]
        lines = [f"{'epoch':>7}" + "".join(f"{name:>14}" for name in columns)]
        for epoch in chosen:
            numbers = (each[epoch - 1] if epoch <= len(each) else math.nan for each in columns.values())
            lines.append(f"{epoch:>7}" + "".join(f"{number:>14.6g}" for number in numbers))
        if len(chosen) < len(epochs):
            lines.insert(6, f"{'...':>7}")
        ended = f", stopped: {self.stopped}" if self.stopped else ""
        return "\n".join([*lines, f"{self.steps:,} steps{ended}"])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        return preformatted(str(self))


@guarded
def fit(
    model: Callable[[Any], Any],
    data: Data,
    loss: Callable[[Any, Any], Any],
    optimizer: OptimizerLike,
    *,
    epochs: int = 1,
    batch_size: int | None = None,
    rng: Generator | None = None,
    shuffle: bool | None = None,
    reduce: str = "mean",
    penalty: Callable[[], Any] | None = None,
    schedule: Callable[[int], float] | None = None,
    schedule_of: str = "epoch",
    validation: Data | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    metrics: Mapping[str, Metric] | Iterable[Metric] | None = None,
    restore_best: bool = False,
    stop: Callable[[History], bool] | None = None,
    evaluate: Callable[[list[Any], list[Any]], tuple[float, Sequence[float]]] | None = None,
    engine: str = "auto",
    progress: bool | None = None,
    history: History | None = None,
) -> History:
    """Train ``model`` in place: for every batch one reverse sweep and one step of the optimizer.

    :param model: a function of the inputs of one sample.
    :param data: the inputs of all samples, and their targets.
    :param loss: a function of the model's output and the target of one sample.
    :param epochs: how many times training goes through all samples.
    :param batch_size: the number of samples per step: None for all (full batch), 1 for one at a time
        (online), or any number. The last batch of an epoch may be smaller.
    :param rng: a ``random.Random`` that shuffles the samples before every epoch; without it they
        keep their order.
    :param shuffle: True shuffles by ``rng``, or without one by the module ``random``, as the caller has
        seeded it; False does not, whatever ``rng`` is.
    :param reduce: ``"mean"`` or ``"sum"`` of the losses in a batch.
    :param penalty: called once per batch; its result, a Value, is added to the loss of the batch and
        is part of the loss in the history, but not of the validation loss.
    :param schedule: a function that gives the learning rate of each epoch, counted from 0.
    :param schedule_of: ``"step"`` calls ``schedule`` before every step instead, with the number of steps
        made so far.
    :param validation: inputs and targets on which the loss is measured after each epoch, with
        ``training`` False in the modules of the model; metrics are taken so too.
    :param patience: stop when the loss (with ``validation`` the validation loss) has not fallen more
        than ``tolerance`` below its best value for this many epochs. Epochs of ``history`` count.
    :param metrics: functions by name, each of the model's output and the target of a sample, as numbers.
        Their means over the validation data, or without these over the training data, are taken after
        every epoch into ``history.metrics``; functions in a list have their own names. ``accuracy`` and
        others are in :mod:`~autograd_lite.training.metrics`.
    :param restore_best: when training ends for any reason, restore the parameters of the epoch with
        the lowest validation loss. When a history is continued, the starting parameters compete too.
        If no validation loss is finite, nothing is restored.
    :param stop: called with the history after each epoch; True ends training.
    :param evaluate: replaces the circuits of ``model`` and ``loss`` in training: a function of the
        inputs and targets of a batch that returns its loss (a mean or a sum, as ``reduce`` says) and
        the gradient in the order of ``optimizer.parameters``. Validation still uses ``model`` and
        ``loss``.
    :param engine: ``"program"`` records the loss of one sample and replays it for whole batches, with
        the same numbers to rounding; ``"eager"`` makes and sweeps circuits; ``"auto"`` records where
        that is possible and pays, and else says in ``history.engine`` why not. After a call of ``schedule``
        or ``stop`` a sample is computed on nodes too: where the loss has become another one, as it reads
        an entry of a list that they changed, ``"auto"`` goes on eagerly, and ``"program"`` raises.
    :param progress: True shows a progress bar (tqdm), False does not; None shows it where tqdm is
        installed and a person is watching.
    :param history: the history to continue; its epochs are counted on.
    :raises ValueError: when the data have a nan or an infinity, differ in length or are empty, a
        setting is out of range, or the loss depends on none of the optimizer's parameters.
    :raises TypeError: when an argument has the wrong type, or the loss is not a number.
    :raises ImportError: when ``progress=True`` and tqdm is not installed.
    :raises FloatingPointError: when the loss or a gradient is not finite.

    The parameters are always those after a complete step. If an exception or Ctrl-C interrupts a step,
    that step is undone and the exception propagates; pass ``history=`` to keep what was recorded until
    then. Training in several calls with the same optimizer, ``rng`` and history gives the same numbers,
    to the last bit, as training in one call, unless ``restore_best`` moves the parameters in between.
    A sample whose loss is a plain number contributes no gradient.

    >>> from autograd_lite import Value
    >>> from autograd_lite.losses import half_squared_error
    >>> from autograd_lite.optim import SGD
    >>> w = Value(0.0, "w")
    >>> history = fit(lambda x: w * x, ([1.0, 2.0], [3.0, 6.0]), half_squared_error,
    ...               SGD([w], lr=0.2), epochs=30)
    >>> round(w.data, 6), history.loss[0], history.steps
    (3.0, 11.25, 30)
    """
    xs, ys = samples_of(data, "the data")
    size = len(xs)
    if batch_size is not None:
        size = min(size, whole_number("batch_size", batch_size, 1))
    if reduce not in ("mean", "sum"):
        raise ValueError(f'reduce must be "mean" or "sum", not {reduce!r}')
    held_out = None if validation is None else samples_of(validation, "the validation data")
    if evaluate is not None and penalty is not None:
        raise ValueError(
            "penalty cannot be used with evaluate: let evaluate add it to the loss and the gradient"
        )
    if flag("restore_best", restore_best) and held_out is None:
        raise ValueError("restore_best needs validation data, which decide which epoch is best")
    _require_types(
        optimizer, history, model=model, loss=loss, penalty=penalty, schedule=schedule, stop=stop,
        evaluate=evaluate,
    )  # fmt: skip
    parameters = optimizer.parameters
    history = History() if history is None else history
    if len(history.validation) != (0 if held_out is None else len(history.loss)):
        raise ValueError(
            f"the history has {len(history.loss)} epochs, {len(history.validation)} of them with "
            "validation: continue it in the same way, or start a new one"
        )
    epochs = whole_number("epochs", epochs, 0)
    shuffles = rng is not None if shuffle is None else flag("shuffle", shuffle)
    shuffler = generator(rng) if shuffles else None
    named, rates = by_name(metrics), Rates(schedule, schedule_of, optimizer)
    if any(len(history.metrics.get(name, ())) != len(history.loss) for name in named):
        raise ValueError("the history has epochs without these metrics: start a new one")
    batch_loss = BatchLoss(model, loss, reduce, penalty)
    require_engine(engine)
    if engine != "eager" and evaluate is None:
        times = epochs * len(xs)
        batch_loss = RecordedLoss(batch_loss, parameters, (xs, ys), engine == "program", times)
    plateau = _Plateau(patience, tolerance)
    for past in history.validation or history.loss:
        plateau.add(past)
    history.stopped = plateau.reason if plateau.reached else ""
    if plateau.reached:
        return history
    steps = steps_of(batch_loss, optimizer, (xs, ys), size, evaluate)
    best, lowest = [p.data for p in parameters], math.inf
    if restore_best and history.loss and held_out is not None:
        # min keeps the infinity when the measured loss is nan.
        with predicting(model):
            lowest = min(lowest, steps.measure(*held_out))
    order = list(range(len(xs)))
    bar = progress_bar(epochs * -(-len(xs) // size), progress)
    try:
        for done in range(len(history.loss), len(history.loss) + epochs):
            if shuffler is not None:
                order = list(range(len(xs)))
                shuffler.shuffle(order)
            seen = 0.0
            for each in rates.in_epoch(done, steps, order, history):
                seen += each
                bar.update(1)
            with predicting(model):
                watched = seen if held_out is None else steps.measure(*held_out)
                found = {}
                if named:
                    steps.show()
                    found = judged(model, named, *(held_out or (xs, ys)))
            for name, x in found.items():
                history.metrics.setdefault(name, []).append(x)
            history.loss.append(seen)
            history.lr.append(optimizer.lr)
            if held_out is not None:
                history.validation.append(watched)
            if restore_best and watched < lowest:
                steps.show()
                best, lowest = [p.data for p in parameters], watched
            bar.set_postfix(loss=f"{seen:.4g}", refresh=False)
            plateau.add(watched)
            if plateau.reached:
                history.stopped = plateau.reason
            elif stop is not None:
                steps.show()
                if stop(history):
                    history.stopped = "stop() returned True"
                steps.look()
            if history.stopped:
                break
    finally:
        steps.show()
        history.engine = batch_loss.why if evaluate is None else "evaluate: as asked for"
        bar.close()
        if lowest < math.inf:
            assign((p, "data", x) for p, x in zip(parameters, best, strict=True))
    return history


def _require_types(optimizer: object, history: object, **functions: object) -> None:
    if isinstance(optimizer, type) or not all(
        hasattr(optimizer, name) for name in ("parameters", "lr", "zero_grad", "step")
    ):
        raise TypeError(
            "optimizer must be an optimizer object, such as SGD(model.parameters(), lr=0.1), not "
            f"{optimizer!r:.60}"
        )
    if not isinstance(history, History | None):
        raise TypeError(f"history must be a History, not {type(history).__name__} ({history!r:.60})")
    for name, function in functions.items():
        if function is None and name in ("model", "loss"):
            raise TypeError(f"{name} must be a function, not None")
    require_functions(**functions)


class _Plateau:
    """Notices when a loss has not improved for ``patience`` epochs; never where that is None."""

    def __init__(self, patience: int | None, tolerance: float) -> None:
        self.patience = None if patience is None else whole_number("patience", patience, 1)
        self.tolerance = at_least_0("tolerance", tolerance)
        self.best = math.inf
        self.waited = 0
        self.reason = f"no improvement in {patience} epochs"

    def add(self, loss: float) -> None:
        """Take note of the loss of an epoch."""
        if loss < self.best - self.tolerance:
            self.best, self.waited = loss, 0
        else:
            self.waited += 1

    @property
    def reached(self) -> bool:
        """Whether it is time to stop."""
        return self.patience is not None and self.waited >= self.patience
