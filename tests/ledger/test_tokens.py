"""A token speaks for its role until it is revoked, and cannot be read from the store."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contest_server.core.facts import ContestId, VenueId
from contest_server.ledger import tokens as module
from contest_server.ledger.lane import Lane
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.tables import SqliteTables
from contest_server.ledger.tokens import Role, RotatedAlready, TableTokens, Tokens, WrongScope
from tests.ledger.conftest import OpenTables
from tests.ledger.drafts import CONTEST, OTHER

VENUE = VenueId("yongjia")
NOW_US = 1_763_800_000_000_000

Reopen = Callable[[], Tokens]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def another(request: pytest.FixtureRequest, open_tables: OpenTables) -> Reopen:
    memory = TableTokens(MemoryTables())
    return lambda: memory if request.param == "memory" else TableTokens(open_tables(request.param))


@pytest.fixture
def tokens(another: Reopen) -> Tokens:
    return another()


async def test_a_secret_finds_its_token_wherever_it_is_looked_up(another: Reopen, tokens: Tokens) -> None:
    issued = await tokens.issue("venue", NOW_US, CONTEST, VENUE, "desk at the door")
    assert await another().look_up(issued.secret, NOW_US + 20) == issued.token
    assert (issued.token.role, issued.token.contest, issued.token.venue) == ("venue", CONTEST, VENUE)
    assert (issued.token.label, issued.token.created_us, issued.token.revoked_us) == ("desk at the door", NOW_US, None)


async def test_a_wrong_secret_finds_nothing(tokens: Tokens) -> None:
    issued = await tokens.issue("admin", NOW_US)
    for wrong in ("", issued.secret[:-1], issued.secret + "x", issued.secret.upper(), issued.token.id, "\ud800", "x" * 10_000_000):
        assert await tokens.look_up(wrong, NOW_US) is None


async def test_a_revoked_token_finds_nothing_any_more(another: Reopen, tokens: Tokens) -> None:
    issued, kept = await tokens.issue("staff", NOW_US, CONTEST), await tokens.issue("staff", NOW_US, CONTEST)
    assert await another().revoke(issued.token.id, NOW_US + 9)
    assert await tokens.look_up(issued.secret, NOW_US + 20) is None
    assert await tokens.look_up(kept.secret, NOW_US + 20) == kept.token


async def test_revoking_twice_keeps_the_first_time(tokens: Tokens) -> None:
    issued = await tokens.issue("admin", NOW_US)
    assert await tokens.revoke(issued.token.id, NOW_US + 1)
    assert not await tokens.revoke(issued.token.id, NOW_US + 2)
    assert [token.revoked_us for token in await tokens.all()] == [NOW_US + 1]


async def test_revoking_what_nobody_has_is_no_error(tokens: Tokens) -> None:
    assert not await tokens.revoke("0123456789abcdef", NOW_US)


async def test_tokens_are_listed_by_contest_oldest_first(tokens: Tokens) -> None:
    later = (await tokens.issue("staff", NOW_US + 5, CONTEST)).token
    first = (await tokens.issue("venue", NOW_US, CONTEST, VENUE)).token
    elsewhere = (await tokens.issue("staff", NOW_US + 1, OTHER)).token
    admin = (await tokens.issue("admin", NOW_US + 2)).token
    assert await tokens.all(CONTEST) == [first, later]
    assert await tokens.all() == [first, elsewhere, admin, later]


@pytest.mark.parametrize(
    ("role", "contest", "venue"),
    [
        ("venue", CONTEST, None),
        ("venue", None, VENUE),
        ("venue", None, None),
        ("staff", None, None),
        ("staff", CONTEST, VENUE),
        ("admin", CONTEST, None),
        ("admin", None, VENUE),
        ("root", None, None),
    ],
)
async def test_a_role_has_exactly_its_scope(tokens: Tokens, role: Role, contest: ContestId | None, venue: VenueId | None) -> None:
    with pytest.raises(WrongScope):
        await tokens.issue(role, NOW_US, contest, venue)
    assert await tokens.all() == []


async def test_there_is_a_largest_number_of_tokens_in_force(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOKENS_MAX", 2)
    first = await tokens.issue("admin", NOW_US)
    await tokens.issue("admin", NOW_US)
    with pytest.raises(LimitExceeded, match="Revoke"):
        await tokens.issue("admin", NOW_US)
    await tokens.revoke(first.token.id, NOW_US)
    await tokens.issue("admin", NOW_US)


async def test_a_label_has_a_largest_length(tokens: Tokens) -> None:
    with pytest.raises(LimitExceeded, match="label"):
        await tokens.issue("admin", NOW_US, label="x" * 1_000)


async def test_no_two_secrets_are_alike_and_none_is_stored(tmp_path: Path) -> None:
    lane = Lane(tmp_path / "contest.db")
    tokens = TableTokens(SqliteTables(lane))
    secrets = [(await tokens.issue("admin", NOW_US)).secret for _ in range(20)]
    assert len(set(secrets)) == 20
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not any(secret.encode() in stored or secret[3:].encode() in stored for secret in secrets)
    await lane.close()


async def test_the_older_word_for_a_director_still_lets_one_in(tokens: Tokens) -> None:
    issued = await tokens.issue("staff", NOW_US, CONTEST)
    found = await tokens.look_up(issued.secret, NOW_US)
    assert found is not None
    assert (found.role, (await tokens.all())[0].role) == ("director", "director")


async def test_a_token_that_was_stored_by_an_older_version_is_read_as_a_directors(tmp_path: Path) -> None:
    lane = Lane(tmp_path / "contest.db")
    tokens = TableTokens(SqliteTables(lane))
    issued = await tokens.issue("director", NOW_US, CONTEST)
    await lane.run(lambda connection: connection.execute("UPDATE tokens SET role = 'staff'"))
    found = await tokens.look_up(issued.secret, NOW_US)
    assert found is not None
    assert found.role == "director"
    await lane.close()


async def test_a_token_ends_by_itself_at_its_time(another: Reopen, tokens: Tokens) -> None:
    issued = await tokens.issue("venue", NOW_US, CONTEST, VENUE, expires_us=NOW_US + 100)
    assert await another().look_up(issued.secret, NOW_US + 99) == issued.token
    assert await tokens.look_up(issued.secret, NOW_US + 100) is None
    assert [issued.token.is_in_force(NOW_US + at) for at in (99, 100)] == [True, False]
    assert not await tokens.revoke(issued.token.id, NOW_US + 100)
    with pytest.raises(LimitExceeded, match="expires_us"):
        await tokens.issue("admin", NOW_US, expires_us=NOW_US)


async def test_a_rotated_token_goes_on_for_its_grace_beside_the_one_that_follows_it(another: Reopen, tokens: Tokens) -> None:
    old = await tokens.issue("venue", NOW_US, CONTEST, VENUE, "door")
    new = await another().rotate(old.token.id, NOW_US + 5, 100)
    assert new is not None
    assert (new.token.role, new.token.contest, new.token.venue, new.token.label) == ("venue", CONTEST, VENUE, "door")
    assert (new.token.follows, new.token.created_us, new.token.expires_us) == (old.token.id, NOW_US + 5, None)
    assert new.secret != old.secret
    for at, wanted in ((104, True), (105, False)):
        assert (await tokens.look_up(old.secret, NOW_US + at) is not None) == wanted
        assert await tokens.look_up(new.secret, NOW_US + at) == new.token


async def test_a_token_is_rotated_once_and_only_while_it_is_in_force(tokens: Tokens) -> None:
    old = await tokens.issue("admin", NOW_US, expires_us=NOW_US + 50)
    new = await tokens.rotate(old.token.id, NOW_US, 100)
    assert new is not None
    assert new.token.expires_us == NOW_US + 50, "a new secret makes no token last longer"
    assert await tokens.look_up(old.secret, NOW_US + 50) is None, "nor does the grace"
    with pytest.raises(RotatedAlready, match="that one"):
        await tokens.rotate(old.token.id, NOW_US + 1)
    assert await tokens.rotate("0123456789abcdef", NOW_US) is None
    await tokens.revoke(new.token.id, NOW_US + 1)
    assert await tokens.rotate(new.token.id, NOW_US + 2) is None


async def test_without_any_grace_the_old_secret_is_good_for_nothing_at_once(tokens: Tokens) -> None:
    old = await tokens.issue("admin", NOW_US)
    assert await tokens.rotate(old.token.id, NOW_US, 0) is not None
    assert await tokens.look_up(old.secret, NOW_US) is None


async def test_tokens_that_have_ended_leave_their_place_to_others(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOKENS_MAX", 1)
    await tokens.issue("admin", NOW_US, expires_us=NOW_US + 1)
    with pytest.raises(LimitExceeded):
        await tokens.issue("admin", NOW_US)
    await tokens.issue("admin", NOW_US + 1)
