"""The audit fails on a known fault, passes where nobody knows anything, and says which of the two it was."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.packaging.repository import ROOT


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_tool", ROOT / "tools" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BAD = {"name": "left", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
GOOD = {"name": "right", "version": "1", "vulns": []}
UNKNOWN = {"name": "hidden", "skip_reason": "Dependency not found on PyPI and could not be audited: hidden (1)"}


def test_a_known_fault_of_a_package_is_named_with_the_version_that_mends_it(audit: ModuleType) -> None:
    lines = audit.of_python({"dependencies": [BAD, GOOD, UNKNOWN]})
    assert lines == [
        "FOUND left 1: PYSEC-1; mended in 2",
        "python: 2 of 3 packages audited, 1 known faults; the index gives no advisories for the other 1",
    ]


def test_a_known_fault_of_the_pages_is_named(audit: ModuleType) -> None:
    report = {"vulnerabilities": {"svelte": {"severity": "high", "range": "<1"}}, "metadata": {"dependencies": {"total": 7}}}
    assert audit.of_pages(report) == ["FOUND svelte <1: high", "pages: 7 packages audited, 1 with known faults"]


def test_where_nobody_knows_anything_that_is_said(audit: ModuleType) -> None:
    assert audit.of_python({"dependencies": [UNKNOWN]}) == [
        "python: 0 of 1 packages audited, 0 known faults; the index gives no advisories for the other 1"
    ]
    assert audit.of_python("no answer within 30 s") == ["python: not audited: no answer within 30 s"]
    assert audit.of_pages({"message": "not found"}) == ["pages: not audited: the registry gives no advisories"]


@pytest.mark.parametrize(
    ("program", "report"),
    [
        ("import time; time.sleep(60)", "no answer within 0.2 s"),
        ("print('nothing')", "no report (JSONDecodeError)"),
        ("print('[]')", "no report that can be read"),
        ("print('{}')", {}),
    ],
)
def test_a_tool_that_gives_no_report_stops_nobody(audit: ModuleType, monkeypatch: pytest.MonkeyPatch, program: str, report: object) -> None:
    if "sleep" in program:
        monkeypatch.setattr(audit, "WITHIN_S", 0.2)
    assert audit.report_of([sys.executable, "-c", program], ROOT) == report


@pytest.mark.parametrize(("found", "status"), [(BAD, 1), (GOOD, 0), (UNKNOWN, 0)])
def test_only_a_known_fault_fails(audit: ModuleType, monkeypatch: pytest.MonkeyPatch, found: dict[str, object], status: int) -> None:
    reports: dict[bool, dict[str, object]] = {True: {"dependencies": [found]}, False: {"vulnerabilities": {}}}
    monkeypatch.setattr(audit, "report_of", lambda command, _: reports["pip_audit" in command])
    assert audit.main() == status
