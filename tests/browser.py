"""Pages as a person sees them: a headless Chromium, told what to do over its DevTools protocol.

By the WebSocket library that is there already: Playwright and Selenium bring browsers or drivers of
their own, from where a machine without the internet has none.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nobody is asked for anything, not even where a name leads.
ALONE = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-port=0", "--hide-scrollbars",
)  # fmt: skip
_ADDRESS = re.compile(r"DevTools listening on (ws://\S+)")


@dataclass
class Page:
    """One page. ``complaints``: what the browser's console said of it; ``asked``: what it asked
    for besides itself."""

    _socket: ClientConnection
    _session: str
    _ids: Iterator[int]
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, file: Path, width: int, height: int = 900, *, is_dark: bool = False) -> None:
        """Load a file on a screen of so many pixels, and wait until it is drawn."""
        self.complaints.clear()
        self.asked.clear()
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.do(f"{domain}.enable")
        screen = {"width": width, "height": height, "mobile": width < 600}
        self.do("Emulation.setDeviceMetricsOverride", deviceScaleFactor=1, **screen)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[scheme])
        self.do("Page.navigate", url=file.as_uri())
        while self._heard(json.loads(self._socket.recv())) != "Page.loadEventFired":
            pass
        drawn = "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
        self.run(f"document.fonts.ready.then(() => {drawn}).then(() => 0)")
        self.asked = [address for address in self.asked if address != file.as_uri()]

    def run(self, script: str) -> Any:
        """What an expression of JavaScript is."""
        answer = self.do(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, to: Path) -> None:
        """The whole page, as PNG."""
        answer = self.do("Page.captureScreenshot", captureBeyondViewport=True)
        to.write_bytes(base64.b64decode(answer["data"]))

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol, and its answer."""
        given = {"id": next(self._ids), "method": method, "params": parameters}
        self._socket.send(json.dumps(given | {"sessionId": self._session}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == given["id"]:
                assert "error" not in message, message
                return dict(message["result"])
            self._heard(message)

    def _heard(self, message: dict[str, Any]) -> str:
        method, told = str(message.get("method")), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif method == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(" ".join(str(each.get("value")) for each in told["args"]))
        return method


@contextmanager
def opened(profile: Path) -> Iterator[Page]:
    """A browser with a profile of its own; skips the test where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser is installed ({', '.join(NAMES)}): make browser says how")
    with subprocess.Popen(
        [program, *ALONE, f"--user-data-dir={profile}", "about:blank"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            said = iter(process.stderr or ())
            address = next(filter(None, map(_ADDRESS.search, said)), None)
            assert address is not None, f"{program} does not start"
            with connect(address[1], max_size=None) as socket:
                yield _page(socket)
        finally:
            process.terminate()


def _page(socket: ClientConnection) -> Page:
    ids = itertools.count(1)
    browser = Page(socket, "", ids)
    socket.send(json.dumps({"id": next(ids), "method": "Target.getTargets"}))
    targets = json.loads(socket.recv())["result"]["targetInfos"]
    target = next(each["targetId"] for each in targets if each["type"] == "page")
    given = {"targetId": target, "flatten": True}
    socket.send(json.dumps({"id": next(ids), "method": "Target.attachToTarget", "params": given}))
    while True:
        message = json.loads(socket.recv())
        if message.get("method") == "Target.attachedToTarget":
            session = message["params"]["sessionId"]
        elif "result" in message:
            browser._session = session
            return browser
