"""Training by ``fit``: an epoch on nodes beside an epoch by programs, with the same losses.

The two tasks are those of the demos: the handwritten digits in batches of 16 by AdamW, and micrograd's
two moons, all points in every step, with a penalty.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from contests import AbsentError
from eager import say
from measure import clock, verify
from report import ratio, seconds, table

from autograd_lite import sum_of_squares
from autograd_lite.data import digits, moons, split
from autograd_lite.losses import hinge, softmax_cross_entropy
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, AdamW, cosine, linear
from autograd_lite.training import History, fit


class Task(NamedTuple):
    """A training run: a function that starts it anew, and how many epochs it has in the demo."""

    start: Callable[..., History]
    epochs: int
    by_nodes: int  # epochs that are timed
    by_program: int


class Clocked:
    """A schedule that notes when each epoch begins; it looks at nothing but the epoch."""

    of_epoch_alone = True

    def __init__(self, rate: Callable[[int], float]) -> None:
        self.rate = rate
        self.times: list[float] = []

    def __call__(self, epoch: int) -> float:
        self.times.append(clock())
        return self.rate(epoch)

    def epochs(self) -> list[float]:
        """Seconds of each epoch but the first, in which arrays and caches are cold."""
        return [after - before for before, after in zip(self.times[1:], self.times[2:], strict=False)]


def images(**settings: Any) -> History:
    rng = random.Random(0)
    try:
        (xs, ys), _ = split(*digits(), held_out=1 / 3, rng=rng)
    except ImportError as error:
        raise AbsentError(str(error)) from None
    model = MLP(64, [32, 10], activation="tanh", rng=rng)
    adam = AdamW(model.parameters(), weight_decay=0.1)
    return fit(model, (xs, ys), softmax_cross_entropy, adam, batch_size=16, rng=rng, **settings)


def points(**settings: Any) -> History:
    rng = random.Random(1)
    xs, labels = moons(100, noise=0.1, rng=rng)
    model = MLP(2, [16, 16, 1], rng=rng)
    weights = model.parameters()
    return fit(
        model,
        (xs, [2 * label - 1 for label in labels]),
        hinge,
        SGD(weights),
        penalty=lambda: 1e-4 * sum_of_squares(weights),
        **settings,
    )


TASKS = {
    "digits-epoch": (Task(images, 20, 3, 60), cosine(0.02, 0.0002, 20)),
    "moons": (Task(points, 100, 20, 2000), linear(1.0, 0.1, 100)),
}


def trained(task: Task, rate: Callable[[int], float], engine: str, epochs: int) -> tuple[Any, Any, float]:
    """The history, the seconds of the epochs, and those of the whole run of the demo."""
    clocked, began = Clocked(rate), clock()
    history = task.start(epochs=epochs, schedule=clocked, engine=engine, progress=False)
    usual = median(clocked.epochs())
    return history, usual, clocked.times[1] - began + (task.epochs - 1) * usual


def show_training(name: str, rounds: int) -> dict[str, Any]:
    """Train on nodes and by programs in turns, compare the losses, and print the table.

    :raises AbsentError: where the data are not there.
    """
    task, rate = TASKS[name]
    print(f"\n{name}: training by fit\n")
    rows, found = [], []
    for turn in range(rounds):
        say(f"{name}: round {turn + 1}")
        slow, of_nodes, demo_of_nodes = trained(task, rate, "eager", task.by_nodes)
        fast, of_program, demo_of_program = trained(task, rate, "program", task.by_program)
        verify((0.0, fast.loss[: task.by_nodes]), (0.0, slow.loss))
        found.append((of_nodes, of_program, demo_of_nodes, demo_of_program))
    for title, nodes, program in (
        ("an epoch", *[[each[i] for each in found] for i in (0, 1)]),
        (f"{task.epochs} epochs, with recording and compiling", *[[e[i] for e in found] for i in (2, 3)]),
    ):
        times = [a / b for a, b in zip(nodes, program, strict=True)]
        rows.append([title, seconds(median(nodes)), seconds(median(program)), ratio(median(times))])
    print(table(["", "nodes", "program", "nodes / program"], rows))
    print(f"The losses of {task.by_nodes} epochs agree to 1e-9. {fast.engine}", flush=True)
    return {"training": name, "seconds": found}
