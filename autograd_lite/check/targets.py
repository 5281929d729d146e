"""What can be checked, each as a function of a list of numbers: functions, circuits, modules, programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from ..core.adjoints import forward, reverse
from ..core.order import made_from
from ..core.primitive import Primitive
from ..core.transforms import gradients
from ..core.value import Value
from ..program import Program
from ..program.batch import Batch
from ..program.jitted import Jitted
from ..support.arrays import is_array
from ..support.context import enable_grad
from ..support.nested import leaves, refill

Matrix = list[list[float]]


class Claims(NamedTuple):
    """The derivatives of every output by every input, in each mode, and the circuit that they come from."""

    values: list[float]
    found: dict[str, Matrix]
    variables: list[Value]
    roots: list[Any]


class Target:
    """A function of numbers, with all derivatives that the engine claims for it.

    :ivar names: what the inputs are called.
    :ivar point: where it is to be checked.
    """

    def __init__(self, function: Callable[..., Any], inputs: tuple[Any, ...], names: Sequence[str]) -> None:
        self.function, self.inputs, self.names = function, inputs, list(names)
        self.point = [plain_number(x) for x in leaves(inputs, "inputs")]

    def outputs(self, xs: Sequence[Any]) -> list[Any]:
        """What the function gives at these numbers or Values."""
        made = self.function(*refill(self.inputs, list(xs)))
        return list(leaves(made, "the output of f"))

    def circuit(self, xs: Sequence[float], order: int) -> tuple[list[Value], list[Any]]:
        """Variables, and the derivatives of one order less as circuits."""
        with enable_grad():
            variables = [Value(x) for x in xs]
            roots = self.outputs(variables)
            for _ in range(order - 1):
                roots = [each for root in roots for each in _symbolic(root, variables)]
        return variables, roots

    def numbers(self, xs: Sequence[float], order: int) -> list[float]:
        """The derivatives of one order less, as numbers, of which ``order`` is the next derivative."""
        if order == 1:
            return [plain_number(root) for root in self.circuit(xs, 1)[1]]
        variables, roots = self.circuit(xs, order - 1)
        return [each for root in roots for each in _row_of_slopes(root, variables)]

    def claims(self, order: int, modes: Sequence[str]) -> Claims:
        """The derivatives of this order at the point, as the engine has them."""
        variables, roots = self.circuit(self.point, order)
        found: dict[str, Matrix] = {}
        if "reverse" in modes:
            found["reverse"] = [_row_of_slopes(root, variables) for root in roots]
        if "forward" in modes:
            found["forward"] = _pushed(roots, variables)
        return Claims([plain_number(root) for root in roots], found, variables, roots)


class CompiledTarget(Target):
    """A program: the numbers and the derivatives of its engine, with the circuit beside them."""

    def __init__(self, program: Any, inputs: tuple[Any, ...], names: Sequence[str]) -> None:
        super().__init__(program, inputs, names)
        self.program = program
        self.every: Any = tuple(range(len(inputs))) if len(inputs) > 1 else 0

    def numbers(self, xs: Sequence[float], order: int) -> list[float]:
        """As for a function, by the engine of the program for the values and the first derivatives."""
        if order > 2:
            return super().numbers(xs, order)
        args = refill(self.inputs, list(map(float, xs)))
        found = self.program(*args) if order == 1 else self.gradient(args)
        return [plain_number(each) for each in leaves(found, "the output of f")]

    def gradient(self, args: Sequence[Any]) -> Any:
        """The first derivatives by the engine; no ``grad`` of a parameter is changed."""
        parameters = self.program.parameters
        before = [parameter._grad for parameter in parameters]
        try:
            return self.program.value_and_grad(*args, argnums=self.every)[1]
        except TypeError:  # it gives several numbers
            return self.program.jacobian(*args, argnums=self.every)
        finally:
            for parameter, grad in zip(parameters, before, strict=True):
                parameter._grad = grad

    def claims(self, order: int, modes: Sequence[str]) -> Claims:
        """The circuit's derivatives, with those of the engine in place of the reverse ones."""
        claims = super().claims(order, modes)
        if order > 2:
            return claims
        args = refill(self.inputs, self.point)
        values = self.numbers(self.point, order)
        count = len(self.point)
        if order == 1 and "reverse" in modes:
            claims.found["reverse"] = _square(self.gradient(args), count)
        if order == 1 and "forward" in modes and isinstance(self.program, Program):
            columns = []
            for i in range(count):
                unit = refill(self.inputs, [float(i == j) for j in range(count)])
                rates = self.program.jvp(args, unit)[1]
                columns.append([plain_number(x) for x in leaves(rates, "the tangents")])
            claims.found["forward"] = [list(row) for row in zip(*columns, strict=True)]
        if order == 2 and "reverse" in modes and len(values) == count == len(claims.values):
            with suppress(TypeError):  # it gives several numbers, or takes several arrays
                rows = self.program.hessian(*args, argnums=self.every)
                claims.found["reverse"] = _square(rows, count)
        return claims._replace(values=values)


