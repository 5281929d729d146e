"""Neurons, layers, multilayer perceptrons and modules of your own."""

from typing import TYPE_CHECKING, Any

from ..support.hints import missing_name
from .architecture import load
from .layers import MLP, Layer, Neuron
from .module import Module, functional_call
from .sequential import Linear, Sequential
from .weights import INITIALIZERS, he, uniform, xavier

__all__ = [
    "INITIALIZERS",
    "MLP",
    "Layer",
    "Linear",
    "Module",
    "Neuron",
    "Sequential",
    "functional_call",
    "he",
    "load",
    "uniform",
    "xavier",
]

_ACTIVATION = "activation=… of Neuron, Layer or MLP, or the function of that name in autograd_lite"
_LOSS = "autograd_lite.losses"

#: Names of PyTorch that are not here, and what to use instead.
_INSTEAD = {
    "ModuleList": "a list in an attribute of a Module",
    "ModuleDict": "a dict in an attribute of a Module",
    "ParameterList": "a list in an attribute of a Module",
    "Parameter": "autograd_lite.parameter(number), or a Value in an attribute of a Module",
    "utils": "max_norm=… of an optimizer, which shortens long gradients",
    "functional": "the functions of autograd_lite and autograd_lite.losses",
    "init": "init=… of Neuron, Layer or MLP, with one of INITIALIZERS or a function",
    **dict.fromkeys(("ReLU", "Tanh", "Sigmoid", "GELU", "SiLU", "LeakyReLU", "ELU"), _ACTIVATION),
    "Softmax": "autograd_lite.softmax, or losses.softmax_cross_entropy of the logits",
    **dict.fromkeys(
        ("Dropout", "BatchNorm1d", "LayerNorm", "Conv1d", "Conv2d", "Embedding", "RNN", "LSTM", "GRU"),
        "a Module of your own: forward(self, x) in scalars, and fit records it",
    ),
    "MSELoss": f"{_LOSS}.mean_squared_error",
    "CrossEntropyLoss": f"{_LOSS}.softmax_cross_entropy",
    "BCELoss": f"{_LOSS}.binary_cross_entropy",
    "BCEWithLogitsLoss": f"{_LOSS}.binary_cross_entropy_with_logits",
}

if not TYPE_CHECKING:  # a type checker must still refuse unknown names

    def __getattr__(name: str) -> Any:
        raise missing_name(__name__, name, _INSTEAD, __all__)
