"""Programs in files: the same program comes back, and a stranger's file is data that may be refused."""

import copy
import math
import os
import pickle
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import TABLE, Primitive, Value, errstate, load_program, primitive, softmax, take
from autograd_lite.core.primitive import Operand
from autograd_lite.nn import MLP
from autograd_lite.program import BranchChanged, record
from autograd_lite.program.document import FILE_FORMAT, document_of
from autograd_lite.support.saved import write_document
from tests.support.functions import INPUTS, functions, points
from tests.support.search import examples

ALL = tuple(range(INPUTS))


def through_a_file(program: Any, folder: Path, **settings: Any) -> Any:
    file = folder / "program.json"
    program.save(file)
    return load_program(file, **settings)


def crafted(document: Any, folder: Path) -> Path:
    """A file with a right checksum, whatever is in it."""
    file = folder / "crafted.json"
    write_document(file, FILE_FORMAT, "program", document)
    return file


@given(functions(), points, points)
@examples(20)
def test_a_program_comes_back_from_its_file(
    tmp_path_factory: pytest.TempPathFactory, f: Any, xs: Any, others: Any
) -> None:
    with errstate("ignore"):
        program = record(f, *xs, verify=False, engine="python")
        twin = through_a_file(program, tmp_path_factory.getbasetemp(), engine="python")
        for at in (xs, others):
            assert repr(twin.value_and_grad(*at, argnums=ALL)) == repr(
                program.value_and_grad(*at, argnums=ALL)
            )
    assert twin.source == program.source
    assert document_of(twin) == document_of(program)


def test_structures_parameters_guards_and_names_come_back(tmp_path: Path) -> None:
    w = Value(0.5, "w")

    def f(p: Any, x: Any, k: Any) -> Any:
        y = p["a"][0] * x[0, 1] + p[7][1] * k + w
        return {"y": [y if y > 1.0 else -y, x.sum()], "z": (take([y, 2.0 * y], k), math.inf), "c": -0.0}

    args = {"a": [1.0], 7: (2.0, 3.0)}, np.arange(4.0).reshape(2, 2), 1.0
    program = record(f, *args, parameters=[w], verify=False)
    twin = through_a_file(program, tmp_path)
    assert repr(twin(*args)) == repr(program(*args))
    assert twin.parameters[0] is not w
    assert (twin.parameters[0].name, twin.parameters[0].data) == ("w", 0.5)
    assert through_a_file(program, tmp_path, parameters=[w]).parameters == [w]
    assert twin.__name__ == "f"
    with pytest.raises(BranchChanged, match=r"test_files\.py:\d+"):
        twin({"a": [-1.0], 7: (2.0, -3.0)}, args[1], 1.0)
    with pytest.raises(TypeError, match="Values"):
        through_a_file(program, tmp_path, parameters=[0.5])
    with pytest.raises(ValueError, match="of 1 parameters, not 2"):
        through_a_file(program, tmp_path, parameters=[w, w])
    with pytest.raises(ValueError, match="2 entries"):
        twin({"a": [1.0], 7: (2.0,)}, args[1], 1.0)


def test_a_network_comes_back_and_can_be_used_on_batches(tmp_path: Path) -> None:
    model = MLP(2, [4, 3], activation="tanh")
    program = record(
        lambda x, k: softmax(model(x), k), [0.5, -1.0], 1.0, parameters=list(model.parameters())
    )
    twin = through_a_file(program, tmp_path)
    xs, ks = np.linspace(-1.0, 1.0, 10).reshape(5, 2), np.array([0.0, 1.0, 2.0, 1.0, 0.0])
    assert twin.batch()(xs, ks) == program.batch()(xs, ks)
    assert twin.hessian([0.5, 0.25], 1.0) == program.hessian([0.5, 0.25], 1.0)
    assert [p.name for p in twin.parameters] == [p.name for p in program.parameters]


@pytest.fixture
def bump() -> Iterator[Primitive]:
    row = primitive("files_bump", lambda x: x**3, [lambda x, z: 3.0 * x * x], "a row")
    yield row
    del TABLE[row.name]
    delattr(Operand, row.name)


