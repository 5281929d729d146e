"""Training in epochs: online, in minibatches, or on all samples at once."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import is_
from typing import Any, Protocol

from ..support.context import guarded
from ..support.generators import Generator, generator
from ..support.saved import assign
from ..support.settings import at_least_0, count
from .objective import Eager
from .samples import checked


class Optimizer(Protocol):
    """What ``fit`` asks of an optimiser."""

    parameters: list[Any]
    lr: float

    def zero_grad(self) -> None:
        """Set the gradients to 0."""
        ...

    def step(self) -> None:
        """Move the parameters, all or none of them."""
        ...


@dataclass
class History:
    """What happened in training, one entry per complete epoch.

    ``loss`` holds the training loss, each batch taken before its own step; ``validation`` the loss on
    the validation data after the epoch; ``lr`` the learning rate. ``steps`` counts updates, and
    ``stopped`` says why training ended before its last epoch.
    """

    loss: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    steps: int = 0
    stopped: str = ""

    def note(self, loss: float, lr: float, validation: float | None) -> None:
        """Add a complete epoch: all its entries, or after an interruption none."""
        epochs, validated = len(self.loss), len(self.validation)
        try:
            self.loss.append(loss)
            self.lr.append(lr)
            if validation is not None:
                self.validation.append(validation)
        except BaseException:
            del self.loss[epochs:], self.lr[epochs:], self.validation[validated:]
            raise


@guarded
def fit(
    model: Callable[[Any], Any],
    data: tuple[Sequence[Any], Sequence[Any]],
    loss: Callable[[Any, Any], Any],
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    batch_size: int | None = None,
    rng: Generator | None = None,
    reduce: str = "mean",
    penalty: Callable[[], Any] | None = None,
    schedule: Callable[[int], float] | None = None,
    validation: tuple[Sequence[Any], Sequence[Any]] | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    restore_best: bool = False,
    stop: Callable[[History], bool] | None = None,
    evaluate: Callable[[list[Any], list[Any]], tuple[float, Sequence[float]]] | None = None,
    progress: bool | None = None,
    history: History | None = None,
) -> History:
    """Train ``model`` in place: for every batch one sweep and one step of the optimiser.

    :param model: called with one sample's inputs.
    :param data: the inputs of all samples, and their targets.
    :param loss: called with the model's output and the target of one sample.
    :param epochs: how often all samples are seen.
    :param batch_size: samples per step: None for all (full batch), 1 for one at a time (online), or
        any number between; the last batch of an epoch may be smaller.
    :param rng: a ``random.Random`` that shuffles the samples before every epoch; without one they
        keep their order.
    :param reduce: ``"mean"`` or ``"sum"`` of the losses of a batch.
    :param penalty: called once per batch; a Value that is added to the batch's loss, and to that
        in the history, but not to the validation's.
    :param schedule: the learning rate of each epoch, counted from 0.
    :param validation: inputs and targets that the loss is measured on after each epoch.
    :param patience: stop when the loss (that of the validation, if there is one) has not fallen by
        more than ``tolerance`` below its best for so many epochs, those of ``history`` included.
    :param restore_best: in the end, and on the way out of an error or Ctrl-C, go back to the
        parameters of the epoch that was best in the validation, or to those at the beginning of a
        call that goes on and has none better; where no epoch has a finite one they stay.
    :param stop: called after each epoch; training ends when it says so.
    :param evaluate: in place of the engine: called with a batch's inputs and targets, gives its
        loss, a mean or a sum as ``reduce`` says, and the gradient of it in the order of
        ``optimizer.parameters``. The validation is still measured by ``model`` and ``loss``.
    :param progress: True shows a bar (tqdm), False none; None one where tqdm is at hand and a
        person is looking.
    :param history: where to note what happens; given again, epochs are counted on.
    :raises ValueError: when the data hold nan or inf, differ in length or are none, a setting is
        out of range, or the loss has nothing to do with the optimiser's parameters.
    :raises TypeError: when an argument is of another kind, or the loss no number.
    :raises ImportError: for a progress bar that is asked for, without tqdm.
    :raises FloatingPointError: when the loss or a gradient is not finite.

    The parameters are always those after a complete step: an error, and Ctrl-C, take back a step that
    had begun and go on to the caller. To have the history then, pass one in. Training in several
    calls, with the same optimiser, ``rng`` and history, is the same to the last bit as in one, where
    ``restore_best`` does not move the parameters between them. A sample whose loss is a plain number
    has no gradient.

    >>> from autograd_lite import Value
    >>> from autograd_lite.losses import half_squared_error
    >>> from autograd_lite.optim import SGD
    >>> w = Value(0.0, "w")
    >>> history = fit(lambda x: w * x, ([1.0, 2.0], [3.0, 6.0]), half_squared_error,
    ...               SGD([w], lr=0.2), epochs=30)
    >>> round(w.data, 6), history.loss[0], history.steps
    (3.0, 11.25, 30)
    """
    xs, ys = checked(data, "the data")
    size = len(xs)
    if batch_size is not None:
        size = count(f"batch_size for {len(xs)} samples", batch_size, 1, len(xs))
    if reduce not in ("mean", "sum"):
        raise ValueError(f'reduce is "mean" or "sum", not {reduce!r}')
    held_out = None if validation is None else checked(validation, "the validation data")
    if evaluate is not None and penalty is not None:
        raise ValueError("penalty is for the engine: with evaluate, add it to the loss there")
    if restore_best and held_out is None:
        raise ValueError("restore_best needs validation data to tell what is best")
    _require_kinds(optimizer, history, model, loss, penalty, schedule, stop, evaluate)
    parameters = optimizer.parameters
    history = History() if history is None else history
    if len(history.validation) != (0 if held_out is None else len(history.loss)):
        raise ValueError(
            f"the history has {len(history.loss)} epochs, {len(history.validation)} of them with "
            "validation: go on as it began"
        )
    epochs = count("epochs", epochs, 0)
    shuffler = None if rng is None else generator(rng)
    engine = Eager(model, loss, reduce, penalty)
    watch = _Watch(patience, tolerance)
    for past in history.validation or history.loss:
        watch.note(past)
    history.stopped = watch.why if watch.stalled else ""
    if watch.stalled:
        return history
    best, lowest = [p.data for p in parameters], math.inf
    if restore_best and history.loss and held_out is not None:
        # The beginning may be the best still; a nan never is.
        lowest = min(lowest, engine.measure(*held_out))
    batches = range(0, len(xs), size)
    bar = _bar(epochs * len(batches), progress)
    try:
        for epoch in range(epochs):
            done = len(history.loss)
            if schedule is not None:
                rate = at_least_0(f"the schedule's rate of epoch {done}", schedule(done))
                optimizer.lr = rate
            order = list(range(len(xs)))
            if shuffler is not None:
                shuffler.shuffle(order)
            seen = 0.0
            for start in batches:
                chosen = order[start : start + size]
                batch = [xs[i] for i in chosen], [ys[i] for i in chosen]
                optimizer.zero_grad()
                if evaluate is None:
                    before = [p.grad for p in parameters] if epoch == start == 0 else []
                    found = engine.sweep(*batch)
                    # A sweep that reaches a parameter gives it a new number, be it 0 again.
                    if before and all(map(is_, before, (p.grad for p in parameters))):
                        engine.require_use(parameters, xs, ys)
                else:
                    found, gradient = evaluate(*batch)
                    _take(parameters, gradient)
                if not math.isfinite(found):
                    raise FloatingPointError(
                        f"the loss became {found!r} in epoch {done}, before step {history.steps}, "
                        "which was not made. A smaller learning rate may help"
                    )
                optimizer.step()
                history.steps += 1
                seen += found * (len(chosen) / len(xs) if reduce == "mean" else 1.0)
                bar.update(1)
            watched = seen if held_out is None else engine.measure(*held_out)
            history.note(seen, optimizer.lr, None if held_out is None else watched)
            if restore_best and watched < lowest:
                best, lowest = [p.data for p in parameters], watched
            bar.set_postfix(loss=f"{seen:.4g}", refresh=False)
            watch.note(watched)
            if watch.stalled:
                history.stopped = watch.why
            elif stop is not None and stop(history):
                history.stopped = "stop said so"
            if history.stopped:
                break
    finally:
        bar.close()
        if lowest < math.inf:
            assign((p, "data", x) for p, x in zip(parameters, best, strict=True))
    return history


def _require_kinds(optimizer: object, history: object, *functions: object) -> None:
    if not all(hasattr(optimizer, name) for name in ("parameters", "lr", "zero_grad", "step")):
        raise TypeError(
            "optimizer is one with its parameters, such as SGD(model.parameters(), lr=0.1), not "
            f"{optimizer!r:.60}"
        )
    if not isinstance(history, History | None):
        raise TypeError(f"history is a History, not {type(history).__name__} ({history!r:.60})")
    names = ("model", "loss", "penalty", "schedule", "stop", "evaluate")
    for name, function in zip(names, functions, strict=True):
        if not (callable(function) or (function is None and name not in ("model", "loss"))):
            raise TypeError(
                f"{name} is a function, not {type(function).__name__} ({function!r:.60})"
            )


def _take(parameters: list[Any], gradient: Sequence[float]) -> None:
    """Give each of the parameters its part of a gradient from elsewhere."""
    if len(gradient) != len(parameters):
        raise ValueError(
            f"evaluate gave a gradient of {len(gradient)} numbers for {len(parameters)} parameters"
        )
    for p, g in zip(parameters, gradient, strict=True):
        p.grad = float(g)


class _Watch:
    """Notices when a loss has stopped to fall."""

    def __init__(self, patience: int | None, tolerance: float) -> None:
        self.patience = None if patience is None else count("patience", patience, 1)
        self.tolerance = at_least_0("tolerance", tolerance)
        self.best = math.inf
        self.waited = 0
        self.why = f"no improvement in {patience} epochs"

    def note(self, loss: float) -> None:
        if loss < self.best - self.tolerance:
            self.best, self.waited = loss, 0
        else:
            self.waited += 1

    @property
    def stalled(self) -> bool:
        return self.patience is not None and self.waited >= self.patience


class _NoBar:
    """Stands in for a progress bar that nobody wants."""

    def update(self, count: int) -> None: ...
    def set_postfix(self, **shown: Any) -> None: ...
    def close(self) -> None: ...


def _bar(steps: int, progress: bool | None) -> Any:
    if progress is False or (progress is None and not _is_watched()):
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if progress is None:
            return _NoBar()
        raise ImportError(
            "a progress bar needs tqdm: pip install 'autograd-lite[train]', or pass progress=False"
        ) from None
    return tqdm(total=steps, unit="step")


def _is_watched() -> bool:
    """Whether a person looks: at a terminal, or in a notebook, whose kernel has none."""
    return "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())
