"""Documents in files, and named numbers among them, exact to the last bit.

A file is JSON that people can read. It has a checksum, so that a file that was cut short or edited
is refused instead of being loaded in part. Reading one takes bounded time and memory.
"""

from __future__ import annotations

import json
import math
import os
import reprlib
import stat
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from .files import write_whole
from .hints import visible

FORMAT = "autograd_lite.state/1"
MODEL = "autograd_lite.model/1"  # the state, and what the model is made of
#: The most bytes of a file; Python's lists take up to twenty times as many.
LARGEST = 2**25
_LARGEST_STATE = 2**28  # some five million parameters

_NOT_FINITE = ("nan", "inf", "-inf")  # as `to_json` writes them
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_LISTED = 3  # how many names an error about a mismatch lists


def assign(changes: Iterable[tuple[Any, str, Any]]) -> None:
    """Set attributes, each given as ``(object, name, value)``: all of them, or none after an interruption.

    >>> class Point: x = y = 0
    >>> point = Point(); assign([(point, "x", 1), (point, "y", 2)]); point.x, point.y
    (1, 2)
    """
    changes = list(changes)
    before = [(target, name, getattr(target, name)) for target, name, _ in changes]
    try:
        _set_each(changes)
    except BaseException:
        _set_each(before)
        raise


def _set_each(changes: Iterable[tuple[Any, str, Any]]) -> None:
    # A function of its own: in Python 3.13 an interruption at the head of a loop escapes a `try` that
    # the loop begins.
    for target, name, new in changes:
        setattr(target, name, new)


def write_document(path: str | os.PathLike[str], form: str, key: str, content: Any) -> None:
    """Write ``content``, which JSON can hold, to ``path``; an existing file is replaced in one step.

    :param form: the name of the format and its version; ``key`` is what the content is called.
    :raises OSError: when the file cannot be written; an existing file is then unchanged.
    """
    text = _text({"format": form, "checksum": _checksum(content), key: content})
    write_whole(path, f"{text}\n".encode())


