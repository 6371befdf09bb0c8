"""CMS RankingWebServer as whoever runs it has it: its HTTP interface in, server-sent events out. Refuses to start one by itself.

It is started by its owner, on this machine, with a folder of its own; BENCH_CMS_RANKING names it: http://USER:PASSWORD@127.0.0.1:PORT/.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.machine import family
from tests.bench.rows import Missing

VARIABLE = "BENCH_CMS_RANKING"
HOW = f"start cmsRankingWebServer on this machine, and set {VARIABLE}=http://USER:PASSWORD@127.0.0.1:8890/"
ANSWERS_WITHIN_S = 60
CONTEST, TASK = "bench", "wiring"
BEGIN = 1_795_338_000
REQUEST = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"


class Cms:
    """A running server with so many users and one task. Each push gives the next user a score of its own."""

    name = "CMS RankingWebServer"

    def __init__(self, users: int) -> None:
        url = os.environ.get(VARIABLE)
        if not url:
            raise Missing(HOW)
        parts = urlsplit(url)
        self.port = parts.port or 8_890
        account = f"{parts.username or ''}:{parts.password or ''}".encode()
        self._headers = {"Content-Type": "application/json", "Authorization": f"Basic {base64.b64encode(account).decode()}"}
        self._link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWERS_WITHIN_S)
        self.pids = family(listening_on(self.port))
        self._pushed, self._users = 0, users
        self._prepare()

    def push(self) -> str:
        """One more score; returns what viewers get of it."""
        user = f"u{self._pushed % self._users}"
        self._pushed += 1
        score = float(self._pushed)
        self._put("submissions", {f"s{self._pushed}": {"user": user, "task": TASK, "time": BEGIN + self._pushed}})
        self._put("subchanges", {f"d{self._pushed}": {"submission": f"s{self._pushed}", "time": BEGIN + self._pushed, "score": score}})
        return f"data:{user} {TASK} {score:0.2f}"

    def close(self) -> None:
        self._link.close()

    def _prepare(self) -> None:
        task = {"name": TASK, "short_name": TASK, "contest": CONTEST, "max_score": 1e9, "score_precision": 2, "extra_headers": []}
        self._put("contests", {CONTEST: {"name": CONTEST, "begin": BEGIN, "end": BEGIN + 36_000, "score_precision": 2}})
        self._put("tasks", {TASK: {**task, "order": 0, "score_mode": "max"}})
        self._put("users", {f"u{n}": {"f_name": f"F{n}", "l_name": f"L{n}", "team": None} for n in range(self._users)})

    def _put(self, what: str, documents: Mapping[str, object]) -> None:
        self._link.request("PUT", f"/{what}/", json.dumps(documents), self._headers)
        answer = self._link.getresponse()
        text = answer.read()
        if answer.status not in (200, 204):
            raise RuntimeError(f"CMS answered {answer.status} to {what}: {text[:200]!r}")


def listening_on(port: int) -> int:
    """The process that listens on this port of this machine, as Linux tells. Raises Missing where there is none to be seen."""
    wanted = f":{port:04X}"
    sockets = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(wanted) and fields[3] == "0A":
            sockets.add(f"socket:[{fields[9]}]")
    for each in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(each.readlink()) in sockets:
                return int(each.parts[2])
        except OSError:
            continue
    raise Missing(f"nobody listens on port {port}: {HOW}")
