"""Programs: a function written in scalars, recorded once and replayed at speed.

How to read it. What a user asks: ``recorded`` makes programs (``record``, ``jit``), ``program`` (with
``derived``, ``forms`` and ``point_runs``), ``jitted`` and ``batch`` (with ``batch_runs``) hold what is
asked of them, ``branches`` and ``streaming`` take samples apart, ``resident`` keeps them in place for
training, ``one_by_one`` is what is fallen back on. ``arguments`` and ``samples`` lay arguments out,
``quick`` are ways into machine code that skip this, ``out`` puts results into the caller's arrays.
``used_values`` are parameters and captured Values, which ``holders`` finds again. ``verification`` finds
what a recording cannot see, ``document`` and ``loading`` are programs in files. ``engine_table`` lists the
engines, ``choosing`` says which of them runs, and ``engines`` calls it.

A circuit as data: ``tracing`` runs a function and keeps its circuit as a ``recording``, which is lists;
``rewrite`` leaves few kinds of operations (with ``chains``; ``exact`` keeps their roundings);
``grouping`` and ``schedule`` put operations that are alike into consecutive rows; ``steps`` are loops and
products over rows, which ``forward`` and ``reverse`` (with the recipes of ``rules`` and ``row_facts``)
make, ``fuse`` joins, and ``plan`` puts in order and checks. Where too few operations are alike, they
become ``instructions`` of a ``tape``. From ``schedule`` on a *row* is one number, or one for each sample
of a block; rows of the table are called operations there.

The engines: ``source`` (with ``sweep_text``, ``expressions`` and ``carried``) is straight-line Python,
``arrays`` NumPy (``array_text`` and ``array_loops``, with ``array_uses`` and ``contraction``, write its
lines over ``array_views``; ``array_call`` takes the caller's arrays), ``machine`` llvmlite, ``to_jax``
(with ``jax_rows`` and ``jax_branches``) JAX; ``callbacks`` are rows of the table that have to be called.
An ``engine`` reads a :class:`~.plan.Schedule` (``machine`` also a :class:`~.tape.TapePlan`); a new one is
a class below :class:`~.engine.Engine` and an entry of :data:`~.engine_table.KNOWN_ENGINES`.
"""

from .loading import load_program
from .program import Program
from .recorded import jit, record
from .recording import BranchChanged

__all__ = ["BranchChanged", "Program", "jit", "load_program", "record"]
