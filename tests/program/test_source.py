"""The text of a program has all that it calls: it runs in a Python that has no package."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_lite import (
    TABLE,
    Primitive,
    exp,
    log,
    log_softmax,
    logsumexp,
    minimum,
    primitive,
    record,
    softmax,
    take,
)
from autograd_lite.core.primitive import Operand
from autograd_lite.program.source import Text
from tests.program.test_engines import of_row

#: Runs texts from its input; without any package, as -I -S leaves out all folders but the library's.
ALONE = """
import json, sys
for module in ("autograd_lite", "numpy"):
    try:
        __import__(module)
    except ImportError:
        continue
    sys.exit(f"{module} is there")
found = {}
for name, (text, xs) in json.load(sys.stdin).items():
    names = {}
    exec(text, names)
    found[name] = repr((names["value"](*xs), *names["value_and_gradient"](*xs)))
json.dump(found, sys.stdout)
"""


def run_alone(cases: dict[str, Any]) -> Any:
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE],
        input=json.dumps(cases), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(run.stdout)


def test_the_text_of_every_row_runs_without_the_package() -> None:
    cases, expected = {}, {}
    for name, row in TABLE.items():
        f, xs = of_row(row)
        program = record(f, *xs, verify=False, engine="python")
        for k, at in enumerate((xs, [x * 1.125 for x in xs])):
            value, slopes = program.value_and_grad(*at, argnums=tuple(range(len(at))))
            cases[f"{name} {k}"] = program.source, at
            expected[f"{name} {k}"] = repr((value, value, tuple(slopes)))
    assert not any("autograd_lite" in text for text, _ in cases.values())
    assert run_alone(cases) == expected


def test_an_index_that_is_data_and_names_that_are_taken() -> None:
    def f(softmax_by: Any, place: Any, sum: Any, t3: Any, max: Any) -> Any:
        return softmax([softmax_by, place, t3], max) * take([sum, t3], max) + 2.0 * sum

    xs = [0.5, -0.25, 1.5, 2.0, 1.0]
    program = record(f, *xs, verify=False, engine="python")
    value, slopes = program.value_and_grad(*xs, argnums=range(5))
    assert run_alone({"f": (program.source, xs)}) == {"f": repr((value, value, tuple(slopes)))}
    assert softmax([0.5, -0.25, 2.0], 1) * 2.0 + 3.0 == value


@pytest.fixture
def twice() -> Iterator[tuple[Primitive, Primitive]]:
    """Two rows of one name, of which the second took the place of the first."""
    first = primitive("source_twice", lambda x: x + 1.0, [lambda x, z: 1.0], "a row")
    second = primitive("source_twice", lambda x: x * 3.0, [lambda x, z: 3.0], "a row", replace=True)
    yield first, second
    del TABLE["source_twice"]
    delattr(Operand, "source_twice")


@pytest.mark.parametrize("engine", ["python", "numpy", "machine"])
def test_two_rows_of_one_name_are_told_apart(engine: str, twice: tuple[Primitive, Primitive]) -> None:
    first, second = twice
    program = record(lambda x: first(x) * second(x), 1.0, engine=engine)
    assert program.value_and_grad(2.0) == (18.0, 6.0 + 9.0)
    assert program.batch(reduce=None)(np.array([1.0, 2.0])).tolist() == [6.0, 18.0]
    names: dict[str, Any] = {}
    exec(program.source, names)
    assert names["source_twice_value"] is None  # of a row that was replaced
    names["source_twice_value"] = first.value
    assert names["value"](2.0) == 18.0


def test_rows_of_one_name_have_labels_of_their_own() -> None:
    class Named(Primitive):
        name = "same"

    text = Text(record(lambda x: x + 1.0, 1.0).recording, ["x"])
    rows = [Named() for _ in range(5)]
    labels = [text.label(row) for row in rows]
    assert len(set(labels)) == 5
    assert [text.label(row) for row in rows] == labels


def test_rows_of_ones_own_are_imported(twice: tuple[Primitive, Primitive]) -> None:
    names: dict[str, Any] = {}
    exec(record(twice[1], 1.0).source, names)
    assert names["value_and_gradient"](2.0) == (6.0, (3.0,))


def test_a_name_inside_another_is_another_row() -> None:
    """The call of ``logsumexp_by`` is none of ``exp_by``, nor that of ``log_softmax`` of ``softmax``."""

    def f(x: Any, y: Any) -> Any:
        return exp(x) + logsumexp([x, y]) + log_softmax([x, y], 0) + log(minimum(exp(y), 9.0))

    xs = [0.5, 0.25]
    program = record(f, *xs, engine="python")
    value, slopes = program.value_and_grad(*xs, argnums=(0, 1))
    assert run_alone({"f": (program.source, xs)}) == {"f": repr((value, value, slopes))}
