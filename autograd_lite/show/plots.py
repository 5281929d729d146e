"""Small plots of training and of functions: losses, decision regions, activations with their slopes.

They need matplotlib (``pip install "autograd-lite[train]"``). Each draws into the axes that it is
given, or into new ones, and returns them; ``ax.figure.savefig(...)`` writes the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.primitive import TABLE
from ..core.transforms import derivative
from ..support.context import no_grad
from ..support.ieee import errstate

__all__ = ["COLORS", "activations", "history", "regions"]

#: The colors of lines, in order. People with any kind of color vision can tell them apart on white.
COLORS = ("#1d7373", "#a61b00", "#7830bf", "#e08a00", "#2f6fc4", "#5a5a5a")

#: How far a jump is bisected, and from how near its one-sided limits are read.
_HALVINGS, _BESIDE = 60, 1e-7

Function = Callable[[Any], Any]


def history(
    runs: Any,
    *,
    ax: Any = None,
    metric: str = "loss",
    smooth: int = 1,
    log: bool | None = None,
) -> Any:
    """The losses of one or more training runs, each named where its line ends.

    :param runs: what ``fit`` returned, a sequence of numbers, a pair of sequences (where, and what), or a
        mapping from names to these. A history with validation data has a second, dashed line.
    :param ax: the axes of matplotlib to draw into; new ones when left out.
    :param metric: ``"loss"``, or the name of a metric of the histories.
    :param smooth: draw the running mean of so many epochs, with the single ones pale behind it.
    :param log: whether the scale is logarithmic; by default where the numbers span a factor of 20.
    :raises ImportError: without matplotlib.
    :raises ValueError: when there is nothing to draw.

    >>> ax = history({"slow": [4.0, 2.0, 1.0], "fast": [4.0, 1.0, 0.25]})  # doctest: +SKIP
    """
    named = runs if isinstance(runs, Mapping) else {"": runs}
    if smooth < 1:
        raise ValueError(f"smooth must be a whole number from 1 on, not {smooth!r}")
    lines = [line for name, run in named.items() for line in _lines_of(name, run, metric)]
    if not any(line.numbers for line in lines):
        raise ValueError(f"there is no {metric} to draw: train first")
    axes = _axes(ax)
    count = -1
    for k, line in enumerate(lines):
        count += not line.dashed
        color = COLORS[count % len(COLORS)]
        if smooth > 1:
            axes.plot(line.places, line.numbers, color=color, alpha=0.25, linewidth=1)
            line = line._replace(numbers=_running_mean(line.numbers, smooth))
        style = "--" if line.dashed else "-." if count >= len(COLORS) else "-"
        look = {"color": color, "linestyle": style, "label": line.name or "_"}
        axes.plot(line.places, line.numbers, **look)
        lines[k] = line._replace(color=color)
    finite = [x for line in lines for x in line.numbers if math.isfinite(x)]
    spans = bool(finite) and min(finite) > 0 and max(finite) > 20 * min(finite)
    axes.set_yscale("log" if (spans if log is None else log) else "linear")
    axes.set(xlabel="epoch", ylabel=metric)
    _name_the_ends(axes, [line for line in lines if line.name and line.numbers])
    return axes


class _PlotLine(NamedTuple):
    """One line of a plot of losses; ``dashed`` is whether it is of validation data."""

    name: str
    places: Sequence[float]
    numbers: list[float]
    dashed: bool = False
    color: str = ""


def _lines_of(name: str, run: Any, metric: str) -> list[_PlotLine]:
    if isinstance(run, tuple) and len(run) == 2 and all(isinstance(part, Sequence) for part in run):
        return [_PlotLine(name, run[0], [float(x) for x in run[1]])]
    if isinstance(run, Sequence):
        return [_PlotLine(name, range(1, len(run) + 1), [float(x) for x in run])]
    if not hasattr(run, "loss"):
        raise TypeError(
            f"runs holds {run!r:.60}, a {type(run).__name__}: give what fit returned, "
            "or a sequence of numbers"
        )
    epochs = range(1, len(run.loss) + 1)
    if metric != "loss":
        known = getattr(run, "metrics", {})
        if metric not in known:
            raise ValueError(f"there is no metric {metric!r}: the history has {', '.join(known) or 'none'}")
        return [_PlotLine(name, epochs, list(known[metric]))]
    if not getattr(run, "validation", None):
        return [_PlotLine(name, epochs, list(run.loss))]
    held_out = f"{name}, validation" if name else "validation"
    return [
        _PlotLine(name or "training", epochs, list(run.loss)),
        _PlotLine(held_out, epochs, list(run.validation), dashed=True),
    ]


def _running_mean(numbers: Sequence[float], width: int) -> list[float]:
    return [
        math.fsum(numbers[max(i - width + 1, 0) : i + 1]) / min(width, i + 1) for i in range(len(numbers))
    ]


def _name_the_ends(ax: Any, lines: Iterable[_PlotLine]) -> None:
    """Write each name beside the end of its line, moved apart where they would overlap."""
    transform = ax.transData + ax.transAxes.inverted()
    ax.autoscale_view()
    below = -math.inf
    for line in sorted(lines, key=lambda line: line.numbers[-1]):
        end = line.numbers[-1]
        place = transform.transform((line.places[-1], end))[1] if math.isfinite(end) else 1.0
        half = 0.03 * (1 + line.name.count("\n"))
        middle = max(place, below + half)
        below = middle + half
        ax.text(1.01, middle, line.name, color=line.color, transform=ax.transAxes, va="center")


def regions(
    f: Callable[[list[float]], Any],
    xs: Sequence[Sequence[float]],
    ys: Sequence[Any],
    *,
    ax: Any = None,
    names: Mapping[Any, str] | None = None,
    threshold: float = 0.0,
    levels: Sequence[float] = (),
    span: tuple[tuple[float, float], tuple[float, float]] | None = None,
    resolution: int = 91,
    legend: bool = True,
) -> Any:
    """The regions of the plane that a model assigns to each class, in pale colors, with the samples.

    :param f: gives a point of the plane a score, or a list with a score for each class. A score above
        ``threshold`` means the last class; of several the largest decides.
    :param xs: the samples, two numbers each.
    :param ys: their classes.
    :param ax: the axes of matplotlib to draw into; new ones when left out.
    :param names: what each class is called in the legend, in the order of the scores.
    :param levels: further scores at which a dashed line is drawn, such as the margins −1 and 1.
    :param span: from where to where, across and up; somewhat beyond the samples when left out.
    :param resolution: the number of points in each direction.
    :param legend: whether there is a legend.
    :raises ImportError: without matplotlib.
    :raises ValueError: when the samples are not points of the plane, or fewer names than classes are given.

    >>> import matplotlib; matplotlib.use("agg")
    >>> ax = regions(lambda p: p[0] - p[1], [[0.0, 1.0], [1.0, 0.0]], [-1, 1], resolution=3)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x₁', 'x₂')
    """
    xs, ys = list(xs), list(ys)
    if not xs or any(len(x) != 2 for x in xs) or len(xs) != len(ys):
        raise ValueError("xs must be points of the plane, two numbers each, and ys their classes, as many")
    called = dict(names) if names is not None else {label: str(label) for label in sorted(set(ys))}
    if missing := set(ys).difference(called):
        raise ValueError(f"names has no entry for {missing.pop()!r}: give one for each class")
    axes = _axes(ax)
    sides = [(min(column), max(column)) for column in zip(*xs, strict=True)]
    spans = span or [(a - 0.1 * (b - a or 1.0), b + 0.1 * (b - a or 1.0)) for a, b in sides]
    across, up = ([a + (b - a) * i / (resolution - 1) for i in range(resolution)] for a, b in spans)
    with no_grad(), errstate("ignore"):
        scores = [[_scores(f([x1, x2])) for x1 in across] for x2 in up]
    count = len(scores[0][0])
    if count > 1 and count != len(called):
        raise ValueError(f"f gives {count} scores, but there are {len(called)} classes")
    for k, color in zip(range(len(called)), COLORS, strict=False):
        ahead = [[_ahead_by(s if count > 1 else [threshold, s[0]], k) for s in row] for row in scores]
        axes.contourf(across, up, ahead, levels=[0.0, math.inf], colors=[_pale(color)])
        if min(map(min, ahead)) < 0 < max(map(max, ahead)):
            axes.contour(across, up, ahead, levels=[0.0], colors="#1a1a1a", linewidths=1.6)
    if levels and count == 1:
        single = [[s[0] for s in row] for row in scores]
        dashes: dict[str, Any] = {"colors": "#1a1a1a", "linewidths": 0.9, "linestyles": "--"}
        axes.contour(across, up, single, levels=sorted(levels), **dashes)
    for (label, name), color, marker in zip(called.items(), COLORS, "os^Dv<", strict=False):
        points = [x for x, y in zip(xs, ys, strict=True) if y == label]
        if points:
            size = 9 if len(xs) < 10 else 6 if len(xs) < 500 else 3
            axes.plot(
                *zip(*points, strict=True), marker, color=color, label=name, markersize=size,
                markeredgecolor="white", markeredgewidth=0 if size == 3 else 0.6,
            )  # fmt: skip
    axes.set(xlabel="x₁", ylabel="x₂")
    axes.grid(visible=False)
    if legend:
        axes.legend(framealpha=0.9, frameon=True, edgecolor="none")
    return axes


def _scores(result: Any) -> list[float]:
    found = list(result) if isinstance(result, Sequence) else [result]
    return [float(getattr(score, "data", score)) for score in found]


def _ahead_by(scores: Sequence[float], k: int) -> float:
    """By how much class ``k`` is ahead of the best other one; an infinite score is cut."""
    lead = scores[k] - max(score for i, score in enumerate(scores) if i != k)
    return max(min(lead, 1e6), -1e6)


def _pale(color: str) -> str:
    """A light tint of a color, for a field behind samples."""
    parts = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{255 - (255 - part) // 5:02x}" for part in parts)


def _function_of(f: object) -> Function:
    """A function, or the operation of a name."""
    if isinstance(f, str):
        row = TABLE.get(f)
        if row is None or row.arity is None or row.arity - len(row.defaults) != 1:
            some = ", ".join(map(repr, ("tanh", "relu", "sigmoid", "softplus")))
            raise ValueError(
                f"{f!r} is no operation of one operand: it may be {some} or another, or a function"
            )
        return row
    if not callable(f):
        raise TypeError(
            f"activations needs functions or names of operations, not {type(f).__name__} ({f!r:.60})"
        )
    return f


def activations(
    functions: str | Function | Mapping[str, Function] | Iterable[str | Function],
    *,
    axes: Sequence[Any] | None = None,
    span: tuple[float, float] = (-5.0, 5.0),
    resolution: int = 401,
) -> list[Any]:
    """Functions of one number with their derivatives, each in axes of its own.

    A jump is no slope: a line ends there with an open dot, and a filled one is where the value is.

    :param functions: names of operations such as ``"tanh"``, functions, or a mapping from names to
        functions; a single one, too.
    :param axes: axes of matplotlib, one for each function; new ones when left out.
    :param span: from where to where.
    :param resolution: the number of points.
    :raises ImportError: without matplotlib.
    :raises ValueError: when there are no functions, not as many axes, or no operation of a name.
    :raises TypeError: for what is no function.

    >>> import matplotlib; matplotlib.use("agg")
    >>> from autograd_lite import relu
    >>> [ax.get_title() for ax in activations([relu, "tanh"])]
    ['relu', 'tanh']
    """
    if isinstance(functions, str) or callable(functions):
        functions = [functions]
    if not isinstance(functions, Mapping):
        functions = {str(getattr(f, "__name__", f)): _function_of(f) for f in functions}
    named = {name: _function_of(f) for name, f in functions.items()}
    if not named or (axes is not None and len(axes) != len(named)):
        raise ValueError(f"give functions and axes for each of them, not {len(named)} functions")
    places = list(axes) if axes is not None else _grid(len(named))
    low, high = span
    grid = [low + (high - low) * i / (resolution - 1) for i in range(resolution)]
    with errstate("ignore"):
        for ax, (name, f) in zip(places, named.items(), strict=True):
            _broken_line(ax, _on_floats(f), grid, "-", COLORS[0], "f")
            slope: Function = derivative(f)
            _broken_line(ax, _on_floats(slope), grid, "--", COLORS[1], "f′")
            ax.set(title=name)
    places[0].legend()
    return places


def _on_floats(f: Function) -> Callable[[float], float]:
    def value(x: float) -> float:
        result: Any = f(x)
        return float(getattr(result, "data", result))

    return value


def _broken_line(
    ax: Any, f: Callable[[float], float], grid: Sequence[float], style: str, color: str, label: str
) -> None:
    """A function as a line that is broken where it jumps, with dots at the ends."""
    xs, ys = list(grid), list(map(f, grid))
    for place in jumps(f, grid):
        at = next(i for i, x in enumerate(xs) if x >= place)
        left, right, value = f(place - _BESIDE), f(place + _BESIDE), f(place)
        here = 1 if xs[at] == place else 0
        xs[at : at + here] = [place, place, place]
        ys[at : at + here] = [left, math.nan, right]
        for limit in {left, right} - {value}:
            ax.plot(place, limit, "o", color=color, markerfacecolor="white", markersize=6, zorder=3)
        ax.plot(place, value, "o", color=color, markersize=6, zorder=3)
    ax.plot(xs, ys, style, color=color, label=label)


def jumps(f: Callable[[float], float], grid: Sequence[float]) -> list[float]:
    """Where a function jumps between two points of a grid, found by bisection.

    >>> jumps(lambda x: 1.0 if x > 0.25 else 0.0, [-1.0, 0.0, 1.0]), jumps(abs, [-1.0, 0.0, 1.0])
    ([0.25], [])
    """
    values = list(map(f, grid))
    found: list[float] = []
    for i in range(len(grid) - 1):
        (a, b), (u, v) = grid[i : i + 2], values[i : i + 2]
        size = abs(v - u)
        if not size > 1e-9 or math.isinf(size):
            continue
        for _ in range(_HALVINGS):
            middle = 0.5 * (a + b)
            w = f(middle)
            if abs(w - u) >= abs(v - w):
                b, v = middle, w
            else:
                a, u = middle, w
        place = round(b, 9) + 0.0
        if abs(v - u) > 0.5 * size and place not in found:
            found.append(place)
    return found


def _axes(ax: Any) -> Any:
    return _pyplot().subplots(layout="constrained")[1] if ax is None else ax


def _grid(count: int) -> list[Any]:
    columns = min(count, 3)
    rows = -(-count // columns)
    size = (4.0 * columns, 3.4 * rows)
    fig, axes = _pyplot().subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for spare in list(axes.flat)[count:]:
        fig.delaxes(spare)
    return list(axes.flat)[:count]


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError('plots need matplotlib: pip install "autograd-lite[train]"') from error
    return pyplot
