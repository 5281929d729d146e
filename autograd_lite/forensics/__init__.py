"""Reports on a circuit: where a nan came from, what rounding may do, where kinks are, how large it is."""

from .error_bound import Rounding, rounding
from .nonfinite import NonFinite, find_nonfinite
from .one_sided import Kink, Kinks, kinks
from .size import Statistics, statistics

__all__ = [
    "Kink",
    "Kinks",
    "NonFinite",
    "Rounding",
    "Statistics",
    "find_nonfinite",
    "kinks",
    "rounding",
    "statistics",
]
