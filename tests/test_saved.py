"""Files of numbers: what they may not replace, and what is refused though it looks like one."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.support.saved import FORMAT, read_numbers, require_names, write_document, write_numbers


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="pipe"):
        write_numbers(pipe, {"a": 1.0})
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.parametrize("numbers", [[1.0], None, {"a": "one"}, {"a": None}, {"a": [1.0]}, {"a": 10**400}])
def test_a_right_checksum_makes_no_numbers_of_something_else(tmp_path: Path, numbers: Any) -> None:
    file = tmp_path / "crafted.json"
    checksum = hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()
    content = {"format": FORMAT, "checksum": checksum, "numbers": numbers}
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r"crafted\.json"):
        read_numbers(file)


@pytest.mark.parametrize(
    "numbers",
    [
        {"a": True},
        {"a": "1"},
        {"a": "1" * 10**6},
        {"b" * 10**6: None},
        {"\x1b[31m": {}},
        {"a": json.loads("[" * 900 + "]" * 900)},
    ],
)
def test_a_number_by_name_is_all_that_a_file_may_hold(tmp_path: Path, numbers: Any) -> None:
    file = tmp_path / "crafted.json"
    write_document(file, FORMAT, "numbers", numbers)
    with pytest.raises(ValueError, match=r"crafted\.json") as refused:
        read_numbers(file)
    assert len(str(refused.value)) < 500
    assert str(refused.value).isprintable()


def test_a_format_nested_too_deeply_to_print_is_another_kind_of_file(tmp_path: Path) -> None:
    file = tmp_path / "deep.json"
    file.write_text(f'{{"format": {"[" * 900}{"]" * 900}, "numbers": {{}}}}', encoding="utf-8")
    with pytest.raises(ValueError, match="its format is"):
        read_numbers(file)


def test_names_that_do_not_fit_are_shown_cut_and_cannot_drive_a_terminal() -> None:
    with pytest.raises(ValueError, match="no place for") as refused:
        require_names({"\x1b[31m": 1.0, "x" * 10**6: 1.0}, [], "it")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 500


def test_a_file_nested_too_deeply_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "deep.json"
    file.write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(ValueError, match=r"deep\.json"):
        read_numbers(file)


def test_the_order_and_the_spaces_of_a_file_are_free(tmp_path: Path) -> None:
    file, numbers = tmp_path / "numbers.json", {"w": 0.1, "b": -0.0, "a": 3.0}
    write_numbers(file, numbers)
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content, sort_keys=True), encoding="utf-8")
    assert list(read_numbers(file)[0]) == ["a", "b", "w"]
    assert repr(sorted(read_numbers(file)[0].items())) == repr(sorted(numbers.items()))


@pytest.mark.parametrize(("names", "listed"), [("abc", "a, b, c$"), ("abcd", "a, b, c and 1 more$")])
def test_three_names_of_a_mismatch_are_listed(names: str, listed: str) -> None:
    with pytest.raises(ValueError, match=f"it lacks {listed}"):
        require_names({}, names, "it")
    with pytest.raises(ValueError, match=f"no place for {listed}"):
        require_names(dict.fromkeys(names), "", "it")


@pytest.mark.parametrize("state", [None, [("a", 1.0)], "a"])
def test_a_state_that_is_no_dict_is_told(state: Any) -> None:
    with pytest.raises(TypeError, match=type(state).__name__):
        require_names(state, "a", "it")
