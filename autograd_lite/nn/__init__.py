"""Neurons, layers and multilayer perceptrons, with micrograd's spelling and PyTorch's habits."""

from .layers import MLP, Layer, Neuron
from .module import Module, functional_call
from .weights import INITIALIZERS, he, uniform, xavier

__all__ = [
    "INITIALIZERS",
    "MLP",
    "Layer",
    "Module",
    "Neuron",
    "functional_call",
    "he",
    "uniform",
    "xavier",
]
