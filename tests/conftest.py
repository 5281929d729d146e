"""Settings that every test shares: how hard Hypothesis searches, and no window on any screen."""

import os

from hypothesis import settings

# Wall time says nothing on a shared machine, hence no deadline. In CI a run must be repeatable.
settings.register_profile("dev", deadline=None, max_examples=100)
settings.register_profile("ci", deadline=None, max_examples=200, derandomize=True, print_blob=True)
settings.register_profile("intense", deadline=None, max_examples=5000)

_default = "ci" if os.environ.get("CI", "").lower() in ("1", "true") else "dev"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", _default))

os.environ.setdefault("MPLBACKEND", "Agg")
