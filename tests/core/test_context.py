"""Blocks: ``scope``, ``no_grad`` and ``errstate`` hold where they are open, and nowhere else."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import signal
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest

from autograd_lite import Constant, Value, errstate, log, no_grad, scope
from autograd_lite.losses import half_squared_error
from autograd_lite.minimization import minimize
from autograd_lite.optim import SGD
from autograd_lite.support.context import (
    current_scope,
    enable_grad,
    guarded,
    open_blocks,
    recording,
)
from autograd_lite.support.ieee import current_mode
from autograd_lite.training import fit

BLOCKS = [scope("s"), no_grad(), enable_grad(), errstate("ignore")]


@pytest.fixture(autouse=True)
def all_closed() -> Iterator[None]:
    yield
    assert not open_blocks


def test_no_grad_nests_and_survives_errors() -> None:
    x = Value(2.0)
    with pytest.raises(RuntimeError), no_grad(), no_grad():
        raise RuntimeError
    with no_grad():
        y = x * 2
        with no_grad():
            pass
        with enable_grad():
            inner = x + 2
        z = x + 1
    assert y.is_constant
    assert z.parents == ()
    assert not inner.is_constant
    assert (x * 2).parents[0] is x


def test_no_grad_holds_in_its_own_thread_only() -> None:
    x = Value(2.0)
    seen: list[Value] = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(x * 2))
        thread.start()
        thread.join()
    assert not seen[0].is_constant


def test_a_decorated_function_runs_inside_the_block() -> None:
    x = Value(2.0)

    @no_grad()
    @scope("part")
    def inside(k: float, *, more: float) -> Value:
        return Value(k + more) * x

    result = inside(3.0, more=1.0)
    assert (result.data, result.is_constant, result.scope) == (8.0, True, "part")


def _calls_at_once(work: Callable[[Callable[[], None]], None]) -> list[BaseException]:
    """What goes wrong when two threads enter ``work`` and the first to enter leaves first."""
    meet = threading.Barrier(2, timeout=10)
    failures: list[BaseException] = []

    def run(first: bool) -> None:
        def wait() -> None:
            meet.wait()
            if not first:
                meet.wait()

        try:
            work(wait)
            if first:
                meet.wait()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(first,)) for first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.parametrize("block", BLOCKS)
def test_one_block_may_be_open_in_several_threads_at_once(block: Any) -> None:
    @block  # type: ignore[untyped-decorator]  # one of several types
    def decorated(wait: Callable[[], None]) -> None:
        wait()

    def entered(wait: Callable[[], None]) -> None:
        with block, block:
            wait()

    assert _calls_at_once(decorated) == []
    assert _calls_at_once(entered) == []


def test_a_decorated_coroutine_keeps_its_block_while_it_waits() -> None:
    x = Value(2.0)

    @no_grad()
    async def frozen() -> list[bool]:
        before = (x * 2).is_constant
        await asyncio.sleep(0)
        return [before, (x * 2).is_constant]

    async def free() -> list[bool]:
        before = (x * 2).is_constant
        await asyncio.sleep(0)
        return [before, (x * 2).is_constant]

    async def both() -> list[list[bool]]:
        return list(await asyncio.gather(frozen(), free(), frozen()))

    assert asyncio.run(both()) == [[True, True], [False, False], [True, True]]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_generator_cannot_be_decorated(block: Any) -> None:
    def numbers() -> Iterator[int]:
        yield 1

    async def later() -> AsyncIterator[int]:
        yield 1

    for generator in (numbers, later):
        with pytest.raises(TypeError, match=generator.__name__):
            block(generator)


def test_errstate_nests_and_is_restored_after_an_error() -> None:
    quiet = errstate("ignore")
    with quiet:
        with pytest.raises(ArithmeticError), errstate("raise"):
            log(Value(0.0))
        with quiet:
            pass
        assert log(Value(0.0)).data == -float("inf")
    with pytest.warns(RuntimeWarning):
        log(Value(0.0))


def test_what_an_interruption_leaves_open_is_closed_by_what_it_passes() -> None:
    def interrupted() -> None:
        for block in (scope("inner"), no_grad(), errstate("ignore"), enable_grad()):
            block.__enter__()  # and no __exit__: Ctrl-C came in between
        raise KeyboardInterrupt

    def blocked() -> None:
        with scope("a"), no_grad(), errstate("raise"):
            interrupted()

    for work in (guarded(interrupted), blocked):
        with pytest.raises(KeyboardInterrupt):
            work()
        assert (current_scope(), recording(), current_mode()) == ("", True, "warn")
        assert not open_blocks


def test_blocks_of_generators_close_in_any_order() -> None:
    w = Value(1.0)

    def frozen(n: int) -> Iterator[bool]:
        with no_grad():
            for _ in range(n):
                yield (w * 2).is_constant

    assert list(zip(frozen(3), frozen(3), strict=True)) == [(True, True)] * 3
    first, second = frozen(1), frozen(2)
    next(first)
    next(second)
    assert list(first) == []
    assert not recording()  # the second is open still
    assert list(second) == [True]
    assert recording()

    def placed() -> Generator[str, None, None]:
        with scope("a"):
            yield current_scope()

    steps = placed()
    next(steps)
    with scope("b"):
        assert current_scope() == "a/b"
        steps.close()
        assert current_scope() == "a/b"
    assert current_scope() == ""


def test_a_block_left_in_a_copied_context_leaves_the_others_open() -> None:
    w = Value(1.0)

    async def numbers() -> AsyncIterator[int]:
        with scope("inside"):
            yield 1
            yield 2

    async def other(ready: asyncio.Event, go: asyncio.Event) -> bool:
        with no_grad():
            ready.set()
            await go.wait()
            return (w * 2).is_constant

    async def main() -> bool:
        ready, go = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(other(ready, go))
        await ready.wait()
        with scope("outer"):
            async for _ in numbers():
                break
            await asyncio.sleep(0.01)  # the generator is closed in a task of its own
        go.set()
        return await task

    assert asyncio.run(main())
    gc.collect()


def test_a_block_may_begin_before_a_training_and_end_in_it() -> None:
    w = Value(0.5, "w")

    def xs() -> Iterator[float]:
        with no_grad():
            yield 1.0
            yield 2.0

    samples = xs()
    first = next(samples)
    fit(lambda x: w * x, ([first, *samples], [3.0, 6.0]), half_squared_error, SGD([w], 0.1))
    assert recording()
    samples = xs()
    data: Any = (itertools.chain([next(samples)], samples), [3.0, 6.0])
    fit(lambda x: w * x, data, half_squared_error, SGD([w], 0.1))
    assert recording()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
def test_an_interrupted_training_leaves_no_block_open() -> None:
    w = Value(0.5, "w")

    def model(x: float) -> Value:
        with scope("layer"):
            return w * x

    def train() -> None:
        data = [1.0, 2.0], [3.0, 6.0]
        fit(model, data, half_squared_error, SGD([w], 0.1), validation=data, progress=False, engine="eager")

    def search() -> None:
        minimize(lambda: half_squared_error(model(2.0), 6.0), [w], max_iterations=1, engine="eager")

    train()  # what is imported on the way is there from now on
    search()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    rng, interrupted = random.Random(0), 0
    # An interrupt inside a callback of the collector, such as Hypothesis has, reaches nobody.
    callbacks, gc.callbacks[:] = gc.callbacks[:], []
    try:
        for work in (train, search) * 40:
            try:
                signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-5, 2e-3))
                work()
                signal.setitimer(signal.ITIMER_REAL, 0.0)
            except KeyboardInterrupt:
                interrupted += 1
            assert (current_scope(), recording()) == ("", True)
            assert not open_blocks
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
        gc.callbacks[:] = callbacks
    assert interrupted


def test_every_operator_in_place_moves_a_leaf() -> None:
    p = Value(7.0)
    leaf = p
    with no_grad():
        p += 1.0
        p *= 3.0
        p //= 5.0
        p **= 2.0
        p %= 9.0
        p -= 2.0
        p /= 4.0
    assert p is leaf
    assert p.data == (((8.0 * 3.0) // 5.0) ** 2 % 9.0 - 2.0) / 4.0


def test_a_running_sum_is_not_its_first_term() -> None:
    terms = [Value(1.0), Value(2.0)]
    with no_grad():
        total: Any = 0
        for term in terms:
            total += term
        assert isinstance(sum(terms[:1]), Constant)
    assert [term.data for term in terms] == [1.0, 2.0]
    assert total.data == 3.0
