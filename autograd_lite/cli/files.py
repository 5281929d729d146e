"""What is written: pictures and pages, which are all made before the first file is written."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..show import RenderError, draw, play, side_by_side
from ..support.files import write_whole
from ..support.hints import visible
from .answers import Asked
from .looks import OF_PICTURES, as_typed, given, path_to_show, spelled
from .request import pairs_in
from .terminal import RequestError, print_to, say


def write_files(asked: Asked) -> None:
    """Write what is asked for, and say so; nothing is written unless all of it can be made."""
    options = asked.options
    with tempfile.TemporaryDirectory() as folder:
        ready = [
            each for name in options.draw for each in _ready_files(_picture_saver(asked), name, folder)
        ]
        ready += [each for name in options.play for each in _ready_files(_page_saver(asked), name, folder)]
    for path, content in ready:
        try:
            path.parent.mkdir(exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            raise RequestError(
                f"{visible(str(path), 400)} cannot be written: {error.strerror or error}"
            ) from error
    for name in (*options.draw, *options.play):
        print_to(f"wrote {visible(name, 400)}", sys.stderr)


def _picture_saver(asked: Asked) -> Callable[[Path], object]:
    """What saves the picture to a path."""
    options = asked.options
    looks = asked.looks | given(options, ("style", "theme", "direction", "engine", "fit", *OF_PICTURES))
    saved = given(options, ("dpi",))
    if "highlight" in looks:
        looks["highlight"] = path_to_show(options.highlight, asked.root, asked.nodes)

    def save(path: Path) -> None:
        if options.beside is None:
            drawing = draw(asked.root, **looks)
            drawing = drawing.key if drawing.key is not None and options.key else drawing
        else:
            drawing = _compared(asked, looks)
        drawing.save(path, **saved)

    return save


def _compared(asked: Asked, looks: dict[str, Any]) -> Any:
    """The picture at the values that were given, and at those of ``--beside``."""
    there = pairs_in("--beside", asked.options.beside)
    for name, x in there.items():
        if name not in asked.values or x is None:
            known = ", ".join(f"{n}=1" for n in asked.values) or "no variable"
            raise RequestError(
                f"--beside gives variables other values, {known} for example, not {visible(name)}"
            )
    here = {name: asked.values[name] for name in there}
    before, after = (", ".join(f"{n} = {x:g}" for n, x in each.items()) for each in (here, there))
    del looks["beside"]
    alone = [name for name in ("style", "fit", *OF_PICTURES) if name in looks and looks[name] != "card"]
    if alone:
        raise RequestError(f"--beside draws all of two circuits in cards: leave out --{spelled(alone[0])}")
    looks.pop("style", None)
    other = asked.at(**{name: x for name, x in there.items() if x is not None})
    return side_by_side(asked.root, other.root, (before, after), **looks)


def _page_saver(asked: Asked) -> Callable[[Path], object]:
    """What saves the page, or its steps, to a path."""
    options = asked.options
    looks = asked.looks | given(options, ("style", "theme", "direction", "engine", "fit", "quiz"))
    saved = given(options, ("dpi", "storyboard", "seconds", "form"))

    def save(path: Path) -> None:
        page = path.suffix == ".html"
        play(asked.root, **looks).save(path, **({} if page else saved))

    return save


def _ready_files(save: Callable[[Path], object], name: str, folder: str) -> Iterator[tuple[Path, bytes]]:
    """The files that ``save`` makes for the path ``name``, with their contents, made in ``folder``."""
    path, shown = Path(name), visible(name, 400)
    where = path if name.endswith(("/", os.sep)) else path.parent
    if where is not path and path.is_dir():
        raise RequestError(f"{shown} is a folder: give the name of a file in it")
    above = path.parent if where is path else where
    if not above.is_dir():
        raise RequestError(f"{shown} cannot be written: there is no folder {visible(str(above))}")
    if not os.access(where if where.is_dir() else above, os.W_OK):
        raise RequestError(f"{shown} cannot be written: the folder may not be written to")
    copy = Path(folder) / (f"copy{path.suffix}" if where is not path else "steps")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            save(copy)
    except (RenderError, ValueError, TypeError) as error:
        told = str(error).replace(f"{copy.name!r}", f"{path.name!r}")
        raise RequestError(visible(as_typed(told), 400)) from error
    for warning in caught:
        say(f"warning: {visible(str(warning.message), 400)}")
    if copy.is_dir():
        yield from ((path / file.name, file.read_bytes()) for file in sorted(copy.iterdir()))
    else:
        yield path, copy.read_bytes()
