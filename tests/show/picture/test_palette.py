"""The colours: readable on every fill, apart for every kind of colour vision."""

import itertools
import math

import pytest

from autograd_lite.show.picture.palette import DARK, LIGHT, MONO, ROLES, THEMES, palette

RGB = tuple[float, float, float]
TEXTS = ("ink", "muted", "value", "grad", "local")
FILLS = ("leaf", "param", "op", "out", "const", "cluster", "scope")
NUMBERS = ("value", "grad", "local")

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "usual": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> RGB:
    def channel(text: str) -> float:
        c = int(text, 16) / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    return channel(colour[1:3]), channel(colour[3:5]), channel(colour[5:7])


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05 for r, g, b in map(linear, (one, other))]
    return max(light) / min(light)


def seen(colour: str, vision: str) -> RGB:
    rgb = linear(colour)
    r, g, b = (
        min(max(sum(m * c for m, c in zip(row, rgb, strict=True)), 0.0), 1.0) for row in VISION[vision]
    )
    return r, g, b


def lab(rgb: RGB) -> RGB:
    """CIE L*a*b* with the white of D65."""
    r, g, b = rgb
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: str, other: str, vision: str) -> float:
    return math.dist(lab(seen(one, vision)), lab(seen(other, vision)))


def test_the_measures_are_those_of_the_literature() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert lab(linear("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    # The classical pair of gate pictures, and why it is not used here.
    assert distance("#008000", "#ff0000", "usual") > 100
    assert distance("#00b300", "#ff0000", "deutan") < distance("#1d7373", "#a61b00", "deutan")


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_is_readable_on_paper_and_on_every_fill(theme: str) -> None:
    colours = THEMES[theme]
    for text in TEXTS:
        assert contrast(colours[text], colours["paper"]) >= 5.5, text
        for fill in FILLS:
            assert contrast(colours[text], colours[fill]) >= 4.55, (text, fill)


@pytest.mark.parametrize("theme", THEMES)
def test_lines_are_visible_on_paper(theme: str) -> None:
    for line in ("wire", "alert"):
        assert contrast(THEMES[theme][line], THEMES[theme]["paper"]) >= 3, line


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_numbers_keep_apart_for_every_kind_of_colour_vision(theme: dict[str, str], vision: str) -> None:
    for one, other in itertools.combinations(NUMBERS, 2):
        assert distance(theme[one], theme[other], vision) >= 44, (one, other)


def test_print_uses_no_colour() -> None:
    for role, colour in MONO.items():
        channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert max(channels) - min(channels) <= 4, role


@pytest.mark.parametrize("theme", THEMES)
def test_a_colour_has_one_meaning(theme: str) -> None:
    assert THEMES[theme].keys() == ROLES.keys()
    assert len(set(THEMES[theme].values())) == len(ROLES)


def test_a_mapping_overrides_a_theme() -> None:
    assert palette({"value": "#0000AA"}) == {**LIGHT, "value": "#0000aa"}
    assert palette({"base": "dark", "paper": "#000000"}) == {**DARK, "paper": "#000000"}
    assert palette("mono") == MONO
    assert palette("mono") is not MONO


def test_an_override_never_merges_two_roles() -> None:
    colours = palette({"value": LIGHT["grad"], "paper": "#ffffff", "op": "#ffffff"})
    assert colours["value"] == LIGHT["grad"]
    assert len(set(colours.values())) == len(ROLES)


@pytest.mark.parametrize(
    ("theme", "named"),
    [
        ("solarized", "solarized"),
        ({"valeu": "#000000"}, "valeu"),
        ({"value": "teal"}, "teal"),
        ({"value": "#12345"}, "#12345"),
        ({"base": "neon"}, "neon"),
    ],
)
def test_a_wrong_theme_is_named(theme: str | dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        palette(theme)


def test_a_theme_is_a_name_or_a_mapping() -> None:
    with pytest.raises(TypeError, match="int"):
        palette(3)  # type: ignore[arg-type]  # the very mistake
