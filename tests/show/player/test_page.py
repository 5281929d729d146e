"""The page of a player, as a file and in a headless Chromium."""

from __future__ import annotations

import html
import json
import math
import random
import re
from pathlib import Path

import pytest

from autograd_lite import Value
from autograd_lite.formulas.notation import fmt
from autograd_lite.show.draw import play
from autograd_lite.show.picture import engines

from ...support.browser import Browser
from .cases import (
    CASES,
    Page,
    Show,
    at_each,
    each_case,
    played,
    played_hostile,
    player,
    strings,
    told,
)

# The page as a file


def test_hostile_names_are_text_and_nothing_else() -> None:
    text = played_hostile().html
    text.encode("utf-8")
    page, clean = Page(text), Page(player("xyz").html)
    assert page.tags.count("script") == clean.tags.count("script") == 2
    assert set(page.tags) - {"sub", "sup"} == set(clean.tags)
    data = json.loads(page.texts[[t.startswith('{"id"') for t in page.texts].index(True)])
    said = " ".join(strings(data))
    assert "</script><b>&\"'" in said
    assert "{{data}}" in said
    assert "<!-- ]]> -->" in said


def test_names_are_by_identity() -> None:
    a, b = Value(2.0), Value(3.0)
    made = play(a * b, names={"left": a, "right": b})
    assert "left" in made.heading
    assert "left" in made.html


def test_save_writes_html_whole_and_nothing_else(tmp_path: Path) -> None:
    made = player("xyz")
    assert made.save(tmp_path / "f.html") == tmp_path / "f.html"
    assert (tmp_path / "f.html").read_text("utf-8") == made.html
    with pytest.raises(ValueError, match=r"f\.docx.*\.html"):
        made.save(tmp_path / "f.docx")
    assert [file.name for file in tmp_path.iterdir()] == ["f.html"]


def test_the_same_circuit_makes_the_same_page() -> None:
    assert player("mlp").html == player("mlp").html


def test_the_frame_of_a_notebook() -> None:
    made = player("xyz")
    frame = made._repr_html_()
    assert 'sandbox="allow-scripts"' in frame
    assert 'height="700"' in frame
    inner = re.search('srcdoc="([^"]*)"', frame)
    assert inner is not None
    assert html.unescape(inner[1]) == made.html


def test_without_graphviz_the_steps_work_and_the_frame_shows_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "available", list)
    made = player("xyz")
    assert len(made.steps) == 8
    with pytest.raises(engines.RenderError):
        _ = made.html
    shown = made._repr_html_()
    assert "∂f/∂q" in shown
    assert "Graphviz" in shown
    assert "<iframe" not in shown


def test_wrong_options_are_named() -> None:
    with pytest.raises(TypeError, match="Value"):
        play(3.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"direction.*'down'"):
        player("xyz", direction="down")
    with pytest.raises(ValueError, match="sepia"):
        player("xyz", theme="sepia")


# The page in a browser


#: The numbers of picture and table that are seen, and those that are not.
NUMBERS = """
const parts = [...document.querySelectorAll(
    '#stage .val, #stage .grad, #stage .local, #passes b')];
const seen = (e) => getComputedStyle(e).visibility === 'visible' && e.getClientRects().length > 0;
const texts = (wanted) => parts.filter((e) => seen(e) === wanted)
    .map((e) => e.textContent.replaceAll('\u00a0', ' '));
return [texts(true), texts(false)];
"""


#: What is not there for everyone, by kind.
FAULTS = """
const all = [...document.querySelectorAll('*')];
const ids = all.map((e) => e.id).filter(Boolean);
const label = (e) => e.getAttribute('aria-label') || e.textContent.trim();
const away = (url) => url && !/^(data:|#)/.test(url);
return {
  unlabelled: all.filter((e) => e.matches('button, select, input, [tabindex], iframe') && !label(e)
      || e.matches('select, input') && !e.getAttribute('aria-label')).map((e) => e.outerHTML),
  duplicates: ids.filter((id, i) => ids.indexOf(id) !== i),
  external: all.flatMap((e) => ['src', 'href', 'xlink:href'].map((a) => e.getAttribute(a)))
      .filter(away).concat(performance.getEntriesByType('resource').map((r) => r.name)
      .filter(away)),
};
"""


