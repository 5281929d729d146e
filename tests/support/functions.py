"""Random functions of a few numbers, over all rows of the table, for tests that compare engines."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from autograd_lite import TABLE, tanh

INPUTS = 4
#: Rows whose first operand is the number of a derivative have rows of their own in the table's tests.
_ROWS = [
    row
    for name, row in TABLE.items()
    if name not in ("polygamma", "sinc_derivative", "log_ndtr_derivative")
]
_COMMON = [TABLE[name] for name in ("add", "mul", "sub", "mul", "add")]


class Step(NamedTuple):
    """One operation of a random function: its operands are earlier results, or numbers."""

    row: Any
    operands: tuple[int | float, ...]
    output: int


@st.composite
def functions(draw: st.DrawFn, most: int = 20) -> Callable[..., Any]:
    """A function of four numbers: a sum of random operations, each kept small by tanh."""
    steps = []
    for made in range(INPUTS, INPUTS + draw(st.integers(1, most))):
        row = draw(st.sampled_from(_ROWS) | st.sampled_from(_COMMON))
        count = row.arity or draw(st.integers(1, 5))
        if row.name == "dot":
            count = 2 * count + draw(st.integers(0, 1))
        earlier, number = st.integers(0, made - 1), st.floats(0.3, 2.0)
        operands = [draw(earlier), *(draw(earlier | number) for _ in range(count - 1))]
        steps.append(Step(row, tuple(operands), draw(st.integers(0, count - 1))))

    def f(*xs: Any) -> Any:
        values = list(xs)
        for row, operands, output in steps:
            given = [values[p] if type(p) is int else p for p in operands]
            half = len(given) // 2
            if row.name in ("softmax", "log_softmax", "take"):
                z = row(given, output)
            elif row.name == "dot":
                z = row(given[:half], given[half : 2 * half], *given[2 * half :])
            else:
                z = row(given) if row.arity is None else row(*given)
            values.append(tanh(z) * 1.5)
        return sum(values[INPUTS:])

    return f


#: A point: a number for each input.
points = st.lists(st.floats(0.2, 1.5), min_size=INPUTS, max_size=INPUTS)
