"""Optimizers with PyTorch's update rules, and learning-rate schedules.

An optimizer uses only ``.data`` and ``.grad`` of a parameter; it knows nothing of circuits. A step is
computed from all gradients before anything is changed, and an interruption undoes it, so that
parameters are never half updated. A gradient of None counts as 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..support.hints import missing_name
from .groups import Groups
from .methods import SGD, Adagrad, Adam, AdamW, RMSprop
from .optimizer import Optimizer
from .rules import UpdateRule
from .schedules import cosine, exponential, linear, step_decay, warmup

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Groups",
    "Optimizer",
    "RMSprop",
    "UpdateRule",
    "cosine",
    "exponential",
    "linear",
    "step_decay",
    "warmup",
]

#: Names of PyTorch that are not here, and what to use instead.
_INSTEAD = {
    "Adadelta": "Adam",
    "NAdam": "Adam",
    "RAdam": "Adam with fit(schedule=warmup(…))",
    "LBFGS": 'autograd_lite.minimize(loss, parameters, method="L-BFGS-B")',
    "lr_scheduler": "fit(schedule=…) with linear, exponential, step_decay, cosine or warmup",
}

if not TYPE_CHECKING:  # a type checker must still refuse unknown names

    def __getattr__(name: str) -> Any:
        raise missing_name(__name__, name, _INSTEAD, __all__)