NO_FAULTS: dict[str, list[str]] = {"unlabelled": [], "duplicates": [], "external": []}


BODY = "return document.body.outerHTML"


#: The page at first, and after each of these keys.
PRESSED = """
const body = () => document.body.outerHTML;
return [body(), ...arguments[0].map((key) => {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  return body();
})];
"""


STEP = "return Number(document.getElementById('scrubber').value)"


def scrub(browser: Browser, k: int) -> None:
    browser.run(
        "const s = document.getElementById('scrubber'); s.value = arguments[0];"
        "s.dispatchEvent(new Event('input'))",
        k,
    )
    assert browser.run(STEP) == k


def frame(browser: Browser) -> None:
    """Let the browser draw twice."""
    browser.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@each_case
def test_nothing_is_seen_at_first_and_nothing_hidden_at_last(case: str, show: Show) -> None:
    made = played(case)
    page = show(made)
    assert page.run(STEP) == 0
    assert page.run(NUMBERS)[0] == []
    scrub(page, len(made.steps) - 1)
    seen, hidden = page.run(NUMBERS)
    assert hidden == []
    for node in made.view.nodes:
        assert fmt(node.value) in seen
        assert node.grad is None or fmt(node.grad) in seen
    assert page.run("return document.querySelectorAll('.later').length") == 0


@pytest.mark.parametrize("engine", engines.available())
def test_each_engine_has_its_numbers_found(engine: str, show: Show) -> None:
    made = player("gormley", engine=engine)
    page = show(made)
    assert page.run(NUMBERS)[0] == []
    page.press("b")
    numbers = page.run(NUMBERS)[0]
    assert numbers.count("0") == 5
    assert "−0.7649" in numbers
    page.press("End")
    seen, hidden = page.run(NUMBERS)
    assert hidden == []
    assert {"4.561", "2.28", "= 0.348 + 1.932"} <= set(seen)
    picture = 2 * len(made.view.nodes) + 1 + 4 * len(made.view.wires)
    table = len(made.view.nodes) + len(made.view.wires) + 1
    assert len(seen) == picture + table


@each_case
def test_what_is_seen_at_each_step_is_what_was_told(case: str, show: Show) -> None:
    made = played(case)
    page, story = show(made), told(made.view)
    found = at_each(
        page,
        range(len(made.steps)),
        "return Object.fromEntries([...document.querySelectorAll('#stage .node')].map((g) =>"
        "[g.id.split('-').pop(), [...g.querySelectorAll('.val, .grad')].filter((e) =>"
        "getComputedStyle(e).visibility === 'visible').map((e) => e.textContent)]))",
    )
    for k, cards in enumerate(found):
        for i, node in enumerate(made.view.nodes):
            expected = [fmt(node.value)] if k >= story.value[i] else []
            expected += [text for step, text in story.grad.get(i, []) if k >= step][-1:]
            shown = [text for text in cards[node.id] if not re.search("[=≈+]", text)]
            assert shown == expected, f"step {k}, {node.label}"


@pytest.mark.parametrize("case", ["xyz", "gormley"])
def test_a_step_looks_the_same_from_wherever_one_comes(case: str, show: Show) -> None:
    made = played(case, quiz=case == "gormley")
    page = show(made)
    last = len(made.steps) - 1
    first, *bodies = page.run(PRESSED, ["ArrowRight"] * last + ["ArrowLeft"] * last)
    forward, back = [first, *bodies[:last]], bodies[last:]
    assert len(set(forward)) == last + 1
    assert back == forward[-2::-1]
    order = random.Random(0).sample(range(last + 1), last + 1)
    assert list(at_each(page, order, BODY)) == [forward[k] for k in order]
    middle = last // 2
    assert show(made, f"#step={middle}").run(BODY) == forward[middle]


