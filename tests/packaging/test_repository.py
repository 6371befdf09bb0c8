"""Nothing in the repository belongs to one person's machine."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.packaging.repository import ROOT, own_files

# The names are put together here, so that this file does not accuse itself.
HOMES = ("home", "Users", "root", "work", "workspace", "workspaces", "mnt")
A_HOME = re.compile(r"(?<![\w.~}\-/*:])/(?:" + "|".join(HOMES) + r")/(?!me/|you/|USER/)[\w.]|[A-Z]:\\\\?Users\\", re.ASCII)
A_REGISTRY = re.compile(
    r"files\.python" + r"hosted|pypi\." + r"org|registry\.npm" + r"js|registry\.npm" + r"mirror|deb\.deb" + r"ian", re.IGNORECASE
)
LARGEST_BYTES = 2_000_000


def complaints(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in own_files():
        if path.stat().st_size > LARGEST_BYTES:
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}" for hit in pattern.finditer(text)]
    return found


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert complaints(A_HOME) == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert complaints(A_REGISTRY) == []


@pytest.mark.parametrize("text", ["open('/ho" + "me/anna/x')", "cd /wo" + "rk/main", 'path = "/ro' + 'ot/.cache"', "C:\\Us" + "ers\\x"])
def test_a_folder_of_one_machine_would_be_noticed(text: str) -> None:
    assert A_HOME.search(text)


@pytest.mark.parametrize("script", [".ci/run", "tools/venv"])
def test_scripts_can_be_run_and_have_no_mistakes_of_syntax(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(path)], check=False, timeout=60).returncode == 0


def test_every_target_of_the_makefile_is_explained() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()) - {"FORCE"}
    explained = set(re.findall(r"^([a-z-]+):.*  ## \S", text, re.MULTILINE))
    assert phony == explained
