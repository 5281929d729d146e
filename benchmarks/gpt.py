"""W6: one training step of a small GPT, and the same on plain floats with the gradient by hand.

The network is the field's well-known scalar one: embeddings of 16 numbers, one block of attention
by 4 heads and a hidden layer of 64, no biases, 27 tokens (a mark for the start and 26 letters),
4,192 parameters. The step reads a word of 7 letters; its loss says how badly each letter is
predicted from those before it. `step` is the source that the engines run. `reference` computes
the value anew and the gradient by back-propagation, with no engine involved.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

Scalar = Any  # a node of whichever engine is running
Vector = list[Any]
Matrix = list[list[Any]]  # a list of rows

WORD = "jasmine"
TOKENS = [0, *(ord(letter) - ord("a") + 1 for letter in WORD)]  # 0 marks the start
WIDTH = 16
HEADS = 4
PART = WIDTH // HEADS  # the entries of a vector that belong to one head
ROOT = math.sqrt(PART)
CONTEXT = 16
FLOOR = 1e-5  # is added to a mean square, so that a zero vector can be normed
SHAPES = {
    "token": (27, WIDTH),
    "place": (CONTEXT, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "mix": (WIDTH, WIDTH),
    "widen": (4 * WIDTH, WIDTH),
    "narrow": (WIDTH, 4 * WIDTH),
    "score": (27, WIDTH),
}
SIZE = sum(rows * columns for rows, columns in SHAPES.values())


@lru_cache(maxsize=1)
def parameters() -> tuple[float, ...]:
    """One flat vector: the matrices of `SHAPES` in order, row by row."""
    rng = random.Random(1337)
    return tuple(rng.gauss(0.0, 0.08) for _ in range(SIZE))


def matrices(flat: Sequence[Scalar]) -> dict[str, Matrix]:
    """The flat vector as matrices."""
    entries = iter(flat)
    return {
        name: [[next(entries) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


# What the engines run


def product(matrix: Matrix, xs: Vector) -> Vector:
    return [sum(w * x for w, x in zip(row, xs, strict=True)) for row in matrix]


def added(xs: Vector, ys: Vector) -> Vector:
    return [x + y for x, y in zip(xs, ys, strict=True)]


def normed(xs: Vector) -> Vector:
    """The vector divided by the root of its mean square."""
    scale = (sum(x * x for x in xs) / len(xs) + FLOOR) ** -0.5
    return [x * scale for x in xs]


def parts(xs: Vector) -> Matrix:
    """The vector cut into one piece for each head."""
    return [xs[i : i + PART] for i in range(0, WIDTH, PART)]


def step(engine: Any) -> Callable[[Sequence[Scalar]], Scalar]:
    exp, log, number = engine.exp, engine.log, engine.number

    def softmax(scores: Vector) -> Vector:
        top = max(map(number, scores))
        powers = [exp(score - top) for score in scores]
        whole = sum(powers)
        return [power / whole for power in powers]

    def attention(queries: Matrix, keys: list[Matrix], values: list[Matrix]) -> Vector:
        """For each head the values so far, weighted by how well their keys fit its query."""
        found = []
        for head, query in enumerate(queries):
            fits = [sum(a * b for a, b in zip(query, key[head], strict=True)) / ROOT for key in keys]
            weights = softmax(fits)
            for j in range(PART):
                found.append(sum(w * v[head][j] for w, v in zip(weights, values, strict=True)))
        return found

    def loss(flat: Sequence[Scalar]) -> Scalar:
        at = matrices(flat)
        keys: list[Matrix] = []
        values: list[Matrix] = []
        losses = []
        for place, (token, following) in enumerate(pairwise(TOKENS)):
            xs = normed(added(at["token"][token], at["place"][place]))
            ys = normed(xs)
            keys.append(parts(product(at["key"], ys)))
            values.append(parts(product(at["value"], ys)))
            found = attention(parts(product(at["query"], ys)), keys, values)
            xs = added(product(at["mix"], found), xs)
            hidden = [z.relu() for z in product(at["widen"], normed(xs))]
            xs = added(product(at["narrow"], hidden), xs)
            losses.append(-log(softmax(product(at["score"], xs))[following]))
        return sum(losses) * (1.0 / len(losses))

    return loss


# The reference


def dot(xs: Sequence[float], ys: Sequence[float]) -> float:
    return math.fsum(map(float.__mul__, xs, ys))


def inverse_norm(xs: Sequence[float]) -> float:
    return 1.0 / math.sqrt(dot(xs, xs) / len(xs) + FLOOR)


def shares(scores: Sequence[float]) -> list[float]:
    """The softmax of numbers."""
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    whole = math.fsum(powers)
    return [power / whole for power in powers]


class ByHand:
    """The loss of one word on floats, and its gradient, computed place by place."""

    def __init__(self, flat: Sequence[float]) -> None:
        self.at = matrices(flat)
        self.slopes = matrices([0.0] * SIZE)
        self.losses: list[float] = []
        self.passes: list[dict[str, Any]] = []  # what the forward pass at each place computed
        self.count = len(TOKENS) - 1

    def gradient(self) -> list[float]:
        return [entry for matrix in self.slopes.values() for row in matrix for entry in row]

    def times(self, name: str, xs: Sequence[float]) -> list[float]:
        return [dot(row, xs) for row in self.at[name]]

    def pull_times(self, name: str, xs: list[float], upstream: list[float]) -> list[float]:
        """Add to the gradient of the matrix; give the gradient of the vector."""
        for row, g in zip(self.slopes[name], upstream, strict=True):
            for i, x in enumerate(xs):
                row[i] += g * x
        return [dot(column, upstream) for column in zip(*self.at[name], strict=True)]

    def forward(self, place: int, token: int, following: int) -> None:
        raw = added(self.at["token"][token], self.at["place"][place])
        first = [x * inverse_norm(raw) for x in raw]
        ys = [x * inverse_norm(first) for x in first]
        here: dict[str, Any] = {"token": token, "following": following}
        here |= {"raw": raw, "first": first, "ys": ys}
        here |= {name: self.times(name, ys) for name in ("query", "key", "value")}
        self.passes.append(here)
        here["weights"], found = [], []
        for head in range(HEADS):
            mine = slice(head * PART, (head + 1) * PART)
            query = here["query"][mine]
            weights = shares([dot(query, old["key"][mine]) / ROOT for old in self.passes])
            here["weights"].append(weights)
            columns = zip(*(old["value"][mine] for old in self.passes), strict=True)
            found += [dot(weights, column) for column in columns]
        middle = added(self.times("mix", found), first)
        zs = [x * inverse_norm(middle) for x in middle]
        hidden = [max(0.0, z) for z in self.times("widen", zs)]
        last = added(self.times("narrow", hidden), middle)
        chances = shares(self.times("score", last))
        here |= {"found": found, "middle": middle, "zs": zs, "hidden": hidden}
        here |= {"last": last, "chances": chances}
        here["key_slope"], here["value_slope"] = [0.0] * WIDTH, [0.0] * WIDTH
        self.losses.append(-math.log(chances[following]))

    def backward(self, place: int) -> None:
        """The places after this one must have been done: their attention looks back at this one."""
        here = self.passes[place]
        scores = [chance / self.count for chance in here["chances"]]
        scores[here["following"]] -= 1.0 / self.count
        last = self.pull_times("score", here["last"], scores)
        hidden = self.pull_times("narrow", here["hidden"], last)
        hidden = [g if h > 0.0 else 0.0 for g, h in zip(hidden, here["hidden"], strict=True)]
        zs = self.pull_times("widen", here["zs"], hidden)
        middle = added(last, pull_norm(here["middle"], zs))
        query = self.pull_attention(place, self.pull_times("mix", here["found"], middle))
        ys = self.pull_times("query", here["ys"], query)
        ys = added(ys, self.pull_times("key", here["ys"], here["key_slope"]))
        ys = added(ys, self.pull_times("value", here["ys"], here["value_slope"]))
        raw = pull_norm(here["raw"], added(middle, pull_norm(here["first"], ys)))
        for name, row in (("token", here["token"]), ("place", place)):
            self.slopes[name][row] = added(self.slopes[name][row], raw)

    def pull_attention(self, place: int, upstream: list[float]) -> list[float]:
        """Add to the gradients of the keys and values so far; give the gradient of the query."""
        here = self.passes[place]
        query = [0.0] * WIDTH
        for head, weights in enumerate(here["weights"]):
            mine = range(head * PART, (head + 1) * PART)
            by_weight = [
                math.fsum(upstream[i] * old["value"][i] for i in mine) for old in self.passes[: place + 1]
            ]
            mean = dot(weights, by_weight)
            for weight, slope, old in zip(weights, by_weight, self.passes, strict=False):
                fit = weight * (slope - mean) / ROOT
                for i in mine:
                    old["value_slope"][i] += weight * upstream[i]
                    old["key_slope"][i] += fit * here["query"][i]
                    query[i] += fit * old["key"][i]
        return query


def pull_norm(xs: list[float], upstream: list[float]) -> list[float]:
    """The gradient by a vector, from the gradient by the normed vector."""
    scale = inverse_norm(xs)
    along = scale**3 * dot(xs, upstream) / len(xs)
    return [scale * g - along * x for x, g in zip(xs, upstream, strict=True)]


def by_hand(flat: Sequence[float]) -> tuple[float, list[float]]:
    """The loss and its gradient at these parameters."""
    network = ByHand(flat)
    for place, (token, following) in enumerate(pairwise(TOKENS)):
        network.forward(place, token, following)
    for place in reversed(range(network.count)):
        network.backward(place)
    return math.fsum(network.losses) / network.count, network.gradient()


@lru_cache(maxsize=1)
def reference() -> tuple[float, list[float]]:
    return by_hand(parameters())
