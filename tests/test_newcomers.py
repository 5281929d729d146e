"""What people try who know another library: it works, or an error names the way."""

import re
from typing import Any

import numpy as np
import pytest

import autograd_lite
from autograd_lite import Constant, Value, grad, hessian, jacobian, losses, nn, optim, value_and_grad
from autograd_lite.support.elsewhere import INSTEAD

#: Words of the hints that are called like functions and belong to others.
OTHERS = {"Random"}


@pytest.mark.parametrize("name", INSTEAD)
def test_a_name_of_another_library_is_answered_by_one_that_exists(name: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(INSTEAD[name])):
        getattr(autograd_lite, name)
    for named in re.findall(r"(?<![.\w])([A-Za-z_]+)\(", INSTEAD[name]):
        assert named in OTHERS or hasattr(autograd_lite, named) or hasattr(Value, named), named


def test_a_slip_of_the_pen_is_answered_by_the_nearest_name() -> None:
    with pytest.raises(AttributeError, match="did you mean gradcheck"):
        getattr(autograd_lite, "gradchek")  # noqa: B009 - a type checker would refuse the attribute
    with pytest.raises(AttributeError, match=r"has no attribute '__nothing__'$"):
        getattr(autograd_lite, "__nothing__")  # noqa: B009 - as above


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_a_circuit_in_place_of_a_function_is_refused_at_once(transform: object) -> None:
    assert callable(transform)
    with pytest.raises(TypeError, match=r"function, not Value .*gradients\(y, xs\)"):
        transform(Value(2.0) ** 2)


@pytest.mark.parametrize("name", ["Dropout", "LSTM", "Embedding", "ReLU", "CrossEntropyLoss"])
def test_a_layer_that_is_not_there_names_the_way(name: str) -> None:
    with pytest.raises(AttributeError, match=f"no attribute '{name}': use "):
        getattr(nn, name)
    for loss, here in [("CrossEntropyLoss", "softmax_cross_entropy"), ("mse_loss", "mean_squared_error")]:
        with pytest.raises(AttributeError, match=here):
            getattr(losses, loss)


def test_numpy_itself_is_the_numpy_of_this_library() -> None:
    assert grad(lambda x: np.sum(np.tanh(x) ** 2))(np.array([0.0, 0.0])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "name",
    [
        *["numpy", "requires_grad", "requires_grad_", "to", "cuda", "diff", "subs", "grad_fn", "is_leaf"],
        *["clone", "shape", "float", "add_", "_children", "_local_grads", "register_hook"],
    ],
)
def test_a_method_of_other_libraries_names_the_way_and_is_not_offered(name: str) -> None:
    x = Value(2.0)
    with pytest.raises(AttributeError, match=f"'Value' object has no attribute '{name}': use "):
        getattr(x, name)
    assert name not in dir(x)
    assert "softplus" in dir(x)


def test_a_model_is_not_moved_to_a_device_and_its_gradients_are_set_to_none() -> None:
    model = nn.Linear(2, 1)
    with pytest.raises(AttributeError, match="to_jax"):
        model.to("cuda")
    for owner in (
        model,
        optim.SGD(model.parameters(), lr=0.1),
        optim.Groups(optim.SGD(model.parameters(), lr=0.1)),
    ):
        model([1.0, 2.0]).backward()
        owner.zero_grad(set_to_none=True)
        assert [p.grad for p in model.parameters()] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "way"),
    [
        (lambda: Value(2.0, requires_grad=True), "Constant"),
        (lambda: (Value(2.0) * 3.0).backward(retain_graph=True), "as often as you like"),
        (lambda: (Value(2.0) * 3.0).backward(create_graph=True), "gradients"),
        (lambda: Value(2.0, nme="x"), "did you mean name"),
        (lambda: Constant(2.0, device="cuda"), "to_jax"),
    ],
)
def test_an_argument_of_another_library_leads_to_what_is_there(call: Any, way: str) -> None:
    with pytest.raises(TypeError, match=way):
        call()
