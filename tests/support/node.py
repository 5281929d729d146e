"""Packages of Node.js for tests: they come through npm, once, into the folder for temporary files."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

USER = os.getuid() if hasattr(os, "getuid") else 0


def node_packages(packages: Mapping[str, str]) -> Path:
    """A folder in which Node.js finds these packages, each in the version given.

    Without Node.js, npm or a network the test is skipped.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    versions = "-".join(f"{name.replace('/', '-')}-{version}" for name, version in packages.items())
    folder = Path(tempfile.gettempdir()) / f"autograd-lite-{versions}-{USER}"
    if not folder.exists():
        fresh = Path(tempfile.mkdtemp(dir=folder.parent))
        wanted = [f"{name}@{version}" for name, version in packages.items()]
        command = ["npm", "install", "--prefix", str(fresh), "--no-audit", "--no-fund", *wanted]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm does not answer")
        if run.returncode:
            pytest.skip(f"npm cannot install {' '.join(wanted)}: {run.stderr[-200:]}")
        try:
            fresh.rename(folder)
        except OSError:  # another run was quicker
            shutil.rmtree(fresh)
    return folder
