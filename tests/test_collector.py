"""The cyclic collector is paused while a training records, and never left off."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from autograd_lite import Value, fit, minimize
from autograd_lite.losses import half_squared_error
from autograd_lite.optim import SGD
from autograd_lite.support.blocks import guarded
from autograd_lite.support.collector import paused_collector


@pytest.fixture(autouse=True)
def collector_is_on() -> Iterator[None]:
    gc.enable()
    yield
    assert gc.isenabled()


def train(seen: list[bool], fail: bool = False) -> None:
    w = Value(0.5)

    def model(x: float) -> Value:
        seen.append(gc.isenabled())
        if fail:
            raise KeyboardInterrupt
        return w * x

    fit(model, ([1.0, 2.0], [3.0, 6.0]), half_squared_error, SGD([w], 0.1), epochs=2, engine="eager")


def test_it_is_off_while_samples_are_recorded_and_on_afterwards() -> None:
    seen: list[bool] = []
    train(seen)
    assert not any(seen[-4:])


def test_it_is_off_while_a_loss_is_recorded() -> None:
    pytest.importorskip("scipy")
    w, seen = Value(0.5), []

    def loss() -> Value:
        seen.append(gc.isenabled())
        return (w - 3.0) ** 2

    minimize(loss, [w], engine="eager")
    assert seen
    assert not any(seen)


def test_it_is_on_after_an_error() -> None:
    with pytest.raises(KeyboardInterrupt):
        train([], fail=True)


def test_it_is_on_after_an_interruption_inside_the_block_itself() -> None:
    @guarded
    def work() -> None:
        paused_collector().__enter__()  # and Ctrl-C before the block is left
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()


def test_who_had_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        train([])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_two_blocks_leave_it_on_in_whatever_order_they_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other block of each pair leaves between two calls that the first one makes."""
    is_enabled = gc.isenabled

    class Other:
        block: Any = None

    def and_then_the_other_leaves() -> bool:
        found = is_enabled()
        if Other.block is not None:
            Other.block.__exit__()
            Other.block = None
        return found

    monkeypatch.setattr(gc, "isenabled", and_then_the_other_leaves)
    other = paused_collector()
    other.__enter__()
    Other.block = other
    with paused_collector():
        pass
    assert is_enabled()


def test_threads_leave_it_on() -> None:
    def work() -> None:
        for _ in range(20):
            train([])

    threads: list[Any] = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
