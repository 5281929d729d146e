"""A headless Firefox, driven as Chromium is.

Its own protocol, Marionette, is the one that geckodriver translates to: a command in JSON with its length
before it, over a socket. So no other program is needed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from .browser import Browser, BrowserError

#: What Marionette calls the commands of the WebDriver protocol.
COMMANDS = {
    "url": "Navigate",
    "execute/sync": "ExecuteScript",
    "actions": "PerformActions",
    "element": "FindElement",
    "click": "ElementClick",
    "frame": "SwitchToFrame",
    "screenshot": "TakeScreenshot",
}

#: In the browser's own context: the page that is shown.
PAGE = "const page = gBrowser.selectedBrowser, context = page.browsingContext; const [given] = arguments;"

#: The medium of this page, and the preferences of all pages.
EMULATE = """
const [medium, scheme, motion] = given;
context.mediumOverride = medium;
const schemes = { dark: 0, light: 1 };
Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", schemes[scheme] ?? 2);
Services.prefs.setIntPref("ui.prefersReducedMotion", motion === "reduce" ? 1 : 0);
"""

#: What pages wrote to the console since the last call, errors and refused loads among it.
CONSOLE = """
const written = Services.console.getMessageArray().filter(
    (m) => m instanceof Ci.nsIScriptError && /^(file|data|about:(blank|srcdoc))/.test(m.sourceName));
Services.console.reset();
return written.map((m) => `${m.logLevel} ${m.errorMessage}`);
"""


def missing() -> str:
    """Why there is no Firefox to test with; empty when there is one."""
    return "" if _program() else "firefox not installed"


def _program() -> str | None:
    return shutil.which("firefox") or shutil.which("firefox-esr")


class Firefox(Browser):
    """One window; use it as a context manager, with a fresh folder for the browser's profile."""

    def __enter__(self) -> Firefox:
        (self.profile / "user.js").write_text('user_pref("marionette.port", 0);\n', "utf-8")
        program = _program()
        assert program is not None
        self._driver = subprocess.Popen(
            [program, "--headless", "--no-remote", "--marionette", "--remote-allow-system-access",
             "--profile", str(self.profile)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "HOME": str(self.profile)},
        )  # fmt: skip
        try:
            self._socket = socket.create_connection(("127.0.0.1", self._port()), timeout=60)
            self._answers = self._socket.makefile("rb")
            self._number = 0
            self._received()  # its greeting
            self._send("WebDriver:NewSession", {})
            self.emulate()
        except BaseException:
            self._end()
            raise
        return self

    def _port(self) -> int:
        file, end = self.profile / "MarionetteActivePort", time.monotonic() + 60
        while not (file.exists() and (text := file.read_text())):
            if self._driver.poll() is not None or time.monotonic() > end:
                raise BrowserError("firefox did not say its port")
            time.sleep(0.05)
        return int(text)

    def _end(self) -> None:
        if hasattr(self, "_socket"):
            self._answers.close()
            self._socket.close()
        super()._end()

    def _received(self) -> Any:
        length = b""
        while (byte := self._answers.read(1)) != b":":
            if not byte:
                raise BrowserError("firefox has gone")
            length += byte
        return json.loads(self._answers.read(int(length)))

    def _send(self, command: str, parameters: object) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, result = self._received()
        if error:
            raise BrowserError(f"{error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and list(result) == ["value"] else result

    def _call(self, method: str, path: str, body: object = None) -> Any:
        if method == "DELETE":
            return self._send("Marionette:Quit", {"flags": ["eForceQuit"]})
        parameters = dict(body) if isinstance(body, dict) else {}
        if match := re.search("/element/(.+)/click$", path):
            parameters["id"] = match[1]
        command = next(name for name in COMMANDS if path.endswith("/" + name))
        if command == "screenshot":
            parameters = {"full": False, "hash": False}
        return self._send(f"WebDriver:{COMMANDS[command]}", parameters)

    def _inside(self, script: str, given: object = None) -> Any:
        """What the body of a function returns in the browser's own context."""
        self._send("Marionette:SetContext", {"value": "chrome"})
        try:
            return self._send("WebDriver:ExecuteScript", {"script": PAGE + script, "args": [given]})
        finally:
            self._send("Marionette:SetContext", {"value": "content"})

    def size(self, width: int, height: int) -> None:
        """Give the page this size, in CSS pixels."""
        self._inside(
            "for (const way of ['min', 'max']) { page.style[`${way}Width`] = `${given[0]}px`;"
            "page.style[`${way}Height`] = `${given[1]}px`; }",
            [width, height],
        )
        self.until(f"return innerWidth === {width} && innerHeight === {height}")

    def open(self, url: str) -> None:
        """Load a page; it is complete when this returns."""
        super().open(url)  # which waits for no page that has the fragment of the one before
        page = json.dumps(url.partition("#")[0])
        self.until(f"return location.href.split('#')[0] === {page} && document.readyState === 'complete'")

    def emulate(self, medium: str = "", **features: str) -> None:
        """Emulate a medium such as ``print``, and preferences such as ``color_scheme="dark"``."""
        motion = features.get("reduced_motion", "reduce")
        self._inside(EMULATE, [medium, features.get("color_scheme"), motion])
        still = json.dumps(motion == "reduce")
        self.until(f"return matchMedia('(prefers-reduced-motion: reduce)').matches === {still}")

    def scripts(self, allowed: bool) -> None:
        """Whether pages loaded from now on may run scripts of their own."""
        self._inside("context.allowJavascript = given", allowed)

    def devtools(self, command: str, **parameters: object) -> Any:
        """Firefox has none of these commands."""
        raise BrowserError(f"{command} is a command of Chromium's")

    def log(self) -> Sequence[str]:
        """What pages wrote to the console, errors and refused loads among it, since the last call."""
        written: Sequence[str] = self._inside(CONSOLE)
        return written
