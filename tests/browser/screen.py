"""A page in the browser that is watched from its first moment on. Whatever no page may ever do fails the test that showed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, Request, Response, WebSocket, expect

LIMIT_MS = 20_000
"""How long a page may take to show something before it counts as never."""
SIGHT = Path(__file__).parent / "sight.js"
CUT_OFF = ("Failed to load resource: net::ERR_", "WebSocket connection to")
"""What the browser itself writes on the console about a server that is away, or that went away in the middle of an answer."""
LEFT_EARLY = "WebSocket is closed before the connection is established"
"""What it writes when a page is left, or shows something else, while it still connects."""

expect.set_options(timeout=LIMIT_MS)

_UNTIL = """([wanted, within_ms]) => new Promise((resolve) => {
    const begun_ms = performance.now();
    const again = () => {
        const found = JSON.stringify(LOOK);
        if (found === wanted || performance.now() - begun_ms > within_ms) resolve(found);
        else requestAnimationFrame(again);
    };
    again();
})"""
"""Written into the page rather than evaluated there: its policy allows no `eval`."""

_NAMED = """[...document.querySelectorAll("li[data-contestant]")]
    .some((plate) => plate.querySelector(".name .main").textContent !== plate.dataset.contestant)"""
_REST = """() => new Promise(requestAnimationFrame)
    .then(() => Promise.allSettled([document.fonts.ready, ...document.getAnimations().map((animation) => animation.finished)]))
    .then(() => true)"""


class Screen:
    """One page. `heard` is every frame that its sockets received, `sockets` are the addresses that they were opened at."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.may_be_cut_off = False
        self.may_hold_back = False
        """The page may ask whether it is really to be left."""
        self.may_be_refused: str | tuple[str, ...] = ""
        self.requests: list[str] = []
        self.sockets: list[str] = []
        self.heard: list[str] = []
        self.answers: list[Response] = []
        self._origin = origin
        self._complaints: list[str] = []
        page.add_init_script(path=SIGHT)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._complaints.append(f"uncaught: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("response", lambda response: self.answers.append(response))
        page.on("websocket", self._socket)

    def open(self, path: str) -> Screen:
        self.page.goto(self._origin + path)
        return self

    def watch(self, contest: str, lang: str = "both", more: str = "") -> Screen:
        """Open this contest's big screen, and wait until there are plates with names on it."""
        self.open(f"/screen?contest={contest}&lang={lang}{more}")
        self.until(_NAMED, True)
        return self

    def rest(self) -> None:
        """Wait until nothing moves any more and every letter is there."""
        self.page.evaluate(_REST)

    def text(self, text: str) -> Locator:
        """Where this stands, exactly, among what can be seen."""
        return self.page.get_by_text(text, exact=True).locator("visible=true")

    def plate(self, contestant: str) -> Locator:
        return self.page.locator(f'li[data-contestant="{contestant}"]')

    def cell(self, contestant: str, stage: str) -> Locator:
        return self.plate(contestant).locator(f'[data-stage="{stage}"]')

    @property
    def link(self) -> Locator:
        """What the page says about its connection."""
        return self.page.locator(".link")

    @property
    def mood(self) -> Locator:
        return self.page.locator("[data-mood]")

    @property
    def cursor(self) -> str:
        return str(self.page.evaluate("seen.cursor()"))

    def rows(self) -> list[dict[str, Any]]:
        """The plates on the screen, from the top."""
        rows: list[dict[str, Any]] = self.page.evaluate("seen.rows()")
        return rows

    def callouts(self) -> list[list[str | None]]:
        """Every call-out that appeared since the page was loaded: kind, contestant, stage."""
        callouts: list[list[str | None]] = self.page.evaluate("seen.callouts")
        return callouts

    def until(self, look: str, wanted: object) -> None:
        """Wait until this expression has this value in the page; fails with the last one it had."""
        text = json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
        found = json.loads(self.page.evaluate(_UNTIL.replace("LOOK", look), [text, LIMIT_MS]))
        assert found == wanted

    @contextmanager
    def complaining(self) -> Iterator[list[str]]:
        """What the page complains of inside, and against which policies, is expected."""
        before, self._complaints = self._complaints, []
        try:
            yield self._complaints
        finally:
            self._complaints = before
            self.page.evaluate("() => { seen.violations = []; }")

    def check(self) -> None:
        """What holds for every page in every state."""
        away = [url for url in [*self.requests, *self.sockets] if urlsplit(url).netloc != urlsplit(self._origin).netloc]
        assert not away, "left the origin: " + ", ".join(away)
        assert not self._complaints, "\n".join(self._complaints)
        violations = self.page.evaluate("seen.violations")
        assert not violations, violations

    def _request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload" and self.may_hold_back:
            dialog.accept()
            return
        self._complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _socket(self, socket: WebSocket) -> None:
        self.sockets.append(socket.url)
        socket.on("framereceived", lambda payload: self.heard.append(payload if isinstance(payload, str) else payload.decode()))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or LEFT_EARLY in message.text:
            return
        if self.may_be_cut_off and any(words in message.text for words in CUT_OFF):
            return
        if self.may_be_refused and str(message.location.get("url", "")).endswith(self.may_be_refused):
            return
        self._complaints.append(f"console {message.type}: {message.text}")


def row_shown(row: dict[str, Any], stages: list[str]) -> dict[str, Any]:
    """A row of a board as a plate has to show it: in figures, and each stage as a look and a note."""
    marks = row["stages"]
    is_ranked = row["rank"] is not None and (row["rank"] > 1 or row["cleared"] > 0 or Decimal(row["points"]) != 0)
    return {
        "id": row["id"],
        "rank": str(row["rank"]) if is_ranked else "–",
        "figure": row["points"],
        "second": _clock(row["time_ms"]),
        "cells": {stage: _cell(marks.get(stage)) for stage in stages},
    }


def _cell(mark: dict[str, Any] | None) -> list[str]:
    if mark is None:
        return ["untouched", ""]
    pending, tries = mark.get("pending", 0), mark.get("tries", 0)
    if mark["state"] == "cleared":
        return ["first" if mark.get("first") else "cleared", mark.get("points", "0")]
    if pending and mark["state"] != "held":
        return ["pending", f"×{pending}" if pending > 1 else ""]
    return [mark["state"], f"×{tries}" if mark["state"] == "tried" and tries > 1 else ""]


def _clock(ms: int) -> str:
    seconds = ms // 1_000
    hours = f"{seconds // 3_600}:" if seconds >= 3_600 else ""
    return f"{hours}{seconds // 60 % 60:02}:{seconds % 60:02}"
