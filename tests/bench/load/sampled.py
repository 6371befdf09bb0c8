"""`contest-server` with a look at its own stack for each millisecond of CPU: which step does it belong to?

Takes the words of `contest-server`; on SIGUSR1 it writes the counts so far into the file that BENCH_SAMPLES names, as JSON. Samples that
find the main thread waiting belong to the ledger's own thread, as nothing else works beside it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from itertools import takewhile
from pathlib import Path
from types import FrameType

EVERY_S = 0.001
STEPS = (
    ("judges/", "fold"),
    ("contest_server/core/ranking", "rank"),
    ("contest_server/core/blocks", "rank"),
    ("contest_server/core/packing", "rank"),
    ("contest_server/core/rows", "encode"),
    ("contest_server/core/audience", "encode"),
    ("contest_server/core/", "fold"),
    ("contest_server/ledger/", "commit"),
    ("contest_server/live/desk", "fold"),
    ("contest_server/live/inbox", "commit"),
    ("contest_server/live/stand", "write"),
    ("contest_server/live/slices", "write"),
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
    ("concurrent/futures", "commit"),
)
STARTED_BY = "asyncio/runners.py"
WAITING = ("selectors.py", STARTED_BY, "uvloop")


def step_of(paths: list[str]) -> str:
    """The step that the innermost of these files belongs to; `loop` for what is nobody's, `commit` where the loop itself waits.

    What started the loop stands below everything and has no part in it.
    """
    for path in takewhile(lambda each: STARTED_BY not in each, paths):
        for part, step in STEPS:
            if part in path:
                return step
    return "commit" if paths and any(part in paths[0] for part in WAITING) else "loop"


def main() -> None:
    counts: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        paths = []
        while frame is not None:
            paths.append(frame.f_code.co_filename)
            frame = frame.f_back
        counts[step_of(paths)] += 1

    def tell(*_: object) -> None:
        path = Path(os.environ["BENCH_SAMPLES"])
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(counts))
        fresh.replace(path)

    from contest_server.__main__ import main as run

    signal.signal(signal.SIGUSR1, tell)
    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    run()


if __name__ == "__main__":
    sys.argv[0] = "contest-server"
    main()
