"""`contest-server` with a look at itself for each millisecond of CPU: which steps have taken it?

Takes the words of `contest-server`; on SIGUSR1 it writes the nanoseconds so far into the file that BENCH_SAMPLES names, as JSON. What the
main thread has used is shared out among the steps in which it was found at work, what others used belongs to what they are there for.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from itertools import takewhile
from pathlib import Path
from types import FrameType

EVERY_S = 0.001
STEPS = (
    ("judges/", "fold"),
    ("contest_server/core/ranking", "rank"),
    ("contest_server/core/tie_chain", "rank"),
    ("contest_server/core/blocks", "rank"),
    ("contest_server/core/packing", "rank"),
    ("contest_server/core/places", "rank"),
    ("contest_server/core/rows", "encode"),
    ("contest_server/core/audience", "encode"),
    ("contest_server/core/", "fold"),
    ("contest_server/ledger/", "commit"),
    ("contest_server/live/desk", "fold"),
    ("contest_server/live/recorder", "fold"),
    ("contest_server/live/inbox", "commit"),
    ("contest_server/live/stand", "write"),
    ("contest_server/live/slices", "write"),
    ("contest_server/live/broadcasts", "write"),
    ("contest_server/live/pouring", "write"),
    ("contest_server/live/", "encode"),
    ("contest_server/wire/framing", "write"),
    ("contest_server/wire/", "read"),
    ("contest_server/web/serving", "loop"),
    ("contest_server/web/venues", "read"),
    ("contest_server/web/listening", "read"),
    ("contest_server/web/lines", "read"),
    ("contest_server/web/guarded", "read"),
    ("contest_server/web/", "write"),
)
STARTED_BY = "asyncio/runners.py"
WAITING = "selectors.py"
THREADS = {"pour": "write"}
"""All other threads are the ledger's."""


def step_of(paths: list[str]) -> str:
    """The step that the innermost of these files belongs to; `loop` for what is nobody's.

    What started the loop stands below everything and has no part in it.
    """
    for path in takewhile(lambda each: STARTED_BY not in each, paths):
        for part, step in STEPS:
            if part in path:
                return step
    return "loop"


def used_ns(thread: threading.Thread) -> int:
    """CPU of this thread since it began."""
    return 0 if thread.ident is None else time.clock_gettime_ns(time.pthread_getcpuclockid(thread.ident))


class Shares:
    """The nanoseconds of each step. Between two tellings, the main thread's are shared out as it was found."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        self._seen_ns: Counter[threading.Thread] = Counter()
        self._told: Counter[str] = Counter()

    def told(self) -> dict[str, int]:
        """Of each step, so far."""
        for thread in threading.enumerate():
            now_ns = used_ns(thread)
            grown_ns, self._seen_ns[thread] = now_ns - self._seen_ns[thread], now_ns
            if thread is threading.main_thread():
                looks = max(1, self.found.total())
                self._told.update({step: grown_ns * times // looks for step, times in self.found.items()})
                self.found.clear()
            else:
                self._told[THREADS.get(thread.name, "commit")] += grown_ns
        return self._told


def main() -> None:
    shares = Shares()

    def look(_: int, frame: FrameType | None) -> None:
        paths = []
        while frame is not None:
            paths.append(frame.f_code.co_filename)
            frame = frame.f_back
        if paths and WAITING not in paths[0]:  # else it is another thread that worked
            shares.found[step_of(paths)] += 1

    def tell(*_: object) -> None:
        path = Path(os.environ["BENCH_SAMPLES"])
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(shares.told()))
        fresh.replace(path)

    from contest_server.__main__ import main as run

    signal.signal(signal.SIGUSR1, tell)
    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    run()


if __name__ == "__main__":
    sys.argv[0] = "contest-server"
    main()
