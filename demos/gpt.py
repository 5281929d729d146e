"""A scalar GPT that learns to make up words, trained by nodes and, much faster, by programs.

    python demos/gpt.py [folder] [--words FILE]

The network reads a word letter by letter and says after each how likely every letter is to follow, or
the end of the word. It has 16 numbers for each letter, 4 heads of attention and a hidden layer of 64
ReLU units, and every sum and product in it is one of scalars. A training step learns from one word.
The first steps are made twice: with a circuit of nodes that is swept, and by programs, which are
recorded from the same function. Both have the same losses. Only the programs go on to the end: with
llvmlite (the extra ``compile``) their steps are hundreds of times faster, otherwise tens of times.

The words are names from the sky and the earth: elements, minerals, stars, moons, birds, fish, trees,
rivers, cities. With ``--words`` it learns from your own file, with a word of letters a–z on each line.
A tenth of the words is held out, to see whether it has learned how words look, or these words.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from common import COLORS, figure, output_folder, run, save
from matplotlib.ticker import MaxNLocator

from autograd_lite import Program, Value, circuit, exp, log, record, relu, sqrt
from autograd_lite.optim import Adam

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARK = len(LETTERS)  # the token before the first letter, and after the last
TOKENS = len(LETTERS) + 1
WIDTH, HEADS, CONTEXT = 16, 4, 16
SIZE_OF_HEAD = WIDTH // HEADS
LONGEST = CONTEXT - 1  # the mark in front of a word takes one place
WORDS = Path(__file__).with_name("words.txt")
FEWEST = 20  # words in a file
STEPS, BY_NODES = 20_000, 20
SPREAD = 0.08  # of the first parameters
RATE, BETAS, EPS = 0.005, (0.9, 0.99), 1e-8
COOL = 0.8  # the scores are divided by it when words are made up: below 1, likely letters are preferred

Scalar = Any  # a Value, or a float when words are made up
Vector = Sequence[Scalar]
Matrix = Sequence[Vector]  # a sequence of rows
Array = Any


# The network


class Weights(NamedTuple):
    """All parameters, as matrices."""

    E: Matrix  # embedding: a column for each token
    P: Matrix  # a row for each place
    Q: Matrix  # queries
    K: Matrix  # keys
    V: Matrix  # values
    O: Matrix  # noqa: E741 - output of the attention; the letter is that of the formulas
    H: Matrix  # hidden layer
    R: Matrix  # its results
    S: Matrix  # scores: a row for each token


SHAPES = {
    "E": (WIDTH, TOKENS),
    "P": (CONTEXT, WIDTH),
    **dict.fromkeys("QKVO", (WIDTH, WIDTH)),
    "H": (4 * WIDTH, WIDTH),
    "R": (WIDTH, 4 * WIDTH),
    "S": (TOKENS, WIDTH),
}
SIZE = sum(rows * columns for rows, columns in SHAPES.values())


def matrices(parameters: Vector) -> Weights:
    """The parameters, which are one flat list or array, as matrices."""
    rest = iter(parameters)
    return Weights(
        **{
            name: [[next(rest) for _ in range(columns)] for _ in range(rows)]
            for name, (rows, columns) in SHAPES.items()
        }
    )


def dot(xs: Vector, ys: Vector) -> Scalar:
    return sum(x * y for x, y in zip(xs, ys, strict=True))


def times(M: Matrix, xs: Vector) -> Vector:
    return [dot(row, xs) for row in M]


def plus(xs: Vector, ys: Vector) -> Vector:
    return [x + y for x, y in zip(xs, ys, strict=True)]


def norm(xs: Vector) -> Vector:
    """The vector divided by the root of its mean square (RMS norm)."""
    root = sqrt(dot(xs, xs) / len(xs) + 1e-5)
    return [x / root for x in xs]


def softmax(zs: Vector) -> Vector:
    # The scores are those of normed vectors, so they stay small and need no shift before exp.
    powers = [exp(z) for z in zs]
    total = sum(powers)
    return [power / total for power in powers]


def attention(q: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
    """The mean of the values so far, weighted by how well their keys fit the query, for every head."""
    found: list[Scalar] = []
    for head in range(HEADS):
        part = slice(head * SIZE_OF_HEAD, (head + 1) * SIZE_OF_HEAD)
        weights = softmax([dot(q[part], key[part]) / math.sqrt(SIZE_OF_HEAD) for key in keys])
        found += times(list(zip(*(value[part] for value in values), strict=True)), weights)
    return found


def scores(w: Weights, place: int, token: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
    """How strongly each token is expected after this one.

    Keys and values of the places before are in the lists, and those of this place are added to them.
    """
    x = plus(times(w.E, token), w.P[place])
    y = norm(x)
    keys.append(times(w.K, y))
    values.append(times(w.V, y))
    x = plus(x, times(w.O, attention(times(w.Q, y), keys, values)))
    hidden = [relu(z) for z in times(w.H, norm(x))]
    x = plus(x, times(w.R, hidden))
    return times(w.S, norm(x))


def loss_of_word(parameters: Vector, tokens: Matrix) -> Scalar:
    """The mean of −log p(next token) over the places of a word.

    A token is a row of zeros with a 1 in it. So letters are data like any other number: the embedding
    of a token and the logarithm that counts are dot products with its row, and nothing in the circuit
    but its size depends on the word. One program therefore serves all words of one length.
    """
    w, keys, values = matrices(parameters), list[Vector](), list[Vector]()
    losses = []
    for place, (token, following) in enumerate(pairwise(tokens)):
        chances = softmax(scores(w, place, token, keys, values))
        losses.append(-dot(following, [log(chance) for chance in chances]))
    return sum(losses) / len(losses)


def made_up(parameters: Vector, rng: random.Random) -> str:
    """A word drawn letter by letter from the chances of the network, computed on plain floats."""
    w, keys, values = matrices(parameters), list[Vector](), list[Vector]()
    word, token = "", MARK
    while len(word) < LONGEST:
        zs = scores(w, len(word), ROWS[token], keys, values)
        (token,) = rng.choices(range(TOKENS), softmax([z / COOL for z in zs]))
        if token == MARK:
            break
        word += LETTERS[token]
    return word


# The words

ROWS: list[list[float]] = np.eye(TOKENS).tolist()


def tokens_of(word: str) -> list[list[float]]:
    """The rows of the tokens of a word, with the mark at both ends."""
    return [ROWS[token] for token in (MARK, *map(LETTERS.index, word), MARK)]


def read_words(file: str | Path) -> list[str]:
    """The words of a file, each once, without empty lines.

    :raises OSError: for a file that cannot be read or learned from.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise OSError(0, "this is not a text in UTF-8", str(file)) from None
    words: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        word = line.strip()
        if len(word) > LONGEST or not set(word) <= set(LETTERS):
            wanted = f"a word of at most {LONGEST} letters a–z"
            raise OSError(0, f"line {number} must be {wanted}, not {word!r:.60}", str(file))
        if word:
            words[word] = None
    if len(words) < FEWEST:
        raise OSError(0, f"at least {FEWEST} different words are needed, not {len(words)}", str(file))
    return list(words)


