"""The verdict names every reason; the page is whole, escaped and without a script; the JSON says the same."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from contest_server.rehearsal.faults import Fault
from contest_server.rehearsal.officials import Done
from contest_server.rehearsal.outcome import DeviceSeen, DisplaySeen, Latencies, Meanwhile, Moment, Outcome, ServerSeen, VenueSeen
from contest_server.rehearsal.page import page_of
from contest_server.rehearsal.proof import Proof
from contest_server.rehearsal.report import as_json, lines_of
from contest_server.rehearsal.verdict import verdict_of
from contest_server.rehearsal.wishes import FaultKind

HOSTILE = "<img src=x onerror=alert(1)>\"'&\x1b[31m"
GOOD = "a" * 64


def device(**more: Any) -> DeviceSeen:
    usual: dict[str, Any] = {
        "source": "yongjia/desk-1", "told": 9, "acknowledged": 9, "once": 9, "refused": 1, "lives": 2, "moves": 0, "connections": 3,
        "clock_injected_ms": 47_000.0, "clock_found_ms": 47_000.1, "clock_error_ms": 0.5, "ended": "done", "has_ended_well": True,
    }  # fmt: skip
    return DeviceSeen(**{**usual, **more})


def display(**more: Any) -> DisplaySeen:
    usual: dict[str, Any] = {
        "name": "display-1", "view": "all", "frames": 9, "wholes": 1, "connections": 1, "longest_silence_s": 1.0,
        "equal": True, "is_hurt": False,
    }  # fmt: skip
    return DisplaySeen(**{**usual, **more})


def outcome(**more: Any) -> Outcome:
    cut = Fault(FaultKind.CUT, "yongjia", 1.0, 2.0, 0.0, "断网", "cut")
    usual: dict[str, Any] = {
        "contest": "rehearsal-7-now", "name": {"zh": "演练", "en": "Rehearsal"}, "seed": 7, "speed": 20.0, "minutes": 30, "began": "now",
        "venues": [VenueSeen("yongjia", [device()], 4, 1.0)], "displays": [display()], "servers": [ServerSeen("http://x", 9, GOOD)],
        "latencies": Latencies(9, 1.0, 2.0, 9, 3.0, 4.0), "timeline": [Meanwhile(cut, {"yongjia": 4}, {"display-1": 1.0}, 2)],
        "curve": [Moment(0.0, {"yongjia": 0}, 0.0, None), Moment(3.0, {"yongjia": 4}, 1.0, 2)],
        "done": [Done(1.0, "thaw", "entered", True)], "flags": {"late": 2}, "is_final": True, "proof": Proof(board=GOOD, ledger_board=GOOD),
    }  # fmt: skip
    return Outcome(**{**usual, **more})


def test_where_nothing_is_wrong_it_is_ready() -> None:
    verdict = verdict_of(outcome())
    assert verdict.ready
    assert not verdict.remarks


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"broken_off": "stopped"}, "broken_off"),
        ({"proof": None}, "no_proof"),
        ({"proof": Proof(board=GOOD, lost=[("a/b", 3)], missing=[("a/b", 3)])}, "lost"),
        ({"proof": Proof(board=GOOD, missing=[("a/b", 3)])}, "missing"),
        ({"proof": Proof(board=GOOD, twice=[("a/b", 3)])}, "twice"),
        ({"proof": Proof(board=GOOD, altered=[("a/b", 3)])}, "altered"),
        ({"proof": Proof(board=GOOD, strange=[("a/b", 3)])}, "strange"),
        ({"proof": Proof(board=GOOD, misread=[("a/b", 3, 5, 9_000)])}, "clock"),
        ({"proof": Proof(board="b" * 64)}, "board"),
        ({"proof": Proof(board=GOOD, unverified="a hash")}, "chain"),
        ({"servers": [ServerSeen("http://x", 9, GOOD), ServerSeen("http://y", 9, "b" * 64)]}, "servers_differ"),
        ({"servers": [ServerSeen("http://x", 9, GOOD), ServerSeen("http://y", 8, GOOD)]}, "servers_differ"),
        ({"servers": [ServerSeen("http://x", None, None)]}, "no_server"),
        ({"displays": [display(equal=False)]}, "display"),
        ({"displays": [display(faults=["a gap"])]}, "frames"),
        ({"displays": [display(longest_silence_s=11.0)]}, "stale"),
        ({"venues": [VenueSeen("v", [device(has_ended_well=False)], 0, 0.0)]}, "device"),
        ({"noise_unexpected": ["it was taken"]}, "garbage"),
        ({"done": [Done(1.0, "freeze", "forbidden", False)]}, "order"),
    ],
)
def test_each_thing_that_is_wrong_is_a_reason_in_both_languages(wrong: dict[str, Any], code: str) -> None:
    verdict = verdict_of(outcome(**wrong))
    assert [reason.code for reason in verdict.reasons] == [code]
    assert verdict.reasons[0].zh
    assert verdict.reasons[0].en


@pytest.mark.parametrize(
    ("worth_knowing", "code"),
    [
        ({"servers": [ServerSeen("http://x", 9, GOOD), ServerSeen("http://y", None, None)]}, "server_gone"),
        ({"is_final": False, "not_final": "not_yet_final: blocking"}, "not_final"),
        ({"latencies": Latencies(9, 1.0, 5_000.0)}, "slow_ack"),
        ({"latencies": Latencies(9, 1.0, 1.0, 9, 1.0, 5_000.0)}, "slow_show"),
        ({"own_clock_ms": -700.0}, "own_clock"),
        ({"proof": Proof(board=GOOD, untimed=3)}, "untimed"),
        ({"keys_left": ["abc"]}, "keys_left"),
        ({"displays": [display(longest_silence_s=60.0, is_hurt=True)]}, None),
    ],
)
def test_what_is_only_worth_knowing_does_not_speak_against_it(worth_knowing: dict[str, Any], code: str | None) -> None:
    verdict = verdict_of(outcome(**worth_knowing))
    assert verdict.ready
    assert [remark.code for remark in verdict.remarks] == ([] if code is None else [code])


class Reader(HTMLParser):
    """Every element is closed, in order; remembers which there were."""

    EMPTY = ("meta", "br", "rect", "polyline")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.EMPTY or tag == "polyline":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's signature
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("ready", [True, False])
def test_the_page_is_whole_and_runs_nothing_whatever_stands_in_it(ready: bool) -> None:
    named = {"zh": HOSTILE, "en": HOSTILE}
    hostile = outcome(
        name=named, contest=HOSTILE, told=[HOSTILE], queue_worst=[HOSTILE], flags={HOSTILE: 1}, done=[Done(1.0, HOSTILE, HOSTILE, True)],
        venues=[VenueSeen("yongjia", [device(source=HOSTILE, ended=HOSTILE)], 1, 1.0)], displays=[display(name=HOSTILE, view=HOSTILE)],
        servers=[ServerSeen(HOSTILE, 9, GOOD)], broken_off="" if ready else HOSTILE,
        timeline=[Meanwhile(Fault(FaultKind.CUT, HOSTILE, 1.0, 2.0, 0.0, HOSTILE, HOSTILE), {HOSTILE: 4}, {HOSTILE: 11.0}, None)],
    )  # fmt: skip
    page = page_of(hostile, verdict_of(hostile))
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert not reader.seen & {"script", "img", "link", "iframe", "object"}
    assert not any(name.startswith("on") for name in reader.attributes)
    assert "http-equiv" not in reader.attributes
    assert ("✓ 就绪" in page) == ready
    assert "svg" in reader.seen


def test_the_json_says_the_same_for_machines() -> None:
    bad = outcome(displays=[display(equal=False)])
    said = json.loads(as_json(bad, verdict_of(bad)))
    assert said["format"] == "contest-rehearsal/1"
    assert said["ready"] is False
    assert [reason["code"] for reason in said["reasons"]] == ["display"]
    assert said["venues"][0]["devices"][0]["clock_found_ms"] == 47_000.1
    assert said["timeline"][0]["fault"]["kind"] == "cut"
    assert said["proof"]["board"] == GOOD


def test_the_terminal_is_told_the_verdict_first_and_no_control_characters() -> None:
    lines = list(lines_of(outcome(broken_off=HOSTILE), verdict_of(outcome(broken_off=HOSTILE))))
    assert lines[0] == "✗ 未就绪 not ready"
    assert not any("\x1b" in line for line in lines)
    assert any("yongjia: 9 上报 told" in line for line in lines)
