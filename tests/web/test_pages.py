"""What the build made is sent as gzip to whoever takes it, and as it is to everybody else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from contest_server.web import pages
from tests.web.places import served

SCRIPT = "export const word = 'word';\n" * 200


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/main.js").write_text(SCRIPT, "utf-8")
    (tmp_path / "assets/font.woff2").write_bytes(bytes(2_000))
    monkeypatch.setattr(pages, "STATIC", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("takes", "is_packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("xgzip", False),
        ("", False),
    ],
)
async def test_a_script_is_sent_as_the_browser_takes_it(takes: str, is_packed: bool) -> None:
    async with (
        served() as place,
        place.http.stream("GET", f"{place.url}/assets/main.js", headers={"Accept-Encoding": takes}) as answer,
    ):
        body = b"".join([part async for part in answer.aiter_raw()])
        assert (gzip.decompress(body) if is_packed else body).decode() == SCRIPT
        assert answer.headers.get("content-encoding") == ("gzip" if is_packed else None)
        assert int(answer.headers["content-length"]) == len(body)
        assert answer.headers["content-type"].startswith("text/javascript")
        assert not is_packed or answer.headers["vary"] == "Accept-Encoding"


async def test_what_is_packed_already_and_parts_of_files_are_sent_as_they_are() -> None:
    async with served() as place:
        font = await place.http.get(f"{place.url}/assets/font.woff2", headers={"Accept-Encoding": "gzip"})
        part = await place.http.get(f"{place.url}/assets/main.js", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
        assert ("content-encoding" in font.headers, len(font.content)) == (False, 2_000)
        assert (part.status_code, part.text) == (206, SCRIPT[:10])


async def test_who_has_it_is_not_sent_it_again_until_it_is_built_anew(built: Path) -> None:
    async with served() as place:
        url, takes = f"{place.url}/assets/main.js", {"Accept-Encoding": "gzip"}
        first = await place.http.get(url, headers=takes)
        plain = await place.http.get(url, headers={"Accept-Encoding": "identity"})
        assert plain.headers["etag"] != first.headers["etag"], "they are not the same bytes"
        again = await place.http.get(url, headers={**takes, "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        (built / "assets/main.js").write_text(SCRIPT * 2, "utf-8")
        anew = await place.http.get(url, headers={**takes, "If-None-Match": first.headers["etag"]})
        assert (anew.status_code, anew.text) == (200, SCRIPT * 2)