# Training


def rate(step: int, steps: int) -> float:
    """The learning rate of Adam. It falls to 0, so that the last words do not count most."""
    return RATE * (1.0 - step / steps)


def by_nodes(start: Sequence[float], words: Sequence[str], steps: int) -> tuple[list[float], float]:
    """The losses of the first steps, one for each word, and the seconds they took."""
    parameters = [Value(x) for x in start]
    adam = Adam(parameters, betas=BETAS, eps=EPS)
    losses, began = [], time.perf_counter()
    for step, word in enumerate(words):
        adam.lr = rate(step, steps)
        adam.zero_grad()
        loss = loss_of_word(parameters, tokens_of(word))
        loss.backward()
        adam.step()
        losses.append(loss.data)
    return losses, time.perf_counter() - began


def programs_for(words: Sequence[str], start: Array) -> dict[int, Program]:
    """A program for each length of the words."""
    programs: dict[int, Program] = {}
    for word in sorted(set(words), key=len):
        if len(word) not in programs:
            tokens = np.array(tokens_of(word))
            # That nothing is baked in is verified once: the function is the same at every length.
            program = record(loss_of_word, start, tokens, verify=not programs)
            program.value_and_grad(start, tokens)  # compiles it
            programs[len(word)] = program
    return programs


def by_programs(
    start: Array, words: Sequence[str], programs: dict[int, Program], arrays: dict[str, Array]
) -> tuple[Array, list[float], float]:
    """The trained parameters, the loss of each step, and the seconds of all steps.

    The parameters are one array, and so are gradients and the running means of Adam.
    """
    x, (b1, b2) = start.copy(), BETAS
    mean, square = np.zeros(SIZE), np.zeros(SIZE)
    losses, began = [], time.perf_counter()
    for step, word in enumerate(words):
        loss, g = programs[len(word)].value_and_grad(x, arrays[word])
        mean = b1 * mean + (1.0 - b1) * g
        square = b2 * square + (1.0 - b2) * g * g
        m, v = mean / (1.0 - b1 ** (step + 1)), square / (1.0 - b2 ** (step + 1))
        x -= rate(step, len(words)) * m / (np.sqrt(v) + EPS)
        losses.append(loss)
    return x, losses, time.perf_counter() - began


def mean_of(losses: Sequence[float]) -> float:
    return math.fsum(losses) / len(losses)


def mean_before(losses: Sequence[float], step: int, recent: int) -> float:
    """The mean loss of the recent steps before this one, or of all if there are not so many."""
    return mean_of(losses[max(0, step - recent) : step])


