"""What the demos leave behind goes with the module that ran them."""

from collections.abc import Iterator

import pytest

from autograd_lite import TABLE


@pytest.fixture(autouse=True, scope="module")
def no_rows_are_left() -> Iterator[None]:
    """Some demos register the rules that they judge; other tests go through all of the table."""
    before = set(TABLE)
    yield
    for name in set(TABLE) - before:
        del TABLE[name]
