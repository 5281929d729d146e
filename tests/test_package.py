"""What is published: the names, the version, and the files of the wheel."""

import email
import inspect
import re
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path

import pytest

import autograd_lite

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that this tree builds."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    (file,) = folder.iterdir()
    return zipfile.ZipFile(file)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(wheel.read(name))


def test_the_version_is_one(metadata: Message) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    top = re.search(r"^## \[(.+?)\] - (?:Unreleased|\d{4}-\d{2}-\d{2})$", changelog, re.MULTILINE)
    assert top is not None
    assert top[1] == autograd_lite.__version__ == metadata["Version"]


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    package = ROOT / "autograd_lite"
    sources = {
        str(file.relative_to(ROOT).as_posix())
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == sources
    assert "autograd_lite/py.typed" in shipped


def test_the_wheel_needs_graphviz_alone(metadata: Message) -> None:
    needs = metadata.get_all("Requires-Dist", [])
    assert [need for need in needs if "extra ==" not in need] == ["graphviz"]
    extras = set(metadata.get_all("Provides-Extra", []))
    assert extras == {
        "bench", "compile", "completion", "dev", "docs", "dot", "fast", "fuzz", "jax", "mutation", "pages",
        "testing", "train",
    }  # fmt: skip


def test_the_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert "autograd-lite = autograd_lite.cli:main" in wheel.read(name).decode()


def test_public_names_are_sorted_and_single() -> None:
    names = list(autograd_lite.__all__)
    assert names == sorted(set(names))


@pytest.mark.parametrize("name", autograd_lite.__all__)
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    assert documented(getattr(autograd_lite, name))


def documented(thing: object) -> bool:
    """Whether a function, class or module says what it is; plain data (a dict, a str) need not."""
    if type(thing).__module__ == "builtins" and not (
        inspect.isroutine(thing) or inspect.isclass(thing) or inspect.ismodule(thing)
    ):
        return True
    inherited = None if inspect.isclass(thing) else type(thing).__doc__
    return bool((thing.__doc__ or "").strip()) and thing.__doc__ != inherited


def test_the_docstring_check_can_say_no() -> None:
    class Silent(dict[str, int]):
        pass

    class Spoken:
        """Speaks."""

    def silent() -> None:
        pass

    assert documented(Spoken)
    assert documented(inspect.isclass)
    assert documented({"plain": "data"})
    assert not documented(Silent)
    assert not documented(silent)
    assert not documented(Spoken())
