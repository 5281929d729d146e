"""How things look: the options of tables, trees, pictures and pages, as words of the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

from ..core.value import Value
from ..forensics import find_nonfinite
from ..show.picture.engines import ENGINES
from ..show.picture.fit import ROOMS
from ..show.picture.palette import THEMES
from ..show.player.files import FORMS
from ..show.player.page import PLAYED
from ..show.view.options import BLANKS, DETAILS, DIRECTIONS
from .request import listed, node_named, pairs_in
from .terminal import RequestError
from .words import digit_count, name_list, notation, place_to_fit, size, whole

#: Options of a page or of its steps alone.
OF_PAGES = ("quiz", "storyboard", "seconds", "form")

#: Options of a picture alone.
OF_PICTURES = ("magnitude", "highlight", "local", "beside")

#: Options of pictures and pages.
OF_FILES = ("style", "theme", "direction", "engine", "fit", "dpi")

#: What is the same in Python.
_SAME_IN_PYTHON = (
    "digits", "fractions", "d", "detail", "constants", "max_depth", "min_grad", "max_nodes", "plates",
    "grads", "title", "ascii",
)  # fmt: skip


#: What a message may speak of.
_KNOWN = {*_SAME_IN_PYTHON, *OF_PAGES, *OF_PICTURES, *OF_FILES, "focus", "blanks", "tangents", "wrt"} - {
    "grads",  # which is an option to leave them out
    "local",
}


def add_notation(group: argparse._ArgumentGroup) -> None:
    """Add the options of everything that is shown: what of the circuit, and how it is written."""
    group.add_argument("--digits", type=digit_count, help="significant digits, 1 to 17 (default: 4)")
    _flag(group, "--fractions", "3/8 where a number is such a fraction")
    group.add_argument("--d", type=notation, metavar="SIGN", help="derivatives as: partial, d, dz, delta")
    group.add_argument("--detail", choices=DETAILS, help="how much is shown: every operation, or less")
    group.add_argument("--constants", choices=("inline", "nodes"), help="numbers as nodes of their own")
    group.add_argument("--focus", metavar="t", help="only what depends on t")
    group.add_argument("--max-depth", type=whole, metavar="N", help="only what is N steps from the result")
    group.add_argument("--min-grad", type=size, metavar="X", help="only wires that contribute so much")
    group.add_argument("--max-nodes", type=whole, metavar="N", help="only the N nodes that matter most")
    group.add_argument(
        "--plates", action=argparse.BooleanOptionalAction, help="draw one of several equal parts, or each"
    )
    _flag(group, "--no-grads", "the forward pass alone", "grads", "never")
    group.add_argument(
        "--tangents", metavar="x", help="forward mode too, where x moves at 1; or at rates, x=1,y=-2"
    )
    group.add_argument(
        "--blanks",
        metavar="grad,t",
        help=f"an exercise sheet: blanks for {', '.join(BLANKS)}, all, or what is about t",
    )
    _flag(group, "--key", "the answer key in place of that sheet")
    group.add_argument("--title", help="a caption")
    _flag(group, "--ascii", "ASCII only (default: only where the terminal cannot show Unicode)")


def add_files(group: argparse._ArgumentGroup) -> None:
    """Add the files that are written, and the options of theirs alone."""
    group.add_argument(
        "--draw",
        action="append",
        default=[],
        metavar="FILE",
        help="draw the circuit: .svg .png .pdf .tikz .dot, or .html to step through it; may be repeated",
    )
    group.add_argument(
        "--play",
        action="append",
        default=[],
        metavar="FILE",
        help="step through it: .html, .gif, .pdf with a page a step, or a folder/; may be repeated",
    )
    group.add_argument("--style", choices=PLAYED, help="default: card")
    group.add_argument("--theme", choices=tuple(THEMES), help="default: light")
    group.add_argument("--direction", choices=DIRECTIONS, help="default: LR, left to right")
    group.add_argument(
        "--fit",
        type=place_to_fit,
        metavar="PLACE",
        help=f"large type for {', '.join(ROOMS)}, or inches, 6x4",
    )
    _flag(group, "--magnitude", "wires as wide as what flows along them")
    group.add_argument(
        "--highlight",
        type=name_list,
        metavar="x,t,J",
        help="emphasize this path; nan is the way of the first nan or infinity",
    )
    _flag(group, "--no-local", "no numbers on the wires", "local", False)
    group.add_argument("--beside", metavar="x=2,y=3", help="the same at other values, and what differs")
    group.add_argument("--engine", choices=ENGINES, help="which Graphviz")
    group.add_argument("--dpi", type=size, metavar="N", help="dots per inch of bitmaps (default: 150)")
    _flag(group, "--quiz", "a page that asks before each addition")
    _flag(group, "--storyboard", "all steps on a sheet: .svg .png, or two: .pdf")
    group.add_argument(
        "--seconds", type=size, metavar="S", help="how long a film shows a step (default: 2)"
    )
    group.add_argument("--form", choices=FORMS, help="the pictures in a folder (default: svg)")


def looks_of(options: argparse.Namespace, nodes: Mapping[str, Value]) -> dict[str, Any]:
    """The options of Python's ``draw``, ``table``, ``tree`` and ``play`` that the words mean.

    :param nodes: the Values of the circuit by their names.
    """
    looks = given(options, _SAME_IN_PYTHON)
    if options.focus:
        looks["focus"] = node_named(options.focus, nodes)
    if options.wrt:
        looks["wrt"] = [node_named(name, nodes) for name in options.wrt]
    if options.tangents:
        rates = pairs_in("--tangents", options.tangents)
        looks["tangents"] = {
            node_named(x, nodes): 1.0 if rate is None else rate for x, rate in rates.items()
        }
    if options.blanks:
        kinds = (*BLANKS, "all")
        looks["blanks"] = [x if x in kinds else node_named(x, nodes) for x in listed(options.blanks)]
    return looks


def given(options: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the options that were given."""
    return {name: x for name in names if (x := getattr(options, name)) is not None}


def spelled(name: str) -> str:
    """The option that a name stands for, without its dashes."""
    return {"local": "no-local", "grads": "no-grads"}.get(name, name.replace("_", "-"))


def as_typed(message: str) -> str:
    """What Python's functions say of their arguments, with the options of the command line.

    >>> as_typed('use style="card" and leave max_depth=2 out; make them with nn or parameter(…)')
    'use --style card and leave --max-depth 2 out; name them in --parameters'
    """
    message = message.replace("make them with nn or parameter(…)", "name them in --parameters")
    return re.sub(
        r"\b([a-z_]+)=(['\"]?)([\w.:]+)\2",
        lambda found: f"--{spelled(found[1])} {found[3]}" if found[1] in _KNOWN else found[0],
        message,
    )


def path_to_show(highlight: list[str] | None, root: Value, nodes: Mapping[str, Value]) -> Any:
    """What ``--highlight`` means: a path of Values, or the first number that cannot be trusted."""
    if highlight is None:
        return None
    if highlight != ["nan"]:
        return [node_named(name, nodes) for name in highlight]
    found = find_nonfinite(root)
    if found is None:
        raise RequestError("--highlight nan: every number of this circuit is finite")
    return found


def _flag(
    group: argparse._ArgumentGroup, word: str, help: str, dest: str | None = None, const: object = True
) -> None:
    name = dest or word.lstrip("-").replace("-", "_")
    group.add_argument(word, action="store_const", const=const, dest=name, help=help)
