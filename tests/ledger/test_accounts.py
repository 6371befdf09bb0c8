"""An account lets somebody in for what is granted to it, until it is disabled; nobody can take the last administrator away."""

# ruff: noqa: ASYNC240 - a test that waits for the disk keeps nobody waiting

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contest_server.core.facts import ContestantId, OfficialId, VenueId
from contest_server.core.roles import Role, Scope, WrongScope
from contest_server.ledger import account_rows
from contest_server.ledger.accounts import AccountBegun, Accounts, BadAccount, LastAdmin, UnknownAccount
from contest_server.ledger.lane import Lane
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.officials import SESSION_US
from contest_server.ledger.passwords import light
from contest_server.ledger.tables import SqliteTables
from tests.ledger.conftest import OpenTables
from tests.ledger.drafts import CONTEST, OTHER

NOW_US = 1_763_800_000_000_000
PASSWORD = "correct horse 电池"

Reopen = Callable[[], Accounts]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def another(request: pytest.FixtureRequest, open_tables: OpenTables) -> Reopen:
    memory = MemoryTables()
    return lambda: Accounts(memory if request.param == "memory" else open_tables(request.param), light())


@pytest.fixture
def accounts(another: Reopen) -> Accounts:
    return another()


async def added(accounts: Accounts, name: str = "lin.mei") -> None:
    await accounts.add(name, name.title(), NOW_US)
    await accounts.set_password(name, PASSWORD, NOW_US)


async def logged_in(accounts: Accounts, name: str = "lin.mei", at_us: int = NOW_US) -> AccountBegun:
    begun = await accounts.log_in(name, PASSWORD, at_us)
    assert begun is not None
    return begun


async def test_the_password_begins_a_session_with_everything_that_is_granted(another: Reopen, accounts: Accounts) -> None:
    await added(accounts)
    director = await accounts.grant("lin.mei", "director", Scope(), NOW_US)
    chief = await accounts.grant("lin.mei", "chief", Scope(CONTEST, official="C1"), NOW_US + 1)
    begun = await logged_in(accounts)
    found = await another().look_up(begun.secret, NOW_US + 5)
    assert found == begun.session
    assert found.grants == (director, chief)
    assert (found.created_us, found.fresh_us, found.expires_us) == (NOW_US, NOW_US, NOW_US + SESSION_US)


async def test_what_is_granted_or_taken_back_counts_for_sessions_that_are_open(another: Reopen, accounts: Accounts) -> None:
    await added(accounts)
    begun = await logged_in(accounts)
    grant = await accounts.grant("lin.mei", "auditor", Scope(CONTEST), NOW_US)
    for look in (accounts, another()):
        assert (await look.open_sessions(NOW_US))[begun.session.id].grants == (grant,)
    await another().take("lin.mei", grant.id)
    session = await accounts.look_up(begun.secret, NOW_US)
    assert session is not None
    assert session.grants == ()


async def test_nothing_else_begins_one(accounts: Accounts) -> None:
    await added(accounts)
    await accounts.add("without", "Without a password", NOW_US)
    for name, wrong in (("lin.mei", ""), ("lin.mei", PASSWORD + " "), ("without", ""), ("without", PASSWORD), ("nobody", PASSWORD)):
        assert await accounts.log_in(name, wrong, NOW_US) is None
    assert await accounts.open_sessions(NOW_US) == {}


async def test_a_wrong_secret_finds_nothing_and_a_session_ends_by_itself(accounts: Accounts) -> None:
    await added(accounts)
    begun = await logged_in(accounts)
    for wrong in ("", begun.secret[:-1], begun.secret + "x", begun.session.id, "as_\ud800", "as_" + "x" * 10_000_000):
        assert await accounts.look_up(wrong, NOW_US) is None
    assert await accounts.look_up(begun.secret, NOW_US + SESSION_US - 1) is not None
    assert await accounts.look_up(begun.secret, NOW_US + SESSION_US) is None
    assert await accounts.open_sessions(NOW_US + SESSION_US) == {}


