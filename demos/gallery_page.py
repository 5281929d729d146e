"""The page of the gallery: pictures in light and dark, descriptions, tables and players."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from autograd_lite import Value, draw, play, table

THEMES = ("light", "dark")

#: Options of ``draw`` that several pictures share.
GATES = {"style": "circuit"}
BY_NEURON = {"style": "scope", "depth": 2}

#: A description of at most this many characters is the alternative text itself.
SHORT = 420


class Picture(NamedTuple):
    """One picture: its file, its caption, and the arguments of ``draw``."""

    name: str
    heading: str
    caption: str
    root: Value
    options: Mapping[str, Any] = {}
    quick: bool = False  # also drawn by --quick
    of: str = ""  # the root as a Python expression, if its name is none

    @property
    def call(self) -> str:
        """The line of Python that draws this picture."""
        given = "".join(f", {key}={_written(value)}" for key, value in self.options.items())
        return f"draw({self.of or self.root.name}{given})"


@dataclass(frozen=True)
class Section:
    """A part of the page. The table of ``derived`` is shown, and ``played`` has a player."""

    name: str
    heading: str
    text: str
    pictures: Sequence[Picture]
    derived: Value | None = None
    played: Value | None = None
    play: Mapping[str, Any] = field(default_factory=dict)


def _written(value: object) -> str:
    if isinstance(value, Value):
        return str(value.name)
    return repr(value) if isinstance(value, str | int | float) else "find_nonfinite(L)"


def write_pictures(topic: str, pictures: Sequence[Picture], folder: Path) -> Iterator[str]:
    """Write the SVG files and return their figures in HTML. ``topic`` begins each description."""
    for picture in pictures:
        single = "theme" in picture.options
        for theme in THEMES[:1] if single else THEMES:
            file = f"{picture.name}.svg" if single else f"{picture.name}_{theme}.svg"
            drawing = draw(picture.root, **{"theme": theme, **picture.options})
            drawing.save(folder / file)
        files = [f"{picture.name}.svg"] if single else [f"{picture.name}_{t}.svg" for t in THEMES]
        yield figure(topic, picture, drawing.svg, files)


def figure(topic: str, picture: Picture, svg: str, files: Sequence[str]) -> str:
    """The HTML of a picture in both themes: its size, description, caption and links to its files."""
    root = ET.fromstring(svg)
    description = root.findtext("{*}desc", "")
    short = len(description) <= SHORT
    words = f"{topic}, {picture.heading}."
    alt = f"{words} {description}" if short else f"{words} It is described below the picture."
    width, height = root.get("width"), root.get("height")
    classes = [""] if len(files) == 1 else [f' class="{theme}"' for theme in THEMES]
    images = "".join(
        f'<img{which} src="{file}" alt="{escape(alt)}" width="{width}" height="{height}">'
        for which, file in zip(classes, files, strict=True)
    )
    links = " · ".join(f'<a href="{file}">{file}</a>' for file in files)
    details = "" if short else f"<details><summary>In words</summary><p>{escape(description)}</p></details>"
    return (
        f'<figure id="picture-{picture.name}" style="--w:{width}"><div class="scroll" tabindex="0" '
        f'role="group" aria-label="{escape(picture.heading)}">{images}</div><figcaption>'
        f"<h3>{escape(picture.heading)}.</h3> {escape(picture.caption)} "
        f'<code>{escape(picture.call)}</code><div class="files">{links}</div>{details}'
        "</figcaption></figure>"
    )


def write_section(section: Section, pictures: Sequence[Picture], folder: Path) -> str:
    """Write the files of a section and return its HTML."""
    parts = list(write_pictures(section.heading, pictures, folder))
    if section.derived is not None:
        parts.insert(1, DERIVATION.format(escape(table(section.derived))))
    link = ""
    if section.played is not None:
        file = f"{section.name}_player.html"
        play(section.played, **section.play).save(folder / file)
        how = "with a question before each answer" if section.play.get("quiz") else "step by step"
        link = f'<p><a href="{file}">Play it</a>: forward and backward, {how}.</p>'
    return (
        f'<section id="{section.name}"><h2>{escape(section.heading)}</h2>\n'
        f'<p>{escape(section.text)}</p>{link}\n<div class="pictures">\n{"".join(parts)}</div></section>\n'
    )


def page(written: Iterable[tuple[Section, str]]) -> str:
    """The HTML of the whole page. It needs no files except the pictures and the players."""
    written = list(written)
    style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    links = "".join(
        f'<li><a href="#{section.name}">{escape(section.heading)}</a></li>' for section, _ in written
    )
    return PAGE.format(style=style, links=links, sections="".join(text for _, text in written))


DERIVATION = (
    '<div class="derivation" tabindex="0" role="group" aria-label="Forward and backward">'
    "<pre>{}</pre></div>\n"
)

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The circuits of the lecture notes</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>The circuits of the lecture notes</h1>
<p>autograd_lite has differentiated and drawn them. In every picture
<b class="value">values</b> are teal, <b class="grad">gradients</b> are red, and
<b class="local">local derivatives</b> are violet. A gradient is the sum of local × upstream over the
wires that leave a node. Under each picture is the line of Python that draws it; append
<code>.save("picture.pdf")</code> to it to make a file for slides.</p>
<nav aria-label="Contents"><ul>{links}</ul></nav>
<fieldset><legend>Colors</legend>
<label><input type="radio" name="theme" id="system" checked> system</label>
<label><input type="radio" name="theme" id="light"> light</label>
<label><input type="radio" name="theme" id="dark"> dark</label>
<label><input type="radio" name="theme" id="both"> both</label>
</fieldset>
</header>
<main>
{sections}</main>
</body>
</html>
"""
