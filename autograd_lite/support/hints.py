"""What errors say: hints in place of names that do not exist, and texts of strangers made harmless."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from .spellings import DEVICES


def missing_name(
    module: str, name: str, instead: Mapping[str, str], names: Iterable[str]
) -> AttributeError:
    """The AttributeError for ``module.name``, with a hint where one is known.

    :param instead: by the names of other libraries, what to use here in their place.
    :param names: the public names of ``module``, the nearest of which is suggested.

    >>> print(missing_name("autograd_lite.optim", "Adamw", {}, ["Adam", "AdamW"]))
    module 'autograd_lite.optim' has no attribute 'Adamw': did you mean AdamW?
    """
    hint = f"use {instead[name]}" if name in instead else _nearest(name, names)
    return AttributeError(f"module {module!r} has no attribute {name!r}{hint and f': {hint}'}")


_SEED = "to draw the same numbers each time, give rng=random.Random(0)"
_ARGUMENTS = {
    "seed": _SEED,
    "random_state": _SEED,
    "generator": _SEED,
    "requires_grad": "a gradient flows to every Value; Constant(2.0) is one that takes none",
    "dtype": "every number is a float",
    "device": f"a Value is a Python object; for other devices there is {DEVICES}",
    "retain_graph": "a circuit stays as it is, and can be swept as often as you like",
    "create_graph": "gradients(y, xs) gives derivatives that can be differentiated again",
    "gradient": "it is called seed",
    **dict.fromkeys(("jac", "hess", "hessp"), "derivatives are made here, by sweeps"),
    "tol": "it is called tolerance",
    "maxiter": "it is called max_iterations",
    "x0": "the start is the second argument",
    "sigma": "divide each residual by its own sigma",
    "inputs": "gradients(y, xs) gives the derivatives by those alone, and grad is filled for all",
}

#: What is said to those who hand operands to Value.
NO_NODE = (
    "a Value is made from a number and a name; a node with operands comes from an operation on Values: "
    "use one, or add your own with primitive(...)"
)


def refuse_arguments(function: str, unknown: Iterable[str], names: Iterable[str]) -> None:
    """Raise TypeError for the first keyword argument in ``unknown``; nothing where it is empty.

    :param names: the keyword arguments that ``function`` takes.

    >>> refuse_arguments("MLP", ["seed"], ["rng"])
    Traceback (most recent call last):
    TypeError: MLP has no argument 'seed': to draw the same numbers each time, give rng=random.Random(0)
    """
    known = list(names)
    for name in unknown:
        hint = _ARGUMENTS.get(name) or _nearest(name, known) or f"it takes {', '.join(known)}"
        raise TypeError(f"{function} has no argument {name!r}: {hint}")


def _nearest(name: str, names: Iterable[str]) -> str:
    lower = {each.lower(): each for each in names}
    near = [] if name[:1] == "_" else difflib.get_close_matches(name.lower(), lower, n=1)
    return f"did you mean {lower[near[0]]}?" if near else ""


def visible(text: str, most: int = 60) -> str:
    """``text`` for one line of a message: at most ``most`` characters, each one that can be seen.

    A character that would move the cursor, or that no file can hold, is shown as U+FFFD.

    >>> visible("two" + chr(10) + "lines"), visible("x" * 100, 5)
    ('two�lines', 'xxxx…')
    """
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(c if c.isprintable() else "\ufffd" for c in cut)
