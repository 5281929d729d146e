"""The gallery is whole, can be read without seeing it, and shows the right gradients.

The numbers expected on the pictures come from the lectures' formulas.
"""

import math
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograd_lite.show.picture import engines

from ..show.picture.reading import drawn
from ..support.browser import Browser
from ..support.demo import load

PICTURES = {
    "f_circuit", "f_card", "J_circuit", "J_card", "J_before", "square", "square_circuit", "cube",
    "first", "second", "logistic_circuit", "logistic_named", "two_circuit", "two_scope", "mlp_layers",
    "mlp_units", "mlp_magnitude", "mlp_batch", "mlp_neurons", "mlp_path", "mlp_near", "mlp_strong",
    "xor_scope", "nan", "large",
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
    return list(map(str.strip, drawn(file.read_text("utf-8"))))


def number(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")


def outside(text: str) -> list[str]:
    """References that leave the folder, of a style or a tag."""
    return re.findall(r"(?:url\(|@import|(?:src|href)\s*=\s*[\"']?)\s*(?:[a-z]+:)?//[^\s\"')]*", text)


def faults(folder: Path) -> list[str]:
    """What is wrong with the gallery in a folder."""
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    found = [
        f"{file.name}: {link}" for file in folder.iterdir() for link in outside(file.read_text("utf-8"))
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
def gallery(
    tmp_path_factory: pytest.TempPathFactory, beside_the_demos: None
) -> tuple[Path, dict[str, float]]:
    """The folder of the whole gallery, and how much of what its demo says that it wrote."""
    folder = tmp_path_factory.mktemp("gallery")
    return folder, load("gallery").main(folder)


@pytest.fixture(scope="module")
def folder(gallery: tuple[Path, dict[str, float]]) -> Path:
    return gallery[0]


def test_the_gallery_is_whole(gallery: tuple[Path, dict[str, float]]) -> None:
    folder, counts = gallery
    assert counts == {"pictures": len(PICTURES | PRINTED), "players": len(PLAYERS)}
    assert {file.name for file in folder.iterdir()} == FILES
    assert faults(folder) == []


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
    folder: Path, tmp_path: Path, file: str, old: str, new: str
) -> None:
    for each in folder.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    text = (tmp_path / file).read_text(encoding="utf-8") if old else ""
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new) if old else new, encoding="utf-8")
    assert faults(tmp_path) != []


def test_every_picture_has_words_of_its_own(folder: Path) -> None:
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    alt = {image["src"]: image["alt"] for image in page.images}
    assert len(set(alt.values())) == len(PICTURES | PRINTED)
    assert "x = −2, gradient −4" in alt["f_card_light.svg"]
    assert page.tags.count("details") > 0


def logistic(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


def test_the_pictures_show_the_numbers_of_the_formulas(folder: Path) -> None:
    upstream = -math.sin(math.sin(1.0) + 3.0)
    shares = [upstream * math.cos(1.0), upstream * 3.0]
    dz = logistic(-0.1) - 1.0
    out = logistic(5 * logistic(-7.5) + 5 * logistic(2.5) - 2.5)
    expected = {
        "f_card": [-12.0, -4.0, 3.0],
        "f_circuit": [-12.0, -4.0, 3.0],
        "J_card": [*shares, sum(shares), 2 * sum(shares)],
        "J_circuit": [sum(shares), 2 * sum(shares)],
        "square": [6.0],
        "cube": [1.5**3, 3 * 1.5**2],
        "first": [3 * 1.5**2, 6 * 1.5],
        "second": [6 * 1.5, 6.0],
        "logistic_circuit": [dz, 1.5 * dz, -0.5 * dz, 0.4 * dz, 0.8 * dz],
        "logistic_named": [dz, 1.5 * dz, -0.5 * dz, 0.4 * dz, 0.8 * dz],
        "xor_scope": [out, out - 1.0],
    }
    for name, numbers in expected.items():
        assert set(map(number, numbers)) <= set(texts(folder / f"{name}_light.svg")), name
    before = set(texts(folder / "J_before_light.svg"))
    assert not {"grad", *map(number, [*shares, sum(shares), 2 * sum(shares)])} & before


def test_themes_have_papers_of_their_own(folder: Path) -> None:
    for name in PICTURES:
        light, dark = ((folder / f"{name}_{t}.svg").read_text("utf-8") for t in ("light", "dark"))
        assert ("#fefefe" in light, "#fefefe" in dark, "#16191d" in dark) == (True, False, True)
        assert texts(folder / f"{name}_light.svg") == texts(folder / f"{name}_dark.svg")


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("mlp_batch", "one of 10 equal parts is drawn"),
        ("mlp_layers", "collapsed by scope (depth 1)"),
        ("mlp_neurons", "collapsed by scope (depth 2)"),
        ("mlp_path", "only the path from layer1/neuron1/w₁₁⁽¹⁾ to L"),
        ("mlp_near", "at most 4 steps from L"),
        ("mlp_strong", "only wires with |contribution| ≥ 0.3"),
        ("nan", "log(0.0) gave -inf"),
        ("large", "collapsed by scope (depth 1)"),
    ],
)
def test_a_reduced_picture_says_so(name: str, caption: str, folder: Path) -> None:
    assert any(caption in text for text in texts(folder / f"{name}_light.svg"))


def test_quick_draws_fewer(folder: Path, tmp_path: Path) -> None:
    found = load("gallery").main(tmp_path, quick=True)
    assert 0 < found["pictures"] < len(PICTURES) / 2
    assert faults(tmp_path) == []
    for file in tmp_path.glob("*.svg"):
        assert file.read_bytes() == (folder / file.name).read_bytes()


VISIBLE = "[...document.images].filter(i => i.checkVisibility())"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 400)])
def test_the_page_in_a_browser(folder: Path, browser: Browser, scheme: str, width: int) -> None:
    browser.size(width, 900)
    browser.emulate(color_scheme=scheme)
    browser.open((folder / "index.html").as_uri())
    shown = browser.run(f"return {VISIBLE}.map(i => i.getAttribute('src'))")
    assert {*shown} == {f"{n}_{scheme}.svg" for n in PICTURES} | {f"{n}.svg" for n in PRINTED}
    assert browser.run(f"return {VISIBLE}.every(i => i.complete && i.naturalWidth > 0)")
    # A picture that is too wide scrolls in its own frame, and the page does not.
    assert browser.run("return document.documentElement.scrollWidth") <= width
    least = f"return Math.min(...{VISIBLE}.map(i => i.clientWidth / i.naturalWidth))"
    assert browser.run(least) > 0.5
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(254, 254, 254)", "dark": "rgb(22, 25, 29)"}[scheme]
    for choice, themes in (("dark", {"dark"}), ("both", {"light", "dark"}), ("light", {"light"})):
        browser.click(f"#{choice}")
        shown = browser.run(f"return {VISIBLE}.map(i => i.className)")
        assert {*shown} - {""} == themes
    assert browser.log() == []


@pytest.mark.parametrize("name", sorted(PLAYERS))
def test_the_players_open(folder: Path, browser: Browser, name: str) -> None:
    page = (folder / f"{name}_player.html").read_text(encoding="utf-8")
    assert outside(page) == []
    browser.open((folder / f"{name}_player.html").as_uri())
    browser.press("End")
    gradient = {"sarkar": "−4", "gormley": "4.561", "logistic": "−0.525"}[name]
    shown = browser.run("return [...document.querySelectorAll('svg text')].map(t => t.textContent)")
    assert gradient in shown
    assert browser.log() == []
