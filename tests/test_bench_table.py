"""The table of `make bench`: what a ratio is, when a target is met, what is worse; and that undelivered work fails a benchmark."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.bench.load.sampled import step_of
from tests.bench.load.sights import Sight, Track, check_boards, delays_ms, inflated
from tests.bench.page import BEGINS, ENDS, NoPlace, markdown, show_on_page
from tests.bench.plot import bars, plot
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import NotDelivered, Readings, Row, Target, row_of, short
from tests.bench.table import lines_of, read_lines, worse, write_lines

RUNS = {
    "ours": [{"ms": 12.0}, {"ms": 30.0}, {"ms": 13.0}],
    "bare": [{"ms": 10.0}, {"ms": 20.0}, {"ms": 10.0}],
    "peer": [{"ms": 24.0}, {"ms": 40.0}, {"ms": 13.0}],
}


def row(target: Target | None = None) -> Row:
    runs = {name: RUNS[name] for name in ("ours", "bare", "peer")}
    return row_of(
        runs, "a row", "ms", "ms", bare="bare", target=target or Target("≤", 1.25), peers={"peer": Target("≤", 0.5)}, checked="all"
    )


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    """Not the ratio of the medians: in round two the whole machine was slow, and that says nothing of either."""
    assert row().figure == 1.3
    assert row().spread == (1.2, 1.5)


def test_a_row_keeps_what_every_round_measured() -> None:
    assert row().document()["each"] == {"ours": [12.0, 30.0, 13.0], "bare": [10.0, 20.0, 10.0], "peer": [24.0, 40.0, 13.0]}


@pytest.mark.parametrize(("sense", "limit", "met"), [("≤", 1.3, True), ("≤", 1.29, False), ("≥", 1.3, True), ("≥", 1.31, False)])
def test_a_target_is_met_at_its_limit_and_not_beyond(sense: str, limit: float, met: bool) -> None:
    assert row(Target(sense, limit)).met is met  # type: ignore[arg-type]


def test_a_target_may_be_about_ours_alone_or_about_how_much_more_it_is() -> None:
    assert row(Target("≤", 4, "more")).figure == 3.0
    alone = row_of(RUNS, "alone", "ms", "ms", target=Target("≤", 13, "ours"), checked="all")
    assert (alone.figure, alone.met, alone.bare) == (13.0, True, None)


def test_a_peer_that_did_not_run_is_left_out_and_a_bare_limit_may_not_be() -> None:
    runs = {name: RUNS[name] for name in ("ours", "bare")}
    assert row_of(runs, "a row", "ms", "ms", bare="bare", peers={"peer": None}, checked="all").peers == ()
    with pytest.raises(KeyError):
        row_of(runs, "a row", "ms", "ms", bare="peer", checked="all")


def test_contenders_alternate_and_every_other_round_goes_backwards() -> None:
    order: list[str] = []

    def contender(name: str) -> Callable[[], Readings]:
        def measure() -> Readings:
            order.append(name)
            return {"us": 1.0}

        return measure

    runs = race("a race", {name: contender(name) for name in "abc"}, Options(rounds=3), Progress({}))
    assert "".join(order) == "abccbaabc"
    assert {name: len(readings) for name, readings in runs.items()} == {"a": 3, "b": 3, "c": 3}


def test_the_seconds_left_are_the_rest_of_this_benchmark_and_all_that_come_after() -> None:
    progress = Progress({"a": 5.0, "b": 10.0, "c": 20.0})
    progress.begin("b")
    assert 29.0 < progress.left_s() <= 30.0


def test_what_was_skipped_is_told_once_with_how_to_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress({})
    for _ in range(2):
        progress.skip("NATS", "apt install nats-server")
    assert capsys.readouterr().err.count("apt install nats-server") == 1
    assert progress.skipped == {"NATS": "apt install nats-server"}


def test_a_line_of_json_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_lines([row()], tmp_path / "figures")
    found = read_lines(tmp_path / "figures")["a row"]
    assert found == json.loads(json.dumps(row().document()))
    assert {"name", "ours", "bare", "peers", "ratio", "target", "spread"} <= found.keys()
    assert found["peers"] == {"peer": 24.0}
    assert read_lines(tmp_path / "nothing") == {}


def changed(low: float, high: float, target: str = "≤ 1.25 ×") -> dict[str, object]:
    return {**row().document(), "spread": [low, high], "figure": (low + high) / 2, "target": target}


@pytest.mark.parametrize(("low", "high", "is_worse"), [(1.4, 1.6, False), (1.51, 1.6, True), (0.8, 0.9, False)])
def test_only_what_is_outside_both_spreads_became_worse(low: float, high: float, is_worse: bool) -> None:
    """The committed rounds were between 1.2 and 1.5."""
    told = worse({"a row": row().document()}, {"a row": changed(low, high)})
    assert [line.startswith("a row: ") for line in told] == ([True] if is_worse else [])


def test_where_more_is_better_less_is_worse() -> None:
    before = {"a row": {**row().document(), "target": "≥ 0.6 ×"}}
    assert worse(before, {"a row": changed(1.0, 1.19, "≥ 0.6 ×")}) != []
    assert worse(before, {"a row": changed(1.6, 1.9, "≥ 0.6 ×")}) == []


def test_a_new_row_is_not_worse_than_nothing() -> None:
    assert worse({}, {"a row": row().document()}) == []


def test_of_a_whole_run_what_is_missing_is_named() -> None:
    before = {"a row": row().document()}
    assert worse(before, {}, whole=True) == ["a row: not measured now"]
    assert worse(before, {}) == []


def test_what_is_worse_beside_a_peer_alone_is_named() -> None:
    before, after = row().document(), row().document()
    after["beside_peers"] = {"peer": {**after["beside_peers"]["peer"], "ratio": 2.0, "spread": [1.5, 2.5]}}
    assert [line.split(":")[0] for line in worse({"a row": before}, {"a row": after})] == ["a row / peer"]


def test_what_was_met_and_is_not_any_more_is_named_although_the_spreads_overlap() -> None:
    before, after = row(Target("≤", 1.3)).document(), {**changed(1.25, 1.45, "≤ 1.3 ×"), "met": False}
    assert worse({"a row": before}, {"a row": after}) == [
        "a row: 1.3 (1.2–1.5) before, 1.35 (1.25–1.45) now: met before, within the spread"
    ]


def test_the_table_names_each_comparison_and_whether_it_is_met() -> None:
    lines = lines_of([row()])
    assert [line.split()[-1] for line in lines[1:] if "≤" in line] == ["NO", "NO"]
    assert any("beside peer" in line for line in lines)
    assert lines[-1] == "0 of 2 targets are met"


def test_the_page_changes_between_its_markers_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGINS}\nold\n{ENDS}\nafter\n", "utf-8")
    for _ in range(2):
        show_on_page([replace(row(), topic="Fan-out")], {"NATS": "apt install nats-server"}, page, ["stalls: NotDelivered: nothing came"])
    text = page.read_text("utf-8")
    assert text.startswith(f"before\n{BEGINS}\n")
    assert text.endswith(f"{ENDS}\nafter\n")
    assert text.count("| a row |") == 1
    assert "**0 of 2 targets are met**: fan-out 0 of 2." in text
    assert "| **1.3 ×** (1.2–1.5) | ✗ ≤ 1.25 × |" in text
    assert text.count("### Fan-out: the figures") == 1
    assert "old" not in text
    assert "Skipped: NATS (apt install nats-server)." in text
    assert "stalls: NotDelivered: nothing came" in text


def test_what_stands_beside_nothing_is_told_in_one_line_by_what_it_is_about() -> None:
    shares = [row_of(RUNS, f"share of the CPU: {step}", "ms", "%", checked="all") for step in ("read", "commit")]
    assert "Also measured. share of the CPU: read 13 %, commit 13 %." in markdown([*shares, row()], {})


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("nothing", "utf-8")
    with pytest.raises(NoPlace):
        show_on_page([row()], {}, tmp_path / "page.md")


def test_the_committed_page_has_a_place_for_the_table() -> None:
    text = Path("docs/performance.md").read_text("utf-8")
    assert text.count(BEGINS) == text.count(ENDS) == 1


def test_the_plot_has_a_bar_for_each_target_and_a_share_of_one_is_just_met(tmp_path: Path) -> None:
    found = bars([row(Target("≤", 1.3)), row(Target("≥", 2.6))])
    assert [(round(each.shares[1], 3), each.met) for each in found] == [(1.0, True), (1.5, False), (2.0, False), (1.5, False)]
    plot([row()], tmp_path / "bench.svg")
    assert (tmp_path / "bench.svg").read_text("utf-8").count("<circle") == 2


@pytest.mark.parametrize(
    ("value", "text"), [(0.00413, "0.00413"), (1.25, "1.25"), (12.34, "12.3"), (2041.0, "2,041"), (0.0, "0"), (100, "100")]
)
def test_three_figures_are_shown(value: float, text: str) -> None:
    assert short(value) == text


# ---- what was delivered --------------------------------------------------------------------------------------------------------


def frame(after: int, to: int, **points: str) -> str:
    rows = [{"id": who, "points": each} for who, each in points.items()]
    return json.dumps({"type": "frame", "from": after, "to": to, "rows": rows, "gone": []})


MESSAGES = [frame(0, 1, a="0", b="0"), frame(1, 2, a="10"), frame(2, 3, b="20"), frame(1, 3, a="10", b="20"), '{"type":"beat","to":3}']
BOARD: dict[str, Any] = {"to": 3, "rows": [{"rank": 2, "id": "a", "points": "10"}, {"rank": 1, "id": "b", "points": "20"}]}


def seen(*tracks: tuple[int, ...]) -> Sight:
    return Sight(MESSAGES, [len(each) for each in MESSAGES], [Track(each, tuple(range(0, 10**6 * len(each), 10**6))) for each in tracks])


def test_displays_that_got_fewer_newer_frames_show_the_same() -> None:
    assert check_boards(seen((0, 1, 2, 4), (0, 3)), BOARD) == 5


@pytest.mark.parametrize("track", [(0, 1), (0, 2), (1, 2), ()])
def test_a_display_that_missed_a_frame_fails_the_benchmark(track: tuple[int, ...]) -> None:
    with pytest.raises(NotDelivered):
        check_boards(seen((0, 1, 2), track), BOARD)


def test_a_display_that_shows_another_mark_at_the_right_position_fails_the_benchmark() -> None:
    rows = [*BOARD["rows"][:1], {"rank": 1, "id": "b", "points": "21"}]
    with pytest.raises(NotDelivered):
        check_boards(seen((0, 1, 2)), {"to": 3, "rows": rows})


def test_a_delay_is_from_the_event_to_the_first_frame_that_reaches_it() -> None:
    assert delays_ms(seen((0, 1, 2), (0, 3)), {2: 0, 3: 0}) == [1.0, 2.0, 1.0, 1.0]


def test_a_deflated_frame_is_read_as_the_protocol_of_sockets_says() -> None:
    squeeze = zlib.compressobj(wbits=-15)
    payload = squeeze.compress(b"frame" * 99) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    assert inflated(payload.removesuffix(b"\x00\x00\xff\xff")) == "frame" * 99


BELOW = ("asyncio/base_events.py", "asyncio/runners.py", "contest_server/web/serving.py", "contest_server/commands/serve.py")
"""What started the loop."""


@pytest.mark.parametrize(
    ("stack", "step"),
    [
        (("json/encoder.py", "contest_server/core/rows.py", "contest_server/live/desk.py"), "encode"),
        (("contest_server/core/ranking.py", "contest_server/core/contest.py"), "rank"),
        (("judges/pace.py", "contest_server/core/judging.py"), "fold"),
        (("asyncio/selector_events.py", "contest_server/web/hub.py"), "write"),
        (("contest_server/live/slices.py", "contest_server/live/stand.py"), "write"),
        (("contest_server/wire/framing.py", "contest_server/live/stand.py"), "write"),
        (("contest_server/web/lines.py", "contest_server/web/hub.py", *BELOW), "read"),
        (("selectors.py", *BELOW), "loop"),
        (BELOW, "loop"),
        (("email/parser.py",), "loop"),
    ],
)
def test_a_sample_belongs_to_the_innermost_of_our_files(stack: tuple[str, ...], step: str) -> None:
    assert step_of(list(stack)) == step
