"""A world of its own for a run: namespaces with a loopback and a small disk that belong to it alone, and are gone with it.

There the kernel itself takes the network away, delays and reorders packets (where it has netem), and has a disk without room. Refuses
nothing outside: where a machine lets nobody make namespaces there is no such world, and cables do what they can.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

SMALL_DISK = "small-disk"
SMALL_DISK_BYTES = 16 << 20
WAYS_IN = (("unshare", "--mount", "--net"), ("unshare", "--mount", "--net", "--user", "--map-root-user"))
NETEM = ("delay", "20ms", "15ms", "reorder", "25%", "50%", "loss", "2%")
TRIED_WITHIN_S = 20


@cache
def way_in() -> tuple[str, ...] | None:
    """What a command has to begin with to run in a world of its own; None where there is none."""
    return next((way for way in WAYS_IN if _works(*way, "sh", "-c", "ip link set lo up && mount -t tmpfs tmpfs /mnt")), None)


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=TRIED_WITHIN_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def settle_in(folder: Path) -> Path:
    """Called once inside: loopback is up, and the folder that is returned is a small disk."""
    small = folder / SMALL_DISK
    small.mkdir(parents=True, exist_ok=True)
    do("ip", "link", "set", "lo", "up")
    do("mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", str(small))
    return small


def do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TRIED_WITHIN_S)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def network_is(up: bool) -> None:
    do("ip", "link", "set", "lo", "up" if up else "down")


def packets_are_bad() -> bool:
    """Delay, reorder and lose packets from now on. False where this kernel cannot."""
    return _works("tc", "qdisc", "add", "dev", "lo", "root", "netem", *NETEM)


def packets_are_good() -> None:
    do("tc", "qdisc", "del", "dev", "lo", "root")
