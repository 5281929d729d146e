"""The steps of a player as files: pages, a film, a folder of pictures, a storyboard."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...support.files import write_whole
from ..picture.canvas import painted
from ..picture.engines import RenderError
from ..picture.fit import ROOMS
from ..picture.shapes import read_svg, write_svg
from .frames import Frames, sheet_of

#: The endings of the files, besides that of the page.
STEP_FILES = (".pdf", ".gif", ".svg", ".png")

#: What the pictures in a folder may be.
FORMS = ("svg", "png")

#: The least scale of the frames on a storyboard of one sheet; where they are smaller there are two.
_LEAST_SCALE = 0.42

#: The room of a sheet in points: that of a page, lying on its side.
_SHEET = ROOMS["A4"].height * 1.1, ROOMS["A4"].width * 1.1


#: The dots per inch of bitmaps, unless something else is asked for or has no room.
_DPI = 150.0

#: The most pixels of a picture of a film, or of a folder, that has no dpi of its own: those of a screen.
_SCREENS = {".gif": (1920, 1080), "": (3840, 2160)}

#: The most pixels of all pictures together: about half a minute of work.
_MOST_PIXELS = 3e8


def save_steps(
    frames: Frames, path: Path, engine: str, dpi: float | None, seconds: float, storyboard: bool
) -> None:
    """Write the steps to a file, by its ending; a storyboard on one sheet or, as PDF, on two.

    :raises RenderError: when a package that the file needs is not installed.
    """
    kind = path.suffix.lower()
    if storyboard:
        sheets = [*_storyboard(frames, most=2 if kind == ".pdf" else 1)]
    else:
        sheets = [frames.svg(k) for k in range(len(frames))]
    if kind == ".pdf":
        content = _as_pages([painted(sheet, "pdf", engine) for sheet in sheets])
    elif kind == ".gif":
        dpi = _fitting(frames, dpi, kind)
        content = _film([painted(sheet, "png", engine, dpi) for sheet in sheets], seconds)
    else:
        content = sheets[0].encode() if kind == ".svg" else painted(sheets[0], "png", engine, dpi or _DPI)
    write_whole(path, content)


def _fitting(frames: Frames, dpi: float | None, kind: str) -> float:
    """The dots per inch of the pictures: as asked for, or as many as a screen has room for.

    Warns where fewer are taken than were asked for.
    """
    if dpi is None:
        return min(
            _DPI, *(72 * most / side for most, side in zip(_SCREENS[kind], frames.points, strict=True))
        )
    fits = 72 * math.sqrt(_MOST_PIXELS / (math.prod(frames.points) * len(frames)))
    if dpi > fits:
        warnings.warn(
            f"the steps are painted at {fits:.0f} dpi, not {dpi:g}: {len(frames)} pictures may have "
            f"{_MOST_PIXELS:,.0f} pixels in all. Save them as .pdf, or as a folder of SVG, which have none",
            stacklevel=4,
        )
    return min(dpi, fits)


def save_folder(frames: Frames, folder: Path, engine: str, dpi: float | None, form: str) -> None:
    """Write a picture of every step into a folder, which is made where it is missing.

    All pictures are made before the first is written.
    """
    sheets = [frames.svg(k) for k in range(len(frames))]
    if form == "svg":
        pictures = [sheet.encode() for sheet in sheets]
    else:
        dpi = _fitting(frames, dpi, "")
        pictures = [painted(sheet, "png", engine, dpi) for sheet in sheets]
    folder.mkdir(parents=True, exist_ok=True)
    width = len(str(len(frames) - 1))
    for k, content in enumerate(pictures):
        write_whole(folder / f"step-{k:0{max(2, width)}d}.{form}", content)


def _storyboard(frames: Frames, most: int) -> Iterator[str]:
    """The sheets of a storyboard, each in the size of a page."""
    scale, columns = _largest_grid(frames, len(frames))
    count = 1 if most == 1 or scale >= _LEAST_SCALE else 2
    each = -(-len(frames) // count)
    scale, columns = _largest_grid(frames, each)
    for start in range(0, len(frames), each):
        shown = [frames.svg(k) for k in range(start, min(start + each, len(frames)))]
        root = read_svg(sheet_of(shown, columns))
        width, height = (float(x) for x in root.get("viewBox", "0 0 1 1").split()[2:])
        root.set("width", f"{width * scale * 4 / 3:.2f}")
        root.set("height", f"{height * scale * 4 / 3:.2f}")
        yield write_svg(root)


def _largest_grid(frames: Frames, count: int) -> tuple[float, int]:
    """How large so many frames can be on a sheet, and in how many columns."""

    def scale(columns: int) -> float:
        rows = -(-count // columns)
        width, height = 1.04 * frames.width, frames.height + 0.04 * frames.width
        return min(_SHEET[0] / (columns * width), _SHEET[1] / (rows * height), 1.0)

    return max((scale(columns), columns) for columns in range(1, count + 1))


def _as_pages(documents: Sequence[bytes]) -> bytes:
    try:
        from pypdf import PdfWriter
    except ImportError as error:
        raise RenderError(
            'a file of pages needs the package pypdf: pip install "autograd-lite[pages]"'
        ) from error
    writer = PdfWriter()
    for document in documents:
        writer.append(io.BytesIO(document))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _film(pictures: Sequence[bytes], seconds: float) -> bytes:
    try:
        from PIL import Image
    except ImportError as error:
        raise RenderError('a film needs the package Pillow: pip install "autograd-lite[pages]"') from error
    images = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    # One palette for all, so that colors stay as they are; no dots in place of shades between two of them.
    small = [image.reduce(3) for image in images]
    width, height = small[0].size
    strip = Image.new("RGB", (width, height * len(images)))
    for k, image in enumerate(small):
        strip.paste(image, (0, k * height))
    palette = strip.quantize(colors=255)
    first, *rest = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    out = io.BytesIO()
    times = [round(1000 * seconds)] * len(images)
    times[-1] *= 2
    first.save(out, "gif", save_all=True, append_images=rest, duration=times, loop=0, optimize=False)
    return out.getvalue()
