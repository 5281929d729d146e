"""What a schedule is made of: sums recognized, loops joined, and nothing read again that is at hand."""

import sys
import threading
from itertools import pairwise
from typing import Any

import pytest

np = pytest.importorskip("numpy")
from hypothesis import given, settings  # noqa: E402 - NumPy may be missing
from hypothesis import strategies as st  # noqa: E402

from autograd_lite import TABLE, value_and_grad  # noqa: E402
from autograd_lite import sum as ag_sum  # noqa: E402
from autograd_lite.program import record  # noqa: E402
from autograd_lite.program.fuse import _in_registers  # noqa: E402
from autograd_lite.program.plan import Schedule, _require_apart  # noqa: E402
from autograd_lite.program.steps import Add, Load, Loop, MatMul, Op, Ref, Store, Table, overlap  # noqa: E402

REFS = [Ref("u", k) for k in range(3)]


@st.composite
def codes(draw: Any) -> list[Any]:
    """The code of a loop that runs once: loads, operations, stores and additions in any order."""
    code: list[Any] = [Load(0, REFS[0])]
    for _ in range(draw(st.integers(1, 14))):
        t, ref = len(code), draw(st.sampled_from(REFS))
        known = st.sampled_from([each.to for each in code if isinstance(each, Load | Op)])
        kind = draw(st.sampled_from(["load", "op", "store", "add"]))
        if kind == "load":
            code.append(Load(t, ref))
        elif kind == "op":
            row = TABLE[draw(st.sampled_from(["add", "mul"]))]
            code.append(Op(t, row, (draw(known), draw(known))))
        else:
            code.append((Store if kind == "store" else Add)(ref, draw(known)))
    return code


def rows_after(code: list[Any]) -> list[int]:
    """The rows of ``u`` that the code leaves, in whole numbers."""
    rows, held = [2, 3, 5], {}
    for each in code:
        if isinstance(each, Load):
            held[each.to] = rows[each.ref.start]
        elif isinstance(each, Op):
            left, right = (held[s] for s in each.sources)
            held[each.to] = left + right if each.row.name == "add" else left * right
        elif isinstance(each, Store):
            rows[each.ref.start] = held[each.source]
        else:
            rows[each.ref.start] += held[each.source]
    return rows


@given(codes())
@settings(deadline=None)
def test_what_is_kept_in_registers_is_what_the_rows_hold(code: list[Any]) -> None:
    made = _in_registers(code)
    assert rows_after(made) == rows_after(code)
    stored = set()
    for each in made:
        if isinstance(each, Store):
            stored.add(each.ref)
        assert not isinstance(each, Load) or each.ref not in stored


