"""What the fuzzer calls: a target takes any bytes, and fails where a promise about hostile input is broken.

The promises: a text that is no formula raises ParseError, a file that holds no state raises ValueError,
and nothing is changed then; the command line answers with exit code 0 or 2; every message is short and
has no character that could drive a terminal.
"""

from __future__ import annotations

import io
import json
import math
import os
import tempfile
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from hashlib import sha256
from pathlib import Path

from autograd_lite import BranchChanged, errstate, load_program
from autograd_lite.cli import main
from autograd_lite.nn import Neuron
from autograd_lite.parse import ParseError, parse
from autograd_lite.program.document import FILE_FORMAT, document_of
from autograd_lite.support.nested import leaves, refill
from autograd_lite.support.saved import FORMAT, read_numbers, write_document

#: The most lines of a message (what is wrong, the place, the caret) and the most characters of a line.
_LINES, _WIDTH = 3, 1000


def assert_readable(message: str) -> None:
    """A message is short, and each of its characters is one that people can see."""
    lines = message.split("\n")
    assert message.strip(), "there is no message"
    assert len(lines) <= _LINES, f"{len(lines)} lines"
    assert max(map(len, lines)) <= _WIDTH, f"a line of {max(map(len, lines))} characters"
    assert message.replace("\n", "").replace("\t", "").isprintable(), ascii(message)


def formula(data: bytes) -> None:
    """A text is read, and its circuit can be swept, or the mistake is told."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        expression = parse(text)
        with errstate("ignore"):
            root = expression(**dict.fromkeys(expression.names, 1.5))
            if not root.is_constant:
                root.backward()
    except ParseError as error:
        assert_readable(str(error))


def state(data: bytes) -> None:
    """A file is read as numbers, or refused and nothing is changed; the right checksum is no way in."""
    _load(data)
    try:
        plain = json.loads(data)["numbers"]
        checksum = sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
        signed = json.dumps({"format": FORMAT, "checksum": checksum, "numbers": plain}).encode()
    except (ValueError, TypeError, LookupError, RecursionError):
        return
    _load(signed)


def _load(data: bytes) -> None:
    neuron = Neuron(2)
    before = neuron.state_dict()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "state.json")
        file.write_bytes(data)
        try:
            found, _ = read_numbers(file)
        except ValueError as error:
            assert_readable(str(error).replace(folder, ""))
            found = None
        try:
            neuron.load(file)
        except ValueError as error:
            assert_readable(str(error).replace(folder, ""))
            assert neuron.state_dict() == before
            return
    assert found is not None
    assert {name: type(x) for name, x in found.items()} == dict.fromkeys(before, float)


def command(data: bytes) -> None:
    """The command line, whose words are separated by NUL: a picture is drawn into an empty folder."""
    words = data.decode("utf-8", "surrogateescape").split("\0")[:40]
    for i, word in enumerate(words):
        if word.strip().startswith("--draw"):
            words[i] = "--draw=x.html" if "html" in word else "--draw=x.dot"
    out, err = io.StringIO(), io.StringIO()
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(words)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
        finally:
            os.chdir(here)
    assert code in (0, 2), code
    if code == 2:
        assert out.getvalue() == ""
        message = err.getvalue().rstrip("\n")
        assert_readable(message[message.find("autograd-lite: ") :])


def program(data: bytes) -> None:
    """A file is read as a program that can be called, or refused; the right checksum is no way in."""
    _load_program(data)
    try:
        content = json.loads(data)["program"]
        checksum = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        signed = json.dumps({"format": FILE_FORMAT, "checksum": checksum, "program": content}).encode()
    except (ValueError, TypeError, LookupError, RecursionError):
        return
    _load_program(signed)


def _load_program(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "program.json")
        file.write_bytes(data)
        try:
            loaded = load_program(file, engine="python")
        except ValueError as error:
            assert_readable(str(error).replace(folder, ""))
            return
        file.unlink()
        loaded.save(file)
        again = load_program(file, engine="python")
    assert document_of(again) == document_of(loaded)
    assert str(again) == str(loaded)
    with errstate("ignore"):
        try:
            answers = [each.value_and_grad(*each.arguments.examples) for each in (loaded, again)]
        except (BranchChanged, TypeError):  # TypeError: the result is not one number, or no argument is
            return
        assert repr(answers[0]) == repr(answers[1])


def engines(data: bytes) -> None:
    """A program of a stranger gives the same numbers by machine code and by NumPy as by Python."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "program.json")
        try:
            content = json.loads(data)["program"]
            write_document(file, FILE_FORMAT, "program", content)
            loaded = load_program(file, engine="python")
        except (ValueError, TypeError, LookupError, RecursionError):
            return
        count = sum(loaded.arguments.counts)
        if count > 64 or not count:
            return
        found = []
        for engine in ("python", "numpy", "machine"):
            each = load_program(file, engine=engine)
            with errstate("ignore"):
                at = refill(each.arguments.examples, [0.5 + 0.25 * i for i in range(count)])
                numbers: list[float] = []
                with suppress(BranchChanged, IndexError, TypeError):
                    numbers += leaves(each(*at), "the result")
                    numbers += leaves(each.value_and_grad(*at), "the gradient")
                found.append(numbers)
    for numbers in found[1:]:
        for one, other in zip(found[0], numbers, strict=True):
            close = math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
            assert close or repr(one) == repr(other), found


TARGETS: dict[str, Callable[[bytes], None]] = {
    "formula": formula,
    "state": state,
    "command": command,
    "program": program,
    "engines": engines,
}


def corpus_of(name: str) -> Path:
    """The folder of the inputs that are kept for a target."""
    return Path(__file__).parent / "corpus" / ("program" if name == "engines" else name)


def try_one(name: str, data: bytes) -> None:
    """Call a target; a warning is not what it looks for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        TARGETS[name](data)
