"""The gallery is whole, can be read without seeing it, and shows the right gradients.

The numbers expected on the pictures come from the lectures' formulas, from NumPy and from mpmath.
"""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import mpmath
import numpy as np
import pytest

from autograd_lite.show.picture import engines

from ..support.browser import Browser, missing
from ..support.demo import load, run

PICTURES = {
    "f_circuit", "f_card", "J_circuit", "J_card", "J_before", "square", "square_circuit", "cube",
    "first", "second", "logistic_circuit", "logistic_named", "two_circuit", "two_scope", "mlp_layers",
    "mlp_neurons", "mlp_path", "mlp_near", "mlp_strong", "xor_scope", "nan", "large",
}  # fmt: skip
PRINTED = {"f_mono", "J_mono"}
PLAYERS = {"sarkar", "gormley", "logistic"}
FILES = {
    "index.html",
    *(f"{name}_player.html" for name in PLAYERS),
    *(f"{name}.svg" for name in PRINTED),
    *(f"{name}_{theme}.svg" for name in PICTURES for theme in ("light", "dark")),
}

pytestmark = pytest.mark.skipif(not engines.available(), reason="there is no Graphviz")


class Page(HTMLParser):
    """What a page holds: its elements, its ids, and all that it refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str]] = []
        self.text = text
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.tags.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        for key in ("href", "src", "srcset", "data", "poster", "action"):
            if key in given:
                self.links.append(given[key])
        if tag == "img":
            self.images.append(given)


def texts(file: Path) -> list[str]:
    """The runs of text of a picture; a label of several fonts is several runs."""
    root = ET.parse(file).getroot()
    found = (
        "".join(each.itertext()).strip() for each in root.iter("{http://www.w3.org/2000/svg}text")
    )
    return [text.replace("\u00a0", " ") for text in found]


def number(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")


def outside(text: str) -> list[str]:
    """References that leave the folder, of a style or a tag."""
    return re.findall(
        r"(?:url\(|@import|(?:src|href)\s*=\s*[\"']?)\s*(?:[a-z]+:)?//[^\s\"')]*", text
    )


def faults(folder: Path) -> list[str]:
    """What is wrong with the gallery in a folder."""
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    found = [
        f"{file.name}: {link}"
        for file in folder.iterdir()
        for link in outside(file.read_text("utf-8"))
    ]
    found += [f"<{tag}>" for tag in ("script", "link", "iframe", "base") if tag in page.tags]
    found += [f"two of id {each}" for each in set(page.ids) if page.ids.count(each) > 1]
    for link in page.links:
        if link.startswith("#"):
            if link[1:] not in page.ids:
                found.append(f"no place {link}")
        elif not (folder / link).is_file():
            found.append(f"no file {link}")
    unused = {file.name for file in folder.iterdir()} - set(page.links) - {"index.html"}
    found += [f"{name} is not on the page" for name in sorted(unused)]
    for image in page.images:
        file = folder / image["src"]
        if len(image.get("alt", "")) < 30:
            found.append(f"{file.name} has no alternative text")
        if not file.is_file():
            continue
        try:
            root = ET.parse(file).getroot()
        except ET.ParseError as error:
            found.append(f"{file.name}: {error}")
            continue
        if (image.get("width"), image.get("height")) != (root.get("width"), root.get("height")):
            found.append(f"{file.name} is drawn at another size than its own")
    return found


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    *headings, last = run("gallery", folder).splitlines()
    assert f"{len(PICTURES | PRINTED)} pictures and {len(PLAYERS)} players" in last
    page = (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert re.findall("<h2>(.*?)</h2>", page) == [line.strip() for line in headings]
    return folder / "out"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if why := missing():
        pytest.skip(why)
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def test_the_gallery_is_whole(gallery: Path) -> None:
    assert {file.name for file in gallery.iterdir()} == FILES
    assert faults(gallery) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("index.html", 'alt="', 'title="'),
        ("index.html", "</title>", "</title><script></script>"),
        ("index.html", 'href="#xor"', 'href="#nor"'),
        ("index.html", 'src="f_mono.svg"', 'src="g_mono.svg"'),
        ("index.html", 'src="f_mono.svg"', 'src="https://example.org/f_mono.svg"'),
        ("index.html", 'id="nan"', 'id="xor"'),
        ("index.html", "<style>", "<style>@import //example.org/style.css;"),
        ("index.html", 'width="', 'width="1'),
        ("J_card_dark.svg", "</svg>", ""),
        ("stray.svg", "", "<svg/>"),
    ],
)
def test_a_gallery_with_a_fault_is_seen(
    gallery: Path, tmp_path: Path, file: str, old: str, new: str
) -> None:
    for each in gallery.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    text = (tmp_path / file).read_text(encoding="utf-8") if old else ""
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new) if old else new, encoding="utf-8")
    assert faults(tmp_path) != []


def test_every_picture_says_in_words_what_it_shows(gallery: Path) -> None:
    page = Page((gallery / "index.html").read_text(encoding="utf-8"))
    alt = {image["src"]: image["alt"] for image in page.images}
    assert len(set(alt.values())) == len(PICTURES | PRINTED)
    assert "x = −2, gradient −4. y = 5, gradient −4." in alt["f_card_light.svg"]
    assert "x = 1, gradient 4.561." in alt["J_circuit_dark.svg"]
    described = [text for text in alt.values() if "described below" in text]
    assert page.tags.count("details") == len(described) / 2 > 0
    assert "h₂ = 0.9241 (gradient −0.05097)" in page.text


def test_the_tables_stand_beside_the_two_examples(gallery: Path) -> None:
    page = (gallery / "index.html").read_text(encoding="utf-8")
    assert page.count("<pre>") == 2
    assert "result   ∂f/∂x = −4,  ∂f/∂y = −4,  ∂f/∂z = 3</pre>" in page
    by_hand = -math.sin(math.sin(1.0) + 3.0) * (2.0 * math.cos(1.0) + 6.0)
    assert f"result   ∂J/∂x = {number(by_hand)}</pre>" in page


def test_the_examples_of_the_lectures(gallery: Path) -> None:
    for theme in ("light", "dark"):
        f, J = (texts(gallery / f"{name}_card_{theme}.svg") for name in "fJ")
        assert {"−2", "5", "−4", "3", "−12"} <= set(f)
        assert {"4.561", "2.28", "0.348", "1.932", "0.6441", "−0.7649"} <= set(J)
    for file in ("f_circuit_light.svg", "f_mono.svg"):
        assert {"x", "y", "z", "q", "f", "−12", "−4", "3"} <= set(texts(gallery / file))
    for file in ("J_circuit_dark.svg", "J_mono.svg"):
        assert {"4.561", "+= 0.348", "+= 1.932", "2.28"} <= set(texts(gallery / file))


def test_before_the_sweep_no_gradient_is_shown(gallery: Path) -> None:
    shown = texts(gallery / "J_before_light.svg")
    assert "grad" not in shown
    assert not {"4.561", "2.28", "1.932", "0.348"} & set(shown)
    assert {"value", "0.5403", "−0.7649"} <= set(shown)
    assert "grad" in texts(gallery / "J_card_light.svg")


def test_themes_have_papers_of_their_own(gallery: Path) -> None:
    for name in PICTURES:
        light, dark = ((gallery / f"{name}_{t}.svg").read_text("utf-8") for t in ("light", "dark"))
        assert "#fefefe" in light
        assert "#fefefe" not in dark
        assert "#16191d" in dark
        assert texts(gallery / f"{name}_light.svg") == texts(gallery / f"{name}_dark.svg")


def test_small_circuits(gallery: Path) -> None:
    assert {"6", "= 3 + 3"} <= set(texts(gallery / "square_light.svg"))
    assert texts(gallery / "square_circuit_light.svg").count("+= 3") == 2
    for file, value, slope in (
        ("cube", 1.5**3, 3 * 1.5**2),
        ("first", 3 * 1.5**2, 6 * 1.5),
        ("second", 6 * 1.5, 6.0),
    ):
        assert {number(value), number(slope)} <= set(texts(gallery / f"{file}_light.svg"))


def logistic(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


def test_logistic_regression(gallery: Path) -> None:
    x, w, b, y = np.array([1.5, -0.5]), np.array([0.4, 0.8]), -0.3, 1.0
    a = logistic(float(w @ x) + b)
    dz = a - y
    expected = {*map(number, [*(dz * x), *(dz * w), dz, a, -math.log(a), -y / a])}
    for name in ("logistic_circuit", "logistic_named"):
        assert expected <= set(texts(gallery / f"{name}_light.svg"))


def test_two_layers(gallery: Path) -> None:
    x, W, b1 = np.array([1.0, 0.5]), np.array([[0.5, -1.0], [1.5, 0.5]]), np.array([0.25, -0.5])
    v, b2 = np.array([1.0, -2.0]), 0.5
    a1 = 1 / (1 + np.exp(-(W @ x + b1)))
    a2 = logistic(float(v @ a1) + b2)
    dz2 = a2 - 1.0
    dz1 = v * dz2 * a1 * (1 - a1)
    layers = [*(dz2 * a1), dz2, *(v * dz2), *np.outer(dz1, x).flat, *dz1]
    for name in ("two_circuit", "two_scope"):
        assert {*map(number, [*layers, *(W.T @ dz1)])} <= set(texts(gallery / f"{name}_light.svg"))


def test_xor(gallery: Path) -> None:
    W, w, x = np.array([[5.0, -5.0], [-5.0, 5.0]]), np.array([5.0, 5.0]), np.array([0.0, 1.0])
    h = 1 / (1 + np.exp(-(W @ x - 2.5)))
    out = logistic(float(w @ h) - 2.5)
    assert number(out) == "0.8932"
    dz = (out - 1.0) * out * (1.0 - out)
    inner = w * dz * h * (1 - h)
    shown = set(texts(gallery / "xor_scope_light.svg"))
    assert {*map(number, [out, out - 1.0, dz, w[0] * dz, dz * h[1], inner[1]])} <= shown
    small = {*(f"{v:.3e}".replace("e-0", "e−").replace("-", "−") for v in (dz * h[0], inner[0]))}
    assert small <= shown


def test_captions_tell_the_numbers_of_the_formulas(gallery: Path) -> None:
    page = (gallery / "index.html").read_text(encoding="utf-8")
    upstream = -math.sin(math.sin(1.0) + 3.0)
    shares = [upstream * math.cos(1.0), upstream * 3.0]
    a = logistic(0.4 * 1.5 - 0.8 * 0.5 - 0.3)
    h1, h2 = logistic(5 * -1.0 - 2.5), logistic(5 * 1.0 - 2.5)
    output = logistic(5 * h1 + 5 * h2 - 2.5)
    small = f"{h1:.3e}".replace("e-0", "e−")
    for sentence in (
        f"gives q = {-2 + 5} and f = −{(-2 + 5) * 4}, the sweep −4, −4 and {-2 + 5}.",
        f"its own share, {' and '.join(map(number, shares))}, to the gradient {number(sum(shares))}.",
        f"dJ/dx = {number(2 * sum(shares))} stands at x.",
        "the gradient is 3 + 3 = 6.",
        f"The gradient of x is {number(3 * 1.5**2)}.",
        f"Its value is that {number(3 * 1.5**2)}, and its own gradient at x is {number(6 * 1.5)}.",
        f"Its value is that {number(6 * 1.5)}, and the third derivative is 6.",
        f"∂L/∂z is a − y = {number(a)} − 1 = {number(a - 1.0)}.",
        f"its output is {number(output)}.",
        f"{number(h2)} against {small}.",
    ):
        assert sentence in page


def test_reduced_pictures_say_so(gallery: Path) -> None:
    captions = {
        "mlp_layers": "31 nodes drawn as 5 boxes: collapsed by scope (depth 1)",
        "mlp_neurons": "31 nodes drawn as 8 boxes: collapsed by scope (depth 2)",
        "mlp_path": "only the path from layer1/neuron1/w₁ to L",
        "mlp_near": "13 of 31 nodes: at most 4 steps from L",
        "mlp_strong": "13 of 31 nodes: only wires with |contribution| ≥ 0.3",
        "nan": "first nan or infinity: log(0.0) gave -inf",
        "large": "1,018 nodes drawn as 5 boxes: collapsed by scope (depth 1)",
    }
    for name, caption in captions.items():
        assert caption in texts(gallery / f"{name}_light.svg")
    # What is left out leaves the gradients of the rest as they are.
    gradients = {"−0.9709", "0.3943", "0.1465", "0.4579", "−0.326"}
    assert gradients <= set(texts(gallery / "mlp_neurons_dark.svg"))
    assert {"0.1465", "0.3943"} <= set(texts(gallery / "mlp_path_light.svg"))


def test_quick_draws_fewer(gallery: Path, tmp_path: Path) -> None:
    found = load("gallery").main(tmp_path, quick=True)
    assert found["players"] == len(PLAYERS)
    assert 0 < found["pictures"] < len(PICTURES) / 2
    assert faults(tmp_path) == []
    for file in tmp_path.glob("*.svg"):
        assert file.read_bytes() == (gallery / file.name).read_bytes()


def test_without_graphviz_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "available", list)
    assert load("gallery").main(tmp_path)["pictures"] == 0
    out = capsys.readouterr().out
    assert "Graphviz" in out
    assert "pip install" in out
    assert list(tmp_path.iterdir()) == []


VISIBLE = "[...document.images].filter(i => i.checkVisibility())"


@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_browser(gallery: Path, browser: Browser, scheme: str, width: int) -> None:
    browser.size(width, 900)
    browser.emulate(color_scheme=scheme)
    browser.open((gallery / "index.html").as_uri())
    shown = browser.run(f"return {VISIBLE}.map(i => i.getAttribute('src'))")
    assert {*shown} == {f"{n}_{scheme}.svg" for n in PICTURES} | {f"{n}.svg" for n in PRINTED}
    assert browser.run(f"return {VISIBLE}.every(i => i.complete && i.naturalWidth > 0)")
    # A picture that is too wide scrolls in its own frame, and the page does not.
    assert browser.run("return document.documentElement.scrollWidth") <= width
    least = f"return Math.min(...{VISIBLE}.map(i => i.clientWidth / i.naturalWidth))"
    assert browser.run(least) > (0.61 if width > 400 else 0.5)
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(254, 254, 254)", "dark": "rgb(22, 25, 29)"}[scheme]
    assert browser.log() == []


def test_the_reader_can_choose_the_colours(gallery: Path, browser: Browser) -> None:
    browser.size(1400, 900)
    browser.emulate(color_scheme="light")
    browser.open((gallery / "index.html").as_uri())
    for choice, themes in (("dark", {"dark"}), ("both", {"light", "dark"}), ("light", {"light"})):
        browser.click(f"#{choice}")
        shown = browser.run(f"return {VISIBLE}.map(i => i.className)")
        assert {*shown} - {""} == themes
    browser.click("#dark")
    assert browser.run("return getComputedStyle(document.body).color") == "rgb(242, 242, 242)"


@pytest.mark.parametrize("name", sorted(PLAYERS))
def test_the_players_open(gallery: Path, browser: Browser, name: str) -> None:
    page = (gallery / f"{name}_player.html").read_text(encoding="utf-8")
    assert outside(page) == []
    browser.open((gallery / f"{name}_player.html").as_uri())
    browser.press("End")
    gradient = {"sarkar": "−4", "gormley": "4.561", "logistic": "−0.525"}[name]
    shown = browser.run("return [...document.querySelectorAll('svg text')].map(t => t.textContent)")
    assert gradient in shown
    assert ('"phase":"ask"' in page) == (name == "logistic")
    assert browser.log() == []


# The demo of second derivatives


def test_second_derivatives(tmp_path: Path) -> None:
    found = load("second_derivative").main(tmp_path)
    cube = {"y": 3.375, "y′": 6.75, "y″": 9.0, "y‴": 6.0}
    assert {name: found[name] for name in cube} == cube

    def loss(z: mpmath.mpf) -> mpmath.mpf:
        return (1 / (1 + mpmath.exp(-z)) - 1) ** 2 / 2

    with mpmath.workdps(40):
        assert found["L′"] == pytest.approx(float(mpmath.diff(loss, -2)), rel=1e-14)
        assert found["L″"] == pytest.approx(float(mpmath.diff(loss, -2, 2)), rel=1e-13)
    assert found["L″ by differences"] == pytest.approx(found["L″"], rel=1e-8)
    assert found["L″ frozen"] > 0 > found["L″"]
    for name in ("y", "first", "second"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_second_derivatives_are_printed_as_formulas(tmp_path: Path) -> None:
    out = run("second_derivative", tmp_path)
    assert re.findall(r"^ +(y\S*) += (\S+) += (\S+)$", out, re.MULTILINE) == [
        ("y", "x³", "3.375"),
        ("y′", "3x²", "6.75"),
        ("y″", "6x", "9"),
        ("y‴", "6", "6"),
    ]
    assert "∂y′/∂x = 9" in out


def test_a_wrong_derivative_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("second_derivative")
    right = demo.gradients
    monkeypatch.setattr(demo, "gradients", lambda y, x: right(y, x) + 1e-3)
    with pytest.raises(AssertionError):
        demo.cube(tmp_path)
    with pytest.raises(AssertionError):
        demo.frozen_slope()
