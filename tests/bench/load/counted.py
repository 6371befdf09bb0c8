"""`contest_server` that tells at SIGUSR2 how many tasks and tracked objects it has: as JSON in the file that BENCH_COUNTS names."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import runpy
import signal
from pathlib import Path


def tell(*_: object) -> None:
    """Runs between two steps of the loop, in its thread."""
    try:
        tasks = len(asyncio.all_tasks())
    except RuntimeError:
        tasks = 0  # between two loops
    gc.collect()
    path = Path(os.environ["BENCH_COUNTS"])
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"tasks": tasks, "objects": len(gc.get_objects())}))
    part.replace(path)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, tell)
    runpy.run_module("contest_server", run_name="__main__")
