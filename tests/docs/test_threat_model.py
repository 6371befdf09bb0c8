"""The threat model names only proofs that exist, and no threat goes without one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text("utf-8")


def threats() -> list[list[str]]:
    part = TEXT.partition("## Threats")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in part.splitlines() if line.startswith("| ")]
    return [row for row in rows if row[0] not in ("threat", "---")]


def test_every_threat_has_an_answer_and_a_proof() -> None:
    assert len(threats()) > 15
    assert [row[0] for row in threats() if len(row) != 3 or not (re.search(r"`tests/", row[2]) or row[2] == "none needed")] == []


def test_every_proof_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", TEXT))
    assert len(named) > 15
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_what_the_page_says_of_settings_exists() -> None:
    from contest_server.live.settings import Settings

    assert {name.lower() for name in re.findall(r"`CONTEST_(\w+)`", TEXT)} <= set(Settings.model_fields)
