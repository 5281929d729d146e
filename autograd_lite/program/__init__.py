"""Programs: a function written in scalars, recorded once and replayed at speed.

How to read it. What a user asks: ``recorded`` makes programs (``record``, ``jit``), ``program``, ``jitted``
and ``batch`` hold what is asked of them, ``branches`` and ``streaming`` take samples apart, ``resident``
keeps them in place for training, ``arguments`` and ``samples`` lay arguments out, ``verification`` finds
what a recording cannot see, ``document`` and ``loading`` are programs in files, ``engines`` chooses.

A circuit as data: ``tracing`` runs a function and keeps its circuit as a ``recording``, which is lists;
``rewrite`` leaves few kinds of operations (``exact`` keeps their roundings); ``grouping`` and ``schedule``
put operations that are alike into consecutive rows; ``steps`` are loops and products over rows, which
``forward`` and ``reverse`` (with the recipes of ``rules``) make, ``fuse`` joins, and ``plan`` puts in
order and checks. Where too few operations are alike, they become ``instructions`` of a ``tape``.

The engines: ``source`` (with ``sweep_text``, ``expressions`` and ``carried``) is straight-line Python,
``arrays`` (with ``array_text``) NumPy, ``machine`` llvmlite, ``to_jax`` JAX; ``callbacks`` are rows that
have to be called. An engine reads a :class:`~.plan.Schedule` (``machine`` also a
:class:`~.tape.TapePlan`), and has methods ``run`` and ``on`` as :class:`.arrays.Arrays`.
"""

from .loading import load_program
from .program import Program
from .recorded import jit, record
from .recording import BranchChanged

__all__ = ["BranchChanged", "Program", "jit", "load_program", "record"]
