"""How other programs render a finished SVG, and what PNG and PDF show, beside Chromium, pixel by pixel.

    python -m tests.renderers [folder [how many]]

For ten pictures, or the first so many of them, and every renderer that is installed the table has the
share of pixels that differ, in a circle of two pixels, from what Chromium shows. The fonts of this machine
are the same for all. It ends with 1 where a renderer shows another picture.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from autograd_lite.show import Drawing, draw, play

from .latex_pages import circuits
from .show.picture.reading import gormley, network, xyz
from .support.browser import Browser, missing

Render = Callable[[str, Path], bytes]

#: A pixel differs when no pixel near it is as dark, by so much of 255; and the share that may. svglib
#: knows neither smaller type within a line nor the widths of words, and may differ by more.
_FAR, _SHARE, _SHARE_OF_SVGLIB = 100, 0.005, 0.015

#: Pixels for each CSS pixel.
_ZOOM = 2


def pictures() -> Iterator[tuple[str, str]]:
    """Ten pictures: every style, the themes, a broken one, a step of a player, hard names."""
    made: dict[str, Drawing] = {
        "xyz cards": draw(xyz()),
        "xyz gates": draw(xyz(), "circuit"),
        "gormley cards": draw(gormley()),
        "gormley gates dark": draw(gormley(), "circuit", theme="dark"),
        "gormley mono": draw(gormley(), "circuit", theme="mono"),
        "gormley 16:9": draw(gormley(), fit="16:9"),
        "network units": draw(network()),
        "network scopes": draw(network(), "scope", depth=2),
        "names": draw(
            dict(circuits())["logistic"],
            "circuit",
            title="A title & a caption",
            min_grad=0.0,
            grads="always",
        ),
    }
    for name, drawing in made.items():
        yield name, drawing.svg
    yield "step 9", play(gormley()).frames.svg(9)


def _by_command(*command: str) -> Render:
    def render(svg: str, folder: Path) -> bytes:
        source, target = folder / "picture.svg", folder / "picture.png"
        source.write_text(svg, "utf-8")
        target.unlink(missing_ok=True)
        filled = [part.format(source=source, target=target, folder=folder) for part in command]
        subprocess.run(filled, capture_output=True, check=True, timeout=120)
        return target.read_bytes()

    return render


def _cairosvg(svg: str, folder: Path) -> bytes:
    import cairosvg

    return bytes(cairosvg.svg2png(svg.encode(), scale=_ZOOM))


def _resvg(svg: str, folder: Path) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=_ZOOM))


def _svglib(svg: str, folder: Path) -> bytes:
    from reportlab.graphics import renderPDF
    from svglib.svglib import svg2rlg

    (folder / "picture.svg").write_text(svg, "utf-8")
    renderPDF.drawToFile(svg2rlg(str(folder / "picture.svg")), str(folder / "picture.pdf"))
    return _pdf_page((folder / "picture.pdf").read_bytes(), folder)


def _own(form: str) -> Render:
    def render(svg: str, folder: Path) -> bytes:
        from autograd_lite.show.picture.canvas import painted

        content = painted(svg, form, dpi=96 * _ZOOM if form == "png" else None)
        return content if form == "png" else _pdf_page(content, folder)

    return render


def _pdf_page(pdf: bytes, folder: Path) -> bytes:
    (folder / "page.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", f"{96 * _ZOOM}", "-png", "-singlefile", "page.pdf", "page"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return (folder / "page.png").read_bytes()


def renderers() -> dict[str, Render]:
    """What is installed here, by name."""
    found: dict[str, Render] = {"PNG of the package": _own("png")}
    if shutil.which("pdftoppm"):
        found["PDF of the package"] = _own("pdf")
    commands: Mapping[str, tuple[str, ...]] = {
        "rsvg-convert": ("rsvg-convert", "-z", f"{_ZOOM}", "{source}", "-o", "{target}"),
        "inkscape": ("inkscape", "{source}", "-d", f"{96 * _ZOOM}", "-o", "{target}"),
        "soffice": (
            "soffice", "--headless", "-env:UserInstallation=file://{folder}/office",
            "--convert-to", "png", "--outdir", "{folder}", "{source}",
        ),
    }  # fmt: skip
    for program, command in commands.items():
        if shutil.which(program):
            found[program] = _by_command(*command)
    for package, render in (("cairosvg", _cairosvg), ("resvg_py", _resvg), ("svglib", _svglib)):
        try:
            __import__(package)
        except (ImportError, OSError):
            continue
        found[package] = render
    return found


def by_chromium(browser: Browser, svg: str, folder: Path) -> bytes:
    """A screenshot of an SVG that stands in a page."""
    page = folder / "page.html"
    page.write_text(
        f'<meta charset="utf-8"><style>body{{margin:0}}svg{{display:block}}</style>{svg}', "utf-8"
    )
    width, height = (float(x) for x in re.findall(r' (?:width|height)="([\d.]+)"', svg[:400])[:2])
    browser.devtools(
        "Emulation.setDeviceMetricsOverride",
        width=round(width), height=round(height), deviceScaleFactor=_ZOOM, mobile=False,
    )  # fmt: skip
    browser.open(page.as_uri())
    browser.shot(folder / "shot.png")
    return (folder / "shot.png").read_bytes()


def difference(one: bytes, other: bytes) -> float:
    """The share of pixels of either picture that have nothing as dark near them in the other."""
    import numpy as np
    from PIL import Image, ImageFilter

    first, second = (_on_white(Image.open(io.BytesIO(each))) for each in (one, other))
    second = second.resize(first.size, Image.Resampling.LANCZOS)
    far = 0.0
    for a, b in ((first, second), (second, first)):
        near = b
        for _ in range(2):
            near = near.filter(ImageFilter.MinFilter(3))
        light = b
        for _ in range(2):
            light = light.filter(ImageFilter.MaxFilter(3))
        pixels, low, high = (np.asarray(each, dtype=float) for each in (a, near, light))
        far = max(far, float(np.mean((pixels < low - _FAR) | (pixels > high + _FAR))))
    return far


def _on_white(image: Any) -> Any:
    from PIL import Image

    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("L")


def main() -> int:
    if why := missing():
        print(f"There is nothing to compare with: {why}.")
        return 0
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    given.mkdir(parents=True, exist_ok=True)
    ways = renderers()
    wrong = 0
    with Browser(given / "profile") as browser:
        print(f"{'percent of pixels that differ':30}" + "".join(f"{way[:12]:>13}" for way in ways))
        chosen = islice(pictures(), int(sys.argv[2]) if len(sys.argv) > 2 else None)
        for k, (name, svg) in enumerate(chosen):
            reference = by_chromium(browser, svg, given)
            (given / f"{k}-chromium.png").write_bytes(reference)
            cells = []
            for way, render in ways.items():
                try:
                    shown = render(svg, given)
                except Exception as error:
                    cells.append(f"{type(error).__name__[:12]:>13}")
                    wrong += 1
                    continue
                (given / f"{k}-{way.replace(' ', '-')}.png").write_bytes(shown)
                far = difference(reference, shown)
                off = far > (_SHARE_OF_SVGLIB if way == "svglib" else _SHARE)
                wrong += off
                cells.append(f"{100 * far:12.3f}{'!' if off else ' '}")
            print(f"{name:30}{''.join(cells)}", flush=True)
    print(f"{wrong} pictures differ" if wrong else "all renderers show what Chromium shows")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
