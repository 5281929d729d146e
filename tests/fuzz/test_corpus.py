"""The inputs that the fuzzer starts from and those that it once broke a promise with, replayed."""

from pathlib import Path

import pytest

from .targets import TARGETS, assert_readable, try_one

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_an_input_of_the_corpus_breaks_no_promise(file: Path) -> None:
    try_one(file.parent.name, file.read_bytes())


def test_every_target_has_a_corpus() -> None:
    assert {file.parent.name for file in FILES} == TARGETS.keys()


@pytest.mark.parametrize("message", ["", "\n", "a\x1b[31m", "1\n2\n3\n4", "x" * 1001, "\ud800"])
def test_a_message_that_nobody_can_read_is_found(message: str) -> None:
    with pytest.raises(AssertionError):
        assert_readable(message)
