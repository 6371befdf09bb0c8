"""In which language the server answers: as the query asks, else as the header does, else in English; what people wrote stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contests import CUP, Json
from tests.web.marking import HERE
from tests.web.places import EVENTS, Place, batch, clear, served
from tests.web.stating import ALONE, said

CASE = f"{HERE}/cases/A1/wiring"
SENTENCES = ("detail", "suggestion", "what", "result")
WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
"""Two words of a language that writes with spaces."""
BY_HAND = "Seen on video, twice"


async def doubtful(place: Place) -> None:
    """A clear with a value that was replaced, a reading at the limit, a helmet that was missing, and a ruling of somebody."""
    events = (
        {**clear(1, stage="wiring", data={"mohm": "0.5"}), "kind": "evidence"},
        clear(2, stage="wiring", data={"mohm": "1"}, at="01:00:06Z"),
        {"seq": 3, "kind": "violation", "contestant": "A1", "stage": "wiring", "at": "2026-11-22T01:00:02Z", "data": {"code": "helmet"}},
        clear(4, stage="final", at="01:00:01Z"),
        clear(5, stage="quiz", at="01:00:07Z"),
    )
    assert (await place.post(EVENTS.format(venue="yongjia"), batch(*events), "yongjia", source="desk")).status_code == 200
    case = await place.get(CASE, "R2")
    penalty = {"verb": "penalise", "marks": "1"}
    ruling = {"contestant": "A1", "stage": "wiring", "attempt": None, "basis": case["basis"], "code": "conduct", "reason": BY_HAND}
    await said(place, "rulings", "R2", id="r1", action=penalty, **ruling)


def sentences(document: Any) -> Iterator[str]:
    """Every sentence of the server in a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from [value] if key in SENTENCES and isinstance(value, str) else sentences(value)
            yield from value.values() if key == "ignored" else ()
    elif isinstance(document, list):
        for each in document:
            yield from sentences(each)


async def ask(place: Place, path: str, header: str | None = None, who: str | None = None, **query: str) -> Json:
    """An answer, also a refusal."""
    headers = place.bearer(who) | ({} if header is None else {"Accept-Language": header})
    answer: Json = (await place.http.get(f"{place.url}{path}", headers=headers, params=query)).json()
    return answer


async def test_a_chinese_case_has_no_english_sentence() -> None:
    async with served(document_=ALONE) as place:
        await doubtful(place)
        for path in (CASE, f"{HERE}/cases/A1/final"):
            case = await ask(place, path, who="R2", lang="zh")
            told = [text.replace(BY_HAND, "") for text in sentences({"explanation": case["explanation"], "flags": case["flags"]})]
            assert len(told) > 3
            assert [text for text in told if WORDS.search(text)] == []
        lines = (await ask(place, CASE, who="R2", lang="zh"))["explanation"]["lines"]
        assert any(BY_HAND in step["what"] and "行为规范" in step["what"] for line in lines for step in line["steps"])


async def test_the_same_case_in_english_says_what_it_always_said() -> None:
    async with served(document_=ALONE) as place:
        await doubtful(place)
        steps = [step for line in (await ask(place, CASE, who="R2"))["explanation"]["lines"] for step in line["steps"]]
        assert {"what": "1 >= 1", "result": "true"} in steps
        assert {"what": f"ruling r1 by R2 (conduct): {BY_HAND}", "result": "-1"} in steps


async def test_in_both_languages_every_sentence_is_a_pair_and_plain_text_is_not() -> None:
    async with served(document_=ALONE) as place:
        await doubtful(place)
        both = (await ask(place, CASE, "mul", "R2"))["explanation"]
        for tongue in ("en", "zh"):
            assert _in(both, tongue) == (await ask(place, CASE, who="R2", lang=tongue))["explanation"]


def _in(document: Any, tongue: str) -> Any:
    """The document with each pair in this language."""
    if isinstance(document, dict):
        if set(document) == {"en", "zh"}:
            return document[tongue]
        return {key: _in(value, tongue) for key, value in document.items()}
    return [_in(each, tongue) for each in document] if isinstance(document, list) else document


@pytest.mark.parametrize(
    ("header", "query", "chinese"),
    [
        (None, None, False),
        ("zh-CN,zh;q=0.9,en;q=0.8", None, True),
        ("en-GB, zh;q=0.5", None, False),
        ("fr, zh;q=0.5, en;q=0.3", None, True),
        ("fr", None, False),
        ("*", None, False),
        ("zh", "en", False),
        ("en", "zh", True),
        ("zh", "tlh", True),
    ],
)
async def test_the_query_outweighs_the_header(header: str | None, query: str | None, chinese: bool) -> None:
    async with served() as place:
        refused = await ask(place, "/api/contests/none/board", header, **({} if query is None else {"lang": query}))
        expected = (
            "这里没有竞赛 'none'；参见 GET /api/contests" if chinese else "no contest 'none' has been adopted here; see GET /api/contests"
        )
        assert refused == {"code": "unknown_contest", "detail": expected}


async def test_what_stands_against_a_final_result_is_told_to_each_in_their_language() -> None:
    """It is reckoned once for many who look."""
    path = f"/api/contests/{CUP}/control-room"
    async with served(document_=ALONE) as place:
        assert (await place.order("freeze")).status_code == 200
        against = [(await ask(place, path, who="staff", lang=lang))["publication"]["against"][0] for lang in ("en", "zh", "both")]
        texts = [each["detail"] for each in against]
        assert texts == [
            "the public board is still frozen",
            "公众榜仍处于封榜状态",
            {"en": "the public board is still frozen", "zh": "公众榜仍处于封榜状态"},
        ]
        assert {each["detail_zh"] for each in against} == {"公众榜仍处于封榜状态"}


async def test_a_refusal_before_any_route_is_told_in_the_language_too() -> None:
    async with served() as place:
        body = {"headers": {"Content-Encoding": "gzip", "Accept-Language": "zh"}, "content": b"x"}
        answer = await place.http.post(f"{place.url}/api/contests", **body)  # type: ignore[arg-type]
        assert answer.json()["detail"] == "请直接发送内容，不要使用 Content-Encoding"