def target_of(thing: Any, inputs: Any) -> Target:
    """``thing``, which a user gave to be checked, as a Target at ``inputs``.

    :raises TypeError: for what is no function, module, program or Value, and for inputs that do not fit.
    """
    if isinstance(thing, Value):
        return _of_circuit(thing, inputs)
    if not callable(thing):
        raise TypeError(f"gradcheck takes a function, a module, a program or a Value, not {thing!r:.60}")
    if isinstance(thing, Batch) or isinstance(getattr(thing, "__self__", None), Program):
        raise TypeError(
            "gradcheck takes a program itself, at one sample, and neither its batch nor a method"
        )
    if inputs is None:
        raise TypeError("gradcheck needs inputs: a tuple with one entry per argument of the function")
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    names = input_names(given)
    if isinstance(thing, Program | Jitted):
        return CompiledTarget(thing, given, names)
    if hasattr(thing, "named_parameters"):
        return _of_module(thing, given, names)
    return Target(thing, given, names)


def _of_circuit(root: Value, inputs: Any) -> Target:
    below = made_from(root)
    free = [node for node in below if node.op is None and not node.is_constant]
    chosen = free if inputs is None else list(leaves(inputs, "inputs"))
    if not all(isinstance(x, Value) and any(x is node for node in free) for x in chosen):
        raise TypeError("the inputs of a Value are Values that it was computed from, and no results")

    def again(*xs: Any) -> Any:
        made: dict[Value, Any] = dict(zip(chosen, xs, strict=True))
        for node in below:
            if node not in made and node.op is not None:
                made[node] = node.op._at(tuple([made.get(p, p.data) for p in node.parents]))
        return made.get(root, root.data)

    names = [node.name or f"input {i}" for i, node in enumerate(chosen)]
    return Target(again, tuple(node.data for node in chosen), names)


def _of_module(module: Any, inputs: tuple[Any, ...], names: list[str]) -> Target:
    """The outputs of a module by its inputs and by its parameters, which have names."""
    from ..nn import functional_call

    state = {name: parameter.data for name, parameter in module.named_parameters()}

    def called(values: Any, *xs: Any) -> Any:
        return functional_call(module, values, *xs)

    return Target(called, (state, *inputs), [*state, *names])


def row_of_some(row: Primitive, operands: Sequence[Any], places: Sequence[int]) -> Callable[..., Any]:
    """``row`` as a function of its operands at these places; the others stay as they are."""

    def function(*xs: Any) -> Any:
        given = dict(zip(places, xs, strict=True))
        return row._at(tuple([given.get(k, x) for k, x in enumerate(operands)]))

    return function


def plain_number(x: Any) -> float:
    """The number of a Value, or of a number."""
    return x.data if isinstance(x, Value) else float(x)


def input_names(inputs: tuple[Any, ...]) -> list[str]:
    """A name for every number in ``inputs``: ``argument 0``, ``argument 1['w'][2]``."""
    names: list[str] = []

    def walk(tree: Any, path: str) -> None:
        if isinstance(tree, dict):
            for key, each in tree.items():
                walk(each, f"{path}[{key!r}]")
        elif isinstance(tree, list | tuple) or is_array(tree):
            for i, each in enumerate(tree):
                walk(each, f"{path}[{i}]")
        else:
            named = tree.name if isinstance(tree, Value) else None
            names.append(named or path)

    for position, each in enumerate(inputs):
        walk(each, f"argument {position}")
    return names


def _square(derivatives: Any, count: int) -> Matrix:
    flat = [plain_number(x) for x in leaves(derivatives, "the derivatives")]
    return [flat[i : i + count] for i in range(0, len(flat), count)]


def _symbolic(root: Any, variables: list[Value]) -> list[Any]:
    if not isinstance(root, Value) or root.is_constant:
        return [0.0] * len(variables)
    return list(gradients(root, variables))


def _row_of_slopes(root: Any, variables: list[Value]) -> list[float]:
    if not isinstance(root, Value) or root.is_constant:
        return [0.0] * len(variables)
    adjoint = reverse([(root, 1.0)])
    return [adjoint.get(x, 0.0) for x in variables]


def _pushed(roots: list[Any], variables: list[Value]) -> Matrix:
    inner = [root for root in roots if isinstance(root, Value)]
    columns = []
    for x in variables:
        tangent = forward(inner, {x: 1.0}) if inner else {}
        columns.append([tangent.get(root, 0.0) if isinstance(root, Value) else 0.0 for root in roots])
    return [list(row) for row in zip(*columns, strict=True)]