def draw(nodes: list[float], programs: list[float], recent: int, folder: Path) -> None:
    """Plot the first losses of both runs, and the mean of recent losses to the end."""
    fig, (first, whole) = figure(1, 2, size=(11.0, 4.4), sharey=True)
    count = range(1, len(nodes) + 1)
    first.plot(count, programs[: len(nodes)], label="by programs")
    first.plot(count, nodes, "o", color=COLORS[1], label="by nodes")
    first.set(title="The first steps", xlabel="step", ylabel="loss of a word")
    first.xaxis.set_major_locator(MaxNLocator(integer=True))
    steps = sorted({round(10 ** (k / 50)) for k in range(int(50 * math.log10(len(programs))))})
    steps.append(len(programs))
    whole.plot(steps, [mean_before(programs, step, recent) for step in steps], label="by programs")
    whole.set(title=f"All steps: mean of the last {recent} words", xlabel="step", xscale="log")
    for ax in (first, whole):
        guess = f"guessing: log {TOKENS}"
        ax.axhline(math.log(TOKENS), color=COLORS[5], linestyle="dashed", linewidth=1.0, label=guess)
        ax.legend()
    save(fig, folder, "loss")


def main(
    folder: str | Path | None = None, *, quick: bool = False, words: str | Path | None = None
) -> dict[str, Any]:
    """Train by nodes and by programs, print both and what was learned, and draw the losses."""
    listed, rng = read_words(WORDS if words is None else words), random.Random(1)
    folder = output_folder("gpt", folder)
    if quick:  # two lengths only, as a program is made for each
        lengths = sorted({len(word) for word in listed}, key=lambda length: abs(length - 4))[:2]
        listed = [word for word in listed if len(word) in lengths]
    steps, recent, twice = (500, 250, 3) if quick else (STEPS, 1000, BY_NODES)
    rng.shuffle(listed)
    tenth = max(1, len(listed) // 10)
    held, learned = listed[:tenth], listed[tenth:]
    samples = rng.choices(learned, k=steps)
    start = np.array([rng.gauss(0.0, SPREAD) for _ in range(SIZE)])
    arrays = {word: np.array(tokens_of(word)) for word in listed}

    nodes = circuit(loss_of_word([Value(x) for x in start.tolist()], tokens_of(samples[0])))
    operations = sum(bool(node.parents) for node in nodes)
    print(
        f"{len(learned)} words to learn and {len(held)} held out, {SIZE} parameters. "
        f"The loss of “{samples[0]}” takes {operations} scalar operations."
    )
    slow, slow_seconds = by_nodes(start.tolist(), samples[:twice], steps)
    began = time.perf_counter()
    programs = programs_for(listed, start)
    recording = time.perf_counter() - began
    trained, losses, seconds = by_programs(start, samples, programs, arrays)

    print(f"\nThe losses of the first words:{'by nodes':>22}{'by programs':>18}")
    for i, (eager, recorded) in enumerate(zip(slow, losses, strict=False)):
        # Each loss but the first shows the gradients of the steps before it, too.
        assert math.isclose(eager, recorded, rel_tol=1e-9), f"step {i + 1}: {eager} is not {recorded}"
        if i < 5 or i + 1 == len(slow):
            print(f"    step {i + 1:>2}  {samples[i]:<{LONGEST}}{eager:>23.12f}{recorded:>18.12f}")
    rates = len(slow) / slow_seconds, steps / seconds
    print(
        f"Steps per second: {rates[0]:.1f} by nodes and {rates[1]:.0f} by programs, "
        f"{rates[1] / rates[0]:.0f} times as many.\n"
        f"  Recording and compiling a program for each length of the words, {len(programs)} in all, took "
        f"{recording:.1f} s;\n"
        f"  all {steps} steps took {seconds:.1f} s. The engine is {next(iter(programs.values())).engine}."
    )

    print(f"\nThe mean loss; guessing every token alike has log {TOKENS} = {math.log(TOKENS):.4f}:")
    for step in range(steps // 5, steps + 1, steps // 5):
        print(f"    the last {min(step, recent)} words before step {step:>5}: ", end="")
        print(f"{mean_before(losses, step, recent):.4f}")
    unseen = mean_of([programs[len(word)](trained, arrays[word]) for word in held])
    print(f"    the words held out, after the last step: {unseen:.4f}")

    invented = [made_up(trained.tolist(), rng) for _ in range(8 if quick else 32)]
    print("\nWords that it makes up; those with a star are in the list:")
    shown = [word + "*" * (word in arrays) for word in invented]
    for i in range(0, len(shown), 8):
        print("    " + " ".join(shown[i : i + 8]))
    draw(slow, losses, recent, folder)
    print(f"\nThe picture is in {folder}: loss.")
    return {
        "by_nodes": slow,
        "held_out": unseen,
        "invented": invented,
        "losses": losses,
        "programs": programs,
        "samples": samples,
        "start": start,
        "trained": trained,
    }


if __name__ == "__main__":
    run(main)
