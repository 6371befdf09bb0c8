"""One URL, and everything at it."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from contest_server.core.facts import ContestantId
from contest_server.ledger import urls
from contest_server.ledger.database_url import DEFAULT_URL, BadUrl, file_of, shown
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import open_ledger, open_stores
from tests.ledger.drafts import CONTEST, events

LEDGER = Path(urls.__file__).parent


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///contest.db", Path("contest.db")),
        ("sqlite:///data/contest.db", Path("data/contest.db")),
        ("sqlite:////var/lib/contest.db", Path("/var/lib/contest.db")),
        (DEFAULT_URL, Path("contest.db")),
        ("memory:", None),
    ],
)
def test_a_url_names_a_file_or_memory(url: str, path: Path | None) -> None:
    assert file_of(url) == path


def test_a_password_is_not_shown() -> None:
    assert shown("postgresql://user:secret@host:5432/cup") == "postgresql://user@host:5432/cup"
    with pytest.raises(BadUrl, match="mysql://user@host") as error:
        open_stores("mysql://user:secret@host/cup")
    assert "secret" not in str(error.value)


def test_a_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    with pytest.raises(LedgerFault, match=r"postgresql://user@127\.0\.0\.1:1/cup: .*Is the database up") as error:
        open_stores("postgresql://user:secret@127.0.0.1:1/cup")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "contest.db",
        "sqlite://contest.db",
        "sqlite:///",
        "sqlite:",
        "memory",
        "mysql://x/y",
        "postgresql+asyncpg://x/y",
        "sqlite:///a\0b",
    ],
)
def test_anything_else_is_refused_with_what_would_do(url: str) -> None:
    with pytest.raises(BadUrl, match=r"sqlite:///contest\.db"):
        open_stores(url)


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
async def test_all_stores_are_at_one_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    urls = {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path / 'contest.db'}"}
    stores = open_stores(urls.get(kind) or request.getfixturevalue("postgres_url"))
    await stores.ledger.open(CONTEST)
    assert len(await stores.ledger.append(CONTEST, events([1]))) == 1
    assert await stores.people.put(CONTEST, {ContestantId("A017"): {}}, 1) == 1
    assert await stores.tokens.look_up((await stores.tokens.issue("admin", 1)).secret, 2) is not None
    assert await stores.officials.passwords(CONTEST) == {}
    await stores.close()


async def test_what_is_kept_outlives_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a relative path stays the one of the start."""
    monkeypatch.chdir(tmp_path)
    ledger = open_ledger("sqlite:///contest.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    head = await ledger.open(CONTEST)
    await ledger.close()
    again = open_ledger("sqlite:///../contest.db", create=False)
    assert await again.head(CONTEST) == head
    await again.close()


def imported_by(module: Path) -> set[str]:
    """The modules of the ledger that it imports, wherever in it that stands."""
    froms = [each for each in ast.walk(ast.parse(module.read_text())) if isinstance(each, ast.ImportFrom) and each.module]
    named = {f"{each.module}.{name.name}" for each in froms for name in each.names} | {str(each.module) for each in froms}
    return {each.stem for each in LEDGER.glob("*.py") if f"contest_server.ledger.{each.stem}" in named}


def test_no_module_of_the_ledger_imports_itself_by_way_of_others() -> None:
    TopologicalSorter({module.stem: imported_by(module) for module in LEDGER.glob("*.py")}).prepare()  # raises CycleError


def test_nothing_is_created_unless_asked_for(tmp_path: Path) -> None:
    with pytest.raises(LedgerFault):
        open_ledger(f"sqlite:///{tmp_path / 'contest.db'}", create=False)
