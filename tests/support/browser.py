"""A headless Chromium driven over plain HTTP: as much of the WebDriver protocol as the tests need."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)

#: The code points that stand for keys in the protocol.
KEYS = {
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "ArrowUp": "\ue013",
    "ArrowDown": "\ue015",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "Home": "\ue011",
    "End": "\ue010",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Escape": "\ue00c",
}


class BrowserError(RuntimeError):
    """The browser refused, or a script in the page failed."""


def missing() -> str:
    """Why there is no browser to test with; empty when there is one."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    absent = [
        what
        for what, found in (("chromium", chromium), ("chromedriver", shutil.which("chromedriver")))
        if not found
    ]
    return f"{' and '.join(absent)} not installed" if absent else ""


class Browser:
    """One window; use it as a context manager, with a fresh folder for the browser's profile."""

    def __init__(self, profile: Path) -> None:
        self.profile = profile
        self._session = ""
        self._settings: dict[str, dict[str, object]] = {}

    def __enter__(self) -> Browser:
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "HOME": str(self.profile)},
        )
        try:
            # Straight to the driver on this machine, never through a proxy.
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port(), timeout=60)
            options = {
                "binary": shutil.which("chromium") or shutil.which("google-chrome"),
                "args": [*FLAGS, f"--user-data-dir={self.profile / 'data'}"],
            }
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self._session = f"/session/{made['sessionId']}"
            self.emulate()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._call("DELETE", self._session)
        finally:
            self._end()

    def _port(self) -> int:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            words = line.rstrip(".\n").split(" on port ")
            if len(words) == 2 and words[1].isdigit() and words[1] != "0":
                return int(words[1])
        raise BrowserError("chromedriver ended before it said its port")

    def _end(self) -> None:
        if hasattr(self, "_connection"):
            self._connection.close()
        self._driver.terminate()
        try:
            self._driver.wait(10)
        except subprocess.TimeoutExpired:
            self._driver.kill()
            self._driver.wait()
        if self._driver.stdout is not None:
            self._driver.stdout.close()

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        self._connection.request(method, path, data)
        answer = self._connection.getresponse()
        value = json.load(answer)["value"]
        if answer.status >= 400:
            raise BrowserError(f"{value['error']}: {value['message']}")
        return value

    def open(self, url: str) -> None:
        """Load a page; it is complete when this returns."""
        self._call("POST", f"{self._session}/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:
        """What the body of a function returns in the page."""
        body = {"script": script, "args": list(arguments)}
        return self._call("POST", f"{self._session}/execute/sync", body)

    def until(self, script: str, seconds: float = 10) -> Any:
        """What the script returns, once that is true."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            if time.monotonic() > end:
                raise BrowserError(f"not within {seconds:g} s: {script}")
            time.sleep(0.05)
        return value

    def press(self, *keys: str) -> None:
        """Press and release keys, by their names or characters."""
        strokes = [
            {"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")
        ]
        source = {"type": "key", "id": "keyboard", "actions": strokes}
        self._call("POST", f"{self._session}/actions", {"actions": [source]})

    def click(self, selector: str) -> None:
        """Click the element in its middle, as a mouse does."""
        found = self._call("POST", f"{self._session}/element", {"using": "css selector", "value": selector})
        (identity,) = found.values()
        self._call("POST", f"{self._session}/element/{identity}/click")

    def enter(self, frame: int | None) -> None:
        """Go into a frame of the page, or with None back to the page."""
        self._call("POST", f"{self._session}/frame", {"id": frame})

    def size(self, width: int, height: int) -> None:
        """Give the page this size, in CSS pixels."""
        self._set(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def emulate(self, medium: str = "", **features: str) -> None:
        """Emulate a medium such as ``print``, and preferences such as ``color_scheme="dark"``.

        Pages stand still unless ``reduced_motion="no-preference"``: half of the processor's time would go
        into what moves.
        """
        wanted = {"reduced_motion": "reduce", **features}
        given = [
            {"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in wanted.items()
        ]
        self._set("Emulation.setEmulatedMedia", media=medium, features=given)

    def scripts(self, allowed: bool) -> None:
        """Whether pages loaded from now on may run scripts of their own."""
        self._set("Emulation.setScriptExecutionDisabled", value=not allowed)

    def _set(self, command: str, **parameters: object) -> None:
        """Give a command that changes a setting, unless the setting is as it should be."""
        if self._settings.get(command) != parameters:
            self.devtools(command, **parameters)
            self._settings[command] = parameters

    def devtools(self, command: str, **parameters: object) -> Any:
        """A command of the DevTools protocol."""
        body = {"cmd": command, "params": parameters}
        return self._call("POST", f"{self._session}/goog/cdp/execute", body)

    def log(self) -> Sequence[str]:
        """What pages wrote to the console, errors and refused loads among it, since the last call."""
        entries = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [f"{entry['level']} {entry['message']}" for entry in entries]

    def shot(self, path: Path) -> None:
        """Save what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self._call("GET", f"{self._session}/screenshot")))