def test_rows_of_ones_own_come_from_the_caller_alone(tmp_path: Path, bump: Primitive) -> None:
    program = record(lambda x: bump(x) + 1.0, 2.0)
    program.save(tmp_path / "own.json")
    with pytest.raises(ValueError, match=r"own\.json.*rows=\{'files_bump'"):
        load_program(tmp_path / "own.json")
    for rows in ({"files_bump": bump}, TABLE):
        assert load_program(tmp_path / "own.json", rows=rows).value_and_grad(3.0) == (28.0, 27.0)
    with pytest.raises(TypeError, match="must be a row, not function"):
        load_program(tmp_path / "own.json", rows={"files_bump": lambda x: x})  # type: ignore[dict-item]
    # The package's rows are its own, whatever the caller's mapping says
    record(lambda x: x * 2.0, 1.0).save(tmp_path / "mul.json")
    assert load_program(tmp_path / "mul.json", rows={"mul": bump})(3.0) == 6.0


def small() -> Any:
    program = record(lambda x, ys: take([x * ys[0], 2.0, ys[1]], 0) if x > 0.5 else x, 1.0, [2.0, 3.0])
    return document_of(program)


def without(key: str) -> Any:
    return {name: each for name, each in small().items() if name != key}


def nested_lists(levels: int) -> Any:
    structure: Any = 0
    for _ in range(levels):
        structure = {"list": [structure]}
    return structure


DEEP = nested_lists(300)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: None, "must be a dict"),
        (lambda d: [d], "must be a dict"),
        (lambda d: without("guards"), "must have the entries"),
        (lambda d: d | {"code": "import os"}, "and no others"),
        (lambda d: d | {"operations": {}}, "operations must be a list"),
        (lambda d: d | {"operations": [[]]}, "must have a row"),
        (lambda d: d | {"operations": [["mul", 0]]}, "mul does not take 1"),
        (lambda d: d | {"operations": [["sum"]]}, "sum does not take 0"),
        (lambda d: d | {"operations": [["mul", 0, 3]]}, "no operand 3 at entry 3"),
        (lambda d: d | {"operations": [["mul", 0, -9]]}, "no operand -9"),
        (lambda d: d | {"operations": [["mul", 0, True]]}, "no operand True"),
        (lambda d: d | {"operations": [["mul", 0, 1.0]]}, r"no operand 1\.0"),
        (lambda d: d | {"operations": [["__import__", 0]]}, "needs the row '__import__'"),
        (lambda d: d | {"operations": [[["mul"], 0]]}, "a row must be a str"),
        (
            lambda d: d | {"operations": [["take", 0, 1, -1]], "constants": [7.0]},
            "take: there is no operand",
        ),
        (lambda d: d | {"operations": [["softmax", 0]]}, "softmax: there is no operand"),
        (lambda d: d | {"constants": ["one"]}, "a number must be"),
        (lambda d: d | {"constants": [10**400]}, "too large"),
        (lambda d: d | {"constants": [True]}, "a number must be"),
        (lambda d: d | {"constants": [[1.0]]}, "a number must be"),
        (lambda d: d | {"outputs": []}, "outputs must have"),
        (lambda d: d | {"outputs": [99]}, "no operand 99"),
        (lambda d: d | {"returns": 1}, "a structure must be"),
        (lambda d: d | {"returns": {"set": [0]}}, "no structure 'set'"),
        (lambda d: d | {"returns": {"Array": [2]}}, "no structure 'Array'"),
        (lambda d: d | {"returns": {"list": [0], "tuple": [0]}}, "a structure must be"),
        (lambda d: d | {"returns": DEEP}, "not too deep"),
        (lambda d: d | {"returns": nested_lists(102)}, "not too deep"),
        (lambda d: d | {"returns": {"dict": [["a", 0], ["a", 0]]}}, "twice"),
        (lambda d: d | {"returns": {"dict": [[None, 0]]}}, "key of a dict"),
        (lambda d: d | {"arguments": [["x", {"array": [10**6, 10**6]}]]}, "more than"),
        (lambda d: d | {"arguments": [["x", {"array": [10**30]}]]}, "shape of an array"),
        (lambda d: d | {"arguments": [["x", {"array": [-1]}]]}, "shape of an array"),
        (lambda d: d | {"arguments": [["x", {"array": []}]]}, "shape of an array"),
        (lambda d: d | {"arguments": [["x", {"array": [2**20]}]] * 9}, "more than"),
        (lambda d: d | {"arguments": [["x"]]}, "an argument must be a list of 2"),
        (lambda d: d | {"arguments": [[1, 0]]}, "a name must be a str"),
        (lambda d: d | {"guards": [["is", 0, 1, True, ""]]}, "no comparison 'is'"),
        (lambda d: d | {"guards": [["<", -1, -1, True, ""]]}, "must compare an entry"),
        (lambda d: d | {"guards": [["<", 0, 1, 1, ""]]}, "must be a bool"),
        (lambda d: d | {"guards": [["<", 0, 1, True]]}, "a guard must be a list of 5"),
        (lambda d: d | {"names": [[99, "x"]]}, "no entry 99"),
        (lambda d: d | {"names": [[0, 5]]}, "must be a str"),
    ],
)
def test_what_is_no_program_is_one_clear_line(tmp_path: Path, change: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        load_program(crafted(change(small()), tmp_path))
    assert "crafted.json" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.json"
    record(lambda x: x * x, 1.0).save(whole)
    content = whole.read_bytes()
    file = tmp_path / "other.json"
    for other in (
        b"",
        b"\x00" * 100,
        b"\xff\xfe{}",
        b"{}",
        b"[" * 100_000,
        b"9" * 100_000,
        pickle.dumps(record(abs, 1.0)),
        content.replace(b'"mul"', b'"add"'),
        content.replace(b"program/1", b"program/2"),
        *(content[:n] for n in range(0, len(content) - 2, 7)),
    ):
        file.write_bytes(other)
        with pytest.raises(ValueError, match=r"other\.json"):
            load_program(file)
    with pytest.raises(ValueError, match="too large"):
        load_program(whole, largest=len(content) - 1)
    assert load_program(whole, largest=len(content))(3.0) == 9.0
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ValueError, match="not a regular file"):
        load_program(pipe)
    with pytest.raises(OSError, match="missing"):
        load_program(tmp_path / "missing.json")


