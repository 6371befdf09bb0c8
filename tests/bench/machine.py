"""What the operating system tells: CPU, memory, descriptors, programs. Refuses to guess where it tells nothing."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SPARE_DESCRIPTORS = 300
PR_SET_PDEATHSIG = 1
LOOK_S, IDLE_SHARE = 0.1, 0.05


def cpu_us(pids: Iterable[int]) -> float:
    """User and system time of these processes so far, in µs, all threads."""
    return sum(_cpu_us(pid) for pid in pids)


def settled(pids: Sequence[int], within_s: float = 5.0) -> float:
    """What `cpu_us` says once they have finished what they were at: goodbyes to those who left, say."""
    by_s, before = time.monotonic() + within_s, cpu_us(pids)
    while time.monotonic() < by_s:
        time.sleep(LOOK_S)
        now = cpu_us(pids)
        if now - before < IDLE_SHARE * LOOK_S * 1e6:
            return now
        before = now
    return before


def _cpu_us(pid: int) -> float:
    """From the scheduler in nanoseconds; where a kernel keeps no such account, in ticks of 10 ms."""
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    try:
        exact = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    except OSError:
        exact = 0
    if exact:
        return exact / 1_000
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S * 1e6


def memory_bytes(pids: Iterable[int]) -> int:
    """What these processes hold alone: private pages (Pss counts a shared page by its share)."""
    return sum(_pss_kb(pid) * 1024 for pid in pids)


def _pss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise LookupError(f"no Pss of process {pid}")


def family(pid: int) -> list[int]:
    """This process and all that it started, and they started."""
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        found.append(each)
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            waiting += map(int, task.read_text().split())
    return found


def descriptors(wanted: int) -> int:
    """Raise the limit of open files as far as may be, for this process and those it starts; returns how many there may be then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard or hard < wanted:
        for limit in (max(hard, wanted), hard):
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
                break
            except (ValueError, OSError):
                continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def sockets_at_most(wanted: int) -> int:
    """How many connections one process can hold here, up to `wanted`."""
    return min(wanted, descriptors(wanted + SPARE_DESCRIPTORS) - SPARE_DESCRIPTORS)


def dies_with_us() -> None:
    """For `preexec_fn`: a process that we started is killed when we are, so that no load outlives its benchmark.

    Start it from the main thread: it is the end of the thread that counts.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@cache
def compiled(source: Path, folder: Path) -> Path | None:
    """A small C program, compiled into a temporary folder; None where there is no gcc."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    program = folder / source.stem
    subprocess.run([compiler, "-O2", "-o", str(program), str(source)], check=True, capture_output=True)
    return program
