"""Touch, zoom, the hall, and questions with typed answers."""

from __future__ import annotations

import pytest

from autograd_lite import Value
from autograd_lite.show.draw import play

from ...support.browser import Browser
from ...support.circuits import gormley
from .cases import Show, mlp, played

LIT = (
    "return [...document.querySelectorAll('.lit')].map((e) => e.id.split('-').pop() || e.dataset.of + ' '"
    " + (e.className.match(/input|group|term|line/) ?? [''])[0]).sort()"
)
TAP = "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('click', {bubbles: true}));" + LIT


@pytest.mark.parametrize("style", ["card", "circuit"])
def test_a_node_its_row_its_terms_and_its_field_light_up_together(style: str, show: Show) -> None:
    page = show(play(gormley(), style=style), "#step=11")
    everything = ["n0", "n0 input", "n0 term"]
    for selector in ("#stage g[id$=-n0]", "#inputs .name", ".term[data-of=n0]"):
        found = page.run(TAP, selector)
        assert set(found) >= set(everything), selector
        assert {each[:2] for each in found} == {"n0"}
        assert page.run(TAP, selector) == []  # touched again, it is as before
    found = page.run(TAP, "[data-of=e2]")
    assert "e2" in found
    assert "e2 group" in found
    assert "e2 line" in found
    page.press("Escape")
    assert page.run(LIT) == []


def test_what_is_lit_stays_lit_when_inputs_change(show: Show) -> None:
    page = show(played("gormley"), "#step=11")
    before = page.run(TAP, "[data-of=e2]")
    page.click("#descend")
    assert page.run(LIT) == before


def names(browser: Browser) -> list[tuple[str, str]]:
    """What a screen reader comes by, in order: roles and names, with ``*`` before names of the pressed."""
    if type(browser) is not Browser:
        pytest.skip("the tree is asked for in Chromium's way")
    found = []
    for node in browser.devtools("Accessibility.getFullAXTree")["nodes"]:
        kept = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
        name = node.get("name", {}).get("value", "")
        if not node["ignored"] and kept.get("focusable"):
            found.append((node["role"]["value"], "* " * (kept.get("pressed") == "true") + name))
    return found


