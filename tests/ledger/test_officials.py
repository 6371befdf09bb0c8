"""An official gets in with the password and stays for a while; a new password throws everybody out. Neither can be read from the store."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher

from contest_server.core.facts import OfficialId
from contest_server.ledger import officials as module
from contest_server.ledger.lane import Lane
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.officials import SESSION_US, Begun, MemoryOfficials, Officials, TableOfficials
from contest_server.ledger.passwords import ALPHABET, PASSWORD_MAX_CHARS, Hashing, TooManyLogins, careful, light, new_password
from contest_server.ledger.tables import SqliteTables
from tests.ledger.conftest import OpenTables
from tests.ledger.drafts import CONTEST, OTHER

RUI, LAN = OfficialId("R1"), OfficialId("R2")
PASSWORD = "correct horse 电池"
NOW_US = 1_763_800_000_000_000

Reopen = Callable[[], Officials]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def another(request: pytest.FixtureRequest, open_tables: OpenTables) -> Reopen:
    memory = MemoryOfficials()
    return lambda: memory if request.param == "memory" else TableOfficials(open_tables(request.param), light())


@pytest.fixture
def officials(another: Reopen) -> Officials:
    return another()


async def logged_in(officials: Officials, official: OfficialId = RUI, at_us: int = NOW_US) -> Begun:
    await officials.set_password(CONTEST, official, PASSWORD, at_us)
    return await again(officials, official, at_us)


async def again(officials: Officials, official: OfficialId = RUI, at_us: int = NOW_US) -> Begun:
    begun = await officials.log_in(CONTEST, official, PASSWORD, at_us)
    assert begun is not None
    return begun


async def test_the_password_begins_a_session_that_is_found_wherever_it_is_looked_up(another: Reopen, officials: Officials) -> None:
    begun = await logged_in(officials)
    assert await another().look_up(begun.secret, NOW_US + 5) == begun.session
    assert (begun.session.contest, begun.session.official) == (CONTEST, RUI)
    assert (begun.session.created_us, begun.session.fresh_us, begun.session.expires_us) == (NOW_US, NOW_US, NOW_US + SESSION_US)


async def test_nothing_else_begins_one(officials: Officials) -> None:
    await officials.set_password(CONTEST, RUI, PASSWORD, NOW_US)
    await officials.set_password(CONTEST, LAN, "another password", NOW_US)
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), "another password", "\ud800", "x" * 10_000_000):
        assert await officials.log_in(CONTEST, RUI, wrong, NOW_US) is None
    assert await officials.log_in(OTHER, RUI, PASSWORD, NOW_US) is None
    assert await officials.log_in(CONTEST, OfficialId("nobody"), PASSWORD, NOW_US) is None
    assert await officials.open_sessions(NOW_US) == set()


async def test_who_gives_the_password_as_a_witness_is_known_and_not_logged_in(officials: Officials) -> None:
    begun = await logged_in(officials)
    assert await officials.is_password(CONTEST, RUI, PASSWORD)
    for contest, official, password in ((CONTEST, RUI, "another"), (CONTEST, LAN, PASSWORD), (OTHER, RUI, PASSWORD)):
        assert not await officials.is_password(contest, official, password)
    assert await officials.open_sessions(NOW_US) == {begun.session.id}


async def test_a_wrong_secret_finds_nothing(officials: Officials) -> None:
    begun = await logged_in(officials)
    for wrong in ("", begun.secret[:-1], begun.secret + "x", begun.secret.upper(), begun.session.id, "os_\ud800", "x" * 10_000_000):
        assert await officials.look_up(wrong, NOW_US) is None


async def test_a_session_ends_by_itself(officials: Officials) -> None:
    begun = await logged_in(officials)
    last_us = NOW_US + SESSION_US - 1
    assert await officials.look_up(begun.secret, last_us) is not None
    assert await officials.open_sessions(last_us) == {begun.session.id}
    assert await officials.look_up(begun.secret, last_us + 1) is None
    assert await officials.open_sessions(last_us + 1) == set()
    assert await officials.freshen(begun.session, PASSWORD, last_us + 1) is None


async def test_who_logs_out_ends_this_session_only_and_everywhere(another: Reopen, officials: Officials) -> None:
    begun, kept = await logged_in(officials), await again(officials)
    assert await another().end(begun.session.id)
    assert not await officials.end(begun.session.id)
    assert await officials.look_up(begun.secret, NOW_US) is None
    assert await officials.look_up(kept.secret, NOW_US) == kept.session


async def test_a_new_password_ends_the_sessions_of_this_official_and_the_old_one_is_no_password(officials: Officials) -> None:
    begun, others = await logged_in(officials), await logged_in(officials, LAN)
    await officials.set_password(CONTEST, RUI, "quite another one", NOW_US + 9)
    assert await officials.look_up(begun.secret, NOW_US + 9) is None
    assert await officials.log_in(CONTEST, RUI, PASSWORD, NOW_US + 9) is None
    assert await officials.log_in(CONTEST, RUI, "quite another one", NOW_US + 9) is not None
    assert await officials.look_up(others.secret, NOW_US + 9) == others.session


async def test_who_gives_the_password_again_is_fresh_and_stays_no_longer(officials: Officials) -> None:
    begun = await logged_in(officials)
    assert await officials.freshen(begun.session, "not the one", NOW_US + 7) is None
    renewed = await officials.freshen(begun.session, PASSWORD, NOW_US + 8)
    assert renewed is not None
    assert (renewed.fresh_us, renewed.expires_us) == (NOW_US + 8, NOW_US + SESSION_US)
    assert await officials.look_up(begun.secret, NOW_US + 9) == renewed


async def test_a_session_that_is_over_is_not_made_fresh(officials: Officials) -> None:
    begun = await logged_in(officials)
    await officials.end(begun.session.id)
    assert await officials.freshen(begun.session, PASSWORD, NOW_US + 1) is None


async def test_a_password_that_changes_while_it_is_checked_lets_nobody_in(officials: Officials) -> None:
    """Both run at once; whichever comes first, nobody who gave the old password is in afterwards."""
    await officials.set_password(CONTEST, RUI, PASSWORD, NOW_US)
    begun, _ = await asyncio.gather(
        officials.log_in(CONTEST, RUI, PASSWORD, NOW_US), officials.set_password(CONTEST, RUI, "quite another one", NOW_US)
    )
    assert begun is None or await officials.look_up(begun.secret, NOW_US) is None


async def test_one_session_too_many_ends_the_oldest(officials: Officials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SESSIONS_MAX_AN_OFFICIAL", 3)
    begun = [await logged_in(officials), *[await again(officials, at_us=NOW_US + nth) for nth in range(1, 5)]]
    others = await logged_in(officials, LAN)
    still = [await officials.look_up(each.secret, NOW_US + 9) is not None for each in begun]
    assert still == [False, False, True, True, True]
    assert await officials.look_up(others.secret, NOW_US) is not None


async def test_sessions_that_are_over_are_forgotten_when_the_next_one_begins(tmp_path: Path) -> None:
    lane = Lane(tmp_path / "contest.db")
    officials = TableOfficials(SqliteTables(lane), light())
    await logged_in(officials)
    await logged_in(officials, LAN, NOW_US + SESSION_US)
    assert await lane.run(lambda connection: connection.execute("SELECT official FROM sessions").fetchall()) == [(LAN,)]
    await lane.close()


async def test_who_has_a_password_is_known_by_contest(another: Reopen, officials: Officials) -> None:
    assert await officials.passwords(CONTEST) == {}
    await officials.set_password(CONTEST, LAN, PASSWORD, NOW_US)
    await officials.set_password(CONTEST, RUI, PASSWORD, NOW_US)
    await officials.set_password(OTHER, RUI, PASSWORD, NOW_US)
    await officials.set_password(CONTEST, RUI, "quite another one", NOW_US + 1)
    assert await another().passwords(CONTEST) == {RUI: NOW_US + 1, LAN: NOW_US}


@pytest.mark.parametrize("password", ["", "1234567", "x" * (PASSWORD_MAX_CHARS + 1)])
async def test_a_password_has_a_smallest_and_a_largest_length(officials: Officials, password: str) -> None:
    with pytest.raises(LimitExceeded, match="from 8 to 200"):
        await officials.set_password(CONTEST, RUI, password, NOW_US)
    assert await officials.passwords(CONTEST) == {}


async def test_there_is_a_largest_number_of_passwords_in_a_contest(officials: Officials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PASSWORDS_MAX_A_CONTEST", 1)
    await officials.set_password(CONTEST, RUI, PASSWORD, NOW_US)
    with pytest.raises(LimitExceeded, match="at most 1"):
        await officials.set_password(CONTEST, LAN, PASSWORD, NOW_US)
    await officials.set_password(CONTEST, RUI, "quite another one", NOW_US)
    await officials.set_password(OTHER, LAN, PASSWORD, NOW_US)


async def test_more_log_ins_at_once_than_can_be_reckoned_are_refused_by_name() -> None:
    hashing = Hashing(careful(), waiting_max=2)  # so slow that none is done before the last is asked for
    answers = await asyncio.gather(*(hashing.matches(None, PASSWORD) for _ in range(5)), return_exceptions=True)
    assert [answer for answer in answers if answer is False] == [False, False]
    assert [type(answer) for answer in answers if answer is not False] == [TooManyLogins] * 3
    assert await hashing.matches(None, PASSWORD) is False


@pytest.mark.parametrize(
    ("typed", "same"), [(str.lower, True), (lambda text: text.replace("-", " "), True), (lambda text: text[:-1], False)]
)
async def test_a_generated_password_may_be_typed_as_it_is_read_out(officials: Officials, typed: Callable[[str], str], same: bool) -> None:
    password = new_password()
    await officials.set_password(CONTEST, RUI, password, NOW_US)
    assert (await officials.log_in(CONTEST, RUI, typed(password), NOW_US) is not None) == same


async def test_a_password_is_the_same_however_its_accents_are_composed(officials: Officials) -> None:
    await officials.set_password(CONTEST, RUI, "caf\u00e9 au lait", NOW_US)
    assert await officials.log_in(CONTEST, RUI, "cafe\u0301 au lait", NOW_US) is not None


def test_a_generated_password_is_60_random_bits_that_can_be_told_apart_on_paper() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("01IOilo") & set(ALPHABET)
    assert all([len(group) for group in each.split("-")] == [4, 4, 4] and set(each) <= {*ALPHABET, "-"} for each in made)


async def test_neither_a_password_nor_a_secret_is_stored(tmp_path: Path) -> None:
    lane = Lane(tmp_path / "contest.db")
    begun = await logged_in(TableOfficials(SqliteTables(lane), light()))
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert RUI.encode() in stored
    assert not any(secret in stored for secret in (PASSWORD.encode(), begun.secret.encode(), begun.secret[3:].encode()))
    await lane.close()


def test_what_is_written_to_a_disk_is_hashed_at_the_cost_that_rfc_9106_advises() -> None:
    """Second recommended option: 3 passes over 64 MiB."""
    hasher = careful()
    assert (hasher.type.name, hasher.time_cost, hasher.memory_cost) == ("ID", 3, 65_536)


async def test_it_takes_as_much_reckoning_to_find_that_there_is_no_such_official() -> None:
    reckoned: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the word of the library
            reckoned.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)

    officials = MemoryOfficials(Watched(time_cost=2, memory_cost=16, parallelism=1))
    await officials.set_password(CONTEST, RUI, PASSWORD, NOW_US)
    for who in (RUI, OfficialId("nobody")):
        assert await officials.log_in(CONTEST, who, "not the password", NOW_US) is None
    assert reckoned == ["$argon2id$v=19$m=16,t=2,p=1"] * 2
