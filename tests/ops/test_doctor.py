"""The doctor finds what is wrong before the contest does, says what to do about it, and changes nothing."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.core.facts import ContestId, Draft
from contest_server.doctor import machine, storage
from contest_server.doctor.findings import Finding
from contest_server.doctor.settings import of_settings
from contest_server.ledger.migrating import REVISIONS
from contest_server.ledger.urls import open_stores
from contest_server.live.settings import Settings
from contest_server.words import CHINESE
from tests.contests import CUP, START_US, adopted, document
from tests.ops.filling import filled
from tests.web.places import served

Told = dict[str, list[tuple[str, str]]]


def told(db: str, *more: str, code: int = 0) -> Told:
    """What the doctor says of each thing."""
    result = CliRunner().invoke(app, ["doctor", "--db", db, "--json", *more], env={"CONTEST_PORT": "0"})
    assert result.exit_code == code, result.output
    document_: dict[str, Any] = json.loads(result.stdout)
    assert document_["good"] == (code == 0)
    found: Told = {}
    for each in document_["findings"]:
        found.setdefault(each["about"], []).append((each["level"], each["detail"]))
    return found


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER IF EXISTS ledger_never_changes")
        connection.execute(statement)


@pytest.mark.parametrize("full", [(), ("--full",)])
async def test_an_installation_that_is_well(full: tuple[str, ...], tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    await filled(db)
    before = (tmp_path / "cup.db").read_bytes()
    found = await asyncio.to_thread(told, db, *full)
    assert {"version", "pages", "settings", "clock", "port", "judges", "database", "disk", "tables", f"contest {CUP}"} <= found.keys()
    assert found["tables"] == [("good", f"those of this version ({REVISIONS[-1]})")]
    assert [level for level, _ in found[f"contest {CUP}"]] == ["good", "good", "warning"]
    assert found["tokens"][0][0] == "warning"
    assert (tmp_path / "cup.db").read_bytes() == before


async def test_postgresql_is_looked_at_too(postgres_url: str) -> None:
    await filled(postgres_url)
    found = await asyncio.to_thread(told, postgres_url, "--full", code=1)
    assert [level for level, _ in found[f"contest {CUP}"]][:2] == ["good", "good"]
    assert "all 31 entries follow" in found[f"contest {CUP}"][0][1]
    assert ("bad", "fsync is off: what is acknowledged may be lost in a power cut; set fsync = on") in found["PostgreSQL"], "it is a test's"


async def test_a_cut_ledger_is_seen_at_once_a_changed_one_by_reckoning_every_hash(tmp_path: Path) -> None:
    path = tmp_path / "cup.db"
    db = f"sqlite:///{path}"
    await filled(db)
    changed(path, "UPDATE ledger SET body = replace(body, 'A1', 'A2') WHERE position = 7")
    assert (await asyncio.to_thread(told, db))[f"contest {CUP}"][0][0] == "good"
    assert "entry 7: its hash does not follow" in (await asyncio.to_thread(told, db, "--full", code=1))[f"contest {CUP}"][0][1]
    changed(path, "UPDATE contests SET position = 99")
    assert "should end at entry 99" in (await asyncio.to_thread(told, db, code=1))[f"contest {CUP}"][0][1]


async def test_a_definition_whose_rules_are_not_installed_is_named(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    stores = open_stores(db)
    await stores.ledger.open(ContestId("broken"))
    broken = document() | {"stages": [{"id": "quiz", "rules": [{"rule": "not_installed"}]}]}
    await stores.ledger.append(ContestId("broken"), [Draft(START_US, "test", adopted(broken))])
    await stores.ledger.open(ContestId("empty"))
    await stores.close()
    found = await asyncio.to_thread(told, db, code=1)
    assert "not_installed" in found["contest broken"][1][1]
    assert found["contest empty"][1] == ("warning", "no definition has been adopted yet")


async def test_who_cannot_get_in_and_who_can_for_ever(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    await filled(db)
    columns = "account, name, password, email, subject, created_us, updated_us"
    changed(tmp_path / "cup.db", f"INSERT INTO accounts ({columns}) VALUES ('ada', 'Ada', NULL, NULL, NULL, 1, 1)")
    found = await asyncio.to_thread(told, db)
    assert "nobody can log in as ada" in found["accounts"][0][1]
    assert ("warning", f"officials without a password: R2, R3, C1 (contest-server official --contest {CUP} ID)") in found[f"contest {CUP}"]
    assert "3 in force never expire" in found["tokens"][0][1]


@pytest.mark.parametrize(("revision", "level"), [(REVISIONS[0], "warning"), ("9999", "bad"), ("", "bad")], ids=["older", "newer", "none"])
async def test_the_tables_of_another_version_are_named_and_left(revision: str, level: str, tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    await filled(db)
    changed(tmp_path / "cup.db", f"UPDATE alembic_version SET version_num = '{revision}'")
    assert (await asyncio.to_thread(told, db, code=int(level == "bad")))["tables"][0][0] == level


def test_what_is_no_database_of_this_program(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    (tmp_path / "noise.db").write_bytes(b"noise" * 400)
    assert "another program" in told(f"sqlite:///{tmp_path / 'other.db'}", code=1)["tables"][0][1]
    assert told(f"sqlite:///{tmp_path / 'noise.db'}", code=1)["database"][-1][0] == "bad"
    assert "no folder" in told(f"sqlite:///{tmp_path}/nowhere/cup.db", code=1)["database"][0][1]
    assert told(f"sqlite:///{tmp_path / 'new.db'}")["database"][0][0] == "warning"
    assert told("memory:")["database"][0][0] == "warning"
    assert told("oracle://x", code=1)["database"][0][0] == "bad"
    assert "Is the database up" in told("postgresql://contest:hunter2@127.0.0.1:1/cup", code=1)["database"][0][1]


def test_no_secret_is_told(tmp_path: Path) -> None:
    path = tmp_path / "contest-server.toml"
    path.write_text('metrics_token = "hunter2"\ndb = "postgresql://contest:hunter2@127.0.0.1:1/cup"\n')
    path.chmod(0o644)
    result = CliRunner().invoke(app, ["--config", str(path), "doctor"], env={"CONTEST_PORT": "0", "CONTEST_PROT": "1"})
    assert "hunter2" not in result.output
    assert "may be read by everybody here, and holds secrets" in result.output
    assert "CONTEST_PROT: no setting of this name; did you mean CONTEST_PORT?" in result.output


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        (
            "CONTEST_PROT",
            "ignored: CONTEST_PROT: no setting of this name; did you mean CONTEST_PORT?",
            "已忽略 CONTEST_PROT：没有这项设置；是否想写 CONTEST_PORT？",
        ),
        (
            "CONTEST_ZZZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "ignored: CONTEST_ZZZZZZZZZZZZZZZZZZZZZZZZZZZ: no setting of this name; `contest-server config` lists them all",
            "已忽略 CONTEST_ZZZZZZZZZZZZZZZZZZZZZZZZZZZ：没有这项设置；`contest-server config` 列出全部设置",
        ),
    ],
)
def test_a_variable_that_is_no_setting_is_told_in_one_sentence(name: str, english: str, chinese: str) -> None:
    [finding], _ = of_settings(None, {name: "1"})
    assert (finding.level, finding.detail) == ("warning", english)
    assert CHINESE.tell(finding.detail) == chinese


def test_settings_that_cannot_be_used_are_named_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "contest-server.toml"
    path.write_text("prot = 1\n")
    findings, settings = of_settings(path, {})
    assert [each.level for each in findings] == ["bad"]
    assert settings.port == Settings.model_fields["port"].default


def test_a_database_that_others_may_read_and_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cup.db"
    path.write_bytes(b"x")
    path.chmod(0o644)

    def levels() -> list[str]:
        return [each.level for each in storage.of_storage(f"sqlite:///{path}")]

    assert levels() == ["warning", "good"]
    path.chmod(0o600)
    monkeypatch.setattr(storage, "FREE_GOOD_BYTES", 1 << 62)
    assert levels() == ["warning"]
    monkeypatch.setattr(storage, "FREE_LEAST_BYTES", 1 << 62)
    assert levels() == ["bad"]


def only(findings: Any) -> Finding:
    (found,) = findings
    assert isinstance(found, Finding)
    return found


@pytest.mark.parametrize(
    ("year", "answer", "level"), [(1970, "yes", "bad"), (2026, "yes", "good"), (2026, "no", "warning"), (2026, None, "good")]
)
def test_a_clock_that_is_wrong_or_left_alone(year: int, answer: str | None, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_asked", lambda *_: answer)
    assert only(machine.of_clock(datetime(year, 11, 22, tzinfo=UTC))).level == level


def test_more_sockets_than_the_system_lets_open(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1_024, 1_024))
    assert "LimitNOFILE=" in only(machine.of_limits(Settings())).detail
    few = Settings(venue_sockets_max=100, display_sockets_max=500, review_sockets_max=10)
    assert only(machine.of_limits(few)).level == "good"


async def test_a_port_that_is_free_ours_or_somebody_elses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        assert only(machine.of_port(Settings(port=port))).level == "good"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatched = Settings(port=silent.getsockname()[1])
        machine_said = await asyncio.to_thread(lambda: only(machine.of_port(monkeypatched)))
        assert (machine_said.level, "cannot be had" in machine_said.detail) == ("bad", True)
    async with served() as place:
        await place.board()
        ours = Settings(port=int(place.url.rpartition(":")[2]))
        said = await asyncio.to_thread(lambda: only(machine.of_port(ours)))
        assert (said.level, "is ready" in said.detail) == ("good", True)
    assert only(machine.of_port(Settings(port=0))).level == "good"
