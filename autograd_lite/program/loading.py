"""Programs from files: a file is data, and loading one runs nothing that it holds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.primitive import Primitive
from ..core.value import Value
from ..support.saved import LARGEST, read_document
from ..support.settings import flag
from .document import FILE_FORMAT, Reader
from .program import Program


def load_program(
    path: str | os.PathLike[str],
    rows: Mapping[str, Primitive] | None = None,
    parameters: Sequence[Value] | None = None,
    engine: str | None = None,
    largest: int = LARGEST,
    exact: bool = False,
) -> Program:
    """The program that :meth:`Program.save` wrote to ``path``.

    A file from a stranger is safe to load: it is data, of which every entry is checked, and no code of
    it is run. A pickle is not, so pickles are for files that you trust.

    :param rows: rows of your own by name, for a program that uses some; ``TABLE`` for all that you
        have registered. A file never brings rows, and the rows of the package are always its own.
    :param parameters: Values that become the parameters of the program, in their order; new Values with
        the numbers of the file when they are left out.
    :param engine: as :func:`record` takes it, and so is ``exact``.
    :param largest: how many bytes the file may have.
    :raises OSError: when the file cannot be read.
    :raises ValueError: when it is another kind of file, is damaged or too large, or holds no program
        that these rows and parameters fit.

    >>> from autograd_lite import load_program, record, sin
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     record(lambda x, y: sin(x) * y, 0.0, 2.0).save(f"{folder}/product.json")
    ...     program = load_program(f"{folder}/product.json")
    >>> program.value_and_grad(0.0, 3.0)
    (0.0, 3.0)
    """
    exact = flag("exact", exact)
    _, document = read_document(path, {FILE_FORMAT: "program"}, "a program", largest)
    try:
        read = Reader(document, rows or {})
    except (ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"{path} holds no program that can be used: {error}") from None
    given: Any = read.parameters if parameters is None else list(parameters)
    if len(given) != len(read.parameters):
        raise ValueError(f"{path} holds a program of {len(read.parameters)} parameters, not {len(given)}")
    return Program(read.recording, read.arguments, read.outputs, given, engine, exact=exact)
