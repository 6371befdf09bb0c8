"""The set-up takes what a machine has, and says what to do where it has not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.packaging.repository import ROOT


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def make_venv(python: Path | str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHON": str(python)}
    return subprocess.run(
        ["bash", str(ROOT / "tools" / "venv"), str(folder)], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_python_that_is_too_old_is_refused_with_advice(tmp_path: Path) -> None:
    done = make_venv(program(tmp_path, "python3", "exit 1"), tmp_path / "venv")
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr
    assert "apt-get install python3" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_that_lacks_what_makes_environments_is_passed_over_where_a_whole_one_is(tmp_path: Path) -> None:
    bare = program(tmp_path, "bare", 'case "$2" in *ensurepip*) exit 1 ;; *version*) echo 3.11 ;; esac; exit 0')
    whole = program(tmp_path, "whole", 'case "$1 $2" in "-m venv") echo "made by the whole one" ;; *) echo 3.12 ;; esac')
    done = make_venv(f"{bare} {whole}", tmp_path / "venv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "made by the whole one"


def test_an_environment_that_works_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    program(tmp_path / "venv" / "bin", "python", "exit 0")
    done = make_venv(program(tmp_path, "python3", "exit 1"), tmp_path / "venv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_browser_that_is_named_is_taken(tmp_path: Path) -> None:
    mine = program(tmp_path, "my-browser", "exit 0")
    assert chromium.named({"CONTEST_TEST_BROWSER": str(mine)}) == mine
    assert chromium.named({"CONTEST_TEST_BROWSER": "my-browser", "PATH": str(tmp_path)}) == mine


def test_a_browser_that_is_named_and_missing_is_an_error_and_not_a_guess(tmp_path: Path) -> None:
    program(tmp_path, "chromium", "exit 0")
    with pytest.raises(chromium.NoBrowser, match="CONTEST_TEST_BROWSER=nowhere") as error:
        chromium.named({"CONTEST_TEST_BROWSER": "nowhere", "PATH": str(tmp_path)})
    assert "CONTEST_SKIP_BROWSER=1" in str(error.value)


def test_a_browser_on_path_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path, "chromium", "echo 'install the snap' >&2; exit 1")
    assert chromium.on_path({"PATH": str(tmp_path)}) is None
    chrome = program(tmp_path, "google-chrome", "exit 0")
    assert chromium.on_path({"PATH": str(tmp_path)}) == chrome


def test_only_root_gives_up_the_sandbox() -> None:
    assert "--no-sandbox" in chromium.flags(is_root=True)
    assert "--no-sandbox" not in chromium.flags(is_root=False)