async def test_a_disabled_account_is_out_at_once_and_comes_back_as_it_was(another: Reopen, accounts: Accounts) -> None:
    await added(accounts)
    grant = await accounts.grant("lin.mei", "auditor", Scope(), NOW_US)
    begun = await logged_in(accounts)
    await another().disable("lin.mei", NOW_US + 1)
    assert await accounts.look_up(begun.secret, NOW_US + 1) is None
    assert await accounts.log_in("lin.mei", PASSWORD, NOW_US + 1) is None
    assert await accounts.begin("lin.mei", NOW_US + 1, fresh_us=0) is None
    await accounts.enable("lin.mei", NOW_US + 2)
    assert (await logged_in(accounts)).session.grants == (grant,)
    assert await accounts.look_up(begun.secret, NOW_US + 2) is None, "but not into the session that was ended"


async def test_a_new_password_ends_the_other_sessions_of_this_account(accounts: Accounts) -> None:
    await added(accounts)
    await added(accounts, "tang.yu")
    kept, lost, others = await logged_in(accounts), await logged_in(accounts), await logged_in(accounts, "tang.yu")
    await accounts.set_password("lin.mei", "quite another one", NOW_US, keep=kept.session.id)
    still = [await accounts.look_up(each.secret, NOW_US) is not None for each in (kept, lost, others)]
    assert still == [True, False, True]
    assert await accounts.log_in("lin.mei", PASSWORD, NOW_US) is None


async def test_who_gives_the_password_again_is_fresh_and_stays_no_longer(accounts: Accounts) -> None:
    await added(accounts)
    begun = await logged_in(accounts)
    assert await accounts.freshen(begun.session, "guess", NOW_US + 5) is None
    renewed = await accounts.freshen(begun.session, PASSWORD, NOW_US + 5)
    assert renewed is not None
    assert (renewed.fresh_us, renewed.expires_us) == (NOW_US + 5, NOW_US + SESSION_US)
    await accounts.end(begun.session.id)
    assert await accounts.freshen(begun.session, PASSWORD, NOW_US + 6) is None


async def test_one_session_too_many_ends_the_oldest(accounts: Accounts) -> None:
    await added(accounts)
    begun = [await logged_in(accounts, at_us=NOW_US + n) for n in range(account_rows.SESSIONS_MAX_AN_ACCOUNT + 1)]
    still = [await accounts.look_up(each.secret, NOW_US + 50) is not None for each in begun]
    assert still == [False] + [True] * account_rows.SESSIONS_MAX_AN_ACCOUNT


async def test_the_last_administrator_can_be_neither_disabled_nor_disowned(accounts: Accounts) -> None:
    await added(accounts)
    await added(accounts, "tang.yu")
    grant = await accounts.grant("lin.mei", "admin", Scope(), NOW_US)
    for attempt in (accounts.take("lin.mei", grant.id), accounts.disable("lin.mei", NOW_US)):
        with pytest.raises(LastAdmin, match="another account first"):
            await attempt
    await accounts.grant("tang.yu", "admin", Scope(), NOW_US)
    await accounts.disable("tang.yu", NOW_US)
    with pytest.raises(LastAdmin):
        await accounts.take("lin.mei", grant.id)
    await accounts.enable("tang.yu", NOW_US)
    await accounts.take("lin.mei", grant.id)
    assert [each.grants for each in await accounts.all() if each.id == "lin.mei"] == [()]


SCOPES: list[tuple[Role, Scope, bool]] = [
    ("admin", Scope(), True),
    ("admin", Scope(CONTEST), False),
    ("director", Scope(), True),
    ("director", Scope(CONTEST), True),
    ("director", Scope(CONTEST, venue="yongjia"), False),
    ("auditor", Scope(), True),
    ("chief", Scope(CONTEST, official="C1"), True),
    ("chief", Scope(CONTEST), False),
    ("referee", Scope(official="R1"), False),
    ("venue", Scope(CONTEST, venue="yongjia"), True),
    ("venue", Scope(CONTEST), False),
    ("contestant", Scope(CONTEST, contestant="A1"), True),
    ("contestant", Scope(CONTEST, official="A1"), False),
    ("display", Scope(CONTEST), False),
]


