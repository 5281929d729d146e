"""The inputs that the fuzzer starts from and those that it once broke a promise with, replayed."""

from pathlib import Path

import pytest

from .targets import TARGETS, assert_readable, corpus_of, try_one


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param(name, f, id=f"{name}-{f.name}")
        for name in TARGETS
        for f in sorted(corpus_of(name).iterdir())
    ],
)
def test_an_input_of_the_corpus_breaks_no_promise(name: str, file: Path) -> None:
    try_one(name, file.read_bytes())


@pytest.mark.parametrize("message", ["", "\n", "a\x1b[31m", "1\n2\n3\n4", "x" * 1001, "\ud800"])
def test_a_message_that_nobody_can_read_is_found(message: str) -> None:
    with pytest.raises(AssertionError):
        assert_readable(message)
