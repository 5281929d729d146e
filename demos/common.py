"""What the demos share: one quiet style for their pictures, guesses counted, formulas judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    from cycler import cycler
    from matplotlib import style
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure
except ImportError as missing:
    raise SystemExit(f"{missing}: the demos need pip install 'autograd-lite[train]'") from None
from script import output_folder as output_folder
from script import run as run

from autograd_lite import Value, gradcheck, no_grad, primitive
from autograd_lite.check import Report
from autograd_lite.nn import Layer
from autograd_lite.show import RenderError, draw

Line = Sequence[float]
Rule = Callable[..., Any]

#: The colours of lines, in their order: apart for every kind of colour vision, dark on white.
COLOURS = ("#1d7373", "#a61b00", "#7830bf", "#e08a00", "#2f6fc4", "#5a5a5a")

#: From the second colour over white to the first: the two sides of a border.
SIDES = LinearSegmentedColormap.from_list("sides", [COLOURS[1], "white", COLOURS[0]])

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#5a5a5a",
    "axes.grid": True,
    "axes.labelcolor": "#1a1a1a",
    "axes.prop_cycle": cycler(color=COLOURS),
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
    """A new figure, and its axes row by row, to unpack: ``fig, (left, right) = …``.

    No window is ever opened. ``size`` is in inches; ``subplots`` goes to ``Figure.subplots``, such
    as ``sharey=True``.
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
    """``f([x₁, x₂])`` for x₁ of ``across`` in rows, one row for each x₂ of ``up``; nothing is recorded."""
    with no_grad():
        return [[f([x1, x2]) for x1 in across] for x2 in up]


def plot_classes(ax: Axes, xs: Iterable[Line], ys: Iterable[Any], names: dict[Any, str]) -> None:
    """Points of the plane with a colour and a mark for each class, by its name in the legend."""
    samples = list(zip(xs, ys, strict=True))
    for (label, name), colour, marker in zip(names.items(), COLOURS, "os^", strict=False):
        chosen = [x for x, y in samples if y == label]
        size = 9 if len(samples) < 10 else 6 if len(samples) < 500 else 3
        (points,) = ax.plot(*zip(*chosen, strict=True), marker, color=colour, label=name)
        points.set(markersize=size, markeredgecolor="white", markeredgewidth=0 if size == 3 else 0.6)


def share_right(guess: Callable[[Any], Any], xs: Sequence[Any], ys: Sequence[Any]) -> float:
    """The share of the samples whose class ``guess`` names, with nothing recorded."""
    with no_grad():
        right: int = sum(guess(x) == y for x, y in zip(xs, ys, strict=True))
    return right / len(xs)


def likeliest(logits: Line) -> int:
    """The class with the largest logit; the softmax would not change which one that is."""
    return logits.index(max(logits))


def place(parameters: Sequence[Any], numbers: Iterable[float]) -> None:
    """Set the parameters to these numbers, as many as there are."""
    for p, x in zip(parameters, numbers, strict=True):
        p.data = x


def layer_by_layer(layers: Iterable[Layer], x: Sequence[Any]) -> tuple[list[list[Value]], list[list[Any]]]:
    """Each layer's sums z, and each layer's results with the inputs ``x`` before them.

    After a sweep their gradients are the δ of the lectures and what comes down to each unit.
    """
    sums, results = [], [list(x)]
    for layer in layers:
        given = layer(results[-1])
        results.append(given if isinstance(given, list) else [given])
        units = zip(layer.neurons, results[-1], strict=True)
        sums.append([unit.parents[0] if neuron.nonlin else unit for neuron, unit in units])
    return sums, results


def matrix(layer: Layer, of: str = "data") -> list[list[float]]:
    """A row for each neuron, its weights and then its bias: the numbers, or with "grad" gradients."""
    return [[getattr(p, of) for p in neuron.parameters()] for neuron in layer.neurons]


@contextmanager
def without_graphviz(folder: Path) -> Iterator[None]:
    """Go on where a circuit cannot be drawn for want of Graphviz, and say so."""
    try:
        yield
    except RenderError as error:
        print(f"The circuit is in {folder} as DOT text, not as a picture: {error}.")


def save_circuit(root: Value, folder: Path, name: str, **options: Any) -> Path:
    """Write the circuit of ``root`` to ``folder``: ``name.dot``, and by Graphviz ``.svg``, ``.png``.

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
    """What gradcheck says of ``value`` at ``at`` with the derivative that is claimed for it.

    ``rules`` as in :func:`autograd_lite.primitive`: ``[rule(x, z)]`` for a function of one number;
    for one of several numbers a single ``rule(xs, z)`` that gives the whole gradient.
    """
    claimed = primitive("claimed", value, rules, "A derivative to be judged.", replace=True)
    point = list(at) if isinstance(at, Sequence) else [at]
    return gradcheck(lambda xs: claimed(*xs), point, modes=("reverse",), raise_exception=False)


def judge_each(
    claims: dict[str, tuple[Callable[..., float], Rule | Sequence[Rule], float | Sequence[float]]],
) -> dict[str, bool]:
    """Print the verdict on every claim, in columns; whether each holds, as ``gradcheck <claim>``.

    A claim is what :func:`judged` takes: a value, its rules, and where.
    """
    width = max(map(len, claims))
    reports = {name: judged(*claim) for name, claim in claims.items()}
    for name, report in reports.items():
        print(f"    {name:{width}}  {verdict(report)}")
    return {f"gradcheck {name}": report.ok for name, report in reports.items()}


def verdict(report: Report) -> str:
    """A report in one line: that all agree, or how many do not, and the one that is furthest off."""
    if report.ok:
        return str(report)
    worst = report.wrong[0]
    return (
        f"WRONG, {len(report.wrong)} of {len(report.entries)}: it says {worst.derivative:.6f}, "
        f"a finite difference {worst.difference:.6f}"
    )