@pytest.mark.parametrize(("role", "scope", "fits"), SCOPES)
async def test_a_role_has_exactly_its_scope(accounts: Accounts, role: Role, scope: Scope, fits: bool) -> None:
    await added(accounts)
    if not fits:
        with pytest.raises(WrongScope):
            await accounts.grant("lin.mei", role, scope, NOW_US)
        return
    grant = await accounts.grant("lin.mei", role, scope, NOW_US)
    assert (grant.role, grant.contest, grant.venue, grant.official, grant.contestant) == (
        role, scope.contest, VenueId(scope.venue) if scope.venue else None, OfficialId(scope.official) if scope.official else None,
        ContestantId(scope.contestant) if scope.contestant else None,
    )  # fmt: skip
    assert await accounts.grant("lin.mei", role, scope, NOW_US + 1) == grant, "the same again changes nothing"


async def test_what_is_not_there_is_said_to_be_unknown(accounts: Accounts) -> None:
    await added(accounts)
    for attempt in (
        accounts.grant("nobody", "auditor", Scope(OTHER), NOW_US),
        accounts.take("lin.mei", "nothing"),
        accounts.disable("nobody", NOW_US),
        accounts.enable("nobody", NOW_US),
        accounts.set_password("nobody", PASSWORD, NOW_US),
    ):
        with pytest.raises(UnknownAccount):
            await attempt


@pytest.mark.parametrize("name", ["", "Lin", "lin mei", "-lin", "lín", "x" * 65, "lin\n", "a/b"])
async def test_the_name_of_an_account_is_small_letters_and_the_like(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadAccount, match="small letters"):
        await accounts.add(name, "Lin Mei", NOW_US)


async def test_nobody_is_known_twice(accounts: Accounts) -> None:
    await accounts.add("lin.mei", "Lin Mei", NOW_US, email="Lin@Example.org", subject="s-1")
    for name, email, subject in (("lin.mei", None, None), ("other", "lin@example.org", None), ("other", None, "s-1")):
        with pytest.raises(BadAccount):
            await accounts.add(name, "Somebody", NOW_US, email=email, subject=subject)
    await accounts.add("two", "No email", NOW_US)
    await accounts.add("three", "No email either", NOW_US)


async def test_an_identity_provider_knows_an_account_by_subject_or_by_email_until_it_has_one(accounts: Accounts) -> None:
    await accounts.add("lin.mei", "Lin Mei", NOW_US, email="lin@example.org")
    await accounts.add("tang.yu", "Tang Yu", NOW_US, subject="s-2")
    assert await accounts.known_as("s-2", "lin@example.org") == "tang.yu", "the subject outweighs the email"
    assert await accounts.known_as("s-9", None) is None
    assert await accounts.known_as("s-1", "LIN@example.org") == "lin.mei"
    assert await accounts.known_as("s-1", None) == "lin.mei", "from now on by subject"
    assert await accounts.known_as("s-3", "lin@example.org") is None, "whoever has the email later is somebody else"
    await accounts.disable("tang.yu", NOW_US)
    assert await accounts.known_as("s-2", None) is None


async def test_everything_has_a_largest_number(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_rows, "ACCOUNTS_MAX", 1)
    monkeypatch.setattr(account_rows, "GRANTS_MAX_AN_ACCOUNT", 1)
    await added(accounts)
    with pytest.raises(LimitExceeded, match="at most 1"):
        await accounts.add("tang.yu", "Tang Yu", NOW_US)
    await accounts.grant("lin.mei", "auditor", Scope(CONTEST), NOW_US)
    with pytest.raises(LimitExceeded, match="at most 1"):
        await accounts.grant("lin.mei", "auditor", Scope(OTHER), NOW_US)
    with pytest.raises(LimitExceeded, match="from 8 to 200"):
        await accounts.set_password("lin.mei", "short", NOW_US)


async def test_neither_a_password_nor_a_secret_is_stored(tmp_path: Path) -> None:
    lane = Lane(tmp_path / "contest.db")
    accounts = Accounts(SqliteTables(lane), light())
    await added(accounts)
    begun = await logged_in(accounts)
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"lin.mei" in stored
    assert not any(secret in stored for secret in (PASSWORD.encode(), begun.secret.encode(), begun.secret[3:].encode()))
    await lane.close()
