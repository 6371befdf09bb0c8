"""An address that leads nowhere: a person gets a page that leads on, a program the error in its one shape."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from contest_server.web import pages
from tests.web.places import served

LOST = '<link rel="stylesheet" href="./assets/lost.css" /><a href="./">begin</a><a href="./live">live</a>'
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lost.html").write_text(LOST, "utf-8")
    monkeypatch.setattr(pages, "STATIC", tmp_path)


ROOT = Path(__file__).parents[2]
PAGES = {route.path for route in pages.router.routes if isinstance(route, APIRoute)}
FOR_DEVICES = {"/screen", "/overlay"}
"""Nobody comes there by hand and without saying what to show."""


def test_the_way_on_leads_to_every_page_for_people() -> None:
    links = re.findall(r'<a href="\.(/[^"]*)"', (ROOT / "scoreboard_ui/lost.html").read_text("utf-8"))
    assert set(links) == PAGES - FOR_DEVICES


def test_the_readme_says_whom_each_page_is_for() -> None:
    rows = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("| `/")]
    named = {page for row in rows for page in re.findall(r"`(/[a-z]*)`", row.split("|")[1])}
    assert named == PAGES - {"/overlay"}


@pytest.mark.parametrize("path", ["/nothing", "/no/such/page", "/refere"])
async def test_a_person_gets_a_page_whose_links_hold_at_any_depth(path: str) -> None:
    async with served() as place:
        answer = await place.http.get(f"{place.url}{path}", headers=BROWSER)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert re.findall(r'href="([^"]*)"', answer.text) == ["/assets/lost.css", "/", "/live"]


@pytest.mark.parametrize(("path", "accept"), [("/nothing", "*/*"), ("/nothing", "application/json"), ("/api/nothing", BROWSER["Accept"])])
async def test_a_program_gets_the_error_as_ever(path: str, accept: str) -> None:
    async with served() as place:
        answer = await place.http.get(f"{place.url}{path}", headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