def read_document(
    path: str | os.PathLike[str], keys: Mapping[str, str], what: str, largest: int = LARGEST
) -> tuple[str, Any]:
    """The format of the document that :func:`write_document` wrote to ``path``, and its content.

    :param keys: the formats that are taken, each with what its content is called.
    :param what: what the file should hold, in the words of the errors.
    :raises OSError: when the file cannot be read.
    :raises ValueError: when it is another kind of file, was cut short, was changed afterwards, or has
        more than ``largest`` bytes.
    """
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a pipe may never end
        raise ValueError(f"{path} is not a regular file")
    with open(path, "rb") as file:
        text = file.read(largest + 1)
    if len(text) > largest:
        raise ValueError(f"{path} is too large: it has more than {largest:,} bytes")
    try:
        document = json.loads(text.decode())
        found = document.get("format") if isinstance(document, dict) else None
        key = keys.get(found) if isinstance(found, str) else None
        content = None if key is None else document.get(key)
        checksum = _checksum(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged, perhaps cut short: {visible(str(error), 200)}") from None
    if key is None:
        raise ValueError(f"{path} does not hold {what}: its format is {_short(found)}")
    if document.get("checksum") != checksum:
        raise ValueError(f"{path} was changed after it was saved: its {key} does not match its checksum")
    return str(found), content


def to_json(x: float) -> float | str:
    """A number as JSON can hold it: nan and the infinities as strings."""
    return x if math.isfinite(x) else repr(x)


def write_numbers(
    path: str | os.PathLike[str], numbers: Mapping[str, float], architecture: Any = None
) -> None:
    """Write ``numbers`` to ``path``; an existing file is replaced in one step.

    :param architecture: what the model with these numbers is made of, as data; None where that is not said.
    :raises OSError: when the file cannot be written; an existing file is then unchanged.
    """
    plain = {name: to_json(float(x)) for name, x in numbers.items()}
    if architecture is None:
        write_document(path, FORMAT, "numbers", plain)
    else:
        write_document(path, MODEL, "model", {"architecture": architecture, "numbers": plain})


def read_numbers(path: str | os.PathLike[str]) -> tuple[dict[str, float], Any]:
    """The numbers and the architecture that :func:`write_numbers` wrote to ``path``.

    :raises OSError: when the file cannot be read.
    :raises ValueError: when it is another kind of file, was cut short, or was changed afterwards.
    """
    keys = {FORMAT: "numbers", MODEL: "model"}
    form, plain = read_document(path, keys, "saved parameters", _LARGEST_STATE)
    architecture = None
    if form == MODEL:
        plain = plain if isinstance(plain, dict) else {}
        architecture, plain = plain.get("architecture"), plain.get("numbers")
    if not isinstance(plain, dict):
        raise ValueError(f"{path} does not hold saved parameters: it has no numbers by name")
    for name, x in plain.items():
        if type(x) not in (int, float) and x not in _NOT_FINITE:
            raise ValueError(f"{path} holds {_short(x)} for {visible(name)}, which is not a number")
    try:
        return {name: float(x) for name, x in plain.items()}, architecture
    except OverflowError:
        raise ValueError(f"{path} holds a number that does not fit a float") from None


class Stored:
    """``save`` and ``load`` for a class whose state is a ``state_dict`` of numbers."""

    def state_dict(self) -> dict[str, float]:
        """The numbers by name."""
        raise NotImplementedError

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set the numbers to those of a :meth:`state_dict`."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the :meth:`state_dict` to a JSON file, exactly and in one step.

        :raises OSError: when the file cannot be written; an existing file is then unchanged.
        """
        write_numbers(path, self.state_dict(), self._complete_architecture())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Set the numbers to those that :meth:`save` wrote to ``path``.

        :raises OSError: when the file cannot be read.
        :raises ValueError: when the file is damaged, was edited, or has other names or numbers of a model
            that was made differently. Nothing is changed in either case.
        """
        numbers, architecture = read_numbers(path)
        own = self._complete_architecture()
        if own is not None and architecture is not None and own != architecture:
            raise ValueError(
                f"{path} has the numbers of another model, {_short(architecture)}, not of {_short(own)}"
            )
        self.load_state_dict(numbers)

    def _complete_architecture(self) -> Any:
        """What the object is made of, as data, where that and the state are all of it; else None."""
        return None


def numbers_by_name(state: Mapping[str, float], names: Iterable[str], owner: str) -> dict[str, float]:
    """The numbers of ``state`` as floats; it must have one for each of ``names`` and no others.

    :param owner: what the state is for, in the words of the errors.
    :raises ValueError: when names are missing or left over.
    :raises TypeError: when an entry is not a real number, or is too large for a float.
    """
    own = require_names(state, names, owner)
    for name, x in state.items():
        if not isinstance(x, Real):
            kind = type(x).__name__
            raise TypeError(f"the state has {kind} ({x!r:.60}) for {name}, not a number")
    try:
        return {name: float(state[name]) for name in own}
    except OverflowError as error:
        raise TypeError(f"the state has a number that does not fit a float: {error}") from None


def require_names(state: Mapping[str, Any], names: Iterable[str], owner: str) -> list[str]:
    """The ``names``, each once; they must be exactly the keys of ``state``.

    :param owner: what the state is for, in the words of the errors.
    :raises TypeError: when ``state`` is not a mapping.
    :raises ValueError: when names are missing or left over.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"a state must be a dict of numbers by name, not {type(state).__name__}")
    own = dict.fromkeys(names)
    missing = [name for name in own if name not in state]
    surplus = [name for name in state if name not in own]
    if missing or surplus:
        raise ValueError(
            f"the state does not fit {owner}: "
            f"{'; '.join(_listed(missing, 'it lacks') + _listed(surplus, 'it has no place for'))}"
        )
    return list(own)


def _listed(names: list[str], intro: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return [f"{intro} {', '.join(map(visible, names[:_LISTED]))}{more}"]


def _short(x: Any) -> str:
    return visible(reprlib.repr(x))


def _checksum(plain: Any) -> str:
    from hashlib import sha256

    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _text(x: Any, levels: int = 3) -> str:
    """JSON with the entries of the outer levels on lines of their own."""
    if not levels or not x or not isinstance(x, dict | list):
        return _encoder.encode(x)
    if isinstance(x, list):
        return "[\n" + ",\n".join([_text(each, levels - 1) for each in x]) + "\n]"
    lines = [f"{_encoder.encode(key)}: {_text(each, levels - 1)}" for key, each in x.items()]
    return "{\n" + ",\n".join(lines) + "\n}"
