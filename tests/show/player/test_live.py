"""The page that computes: after any change of its inputs it shows what Python would show."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import settings

from autograd_lite import (
    Constant,
    Value,
    abs,
    clip,
    cos,
    erf,
    errstate,
    exp,
    floor,
    gamma,
    log,
    logsumexp,
    maximum,
    nn,
    parameter,
    primitive,
    relu,
    sigmoid,
    sin,
    softmax,
    tanh,
    value_and_grad,
    where,
)
from autograd_lite.formulas.notation import SMALL_FRACTIONS, OrFraction, fmt
from autograd_lite.show.draw import play
from autograd_lite.show.player.markup import Markup
from autograd_lite.show.player.page import Player
from autograd_lite.show.player.slots import slot
from autograd_lite.show.text.numbers import adds_up, relation

from ...support.browser import Browser
from ...support.written import plain
from .cases import Show, named, played

# Numbers in print

#: Defines what ``numbers.js`` does, on a page without a circuit.
NUMBERS = """
document.body.innerHTML = '<script id="data" type="application/json">' + JSON.stringify({
    digits: 4, ascii: arguments[0], fractions: arguments[2] ?? null,
    numbers: [], wires: [], names: [], idle: [], hidden: [], rows: [],
}) + '</' + 'script>';
const number = (text) => ({ inf: Infinity, '-inf': -Infinity, nan: NaN })[text] ?? Number(text);
""" + files("autograd_lite.show.player").joinpath("numbers.js").read_text("utf-8")


def numbers_of_all_kinds(rng: random.Random) -> list[float]:
    found = [0.0, -0.0, math.inf, -math.inf, math.nan, 1e6, 999999.5, 0.001, 0.0009995, 5e-324, 1.7e308]
    found += [10.0**k for k in range(-8, 9)] + [-(10.0**k) * (1 - 2**-53) for k in range(-6, 9)]
    found += [rng.randrange(1, 1 << 14) / (1 << rng.randrange(20)) for _ in range(700)]  # among them ties
    found += [
        float(rng.randrange(1, 100_000) * 10**k + 5 * 10 ** (k - 1)) for k in range(1, 12) for _ in "ab"
    ]
    found += [rng.uniform(-1, 1) * 10.0 ** rng.randrange(-12, 12) for _ in range(700)]
    return found + [round(x, 4) for x in found[-300:]]


@pytest.mark.parametrize("ascii", [False, True])
def test_the_page_prints_numbers_as_python_does(browser: Browser, ascii: bool) -> None:
    rng = random.Random(0)
    asked = [(x, rng.choice([1, 2, 3, 4, 4, 4, 5, 8, 15, 17])) for x in numbers_of_all_kinds(rng)]
    browser.open("about:blank")
    script = NUMBERS + "return arguments[1].map(([x, digits]) => fmt(number(x), digits));"
    found = browser.run(script, ascii, [[repr(x), digits] for x, digits in asked])
    for (x, digits), text in zip(asked, found, strict=True):
        assert text == fmt(x, digits, ascii), (x, digits)


def test_the_page_prints_fractions_as_python_does(browser: Browser) -> None:
    rng = random.Random(2)
    asked = [rng.randrange(1, 200) / rng.randrange(1, 200) * rng.choice([1, -3, 1 / 7]) for _ in range(400)]
    asked += [x * (1 + 2**-51) for x in asked[:100]] + numbers_of_all_kinds(rng)[::4]
    browser.open("about:blank")
    script = NUMBERS + "return arguments[1].map((x) => fmt(number(x)));"
    found = browser.run(script, False, list(map(repr, asked)), SMALL_FRACTIONS)
    assert found == [fmt(x, OrFraction(4)) for x in asked]
    assert sum("/" in text for text in found) > 200


def test_the_page_compares_printed_numbers_as_python_does(browser: Browser) -> None:
    rng = random.Random(1)
    texts = [fmt(x) for x in numbers_of_all_kinds(rng)]
    short = [fmt(rng.randrange(-40, 40) / 4) for _ in range(60)]
    asked = [[rng.choice(texts + short * 20) for _ in range(3)] for _ in range(600)]
    asked += [
        ["1/3", "3/8", "1/8"],
        ["1/3", "1/6", "1/2"],
        ["1e300", "1e−300", "1"],
        ["0.348", "1.932", "2.28"],
        ["∞", "−1", "−∞"],
        ["1e14", "1e−16", "1e14"],
    ]
    browser.open("about:blank")
    script = (
        NUMBERS + "return arguments[1].map(([a, b, c]) => [sign(multiplies(a, b, c)), addsUp([a, b], c)]);"
    )
    expected = [[relation(a, b, c), adds_up([a, b], c)] for a, b, c in asked]
    assert browser.run(script, False, asked) == expected
    assert len({str(each) for each in expected}) > 2


# Circuits whose inputs change

Make = Callable[..., Value]


def gormley_at(x: Any) -> Value:
    t = named(x**2, "t")
    return named(cos(named(named(sin(t), "u1") + named(3 * t, "u2"), "u")), "J")


def network_at(x: Any, y: Any) -> Value:
    network = nn.MLP(2, [2, 1], activation="relu", rng=random.Random(3))
    return named((network([x, y]) - 1.0) ** 2, "L")


def log_loss_at(w: Any, b: Any, x: Any) -> Value:
    a = named(sigmoid(named(w * x + b, "z")), "a")
    y = Constant(1.0, "y")
    return named(-(y * log(a) + (1 - y) * log(1 - a)), "L")


def recurrence_at(x: Any, y: Any) -> Value:
    w, u, b, h = parameter(0.5, "w"), parameter(-0.3, "u"), parameter(0.1, "b"), y
    for t in range(1, 8):
        h = named(tanh(w * h + u * (x if t == 7 else Constant(0.2 * t, f"x{t}")) + b), f"h{t}")
    return named((h - 1) ** 2, "L")


ALL, BY_NAME = {"detail": "all"}, {"detail": "named"}

#: Functions of inputs, how many there are, how they are shown.
LIVE: dict[str, tuple[Make, int, dict[str, Any]]] = {
    "gormley": (gormley_at, 1, {"style": "circuit"}),
    "network": (network_at, 2, {"style": "network"}),
    "steps": (recurrence_at, 2, {"style": "network"}),
    "branches": (lambda x, y: named(relu(x * y) + maximum(x, 2 * y) * clip(x, -1, 1), "f"), 2, {}),
    "chosen": (lambda x, y: named(where(relu(x), x * y, y) - abs(y) + floor(x) * x, "f"), 2, ALL),
    "unreached": (lambda x, y: named(relu(named(tanh(x * y), "t")) * y, "f"), 2, {}),
    "log loss": (log_loss_at, 3, BY_NAME),
    "softmax": (lambda x, y, z: named(softmax([x, y, z], 1) * logsumexp([x, y]), "p"), 3, {}),
    "special": (lambda x, y: named(gamma(abs(x) + 0.5) * erf(y) + exp(-x) ** y, "f"), 2, {}),
    "folded": (lambda x, y: named(sin(x * y) * x + 3 * y - (x - y), "f"), 2, {**BY_NAME, "digits": 7}),
    "cut": (lambda x, y: named(named(x * y, "q") * sin(named(x + y, "s")) + x, "f"), 2, {"max_depth": 2}),
    "ascii": (lambda x, y: named(x / y - x**3, "f"), 2, {"ascii": True, "constants": "nodes"}),
}  # fmt: skip

NAMES = "pqr"

each_live = pytest.mark.parametrize("case", LIVE)


def made_at(case: str, xs: Sequence[float]) -> Player:
    make, _, options = LIVE[case]
    with errstate("ignore"):
        return play(make(*[Value(x, NAMES[i]) for i, x in enumerate(xs)]), **options)


#: Types numbers into the fields of these names; gives what the page then shows, each time at a step.
#: From change ``whole`` on nothing is painted: frames come at once.
CHANGE = """
const [changes, steps, whole = Infinity] = arguments;
const bound = [...document.querySelectorAll('[data-text]:not([data-grad]):not(title):not(desc)')];
const frames = window.requestAnimationFrame;
return (async () => {
  const shown = [];
  for (let i = 0; i < changes.length; i += 1) {
    if (i === whole) window.requestAnimationFrame = (f) => { queueMicrotask(f); return 1; };
    const scrubber = document.getElementById('scrubber');
    scrubber.value = steps[i];
    scrubber.dispatchEvent(new Event('input'));
    for (const [name, x] of Object.entries(changes[i])) {
      const field = document.querySelector(`#inputs .input input[aria-label="${name}"]`);
      field.value = x;
      field.dispatchEvent(new Event('input'));
    }
    await new Promise(requestAnimationFrame);
    const said = [...document.querySelectorAll('#words h2, #words p, #words .group > div')];
    const few = i < whole ? bound : bound.filter((e) => /^.[vg]\\d+.$/.test(e.dataset.text));
    const bare = (e) => e.textContent.replaceAll('\u200b', '');
    shown.push([few.map((e) => [e.dataset.text, bare(e)]), said.map(bare)]);
  }
  window.requestAnimationFrame = frames;
  return shown;
})();
"""


#: How often the inputs of each circuit change, and how often all texts are compared.
CHANGES, WHOLE = (200, 50) if settings().max_examples > 1000 else (20, 4)


@each_live
def test_after_any_change_the_page_shows_what_python_would(case: str, show: Show) -> None:
    rng = random.Random(case)
    make, count, _ = LIVE[case]
    xs = [rng.uniform(-2, 2) for _ in range(count)]
    made = made_at(case, xs)
    page = show(made)
    nodes = {node.label: i for i, node in enumerate(made.view.nodes)}
    kinds = (lambda: rng.uniform(-3, 3)), (lambda: float(rng.randrange(-2, 3)))
    points = [
        [rng.choice(kinds)() if NAMES[i] in nodes else x for i, x in enumerate(xs)] for _ in range(CHANGES)
    ]
    steps = [rng.randrange(len(made.steps)) for _ in points]
    changes = [{NAMES[i]: repr(x) for i, x in enumerate(at) if NAMES[i] in nodes} for at in points]
    shown: list[Any] = []
    for k in range(0, CHANGES, 20):  # a browser stops scripts that take long
        shown += page.run(CHANGE, changes[k : k + 20], steps[k : k + 20], WHOLE - k)
    for k, (at, (bound, said)) in enumerate(zip(points, shown, strict=True)):
        texts = dict(bound)
        bare = str if made.view.ascii else plain
        assert len(bound) >= count
        with errstate("ignore"):
            value, slopes = value_and_grad(make, tuple(range(count)))(*at)
        expected = {slot("v", made.view.root): value}
        expected |= {slot("g", nodes[NAMES[i]]): d for i, d in enumerate(slopes) if NAMES[i] in nodes}
        for template, x in expected.items():
            assert texts.get(template, bare(fmt_of(made, x))) == bare(fmt_of(made, x)), (at, template)
        if k < WHOLE:
            fresh = made_at(case, at)
            for template, text in bound:
                assert text == bare(fresh._numbers.fill(template)), (at, template)
            step = fresh.steps[steps[k]].mapped(Markup(fresh.view, fresh._numbers).clean)
            lines = [step.intro, *(line for group in step.groups for line in group)]
            told = ["".join(bare(run.text) for run in line) for line in lines if line]
            assert said == [bare(step.title), *told], (at, steps[k])


def fmt_of(made: Player, x: float) -> str:
    return fmt(x, made.view.digits, made.view.ascii)


def test_a_page_with_other_numbers_would_be_seen() -> None:
    fresh = made_at("gormley", [1.0])
    assert fresh._numbers.fill(fresh._heading) != made_at("gormley", [1.5])._numbers.fill(fresh._heading)


def test_every_number_of_the_picture_follows(show: Show) -> None:
    texts = (
        "return [...document.querySelectorAll('#stage text, #stage title, #stage desc')]"
        ".map((e) => e.textContent).sort()"
    )
    expected = show(made_at("gormley", [1.5]), "#step=13").run(texts)
    page = show(made_at("gormley", [1.0]), "#step=13")
    before = page.run(texts)
    page.run(CHANGE, [{"p": "1.5"}], [13])
    assert page.run(texts) == expected != before


def test_of_a_large_page_the_rest_follows_when_changes_pause(show: Show) -> None:
    def chain(x: Value) -> Value:
        for _ in range(45):
            x = sin(x) * x + 0.3
        return named(x, "y")

    page = show(play(chain(Value(0.7, "p")), detail="all", max_nodes=None), "#step=0")
    fresh = play(chain(Value(0.75, "p")), detail="all", max_nodes=None)
    near, _ = page.run(CHANGE, [{"p": "0.75"}], [len(fresh.steps) - 1])[0]
    heading = fresh._numbers.fill(fresh._heading)
    page.until(
        f"return document.querySelector('desc').textContent.includes('{fresh._numbers.fill(slot('v', 1))}')"
    )
    bound = (
        "return [...document.querySelectorAll('[data-text]')].map("
        "(e) => [e.dataset.text, e.textContent.replaceAll('\u200b', '')])"
    )
    shown = page.run(bound)
    assert len(shown) > 1500
    assert all(plain(text) == plain(fresh._numbers.fill(template)) for template, text in shown)
    assert sum(text == plain(fresh._numbers.fill(template)) for template, text in near) < len(near)
    assert page.run("return document.querySelector('h1').textContent") == plain(heading)


#: Pairs of texts of the picture that touch, and texts that touch a box that they do not stand in.
TOUCHING = """
const box = (e) => e.getBoundingClientRect();
const touch = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6;
const texts = [...document.querySelectorAll('#stage text')].filter((e) => e.textContent.trim());
const boxes = [...document.querySelectorAll('#stage g.node:not(.wire)')];
const outlines = (g) => [...g.querySelectorAll('polygon, path, ellipse')];
return [
  ...texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => touch(box(a), box(b))).map((b) => [a, b])),
  ...texts.flatMap((a) => boxes.filter((g) => !g.contains(a)).flatMap(outlines)
      .filter((b) => touch(box(a), box(b))).map((b) => [a, b])),
].map((pair) => pair.map((e) => e.textContent || e.tagName));
"""


#: How small the smallest text of the picture has become, beside its usual size.
SMALLEST = (
    "return Math.min(...[...document.querySelectorAll('#stage text')]"
    ".map((e) => Number(/scale.([\\d.]+)/.exec(e.getAttribute('transform'))?.[1] ?? 1)))"
)


@pytest.mark.parametrize(
    ("case", "style"), [("gormley", "card"), ("gormley", "circuit"), ("network", "network")]
)
def test_long_numbers_touch_nothing(case: str, style: str, show: Show) -> None:
    make, count, _ = LIVE[case]
    page = show(play(make(*[Value(1.0, NAMES[i]) for i in range(count)]), style=style), "#step=99")
    assert page.run(TOUCHING) == []
    for x in (-123456.789, 1.23456e-7):
        page.run(CHANGE, [{NAMES[i]: repr(x * (i + 1)) for i in range(count)}], [99])
        assert page.run(TOUCHING) == []
        assert page.run(SMALLEST) > 0.4


FIELD = "#inputs .input input[type=text]"
SHOWN = "return document.querySelector('#inputs .result').textContent"
TYPE = (
    "const field = document.querySelector(arguments[0]); field.value = arguments[1];"
    "field.dispatchEvent(new Event('input'))"
)
TOLD = "return document.querySelector('#inputs .told').textContent"


def settle(page: Browser) -> None:
    page.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_fields_sliders_arrows_and_nudges(show: Show) -> None:
    page = show(played("gormley"))
    assert page.run(SHOWN) == "J = −0.7649"
    page.click(FIELD)
    page.press("ArrowUp")
    settle(page)
    first = page.run("return Number(document.querySelector(arguments[0]).value)", FIELD)
    assert first > 1
    assert page.run("return document.getElementById('scrubber').value") == "0"
    page.run(TYPE, "#inputs input[type=range]", "2")
    settle(page)
    assert page.run(SHOWN) == f"J = {fmt(gormley_at(Value(2.0)).data)}"
    page.run(TYPE, FIELD, "two")
    assert (
        page.run("return document.querySelector(arguments[0]).getAttribute('aria-invalid')", FIELD)
        == "true"
    )
    page.click("#reset")
    assert page.run(SHOWN) == "J = −0.7649"
    assert page.run("return document.querySelector(arguments[0]).value", FIELD) == "1"
    page.click("#inputs .input button:last-child")
    moved = gormley_at(Value(1.01)).data - gormley_at(Value(1.0)).data
    assert f"ΔJ/h = {fmt(moved / 0.01)}" in page.run(TOLD)
    assert "∂J/∂x was 4.561" in page.run(TOLD)


def test_a_page_in_ascii_says_all_in_ascii(show: Show) -> None:
    page = show(made_at("ascii", [1.0, 2.0]))
    page.click("#inputs .input button:last-child")
    assert "Df/h = " in page.run(TOLD)
    page.click("#descend")
    assert page.run("return document.getElementById('inputs').innerText").replace("−", "-").isascii()


def test_descent_moves_the_parameters_along_the_gradient(show: Show) -> None:
    w, x = parameter(0.5, "w"), Value(2.0, "x")
    page = show(play(named((w * x - 3) ** 2, "L")))
    page.click("#descend")
    page.click("#descend")
    settle(page)
    expected = 0.5
    for _ in range(2):
        expected -= 0.1 * 2 * (2 * expected - 3) * 2
    found = page.run(
        "return [...document.querySelectorAll(arguments[0])].map((e) => Number(e.value))", FIELD
    )
    assert found == [pytest.approx(expected), 2.0]
    assert "w ← w − η ∂L/∂w" in page.run("return document.querySelector('#inputs').textContent")
    assert page.run(TOLD).endswith("in 2 steps")
    assert (
        len(page.run("return document.querySelector('#inputs polyline').getAttribute('points')").split())
        == 3
    )
    page.click("#reset")
    assert not page.run("return document.querySelector('#inputs polyline').getAttribute('points')")


def test_a_page_that_cannot_compute_says_why(show: Show) -> None:
    own = primitive("live_own", lambda x: x + 1.0, [lambda x, z: 1.0], "a row")
    page = show(play(own(Value(1.0, "x"))))
    assert "live_own is a row of your own" in page.run(
        "return document.getElementById('inputs').textContent"
    )
    x = Value(1.0, "x")
    root = x * x
    x.data = 2.0
    assert "changed since" in show(play(root)).run("return document.getElementById('inputs').textContent")
    constant = show(play(named(relu(Value(2.0)).detach() * 3.0, "c")))
    assert "none of its inputs" in constant.run("return document.getElementById('inputs').textContent")
