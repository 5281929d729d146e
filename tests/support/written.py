"""What a picture or a page says that sets type below and above the line, as it is written on one line."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from autograd_lite.formulas.names import ABOVE, BELOW
from autograd_lite.formulas.scripts import scripts

_POWER = re.compile(r"(?:(\d[\d.]*)·)?10(⁻?[⁰¹²³⁴-⁹]+)")
_LEVELS = {"sub": -1, "sup": 1}


def plain(text: str) -> str:
    """The letters that are set for a text, whatever line they stand on."""
    return "".join(piece.text for piece in scripts(text))


def on_one_line(pieces: Iterable[tuple[str, int]]) -> str:
    """Pieces and their levels as one line: u₁, x², 5.5e−4."""
    found = ""
    for text, level in pieces:
        small = text.replace("−", "-").translate(BELOW if level < 0 else ABOVE)
        if level and not set(small) & set(text.replace("−", "-")):
            found += small
        else:
            found += ("_", "", "^")[level + 1] + text if level else text

    def number(match: re.Match[str]) -> str:
        power = "".join(str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(c)) if c != "⁻" else "−" for c in match[2])
        return f"{match[1] or 1}e{power}"

    return _POWER.sub(number, found)


def runs_of_svg(text: Element) -> list[str]:
    """The runs of a text of a picture."""
    runs: list[list[tuple[str, int]]] = [[(text.text, 0)]] if text.text and text.text.strip("\n") else []
    for piece in text:
        kinds = piece.get("class", "").split()
        level = next((_LEVELS[kind] for kind in kinds if kind in _LEVELS), 0)
        if not runs or not (level or "on" in kinds):
            runs.append([])
        runs[-1].append((piece.text or "", level))
    return [on_one_line(run) for run in runs]


_TOKEN = re.compile(r"<(/?)(\w+)[^>]*?(?:COLOR=\"([^\"]*)\"[^>]*)?>|([^<>]+)")


def runs_of_dot(dot: str) -> list[tuple[str, str]]:
    """The color and the text of every run of a DOT text."""
    found: list[tuple[str, str]] = []
    pieces: list[tuple[str, int]] = []
    depth, level, color = 0, 0, ""
    for end, tag, shade, text in _TOKEN.findall(dot):
        if tag in ("SUB", "SUP"):
            level = 0 if end else _LEVELS[tag.lower()]
        elif tag == "FONT":
            depth += -1 if end else 1
            color = shade or color
            if end and not depth:
                found.append((color, on_one_line(pieces)))
                pieces = []
        elif text and depth:
            pieces.append((text, level))
    return found
