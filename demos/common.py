"""Helpers that the demos share: a style for plots, the share of right guesses, verdicts on formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    from cycler import cycler
    from matplotlib import style
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as missing:
    raise SystemExit(f"{missing}: the demos need pip install 'autograd-lite[train]'") from None
from script import output_folder as output_folder
from script import run as run

from autograd_lite import Value, gradcheck, no_grad, primitive
from autograd_lite.check import Report
from autograd_lite.nn import Layer
from autograd_lite.show import RenderError, draw
from autograd_lite.show.plots import COLORS as COLORS

Line = Sequence[float]
Rule = Callable[..., Any]

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#5a5a5a",
    "axes.grid": True,
    "axes.labelcolor": "#1a1a1a",
    "axes.prop_cycle": cycler(color=COLORS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 12,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.dpi": 100,
    "font.size": 11,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "image.cmap": "viridis",
    "legend.fontsize": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 150,
    "xtick.color": "#5a5a5a",
    "xtick.labelsize": 10,
    "ytick.color": "#5a5a5a",
    "ytick.labelsize": 10,
}


def figure(
    rows: int = 1,
    columns: int = 1,
    *,
    size: tuple[float, float] | None = None,
    projection: str | None = None,
    **subplots: Any,
) -> tuple[Figure, list[Axes]]:
    """A new figure and a list of its axes, row by row.

    No window opens. ``size`` is in inches; ``subplots`` are arguments of ``Figure.subplots``, such as
    ``sharey=True``.
    """
    style.use(_STYLE)
    fig = Figure(figsize=size or (6.0 * columns, 4.2 * rows), layout="constrained")
    kind = {} if projection is None else {"projection": projection}
    axes = fig.subplots(rows, columns, squeeze=False, subplot_kw=kind, **subplots)
    return fig, list(axes.flat)


def save(fig: Figure, folder: Path, name: str) -> Path:
    """Write ``fig`` to ``folder/name.png``."""
    path = folder / f"{name}.png"
    fig.savefig(path)
    return path


def over_the_plane(f: Callable[[list[float]], Any], across: Line, up: Line) -> list[list[Any]]:
    """``f([x₁, x₂])`` for every x₁ in ``across`` (columns) and x₂ in ``up`` (rows), without recording."""
    with no_grad():
        return [[f([x1, x2]) for x1 in across] for x2 in up]


def share_right(guess: Callable[[Any], Any], xs: Sequence[Any], ys: Sequence[Any]) -> float:
    """The share of the samples that ``guess`` classifies correctly, without recording."""
    with no_grad():
        right: int = sum(guess(x) == y for x, y in zip(xs, ys, strict=True))
    return right / len(xs)


def likeliest(logits: Line) -> int:
    """The class with the largest logit. It also has the largest probability."""
    return logits.index(max(logits))


def place(parameters: Sequence[Any], numbers: Iterable[float]) -> None:
    """Set the parameters to these numbers. There must be as many numbers as parameters."""
    for p, x in zip(parameters, numbers, strict=True):
        p.data = x


def layer_by_layer(layers: Iterable[Layer], x: Sequence[Any]) -> tuple[list[list[Value]], list[list[Any]]]:
    """The sums z of every layer, and the outputs of every layer with the inputs ``x`` first.

    After a sweep, the gradient of a sum is the δ of the lectures.
    """
    sums, results = [], [list(x)]
    for layer in layers:
        given = layer(results[-1])
        results.append(given if isinstance(given, list) else [given])
        units = zip(layer.neurons, results[-1], strict=True)
        sums.append([unit.parents[0] if neuron.nonlin else unit for neuron, unit in units])
    return sums, results


def matrix(layer: Layer, of: str = "data") -> list[list[float]]:
    """The weights of each neuron and then its bias, as rows. With ``of="grad"``, their gradients."""
    return [[getattr(p, of) for p in neuron.parameters()] for neuron in layer.neurons]


@contextmanager
def without_graphviz(folder: Path) -> Iterator[None]:
    """Print a sentence and continue if a circuit cannot be drawn because Graphviz is missing."""
    try:
        yield
    except RenderError as error:
        print(f"The circuit is in {folder} as DOT text and not as a picture: {error}.")


def save_circuit(root: Value, folder: Path, name: str, **options: Any) -> Path:
    """Write the circuit of ``root`` to ``folder`` as ``name.dot`` and, with Graphviz, as SVG and PNG.

    ``options`` are those of :func:`autograd_lite.draw`.
    """
    drawing = draw(root, **options)
    drawing.save(folder / f"{name}.dot")
    with without_graphviz(folder):
        drawing.save(folder / f"{name}.svg")
        drawing.save(folder / f"{name}.png")
    return folder / f"{name}.png"


def judged(
    value: Callable[..., float], rules: Rule | Sequence[Rule], at: float | Sequence[float]
) -> Report:
    """The report of gradcheck on the derivative that is claimed for ``value``, at the point ``at``.

    ``rules`` are as in :func:`autograd_lite.primitive`: ``[rule(x, z)]`` for a function of one number,
    and one ``rule(xs, z)`` that returns the whole gradient for a function of several numbers.
    """
    claimed = primitive("claimed", value, rules, "A derivative to be judged.", replace=True)
    point = list(at) if isinstance(at, Sequence) else [at]
    return gradcheck(lambda xs: claimed(*xs), point, modes=("reverse",), raise_exception=False)


def judge_each(
    claims: dict[str, tuple[Callable[..., float], Rule | Sequence[Rule], float | Sequence[float]]],
) -> dict[str, bool]:
    """Print the verdict on every claim, and return whether each holds, by ``gradcheck <claim>``.

    A claim consists of the arguments of :func:`judged`: a value, its rules, and a point.
    """
    width = max(map(len, claims))
    reports = {name: judged(*claim) for name, claim in claims.items()}
    for name, report in reports.items():
        print(f"    {name:{width}}  {verdict(report)}")
    return {f"gradcheck {name}": report.ok for name, report in reports.items()}


def verdict(report: Report) -> str:
    """A report in one line: how many derivatives are wrong, and the one that is wrong by most."""
    if report.ok:
        return report.summary
    worst = report.wrong[0]
    return (
        f"{worst.verdict.upper()}, {len(report.wrong)} of {len(report.entries)}: it says "
        f"{worst.derivative:.6f}, a finite difference {worst.difference:.6f}"
    )
