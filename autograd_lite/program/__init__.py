"""Programs: a function written in scalars, recorded once and replayed at speed.

``recording`` keeps the circuit as lists, ``source`` writes it as straight-line Python, ``program``
holds what is asked of it, ``recorded`` makes programs.
"""

from .program import Program
from .recorded import jit, record
from .recording import BranchChanged

__all__ = ["BranchChanged", "Program", "jit", "record"]