@each_case
def test_the_page_is_for_everyone(case: str, show: Show) -> None:
    page = show(played(case), "#step=3")
    assert page.run(FAULTS) == NO_FAULTS
    words = "return document.getElementById('words')"
    assert page.run(f"{words}.getAttribute('aria-live')") == "polite"
    assert "Forward" in page.run(f"{words}.textContent")
    spoken = page.run("return document.getElementById('scrubber').getAttribute('aria-valuetext')")
    assert spoken.startswith(f"step 3 of {CASES[case][2]}: Forward: ")
    assert page.run("return document.querySelectorAll('[aria-current=step]').length") == 1


def test_the_faults_are_found(show: Show, browser: Browser) -> None:
    page = show(
        "<!doctype html><button></button><input value=a><p id=a><p id=a>"
        "<img src='http://127.0.0.1:9/x.png'><script>nonsense()</script>"
    )
    faults = page.run(FAULTS)
    assert len(faults["unlabelled"]) == 2
    assert faults["duplicates"] == ["a"]
    assert any("127.0.0.1" in url for url in faults["external"])
    assert any("nonsense is not defined" in line for line in browser.log())


def test_the_policy_keeps_foreign_parts_out(show: Show, browser: Browser) -> None:
    page = show(played("xyz"))
    page.run("const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i)")
    page.until("return document.images[0].complete")
    assert any(re.search("Content.Security.Policy", line) for line in browser.log())


def test_every_key(show: Show) -> None:
    page = show(played("gormley"))
    for key, expected in [
        ("ArrowRight", 1), ("PageDown", 2), ("ArrowLeft", 1), ("PageUp", 0), ("PageUp", 0),
        ("End", 13), ("ArrowRight", 13), ("b", 7), ("f", 1), ("Home", 0), ("x", 0),
    ]:  # fmt: skip
        page.press(key)
        assert page.run(STEP) == expected, key
    dark = "return getComputedStyle(document.body).backgroundColor"
    before = page.run(dark)
    page.press("t")
    assert page.run(dark) != before
    page.press("t")
    assert page.run(dark) == before


def test_every_button(show: Show) -> None:
    page = show(played("gormley"))
    for button, expected in [("next", 1), ("last", 13), ("back", 12), ("first", 0), ("theme", 0)]:
        page.click(f"#{button}")
        assert page.run(STEP) == expected, button
    assert page.run("return document.getElementById('theme').getAttribute('aria-pressed')") == "true"
    page.press(" ")  # on the button that has the focus: it must not play as well
    assert page.run("return document.getElementById('play').getAttribute('aria-pressed')") == "false"
    assert page.run("return document.getElementById('theme').getAttribute('aria-pressed')") == "false"


def test_focus_is_seen(show: Show) -> None:
    page = show(played("xyz"))
    page.run("document.body.focus()")
    outlined = "return getComputedStyle(document.activeElement).outlineStyle"
    for _ in range(9):
        page.press("Tab")
        assert page.run(outlined) == "solid"


def test_play_runs_pauses_and_stops_at_the_end(show: Show) -> None:
    page = show(played("xyz"))
    playing = "return document.getElementById('play').getAttribute('aria-pressed') === 'true'"
    page.run("document.getElementById('speed').value = '800'")
    page.press(" ")
    assert page.run(STEP) == 1
    assert page.run(playing)
    page.until("return Number(document.getElementById('scrubber').value) === 2")
    page.press(" ")
    assert not page.run(playing)
    page.press("End", "ArrowLeft")
    page.click("#play")
    assert page.run(STEP) == 7
    assert not page.run(playing)
    page.click("#play")  # from the end it starts again
    assert page.run(STEP) == 0
    assert page.run(playing)
    page.press("ArrowRight")
    assert not page.run(playing)


def test_links_to_a_step(show: Show) -> None:
    page = show(played("gormley"), "#step=11")
    assert page.run(STEP) == 11
    assert "Backward through u2" in page.run("return document.getElementById('words').textContent")
    page.press("ArrowRight")
    page.until("return location.hash === '#step=12'")
    page.run("location.hash = '#step=3'")
    page.until("return Number(document.getElementById('scrubber').value) === 3")
    assert show(played("gormley"), "#step=999").run(STEP) == 13
    assert show(played("gormley"), "#step=-1").run(STEP) == 0
    assert show(played("gormley"), "#elsewhere").run(STEP) == 0


