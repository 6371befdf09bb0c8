"""Some blows need a network and a disk of their own: a run in namespaces, where the machine allows them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.processes import ROOT
from tests.faults.world import way_in

SEED = "4"
DONE_WITHIN_S = 600
SIZE = ("--db", "sqlite", "--servers", "1", "--venues", "4", "--displays", "2", "--short")


@pytest.mark.skipif(way_in() is None, reason="this machine lets nobody make namespaces; cables stand in")
def test_where_the_kernel_takes_network_and_disk_away(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults", "--world", "--once", "--seed", SEED, *SIZE, "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DONE_WITHIN_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 blows survived" in done.stdout
