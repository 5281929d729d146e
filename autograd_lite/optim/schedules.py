"""Learning-rate schedules: functions that give the learning rate of an epoch, counted from 0.

``fit(schedule=…)`` takes one, or any function of the epoch. Each of them raises ValueError when a number
of epochs is less than 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..support.settings import whole_number

Schedule = Callable[[int], float]


def _of_epoch(rate: Schedule) -> Schedule:
    """``rate``, marked as a function that looks at nothing but the epoch.

    ``fit`` need not write its arrays back into Values before it calls it.
    """
    rate.of_epoch_alone = True  # type: ignore[attr-defined]  # of a function
    return rate


def linear(start: float, end: float, epochs: int) -> Schedule:
    """From ``start`` to ``end`` in ``epochs`` equal steps, then ``end`` for good.

    >>> rate = linear(1.0, 0.1, 9); round(rate(0), 3), round(rate(1), 3), round(rate(100), 3)
    (1.0, 0.9, 0.1)
    """
    whole_number("epochs", epochs, 1)
    return _of_epoch(lambda epoch: end if epoch >= epochs else start + (end - start) * epoch / epochs)


def exponential(start: float, factor: float) -> Schedule:
    """``start·factor**epoch``.

    >>> exponential(1.0, 0.5)(3)
    0.125
    """
    return _of_epoch(lambda epoch: start * factor**epoch)


def step_decay(start: float, every: int, factor: float = 0.1) -> Schedule:
    """``start``, multiplied by ``factor`` after every ``every`` epochs.

    >>> rate = step_decay(1.0, 10, 0.5); rate(9), rate(10), rate(20)
    (1.0, 0.5, 0.25)
    """
    whole_number("every", every, 1)
    return _of_epoch(lambda epoch: start * factor ** (epoch // every))


def cosine(start: float, end: float, epochs: int) -> Schedule:
    """Half a cosine wave from ``start`` down to ``end`` in ``epochs`` (Loshchilov and Hutter 2017).

    >>> rate = cosine(1.0, 0.0, 10); rate(0), round(rate(5), 3), rate(10), rate(11)
    (1.0, 0.5, 0.0, 0.0)
    """
    whole_number("epochs", epochs, 1)

    def rate(epoch: int) -> float:
        share = min(epoch / epochs, 1.0)
        return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))

    return _of_epoch(rate)


def warmup(epochs: int, then: Schedule) -> Schedule:
    """A straight rise to ``then(0)`` during the first ``epochs``, followed by ``then``.

    >>> rate = warmup(4, exponential(1.0, 0.5)); [rate(epoch) for epoch in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.5]
    """
    whole_number("epochs", epochs, 1)

    def rate(epoch: int) -> float:
        return then(0) * (epoch + 1) / epochs if epoch < epochs else then(epoch - epochs)

    return _of_epoch(rate) if getattr(then, "of_epoch_alone", False) else rate
