"""Where a function finds the Values that it uses beside its arguments, and whether they are there still."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from ..core.primitive import Primitive
from ..core.value import Value
from ..support.arrays import is_array

#: So many objects are looked into at most, and so deep.
_MOST, _DEEPEST = 20_000, 50

#: What holds nothing, and what compares with others as Values do, by being the same.
_EMPTY = (str, bytes, int, float, complex, type(None), type, ModuleType, Primitive)
_PLAIN = {Value, list, tuple, dict, float, int, str, type(None)}

#: A place: what it is called, how it is read, and what it is read by.
_Slot = tuple[str, Callable[[Any], Any], Any]


class Holders:
    """The places that lead a function to some Values: variables, attributes, entries of lists and dicts.

    They are those of closures, global variables, defaults, bound methods, ``functools.partial``, objects
    with a ``__dict__``, and the functions that are called by such a variable. What has to run to be seen (a
    property, a generator) is not looked into, nor are ``__slots__``, the variables of other modules that
    are written ``module.name``, and what lies behind many thousands of objects.

    >>> w = [Value(1.0)]
    >>> holders = Holders((lambda w: lambda x: w[0] * x)(w), {*w})
    >>> holders.moved(), w.append(Value(2.0)), holders.moved()
    ('', None, 'w')
    """

    def __init__(self, function: Any, used: Set[Value]) -> None:
        self._used, self._left = used, _MOST
        self._leads: dict[int, bool] = {}
        self._held: list[Any] = []  # alive while others are told by their ids
        self._slots: list[_Slot] = []
        self._found: list[Any] = []
        self._lists: list[list[Any]] = []
        self._names: list[str] = []
        self._looked(function, "", 0)
        self._copies = list(map(list, self._lists))
        del self._used, self._leads, self._held

    def moved(self) -> str:
        """What holds another thing than at first, in words; empty where nothing does."""
        try:
            for (name, get, key), was in zip(self._slots, self._found, strict=True):
                if get(key) is not was:
                    return name
        except (LookupError, ValueError):  # nothing is there
            return name
        if self._lists == self._copies:
            return ""
        pairs = zip(self._names, self._lists, self._copies, strict=True)
        name, now, then = next(pair for pair in pairs if pair[1] != pair[2])
        changed = [i for i, (a, b) in enumerate(zip(now, then, strict=False)) if a is not b]
        return f"{name}[{changed[0]}]" if changed else name

    def _looked(self, thing: Any, name: str, depth: int) -> bool:
        """Whether a thing leads to a Value that is used; the places that do are noted."""
        if isinstance(thing, Value):
            return thing in self._used
        if isinstance(thing, _EMPTY) or depth > _DEEPEST or self._left < 0:
            return False
        if id(thing) not in self._leads:
            self._leads[id(thing)] = False  # of what leads back to it
            self._held.append(thing)
            self._left -= 1
            self._leads[id(thing)] = self._looked_into(thing, name, depth + 1)
        return self._leads[id(thing)]

    def _looked_into(self, thing: Any, name: str, depth: int) -> bool:
        kinds = set(map(type, thing)) if type(thing) in (list, tuple) else set()
        if kinds and kinds <= {Value, float, int, str}:
            leading: Any = Value in kinds and not self._used.isdisjoint(thing)
        else:
            leading = [slot for slot in _slots_of(thing, name) if self._looked(_read(slot), slot[0], depth)]
        if leading and type(thing) is list and kinds <= _PLAIN:
            self._lists.append(thing)
            self._names.append(name)
        elif leading and type(thing) is not tuple:
            self._slots += leading
            self._found += map(_read, leading)
        return bool(leading)


def _read(slot: _Slot) -> Any:
    return slot[1](slot[2])


def _slots_of(thing: Any, name: str) -> Iterator[_Slot]:
    """The places in a thing that may lead on, by the names of variables and of attributes."""
    if isinstance(thing, FunctionType):
        yield from _of_function(thing)
    elif isinstance(thing, MethodType):
        yield from ((name, partial(getattr, thing), key) for key in ("__self__", "__func__"))
    elif isinstance(thing, partial):
        yield from ((name, partial(getattr, thing), key) for key in ("func", "args", "keywords"))
    elif isinstance(thing, list | tuple):
        yield from ((f"{name}[{i}]", thing.__getitem__, i) for i in range(len(thing)))
    elif isinstance(thing, dict):
        yield from ((f"{name}[{key!r}]", thing.__getitem__, key) for key in thing)
    elif is_array(thing):
        if thing.dtype == object:
            yield from ((f"{name}[{i}]", thing.reshape(-1).__getitem__, i) for i in range(thing.size))
    elif hasattr(thing, "recording") or hasattr(thing, "programs"):  # what this package made of a function
        yield name, partial(getattr, thing), "function"
    elif hasattr(thing, "__dict__"):
        kind = type(thing).__name__
        yield from ((f"{kind}.{key}", vars(thing).__getitem__, key) for key in vars(thing))


def _of_function(function: FunctionType) -> Iterator[_Slot]:
    for key, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield key, partial(getattr, cell), "cell_contents"
    here = function.__globals__
    if str(here.get("__name__")).partition(".")[0] == __name__.partition(".")[0]:
        return
    for key in dict.fromkeys(_names_used([function.__code__])):
        if key in here:
            yield key, here.__getitem__, key
    for default in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        yield f"a default of {function.__name__}", lambda thing: thing, default


def _names_used(codes: Iterable[Any]) -> Iterator[str]:
    for code in codes:
        if isinstance(code, CodeType):
            yield from code.co_names
            yield from _names_used(code.co_consts)
