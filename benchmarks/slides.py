"""How large the type of every picture of the gallery and the demos is on a slide.

    python benchmarks/slides.py [--fit 16:9] [--largest 60]

Each picture is enlarged or reduced to the room that a slide has below its title, as ``fit`` does it. The
table has the smallest type and the numbers, in points, of the picture as the demo draws it and as it is
drawn with ``fit``: in the style of the demo, or where that is too large in the style that ``fit`` chooses.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from autograd_lite import Value, draw
from autograd_lite.show import Drawing
from autograd_lite.show.picture.fit import reached, room_of

#: The demos that draw circuits.
DEMOS = (
    "gallery", "seed_circuits", "chain_rule", "second_derivative", "logistic_regression", "perceptron",
    "softmax", "two_layer_network", "tanh_mlp", "xor", "moons",
)  # fmt: skip


class Shown(NamedTuple):
    """A picture that a demo draws."""

    demo: str
    name: str
    root: Value
    options: dict[str, Any]


def pictures() -> Iterator[Shown]:
    """What the demos draw, each picture once, in its light theme."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "demos"))
    found: list[Shown] = []
    genuine = Drawing.save

    def saved(self: Drawing, path: Any, *_: Any, **__: Any) -> Path:
        if last:
            demo, root, options = last.pop()
            found.append(Shown(demo, Path(path).stem.removesuffix("_light"), root, options))
        return Path(path)

    last: list[tuple[str, Value, dict[str, Any]]] = []
    Drawing.save = saved  # type: ignore[method-assign]  # nothing is to be written
    try:
        for demo in DEMOS:
            module = importlib.import_module(demo)

            def noted(root: Value, _demo: str = demo, **options: Any) -> Drawing:
                last[:] = [] if options.get("theme") == "dark" else [(_demo, root, options)]
                return draw(root, **options)

            for name in ("common", "gallery_page", "seed_circuits"):
                importlib.import_module(name).draw = noted  # type: ignore[attr-defined]  # for this run
            with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
                module.main(folder, **({} if demo == "gallery" else {"quick": True}))
            yield from found
            found.clear()
    finally:
        Drawing.save = genuine  # type: ignore[method-assign]  # as it was


def drawn_as(drawing: Drawing) -> str:
    """The style of a drawing, and what was done for its room."""
    said = drawing.reached
    assert said is not None
    broken = f", {said.rows} rows" if said.rows > 1 else ""
    return f"{drawing.style}, {len(drawing.view.nodes)} nodes, {drawing.view.digits} digits{broken}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fit", default="16:9", help="16:9 (default), 4:3 or A4")
    parser.add_argument("--largest", type=int, default=60, help="the most nodes that a picture may show")
    parser.add_argument("--save", type=Path, help="a folder for the pictures with fit, as PNG")
    options = parser.parse_args()
    place = room_of(options.fit)
    print(
        f"smallest type / numbers, in points, on {options.fit}: wanted {place.least:g} / {place.numbers:g}"
    )
    print(f"{'picture':<44} {'nodes':>5}  {'before':>13}  {'with fit':>13}  drawn with")
    short = 0
    for demo, name, root, given in list(pictures()):
        before = draw(root, **given)
        count = len(before.view.nodes)
        if count > options.largest:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for dropped in (("direction", "depth"), ("direction", "depth", "style")):
                kept = {key: value for key, value in given.items() if key not in dropped}
                after = draw(root, fit=options.fit, **kept)
                if after.reached is not None and after.reached.enough:
                    break
        was = reached(before.svg, place)
        now = after.reached
        assert now is not None
        short += not now.enough
        marks = "" if now.enough else "  short"
        print(
            f"{demo + '/' + name:<44} {count:>5}  {was.least:5.1f} / {was.numbers:5.1f}  "
            f"{now.least:5.1f} / {now.numbers:5.1f}  {drawn_as(after)}{marks}"
        )
        if options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            after.save(options.save / f"{demo}_{name}.png", dpi=96)
    print(f"{short} pictures fall short")


if __name__ == "__main__":
    main()
