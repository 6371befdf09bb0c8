"""The locks are complete, hashed and belong to nobody's index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.repository import LOCKS, ROOT, pyproject

HOST = re.compile(r"[a-z][a-z0-9+.-]*://|\bfile:|^\s*--(?!hash=)|^\s*-[cefir]\b|\s@\s", re.MULTILINE)
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?: ;[^\\]*)?(?: \\)?$", re.MULTILINE)


def text_of(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PIN.findall(text_of(lock))}


def group(name: str) -> Iterator[Requirement]:
    """The requirements of a dependency group, with those of the groups that it includes."""
    for item in pyproject()["dependency-groups"][name]:
        if isinstance(item, str):
            yield Requirement(item)
        else:
            yield from group(item["include-group"])


def asked_for(lock: str) -> list[Requirement]:
    run_time = [Requirement(line) for line in pyproject()["project"]["dependencies"]]
    return {
        "requirements.lock": run_time,
        "requirements-build.lock": list(group("build")),
        "requirements-dev.lock": [*run_time, *group("dev")],
    }[lock]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_place(lock: str) -> None:
    assert HOST.findall(text_of(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_whatever_is_asked_for(lock: str) -> None:
    pinned = pins(lock)
    wrong = [str(need) for need in asked_for(lock) if not need.specifier.contains(pinned.get(canonicalize_name(need.name), "0"))]
    assert wrong == [], "`make lock` writes the locks again"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", text_of(lock), flags=re.MULTILINE)[1:]
    assert len(blocks) == len(PIN.findall(text_of(lock)))
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_agree_so_that_tests_run_what_users_run() -> None:
    everything = pins("requirements-dev.lock")
    for lock in ("requirements.lock", "requirements-build.lock"):
        assert pins(lock).items() <= everything.items(), lock


def test_what_builds_the_wheel_is_locked() -> None:
    pinned = pins("requirements-build.lock")
    for need in map(Requirement, pyproject()["build-system"]["requires"]):
        assert need.specifier.contains(pinned[canonicalize_name(need.name)])


def test_the_pages_lock_names_no_registry() -> None:
    packages = json.loads(text_of("scoreboard_ui/package-lock.json"))["packages"]
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and not package.get("link") and "integrity" not in package] == []


@pytest.mark.parametrize(
    "line",
    ["--index-url https://example.org/simple", "-i mirror", "--find-links ./wheels", "-e .", "thing @ file:///somewhere/thing.whl"],
)
def test_a_lock_with_a_place_in_it_would_be_noticed(line: str) -> None:
    assert HOST.search(f"alembic==1.20.1 \\\n    --hash=sha256:00\n{line}\n")
