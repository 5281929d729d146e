"""Named numbers in a file, exact to the last bit.

A file of numbers is JSON that people can read. It carries a checksum, so that one which was cut short
or edited is refused instead of being loaded in part.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from .files import write_whole

FORMAT = "autograd_lite.state/1"
_SHOWN = 3  # names that an error about a mismatch lists


def assign(changes: Iterable[tuple[Any, str, Any]]) -> None:
    """Set attributes, ``(object, name, value)`` each: all of them, or after an interruption none.

    >>> class Point: x = y = 0
    >>> point = Point(); assign([(point, "x", 1), (point, "y", 2)]); point.x, point.y
    (1, 2)
    """
    changes = list(changes)
    before = [(target, name, getattr(target, name)) for target, name, _ in changes]
    try:
        for target, name, new in changes:
            setattr(target, name, new)
    except BaseException:
        for target, name, old in before:
            setattr(target, name, old)
        raise


def write_numbers(path: str | os.PathLike[str], numbers: Mapping[str, float]) -> None:
    """Write ``numbers`` to ``path``; a file of that name is replaced in one step.

    :raises OSError: when the file cannot be written; an older one is then as it was.
    """
    # JSON has no word for nan and the infinities, so these are strings.
    exact = {name: float(x) for name, x in numbers.items()}
    plain = {name: x if math.isfinite(x) else repr(x) for name, x in exact.items()}
    content = {"format": FORMAT, "checksum": _checksum(plain), "numbers": plain}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, f"{text}\n".encode())


def read_numbers(path: str | os.PathLike[str]) -> dict[str, float]:
    """The numbers that :func:`write_numbers` wrote to ``path``.

    :raises OSError: when the file cannot be read.
    :raises ValueError: when it is something else, was cut short, or was changed afterwards.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged, perhaps cut short: {error}") from None
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise ValueError(f"{path} holds no saved parameters: its format is {found!r:.60}")
    plain = content.get("numbers")
    if not isinstance(plain, dict) or content.get("checksum") != _checksum(plain):
        raise ValueError(f"{path} was changed after it was saved: its numbers do not match its checksum")
    try:
        return {name: float(x) for name, x in plain.items()}
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{path} holds something else than numbers: {error}") from None


class Stored:
    """What has a ``state_dict`` of numbers can be saved and loaded."""

    def state_dict(self) -> dict[str, float]:
        """The numbers by name."""
        raise NotImplementedError

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Take over the numbers of a :meth:`state_dict`."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the :meth:`state_dict` to a JSON file, exactly and in one step.

        :raises OSError: when that fails; an older file of that name is then as it was.
        """
        write_numbers(path, self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Read what :meth:`save` wrote.

        :raises OSError: when the file cannot be read.
        :raises ValueError: when the file is damaged, was edited or belongs to something else;
            everything is then as it was.
        """
        self.load_state_dict(read_numbers(path))


def fitting(state: Mapping[str, float], names: Iterable[str], whose: str) -> dict[str, float]:
    """The numbers of ``state``, which has one for each of ``names`` and no others.

    :raises ValueError: when names are missing or left over; ``whose`` says what they would fit.
    :raises TypeError: when something is not a real number, or too large to be a float.
    """
    own = matching(state, names, whose)
    for name, x in state.items():
        if not isinstance(x, Real):
            kind = type(x).__name__
            raise TypeError(f"the state has {kind} ({x!r:.60}) for {name}, not a number")
    try:
        return {name: float(state[name]) for name in own}
    except OverflowError as error:
        raise TypeError(f"the state has a number that is no float: {error}") from None


def matching(state: Mapping[str, Any], names: Iterable[str], whose: str) -> list[str]:
    """The ``names``, each once, after a look that they are those of ``state``.

    :raises ValueError: when names are missing or left over; ``whose`` says what they would fit.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"a state is a dict of numbers by name, not {type(state).__name__}")
    own = dict.fromkeys(names)
    missing = [name for name in own if name not in state]
    surplus = [name for name in state if name not in own]
    if missing or surplus:
        raise ValueError(
            f"the state does not fit {whose}: "
            f"{'; '.join(_listed(missing, 'it lacks') + _listed(surplus, 'it has no place for'))}"
        )
    return list(own)


def _listed(names: list[str], intro: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return [f"{intro} {', '.join(names[:_SHOWN])}{more}"]


def _checksum(plain: dict[str, Any]) -> str:
    from hashlib import sha256

    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
