"""What the fold holds of each attempt, of a contest of thirty stages with ten attempts each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.bench.rounds import Options, Progress
from tests.bench.rows import NotDelivered, Row, Target, row_of

SECONDS = 20
CONTESTANTS, CONTESTANTS_QUICK = 500, 100
STAGES, TRIES = 30, 10
ENDS_WITHIN_S = 300


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    contestants = options.sized(CONTESTANTS, CONTESTANTS_QUICK)
    progress.say(f"memory of {contestants * STAGES * TRIES:,} attempts")
    command = [sys.executable, "-m", "tests.bench.load.folding", str(contestants), str(STAGES), str(TRIES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=True)
    found = json.loads(done.stdout)
    if found["clears"] != contestants * STAGES:
        raise NotDelivered(f"{found['clears']} clears on the board of {contestants * STAGES}")
    readings = {"bytes": (found["after"] - found["before"]) / found["attempts"]}
    yield row_of(
        {"ours": [readings]},
        f"memory of the fold: {contestants:,} contestants × {STAGES} stages × {TRIES} attempts",
        "bytes",
        "bytes an attempt",
        target=Target("≤", 1_024, "ours"),
        checked="each contestant has cleared each stage",
    )
