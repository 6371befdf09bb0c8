"""What holds for every test: settings of the machine stay outside, and no test passes or fails by the clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Cluster, drop_database, new_database

TESTS = Path(__file__).parent
BROWSER_TESTS = TESTS / "browser"
LONG = ("web", "laws", "faults", "fuzz", "rehearsal", "ops", "proxy", "demo", "judges/test_planted_faults.py")
"""Where tests start servers and processes by the dozen, hurt them, or plant faults in the source: `make test-long`."""
SHORT = ("web/test_lines.py", "web/test_hub.py", "web/test_hub_contract.py", "web/test_displays.py", "web/test_rest.py")
"""Of those, what stays in `make test`: an event's way through a server."""
OF_THE_TEST_RUN = ("CONTEST_TEST_", "CONTEST_SKIP_")

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True, print_blob=True)
settings.register_profile("long", parent=settings.get_profile("here"), max_examples=5_000)
settings.load_profile(os.environ.get("CONTEST_TEST_PROFILE") or ("ci" if os.environ.get("CI") else "here"))


def pytest_configure() -> None:
    """A CONTEST_DB of the person at the keyboard must not become the database of a test; commands speak English, unless a test asks."""
    for name in list(os.environ):
        if name.startswith("CONTEST_") and not name.startswith(OF_THE_TEST_RUN):
            del os.environ[name]
    os.environ["CONTEST_LANGUAGE"] = "en"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long tests by where they stand."""
    for item in items:
        place = item.path.relative_to(TESTS).as_posix()
        if place not in SHORT and any(place == each or place.startswith(f"{each}/") for each in LONG):
            item.add_marker(pytest.mark.long)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The browser's tests run only when they are asked for: their fixtures and pytest-asyncio each want the event loop of the process."""
    if collection_path != BROWSER_TESTS:
        return None
    asked = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(BROWSER_TESTS) for path in asked) else True


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, whose databases tests may make and drop."""
    given = os.environ.get("CONTEST_TEST_DATABASE_URL")
    if given:
        yield given
        return
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster.url()
    finally:
        cluster.close()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database, for one test."""
    url = new_database(postgres_server)
    yield url
    drop_database(url)