def test_the_address_follows_many_steps_once(show: Show) -> None:
    page = show(played("xyz"))  # a browser writes to the console when the address changes too often
    page.run("for (let i = 0; i < 205; i += 1) document.getElementById(i % 2 ? 'first' : 'last').click()")
    page.until("return location.hash === '#step=7'")


def test_what_is_lit(show: Show) -> None:
    page = show(played("gormley"), "#step=11")
    lit = "return [...document.querySelectorAll(arguments[0])].map((g) => g.id.split('-').pop())"
    assert page.run(lit, "#stage .now") == ["n3"]
    assert page.run(lit, "#stage .flow.backward") == ["e2"]
    stroke = "return getComputedStyle(document.querySelector(arguments[0])).stroke"
    assert page.run(stroke, ".flow>path") == "rgb(166, 27, 0)"
    assert page.run(stroke, ".now>.halo") == "rgb(224, 138, 0)"
    assert page.run("return document.querySelector('tr.now').textContent").startswith("u2 = 3t")
    page.press("f", "ArrowRight")
    assert page.run(lit, "#stage .flow.forward") == ["e0"]
    assert page.run(stroke, ".flow>path") == "rgb(29, 115, 115)"
    faint = "return getComputedStyle(document.querySelector('[id$=-n5]')).opacity"
    assert float(page.run(faint)) == pytest.approx(0.33)


def test_a_question_hides_its_answer_on_the_whole_page(show: Show) -> None:
    made = played("gormley", quiz=True)
    (k,) = (k for k, s in enumerate(made.steps) if s.phase == "ask" and s.title.endswith("u₂ = 3t"))
    page = show(made, f"#step={k}")
    whole = (
        "return document.body.innerText + [...document.querySelectorAll('title, desc')]"
        ".map((e) => e.textContent).join()"
    )
    seen = page.run(NUMBERS)[0]
    assert "0.348" in seen
    for answer in ("1.932", "2.28"):
        assert answer not in " ".join(seen)
        assert answer not in page.run("return document.getElementById('words').innerText")
        assert answer not in page.run(
            "return [...document.querySelectorAll('title, desc')].map((e) => e.textContent).join()"
        )
    page.press("ArrowRight")
    assert {"1.932", "2.28"} <= set(page.run(NUMBERS)[0])
    assert "0.348 + 1.932 = 2.28" in page.run(whole)


def test_hostile_names_in_the_browser(show: Show) -> None:
    made = played_hostile()
    page = show(made)
    at_each(page, range(len(made.steps)), "")
    assert page.run(FAULTS) == NO_FAULTS
    assert page.run("return document.querySelectorAll('#stage b, #words b, h1 b').length") == 0
    table = page.run("return document.getElementById('passes').textContent")
    assert "</script><b>&\"'" in table
    assert "🙂 + 1" in table
    assert page.run("return document.documentElement.scrollWidth") <= 1280


def test_in_the_frame_of_a_notebook(show: Show) -> None:
    page = show(f"<!doctype html><title>notebook</title>{player('gormley')._repr_html_()}")
    page.enter(0)
    assert page.run("return location.href") == "about:srcdoc"
    assert page.run("return self.origin") == "null"
    page.click("#next")
    page.press("ArrowRight", "ArrowRight")
    assert page.run(STEP) == 3
    page.press("End")
    assert page.run(NUMBERS)[1] == []
    page.enter(None)


def test_a_site_says_which_theme_its_frames_are_in(show: Show) -> None:
    page = show(f"<!doctype html><title>site</title>{player('xyz')._repr_html_()}")
    for theme, paper in [
        ("dark", "rgb(22, 25, 29)"),
        ("light", "rgb(254, 254, 254)"),
        ("", "rgb(254, 254, 254)"),
    ]:
        page.run("frames[0].postMessage({theme: arguments[0]}, '*')", theme)
        page.enter(0)
        page.until(f"return (document.documentElement.dataset.theme ?? '') === '{theme}'")
        assert page.run("return getComputedStyle(document.body).backgroundColor") == paper
        page.run("postMessage({theme: 'dark'}, '*')")  # from itself: nobody
        page.enter(None)