def test_names_are_never_code(tmp_path: Path) -> None:
    evil = 'x): pass\nimport os; os.abort()\ndef f(\x1b]0;"""'
    document = small()
    document["name"] = document["guards"][0][4] = evil
    document["arguments"] = [[evil, structure] for _, structure in document["arguments"]]
    document["names"] = [[0, evil]]
    program = load_program(crafted(document, tmp_path), engine="python")
    assert program(2.0, [3.0, 4.0]) == 6.0
    names: dict[str, Any] = {}
    exec(program.source, names)
    assert names["value"](2.0, 3.0, 4.0) == 6.0
    with pytest.raises(BranchChanged) as caught:
        program(0.0, [1.0, 1.0])
    assert str(caught.value).isprintable()


SOMETHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 5) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
).filter(lambda x: not isinstance(x, float) or math.isfinite(x))


@st.composite
def changed(draw: Any) -> Any:
    """The document of a program with one place in it changed."""
    document = copy.deepcopy(small())
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return document
        key = draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or draw(st.integers(0, 3)) == 0:
            place[key] = draw(SOMETHING)
            return document
        place = place[key]


@given(changed(), st.sampled_from(["python", "python", "python", "machine"]))
@examples(40)
def test_a_changed_document_is_a_program_or_refused(
    tmp_path_factory: pytest.TempPathFactory, document: Any, engine: str
) -> None:
    try:
        file = crafted(document, tmp_path_factory.getbasetemp())
        program = load_program(file, engine=engine)
    except ValueError:
        return
    with errstate("ignore"), suppress(BranchChanged, IndexError):
        program(*program.arguments.examples)


def test_what_a_file_cannot_hold_is_not_saved(tmp_path: Path) -> None:
    file = tmp_path / "program.json"
    with pytest.raises(ValueError, match=r"x has the key \(1, 2\)"):
        record(lambda x: x[1, 2], {(1, 2): 1.0}).save(file)
    deep: Any = 1.0
    for _ in range(101):
        deep = [deep]
    with pytest.raises(ValueError, match="nested more than"):
        record(lambda x: 2.0, deep).save(file)
    g = Value(9.81, "g")
    program = record(lambda x: g * x, 1.0)
    g.data = 1.62
    with pytest.raises(ValueError, match=r"was 9\.81"):
        program.save(file)
    assert not file.exists()
