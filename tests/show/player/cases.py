"""The circuits that the tests of the player play."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from autograd_lite import Value, log, nn, parameter, sigmoid
from autograd_lite.show.draw import play
from autograd_lite.show.player.page import Player
from autograd_lite.show.player.slots import Numbers, playable, why_idle
from autograd_lite.show.player.story import Story
from autograd_lite.show.player.tell import tell
from autograd_lite.show.view.view import View

from ...support import names
from ...support.browser import Browser
from ...support.circuits import gormley, sarkar

#: Opens a player, or any page, in the browser.
Show = Callable[..., Browser]

HOSTILE = [*names.HOSTILE, "\ud800"]


def named(value: Value, name: str) -> Value:
    value.name = name
    return value


def logistic() -> Value:
    w1, w2, b = parameter(0.5, "w1"), parameter(-1.0, "w2"), parameter(0.25, "b")
    x1, x2, y = Value(1.5, "x1"), Value(-0.5, "x2"), Value(1.0, "y")
    a = named(sigmoid(named(w1 * x1 + w2 * x2 + b, "z")), "a")
    return named(-(y * log(a) + (1 - y) * log(1 - a)), "L")


def mlp() -> Value:
    network = nn.MLP(2, [4, 1], rng=random.Random(0))
    out = network([Value(0.5, "x1"), Value(-1.0, "x2")])
    return named(0.5 * (out - Value(1.0, "y")) ** 2, "L")


def hostile() -> Value:
    total = Value(1.0)
    for i, name in enumerate(HOSTILE):
        total = named(total * Value(i + 0.5, name), f"{name} again")
    return total


CASES: dict[str, tuple[Callable[[], Value], dict[str, Any], int]] = {
    "xyz": (sarkar, {}, 7),
    "gormley": (gormley, {}, 13),
    "logistic": (logistic, {"detail": "named"}, 9),
    "mlp": (mlp, {"detail": "named"}, 23),
}


each_case = pytest.mark.parametrize("case", CASES)


def player(case: str, **options: Any) -> Player:
    make, own, _ = CASES[case]
    return play(make(), **{**own, **options})


@cache
def played_hostile() -> Player:
    return play(hostile())


@cache
def played(case: str, quiz: bool = False) -> Player:
    """The player of a case, made once for all tests that look at its page."""
    return player(case, quiz=quiz)


def at_each(browser: Browser, steps: Sequence[int], script: str) -> Any:
    """What the body of a function returns in the page at each of these steps."""
    shown, found = zip(
        *browser.run(
            f"const scrubber = document.getElementById('scrubber'), at = () => {{ {script} }};"
            "return arguments[0].map((k) => { scrubber.value = k;"
            "scrubber.dispatchEvent(new Event('input')); return [Number(scrubber.value), at()]; })",
            list(steps),
        ),
        strict=True,
    )
    assert list(shown) == list(steps)
    return found


def words(group: tuple[Any, ...]) -> list[str]:
    return ["".join(run.text for run in line) for line in group]


def told(view: View, quiz: bool = False) -> Story:
    """The story of a view, with its numbers in the slots."""
    shown = playable(view)
    story = tell(shown, quiz)
    fill = Numbers(shown, [*map(why_idle, view.wires)], story.substitutions).fill
    gradients = {i: [(k, fill(text)) for k, text in changes] for i, changes in story.grad.items()}
    return replace(story, steps=[step.mapped(fill) for step in story.steps], grad=gradients)


class Page(HTMLParser):
    """The ids, the elements and the texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from strings(each)
