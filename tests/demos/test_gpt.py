"""The demo of a scalar GPT: both ways of training agree, the network is that of the formulas, it learns."""

import io
import math
import string
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..support.demo import check_pictures, load, script
from ..support.networks import complex_step

Array = Any
Numbers = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.usefixtures("beside_the_demos")


def test_runs_and_draws(numbers: Numbers) -> None:
    check_pictures("gpt", numbers("gpt"))


def norm(X: Array) -> Array:
    return X / np.sqrt((X * X).mean(axis=1, keepdims=True) + 1e-5)


def loss(parameters: Array, word: str) -> Any:
    """The loss of a word by matrices, for all places at once; the parameters may be complex."""
    sizes = [(16, 27), (16, 16), *[(16, 16)] * 4, (64, 16), (16, 64), (27, 16)]
    ends = np.cumsum([rows * columns for rows, columns in sizes])
    assert ends[-1] == len(parameters) == 4192
    parts = np.split(parameters, ends[:-1])
    E, P, Q, K, V, O, H, R, S = (x.reshape(size) for x, size in zip(parts, sizes, strict=True))  # noqa: E741
    tokens = np.array([26, *(string.ascii_lowercase.index(letter) for letter in word), 26])
    n = len(word) + 1
    X = E.T[tokens[:-1]] + P[:n]
    q, k, v = ((norm(X) @ M.T).reshape(n, 4, 4) for M in (Q, K, V))
    powers = np.tril(np.exp(np.einsum("ihd,jhd->hij", q, k) / 2.0))  # nothing looks ahead
    means = np.einsum("hij,jhd->ihd", powers / powers.sum(axis=2, keepdims=True), v)
    X = X + means.reshape(n, 16) @ O.T
    Z = norm(X) @ H.T
    X = X + np.where(Z.real > 0.0, Z, 0.0) @ R.T
    powers = np.exp(norm(X) @ S.T)
    return -np.log(powers[np.arange(n), tokens[1:]] / powers.sum(axis=1)).mean()


def test_the_network_is_that_of_the_formulas(numbers: Numbers) -> None:
    found, demo = numbers("gpt"), load("gpt")
    assert found["losses"][0] == pytest.approx(loss(found["start"], found["samples"][0]), rel=1e-12)
    direction = np.random.default_rng(1).normal(size=demo.SIZE)
    for length, program in found["programs"].items():
        word = string.ascii_lowercase[3 : 3 + length]  # not the word that it was recorded with
        value, gradient = program.value_and_grad(found["trained"], np.array(demo.tokens_of(word)))
        assert value == pytest.approx(loss(found["trained"], word), rel=1e-12)

        def along(t: Array, word: str = word) -> Any:
            return loss(found["trained"] + t * direction, word)

        assert gradient @ direction == pytest.approx(float(complex_step(along, 0.0)), rel=1e-9)


def test_nodes_and_programs_have_the_same_losses(numbers: Numbers) -> None:
    found = numbers("gpt")
    count = len(found["by_nodes"])
    assert count > 2
    assert found["by_nodes"] == pytest.approx(found["losses"][:count], rel=1e-9)


def test_it_learns_how_words_look(numbers: Numbers) -> None:
    found = numbers("gpt")
    losses = found["losses"]
    assert np.mean(losses[-200:]) < np.mean(losses[:100])
    assert max(np.mean(losses[-200:]), found["held_out"]) < math.log(27) - 0.5
    assert all(set(word) <= set(string.ascii_lowercase) for word in found["invented"])
    assert max(map(len, found["invented"])) <= 15


def test_the_words_that_come_with_it() -> None:
    demo = load("gpt")
    words = demo.WORDS.read_text("ascii").splitlines()
    assert words == sorted(set(words)) == demo.read_words(demo.WORDS)
    assert len(words) >= 1000
    assert all(1 < len(word) <= 15 and set(word) <= set(string.ascii_lowercase) for word in words)


def test_words_of_your_own(tmp_path: Path) -> None:
    demo, file = load("gpt"), tmp_path / "words"
    file.write_text("\n\n".join(string.ascii_lowercase) + "\r\n b\n", "utf-8")
    assert demo.read_words(file) == list(string.ascii_lowercase)
    with redirect_stdout(io.StringIO()):
        found = demo.main(tmp_path, quick=True, words=file)
    assert found["programs"].keys() == {1}
    # After the mark all letters to learn are as likely; after a letter comes the end.
    assert np.mean(found["losses"][-200:]) == pytest.approx(math.log(24) / 2, rel=0.2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "20 different words are needed, not 0"),
        (b"oak\n" * 30, "20 different words are needed, not 1"),
        (b"oak\nAsh\n", "line 2 .*'Ash'"),
        (b"oak\n\nelm 7\n", "line 3 .*'elm 7'"),
        ("käse\n".encode(), "line 1 .*'käse'"),
        (b"montmorillonites\n", "line 1 .*at most 15"),
        (b"oak\n\xff\xfe\n", "UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_bad_file_of_words_is_refused(text: bytes | None, told: str, tmp_path: Path) -> None:
    demo, file = load("gpt"), tmp_path / "words"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(OSError, match=told) as refused:
        demo.main(tmp_path / "out", quick=True, words=file)
    assert refused.value.filename == str(file)
    assert not (tmp_path / "out").exists()


def test_the_command_line_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("oak\nAsh\n", "ascii")
    done = script("gpt", tmp_path, "--words", "words", "--quick")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("words: line 2")
