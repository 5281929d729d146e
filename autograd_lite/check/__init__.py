"""Checking derivatives: ``gradcheck`` for functions, ``check_row`` for one operation.

How to read it. ``gradients`` is the check itself; ``targets`` say what can be checked; ``differences``
takes slopes from the function's values, ``tapes`` (with ``complex_rows``) from the circuit on complex
numbers; ``verdicts`` judges; ``suspects`` finds the operation that is to blame; ``report`` is what
people see; ``rows`` checks an operation of the table at ``row_points``.
"""

from .differences import difference
from .gradients import gradcheck
from .report import Entry, GradcheckError, Report
from .rows import RowEntry, RowReport, check_row

__all__ = [
    "Entry",
    "GradcheckError",
    "Report",
    "RowEntry",
    "RowReport",
    "check_row",
    "difference",
    "gradcheck",
]