def test_equal_tables_are_one_object_in_all_threads() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for k in range(200):
            barrier, found = threading.Barrier(4), list[Table]()

            def make(k: int = k, barrier: threading.Barrier = barrier, found: list[Table] = found) -> None:
                barrier.wait()
                found.append(Table([k, 5, 9]))

            threads = [threading.Thread(target=make) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(set(map(id, found))) == 1
    finally:
        sys.setswitchinterval(interval)


def test_no_loop_loads_what_it_has_stored() -> None:
    program = record(lambda xs: sum(100 * (b - a**2) ** 2 for a, b in pairwise(xs)), [0.5] * 30)
    for step in Schedule(program.recording, None, [True] * 30).steps:
        assert isinstance(step, Loop)
        stored = set()
        for each in step.code:
            if isinstance(each, Store):
                stored.add(each.ref)
            assert not isinstance(each, Load) or each.ref not in stored


@pytest.mark.parametrize("engine", ["numpy", "machine"])
def test_sums_in_blocks_are_one_sum(engine: str) -> None:
    def blocks(xs: Any) -> Any:
        terms = [x.exp() + x * x for x in xs]
        return sum(sum(terms[i : i + 3], 0.0) for i in range(0, len(terms), 3))

    if engine == "machine":
        pytest.importorskip("llvmlite")
    xs = np.linspace(-1.0, 1.0, 20)
    program = record(blocks, xs, engine=engine)
    assert np.isclose(program(xs), (np.exp(xs) + xs * xs).sum())
    assert np.allclose(program.grad(xs), np.exp(xs) + 2 * xs)
    names = [group.row.name for group in Schedule(program.recording).layout.groups]
    assert sorted(names) == ["exp", "mul", "sum"]


def test_products_in_a_sum_stay_products() -> None:
    w = np.arange(12.0).reshape(3, 4)

    def cell(u: Any, v: Any, x: Any, h: Any) -> Any:
        sums = [u[i] @ x + 0.5 + (v[i] @ h + 0.25) for i in range(3)]
        return sum(z.tanh() for z in sums)

    x, h = np.ones(4), np.full(4, 0.1)
    recording = record(cell, w, w, x, h).recording
    schedule = Schedule(recording, [False] * 24 + [True] * 8, [True] * 32)
    assert sum(isinstance(step, MatMul) and step.kind == "z" for step in schedule.steps) == 2


def test_whether_rows_come_twice_and_refs_meet() -> None:
    """Beside the rows themselves, for refs by steps and by tables."""
    refs = [Ref("u", start, i, k, 3, 4) for start in (0, 5) for i in (0, 1, 4, -2) for k in (0, 1, 3)]
    refs += [
        Ref("u", 0, 0, 0, 2, 2, Table(rows)) for rows in ([1, 2, 3, 4], [1, 2, 1, 4], [20, 21, 22, 23])
    ]
    refs += [Ref("u", k) for k in (1, 30)] + [Ref("v", 1)]
    for a in refs:
        rows = a.rows().ravel().tolist()
        assert a.distinct() == (len(set(rows)) == len(rows)), a
        for b in refs:
            common = a.space == b.space and not set(rows).isdisjoint(b.rows().ravel().tolist())
            assert overlap(a, b) == common, (a, b)


@pytest.mark.parametrize("code", [
    [Load(0, Ref("u", 0, 1, 0, 3, 1)), Store(Ref("u", 1, 1, 0, 3, 1), 0)],  # reads what it wrote
    [Store(Ref("u", 0, 0, 0, 3, 1), 0), Load(0, Ref("u", 2, -1, 0, 3, 1))],
])  # fmt: skip
def test_a_loop_whose_iterations_meet_is_refused(code: Any) -> None:
    with pytest.raises(AssertionError, match="overlap"):
        _require_apart(Loop(3, 1, False, code))


def test_two_refs_of_one_row_in_a_loop_that_runs_once_are_refused() -> None:
    apart: list[Any] = [Load(0, Ref("u", 0)), Store(Ref("u", 1), 0)]
    _require_apart(Loop(1, 1, False, apart))
    with pytest.raises(AssertionError, match="one row"):
        _require_apart(Loop(1, 1, False, [Load(0, Ref("u", 0)), Store(Ref("u", 0, 1, 0), 0)]))


@pytest.mark.parametrize(
    ("ref", "complaint"), [(Ref("p", 10**6), "leaves its space"), (Ref("u", 0), "unwritten")]
)
def test_a_schedule_that_reads_what_is_not_there_is_refused(
    ref: Ref, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = Schedule(record(lambda x, y: (x * y).sin(), 1.0, 2.0).recording)
    schedule._require_sound()
    steps = [Loop(1, 1, False, [Load(0, ref)]), *schedule.steps]
    monkeypatch.setattr(Schedule, "steps", property(lambda _: steps))
    with pytest.raises(AssertionError, match=complaint):
        schedule._require_sound()


def test_the_terms_of_a_sum_that_lie_evenly_are_one_run() -> None:
    def runs(f: Any) -> int:
        recording = record(f, [0.5] * 40).recording
        groups = Schedule(recording).layout.groups
        return max(len(group.operands) for group in groups if group.row.name == "sum")

    assert runs(lambda xs: ag_sum(xs)) == 1
    assert runs(lambda xs: ag_sum(xs[::3])) == 1
    assert runs(lambda xs: ag_sum([*xs[:5], *xs[20:25]])) == 2


#: For rows that are taken apart: of all sizes, a tie of three, at saturation, one, and two that are equal.
OPERANDS = [[0.3, -1.2, 2.0, 0.7], [1.0, 1.0, 1.0, 0.5], [40.0, 0.0, -3.0], [-0.8], [2.0, 2.0]]


@pytest.mark.parametrize(
    "name", ["sum", "prod", "mean", "norm", "sum_of_squares", "max", "min", "logsumexp"]
)
def test_a_row_of_many_operands_that_is_taken_apart_is_itself(name: str) -> None:
    for xs in OPERANDS:
        program = record(TABLE[name], xs, engine="numpy", verify=False)
        for at in (xs, [1.5 * x - 0.25 for x in xs]):
            value, slopes = program.value_and_grad(at)
            right, right_slopes = value_and_grad(TABLE[name])(at)
            assert value == pytest.approx(right, rel=1e-13)
            assert slopes == pytest.approx(right_slopes, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "take"])
def test_a_row_with_an_index_that_is_taken_apart_is_itself(name: str) -> None:
    for xs in OPERANDS[1:4]:
        given = record(TABLE[name], xs, 0.0, engine="numpy", verify=False)  # the index is an input
        for i in range(len(xs)):
            fixed = record(lambda v, i=i: TABLE[name](v, i), xs, engine="numpy", verify=False)
            for at in (xs, [1.5 * x - 0.25 for x in xs]):
                right, right_slopes = value_and_grad(lambda v, i=i: TABLE[name](v, i))(at)
                for value, slopes in (fixed.value_and_grad(at), given.value_and_grad(at, float(i))):
                    by_xs = slopes if slopes and type(slopes[0]) is float else slopes[0]
                    assert value == pytest.approx(right, rel=1e-13)
                    assert by_xs == pytest.approx(right_slopes, rel=1e-12, abs=1e-300)
