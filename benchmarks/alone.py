"""To be imported before any other library: each of them gets one thread.

The tree that this file is in becomes importable, whether it is installed or not.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

THREADS = "1"

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[name] = THREADS  # what NumPy and PyTorch read when they are imported
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
sys.path.insert(1, str(Path(__file__).resolve().parent.parent))
if find_spec("numpy") is None:
    raise SystemExit("this benchmark needs NumPy: python -m pip install numpy")
