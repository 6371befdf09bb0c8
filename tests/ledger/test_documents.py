"""docs/ledger.md says what is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from contest_server.ledger import database_url, lane, limits, migrating, officials, passwords, people, port, tokens
from contest_server.ledger.codec import NotAFact
from contest_server.ledger.schema import metadata
from tests.ledger.drafts import events
from tests.ledger.exported import check, exported

DOCUMENT = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
PROGRAM = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[0]


def run_program(tmp_path: Path, export: bytes) -> subprocess.CompletedProcess[str]:
    (tmp_path / "check.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "export.ndjson").write_bytes(export)
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "check.py", "export.ndjson"], cwd=tmp_path, capture_output=True, text=True, check=False
    )


async def test_the_program_without_this_program_agrees(tmp_path: Path) -> None:
    export = await exported(events(range(1, 20)))
    assert run_program(tmp_path, export).stdout.strip() == f"19:{check(export).hash}"


async def test_the_program_without_this_program_finds_a_change(tmp_path: Path) -> None:
    failed = run_program(tmp_path, (await exported(events(range(1, 20)))).replace(b'"seq":7', b'"seq":8'))
    assert failed.returncode != 0
    assert "entry 7 was changed" in failed.stderr


@pytest.mark.parametrize(
    "number",
    [
        limits.BODY_MAX_BYTES,
        limits.APPEND_MAX_BYTES,
        limits.READ_MAX_BYTES,
        limits.NAME_MAX_CHARS,
        limits.CALLS_MAX_WAITING,
        port.APPEND_MAX_DRAFTS,
        port.READ_MAX_ENTRIES,
        people.PEOPLE_MAX_A_CALL,
        people.PEOPLE_MAX_A_CONTEST,
        people.DOCUMENT_MAX_BYTES,
        tokens.TOKENS_MAX,
        officials.PASSWORDS_MAX_A_CONTEST,
        officials.SESSIONS_MAX_AN_OFFICIAL,
        passwords.PASSWORD_MAX_CHARS,
        passwords.HASHES_MAX_WAITING,
    ],
)
def test_every_limit_is_in_the_document(number: int) -> None:
    assert re.search(rf"(?<![\d,]){number:,}(?![\d,])", DOCUMENT)


ERRORS = [
    passwords.TooManyLogins,
    limits.LimitExceeded,
    NotAFact,
    lane.LedgerBusy,
    port.LedgerFault,
    port.LedgerDamaged,
    migrating.WrongFile,
    database_url.BadUrl,
]


@pytest.mark.parametrize(
    "name", [*(error.__name__ for error in ERRORS), *metadata.tables, database_url.DEFAULT_URL, database_url.MEMORY_URL]
)
def test_every_error_table_and_url_is_in_the_document(name: str) -> None:
    assert f"`{name}`" in DOCUMENT
