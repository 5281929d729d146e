"""Ctrl-C at random moments: nothing is half done, and the next call gives what it always gives."""

from __future__ import annotations

import gc
import importlib.util
import signal
import time
from collections.abc import Callable
from random import Random
from typing import Any

from autograd_lite import Value, circuit, losses, minimize
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD
from autograd_lite.program import record
from autograd_lite.support.blocks import stacks
from autograd_lite.training import fit

from .circuits import INPUTS, a_function, ours
from .figures import Figures


def strikes(figures: Figures, random: Random, seconds: float, size: int = 20_000) -> None:
    """Interrupt sweeps, training, minimization and long batches, over and over.

    :param size: the nodes of a sweep; a batch has five samples for each.
    """
    if not hasattr(signal, "setitimer"):
        figures.skip("this system has no timer that interrupts")
        return
    kinds: list[Any] = [Sweep, Training, ProgramTraining]
    if importlib.util.find_spec("scipy"):
        kinds.append(Minimization)
    else:
        figures.skip("minimize: scipy is not installed")
    kinds += [LongBatch] if importlib.util.find_spec("numpy") else []
    for kind in kinds:
        subject = kind(random, size)
        took = min(_timed(subject) for _ in range(2))
        end = time.monotonic() + seconds / len(kinds)
        while True:
            struck = interrupted(subject.call, random.uniform(0.0, 1.1 * took))
            figures.add(f"{subject.name}: struck", struck)
            figures.add(f"{subject.name}: came through", not struck)
            assert all(stack.get() == () for stack in stacks), "a block stayed open"
            assert gc.isenabled(), "the collector stayed off"
            subject.check()
            subject.restore()
            if time.monotonic() > end:
                break


def interrupted(call: Callable[[], object], delay: float) -> bool:
    """Whether Ctrl-C, so many seconds after the start, ended the call."""
    armed = True

    def strike(number: int, frame: object) -> None:
        if armed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, strike)
    try:
        signal.setitimer(signal.ITIMER_REAL, max(delay, 1e-6))
        call()
        armed = False
        return False
    except KeyboardInterrupt:
        return True
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def _timed(subject: Any) -> float:
    start = time.monotonic()
    subject.call()
    took = time.monotonic() - start
    subject.restore()
    return took


class Sweep:
    """A sweep leaves no adjoint behind, and the next one is right."""

    name = "sweeps"

    def __init__(self, random: Random, size: int) -> None:
        f, xs = a_function(random, size), [random.uniform(-1.0, 1.0) for _ in range(INPUTS)]
        self.expected = ours(f, xs)[1]
        self.leaves = list(map(Value, xs))
        self.root = f(*self.leaves)
        self.nodes = circuit(self.root)

    def call(self) -> None:
        self.root.backward()

    def check(self) -> None:
        assert all(node._adjoint is None for node in self.nodes)
        self.restore()
        self.root.backward()
        assert [x.grad for x in self.leaves] == self.expected

    def restore(self) -> None:
        self.root.zero_grad()


class Training:
    """The parameters are those after a complete step, and training goes on as if nothing had happened."""

    name, engine, steps = "fit, eager", "eager", 40

    def __init__(self, random: Random, size: int) -> None:
        self.model = MLP(2, [4, 1], rng=random, activation="tanh")
        self.data = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(8)], [0.5, -0.5] * 4
        self.first = self._now()
        self.after = [self.first]
        self.restore()
        self._train(self.steps + 1, lambda history: self.after.append(self._now()))
        self.restore()

    def _now(self) -> list[float]:
        return [p.data for p in self.model.parameters()]

    def _train(self, epochs: int, stop: Callable[[Any], Any] | None = None) -> None:
        fit(
            self.model,
            self.data,
            losses.half_squared_error,
            self.optimizer,
            epochs=epochs,
            engine=self.engine,
            stop=stop,
            progress=False,
        )

    def call(self) -> None:
        self._train(self.steps)

    def check(self) -> None:
        place = self.after.index(self._now())
        if place <= self.steps:
            self._train(1)  # the optimizer's momentum is that of the same step
            assert self._now() == self.after[place + 1]

    def restore(self) -> None:
        for p, x in zip(self.model.parameters(), self.first, strict=True):
            p.data, p.grad = x, None
        self.optimizer = SGD(self.model.parameters(), lr=0.05, momentum=0.9)


class ProgramTraining(Training):
    """The same by a recorded program."""

    name, engine, steps = "fit, program", "program", 200


class Minimization:
    """The parameters are those of the start or of a complete iteration, and no gradient is left."""

    name = "minimize"

    def __init__(self, random: Random, size: int) -> None:
        self.start = [random.uniform(-1.0, 1.0) for _ in range(6)]
        self.xs = list(map(Value, self.start))
        self.reached = [self.start]

    def loss(self) -> Any:
        pairs = zip(self.xs, self.xs[1:], strict=False)
        return sum((1.0 - a) ** 2 + 100.0 * (b - a**2) ** 2 for a, b in pairs)

    def call(self) -> None:
        self.reached = [self.start]
        minimize(
            self.loss,
            self.xs,
            engine="eager",
            callback=lambda: self.reached.append([x.data for x in self.xs]),
        )

    def check(self) -> None:
        now = [x.data for x in self.xs]
        # Ctrl-C may arrive between an iteration and the callback that tells of it.
        assert now in self.reached or self.loss().data <= min(map(self._at, self.reached))
        assert all(x.grad == 0.0 for x in self.xs)

    def _at(self, point: list[float]) -> float:
        held = [x.data for x in self.xs]
        try:
            for x, number in zip(self.xs, point, strict=True):
                x.data = number
            found: float = self.loss().data
            return found
        finally:
            for x, number in zip(self.xs, held, strict=True):
                x.data = number

    def restore(self) -> None:
        for x, number in zip(self.xs, self.start, strict=True):
            x.data, x.grad = number, None


class LongBatch:
    """A batch of many samples gives the same numbers after one that was stopped."""

    name = "long batches"

    def __init__(self, random: Random, size: int) -> None:
        import numpy as np

        f = a_function(random, 100)
        self.samples = [np.linspace(-1.0, 1.0, 5 * size) * random.uniform(0.5, 1.0) for _ in range(INPUTS)]
        point = [float(column[0]) for column in self.samples]
        engine = "machine" if importlib.util.find_spec("llvmlite") else "numpy"
        self.batch = record(f, *point, engine=engine, verify=False).batch(0, "sum")
        self.small = [column[:: len(column) // 100].copy() for column in self.samples]
        self.expected = self._few()

    def _few(self) -> Any:
        value, slopes = self.batch.value_and_grad(*self.small, argnums=tuple(range(INPUTS)))
        return value, [column.tolist() for column in slopes]

    def call(self) -> None:
        self.batch.value_and_grad(*self.samples, argnums=tuple(range(INPUTS)))

    def check(self) -> None:
        assert self._few() == self.expected

    def restore(self) -> None:
        pass
