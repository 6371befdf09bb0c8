"""What is inside the packages that a user installs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.repository import ROOT, own_files, pyproject

BUILD_LIMIT_S = 300


def build(target: str, folder: Path, root: Path = ROOT, **environment: str) -> Path:
    """Build without the pages and without the network, so that it takes a second."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(
        command, cwd=root, env={**os.environ, "CONTEST_SKIP_UI": "1", **environment}, check=True, capture_output=True, timeout=BUILD_LIMIT_S
    )
    (package,) = folder.iterdir()
    return package


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> list[str]:
    with zipfile.ZipFile(wheel_file) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    with tarfile.open(build("sdist", tmp_path_factory.mktemp("sdist"))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def sources(*folders: str) -> set[str]:
    names = {path.relative_to(ROOT).as_posix() for path in own_files()}
    return {name for name in names if name.startswith(tuple(f"{folder}/" for folder in folders))}


def test_the_wheel_has_all_code_and_the_migrations(wheel: list[str]) -> None:
    inside = set(wheel)
    assert sources("contest_server", "judges") <= inside
    assert {f"contest_server/{name}" for name in sources("migrations")} <= inside
    assert "contest_server/py.typed" in inside


def test_the_wheel_has_the_pages_that_are_built(wheel: list[str]) -> None:
    static = ROOT / "contest_server" / "web" / "static"
    built = {path.relative_to(ROOT).as_posix() for path in static.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert built <= set(wheel)


@pytest.mark.skipif(shutil.which(os.environ.get("CC") or "cc") is None, reason="no compiler here")
def test_the_wheel_has_the_compiled_lines_and_says_for_which_machine(wheel_file: Path, wheel: list[str]) -> None:
    assert "contest_server/live/pour.so" in wheel
    assert wheel_file.name.endswith(f"-py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}.whl")


def test_without_a_compiler_the_wheel_is_for_every_machine(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path / "here", ignore=shutil.ignore_patterns(".*", "node_modules", "tests", "static"))
    package = build("wheel", tmp_path / "wheel", tmp_path / "here", CC="no-such-compiler")
    with zipfile.ZipFile(package) as archive:
        inside = archive.namelist()
    assert package.name.endswith("-py3-none-any.whl")
    assert {"contest_server/live/pour.c", "contest_server/live/ring.h"} <= set(inside)
    assert [name for name in inside if name.endswith(".so")] == []


def test_the_wheel_has_nothing_twice_and_nothing_else(wheel: list[str]) -> None:
    assert len(wheel) == len(set(wheel))
    assert {name.partition("/")[0].partition("-")[0] for name in wheel} == {"contest_server", "judges"}
    assert [name for name in wheel if name.endswith((".pyc", ".built", ".db")) or "__pycache__" in name or "node_modules" in name] == []


def test_the_sdist_can_build_the_pages(sdist: set[str]) -> None:
    assert sources("scoreboard_ui", "contest_server", "judges", "migrations") <= sdist
    assert {"hatch_build.py", "pyproject.toml", "README.md", "contest_server/live/pour.c", "contest_server/live/ring.h"} <= sdist
    assert [name for name in sdist if name.endswith(".so")] == []
    assert [name for name in sdist if "node_modules" in name or name.startswith("contest_server/web/static")] == []


def test_the_command_and_the_judges_that_are_promised_exist() -> None:
    project = pyproject()["project"]
    promised = [*project["scripts"].values(), *project["entry-points"]["contest_server.judges"].values()]
    code = "import importlib, sys; [getattr(importlib.import_module(p.split(':')[0]), p.split(':')[1]) for p in sys.argv[1:]]"
    done = subprocess.run([sys.executable, "-c", code, *promised], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