def test_without_scripts_the_finished_circuit_is_shown(show: Show, browser: Browser) -> None:
    browser.scripts(allowed=False)
    page = show(played("gormley"))
    seen, hidden = page.run(NUMBERS)
    assert hidden == []
    assert {"−0.7649", "4.561", "2.28", "= 4.561"} <= set(seen)
    for part in ("bar", "words", "phase"):
        assert page.run("return document.getElementById(arguments[0]).offsetHeight", part) == 0


def test_in_print_the_circuit_is_finished_and_light(show: Show) -> None:
    page = show(played("gormley"), "#step=13")
    whole, _ = page.run(NUMBERS)
    for step in (0, 4, 10):
        page.emulate()
        scrub(page, step)
        assert page.run(NUMBERS)[0] != whole
        page.emulate("print", color_scheme="dark")
        frame(page)
        assert page.run(NUMBERS) == [whole, []], step
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    assert page.run(style, "body", "backgroundColor") == "rgb(254, 254, 254)"
    assert page.run(style, "#bar", "display") == "none"
    assert page.run(style, "#stage g.op", "opacity") == "1"


def test_narrow_screens_scroll_the_stage_to_what_is_lit(show: Show, browser: Browser) -> None:
    browser.size(500, 900)
    made = played("mlp")
    page = show(made)
    natural = page.run("return Number(document.querySelector('#stage>svg').getAttribute('width'))")
    drawn = page.run("return document.querySelector('#stage>svg').getBoundingClientRect().width")
    assert drawn >= 0.5 * natural - 1
    steps = range(2, len(made.steps) - 1)
    found = at_each(
        page,
        steps,
        "const s = document.getElementById('stage').getBoundingClientRect();"
        "const n = document.querySelector('.now>.halo').getBoundingClientRect();"
        "return [n.left >= s.left - 6 && n.right <= s.right + 6 && n.top >= s.top - 6"
        " && n.bottom <= s.bottom + 6, document.documentElement.scrollWidth]",
    )
    for k, (inside, wide) in zip(steps, found, strict=True):
        assert inside, f"step {k}"
        assert wide <= 500


def test_the_theme_of_the_system_and_the_switch(show: Show, browser: Browser) -> None:
    browser.emulate(color_scheme="dark")
    page = show(played("xyz"))
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    assert page.run(style, "body", "backgroundColor") == "rgb(22, 25, 29)"
    assert page.run(style, "#stage .val", "fill") == "rgb(89, 224, 208)"
    page.press("t")
    assert page.run(style, "body", "backgroundColor") == "rgb(254, 254, 254)"
    assert page.run(style, "#stage .val", "fill") == "rgb(29, 115, 115)"
    light = show(player("xyz", theme="light"))
    assert light.run(style, "body", "backgroundColor") == "rgb(254, 254, 254)"
    browser.emulate(color_scheme="light")
    dark = show(player("xyz", theme="dark"))
    assert dark.run(style, "body", "backgroundColor") == "rgb(22, 25, 29)"
    own = show(player("xyz", theme={"value": "#000080"}))
    assert own.run(style, "#stage .val", "fill") == "rgb(0, 0, 128)"


def test_scripts_are_in_the_color_of_their_letters(show: Show, browser: Browser) -> None:
    browser.emulate(color_scheme="dark")
    page = show(player("gormley"), "#step=13")
    odd = (
        "return [...document.querySelectorAll('#stage tspan:is(.sub, .sup, .on)')].map((e) =>"
        "[getComputedStyle(e).fill, getComputedStyle(e.parentElement).fill])"
    )
    pairs = page.run(odd)
    assert len(pairs) > 4
    assert all(own == above != "rgb(26, 26, 26)" for own, above in pairs)


def test_reduced_motion_stands_still(show: Show, browser: Browser) -> None:
    style = "return getComputedStyle(document.querySelector('.flow>path'))[arguments[0]]"
    browser.emulate(reduced_motion="no-preference")
    page = show(played("gormley"), "#step=11")
    assert page.run(style, "animationName") == "flow"
    browser.emulate(reduced_motion="reduce")
    assert page.run(style, "animationName") == "none"
    assert page.run(style, "strokeDasharray") == "none"
    assert math.isclose(float(page.run(style, "strokeWidth").removesuffix("px")), 3.2)