def test_the_keyboard_goes_from_part_to_part_and_lights_them(show: Show) -> None:
    page = show(play(gormley(), style="circuit"), "#step=11")
    focused = (
        "return document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    )
    page.run("document.getElementById('stage').focus()")
    page.press("Tab")
    assert page.run(focused) == "x, value 1, gradient 0"
    page.press("ArrowUp")
    assert page.run(focused) == "J, value −0.7649, gradient 1"
    page.press("ArrowUp", "Enter")
    assert page.run(focused) == "wire from u to J, local derivative 0.6441, adds 0.6441"
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert "e5 line" in page.run(LIT)
    page.press("ArrowLeft")  # a step back: the second addition to t is not yet made
    page.press(*["Tab"] * 10, *["ArrowDown"] * 2)
    assert page.run("return document.activeElement.closest('#passes') !== null")
    assert page.run(focused) == "∂J/∂u += −sin(u) = 0.6441"
    assert page.run("return document.activeElement.getAttribute('aria-pressed')") == "true"
    page.press(" ")
    assert page.run(LIT) == []
    assert page.run("return document.getElementById('scrubber').value") == "10"


def test_a_screen_reader_hears_what_is_known_at_a_step(show: Show) -> None:
    page = show(played("gormley"))
    for key, node, wire in [
        ("Home", "t", ""),
        ("b", "t, value 1, gradient 0", ", local derivative 3"),
        ("End", "t, value 1, gradient 2.28", ", local derivative 3, adds 1.932"),
    ]:
        page.press(key)
        heard = names(page)
        assert ("button", node) in heard
        assert ("button", f"wire from t to u₂{wire}") in heard
        assert all(name for _, name in heard)
    page.run(TAP, "[data-of=n0]")
    assert sum(name.startswith("* ") for _, name in names(page)) == 3  # the card, a term, the row of x


def test_in_a_network_each_weight_is_a_part_of_its_own(show: Show) -> None:
    page = show(play(mlp(), style="network"), "#step=23")
    page.run("document.getElementById('stage').focus()")
    page.press("Tab", "Enter")
    lit = page.run("return [...document.querySelectorAll('#stage .lit')].map((e) => e.textContent)")
    assert lit == ["0.9417", "0.01216"]
    heard = [name for role, name in names(page) if role == "button"]
    assert any(name.startswith("wire from x₁ to z₁⁽¹⁾") for name in heard)
    assert len(heard) > 60


def width(page: Browser) -> float:
    found: float = page.run("return document.querySelector('#stage>svg').getBoundingClientRect().width")
    return found


def test_zoom_and_pan(show: Show) -> None:
    page = show(played("gormley"))
    before = width(page)
    page.click("#larger")
    assert width(page) == pytest.approx(1.25 * before, rel=0.01)
    page.press("-", "-")
    assert width(page) < before
    page.press("0", "+", "+", "+", "+")
    page.run("document.getElementById('stage').scrollTo({left: 0, behavior: 'instant'})")
    page.run(
        "const fire = (type, x) => document.getElementById('stage').dispatchEvent(new PointerEvent(type,"
        "{bubbles: true, pointerType: 'mouse', button: 0, clientX: x, clientY: 100}));"
        "fire('pointerdown', 500); fire('pointermove', 400); fire('pointerup', 400)"
    )
    page.until("return document.getElementById('stage').scrollLeft >= 99")


def test_in_a_hall_the_type_is_larger_and_the_table_hidden(show: Show) -> None:
    page = show(played("gormley"), "#step=11")
    size = "return parseFloat(getComputedStyle(document.querySelector('#words h2')).fontSize)"
    before = page.run(size)
    page.press("p")
    assert page.run(size) == pytest.approx(1.5 * before)
    assert page.run("return document.getElementById('passes').offsetHeight") == 0
    page.press("p")
    assert page.run(size) == before


def test_the_words_of_a_step_are_seen_on_a_small_projector(show: Show, browser: Browser) -> None:
    browser.size(1280, 720)
    for made in (played("mlp"), play(mlp(), style="network")):
        page = show(made, "#step=14")
        assert (
            page.run("return document.querySelector('#words .group').getBoundingClientRect().bottom") < 720
        )


ANSWER = (
    "const box = document.querySelectorAll('.answer')[arguments[0]]; box.value = arguments[1];"
    "box.dispatchEvent(new Event('change')); return [box.classList.contains('good'), words.textContent]"
)


def ask(page: Browser, level: str) -> None:
    page.run(
        "const choice = document.getElementById('level'); choice.value = arguments[0];"
        "choice.dispatchEvent(new Event('change'))",
        level,
    )


def test_answers_are_typed_and_counted(show: Show) -> None:
    made = played("gormley", quiz=True)
    (k,) = (k for k, s in enumerate(made.steps) if s.phase == "ask" and s.title.endswith("u₂ = 3t"))
    page = show(made, f"#step={k}")
    for level, wrong, right, secrets in [
        ("product", "3.6441", "1.94", ["1.932", "2.28"]),
        ("local", "6", "3", ["1.932", "2.28"]),
        ("path", "1.932", "2,28", ["1.932", "2.28", "0.6441 ="]),
    ]:
        ask(page, level)
        assert not any(secret in page.run("return words.innerText") for secret in secrets)
        good, said = page.run(ANSWER, 0, wrong)
        assert not good
        assert not any(secret in said for secret in secrets if secret != wrong)
        good, said = page.run(ANSWER, 0, right)
        assert good
    assert "0 of 3 right at once" in page.run("return document.getElementById('score').textContent")
    ask(page, "local")
    hidden = "return getComputedStyle(document.querySelector('#stage .local')).visibility"
    assert page.run(hidden) == "hidden"
    page.run("document.activeElement.blur()")
    page.press("ArrowRight")
    assert page.run(hidden) == "visible"


def test_answers_are_about_the_present_inputs(show: Show) -> None:
    x, y = Value(2.0, "x"), Value(5.0, "y")
    f = x * y
    f.name = "f"
    page = show(play(f, quiz=True), "#step=4")
    assert page.run(ANSWER, 0, "5")[0]
    page.run(
        "const field = document.querySelector('#inputs input[aria-label=y]'); field.value = -4;"
        "field.dispatchEvent(new Event('input'));"
        "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert page.run(ANSWER, 0, "-4")[0]
