"""What a person at the venue sees."""

from __future__ import annotations

import io
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contest_server.agent.console import Console, cut, printable
from contest_server.agent.limits import AgentLimits
from contest_server.agent.messages import ClockTold
from contest_server.agent.pauses import Pauses
from contest_server.agent.resume import Standing
from contest_server.agent.status import Connection, Ticker, View, is_loud, line
from contest_server.agent.wording import reread
from contest_server.core.saying import Said

CALM = View(
    source="desk-1",
    connection=Connection("connected", 0.0),
    now_s=0.0,
    standing=Standing(last=43, sent_to=43, answered_to=43, acknowledged_to=43, position=1093, acknowledged_us=1_763_801_000_000_000),
)
LOST = replace(
    CALM, connection=Connection("disconnected", 0.0, "connection refused", 14.5), standing=replace(CALM.standing, waiting=17), now_s=12.0
)


def test_a_calm_line() -> None:
    view = replace(CALM, clock=ClockTold(1_240, 800))
    assert line(view) == (
        "desk-1 · 已连接 connected · 待发 unsynced 0 · 已确认 acknowledged 43 @1093 at 08:43:20Z · 时钟 clock +1.2 ± 0.8 ms"
    )
    assert not is_loud(view)


def test_what_is_not_with_the_server_is_loud() -> None:
    assert line(LOST).startswith("desk-1 · 断线 DISCONNECTED for 12 s (connection refused; 重连 again in 2.5 s) · 待发 UNSYNCED 17 · ")
    assert is_loud(LOST)
    assert is_loud(replace(CALM, disk="full"))
    assert is_loud(replace(CALM, standing=replace(CALM.standing, refused=1)))


def test_a_log_gets_a_line_at_each_change_and_one_every_ten_seconds() -> None:
    ticker = Ticker(is_terminal=False)
    views = [replace(CALM, now_s=n / 10, standing=replace(CALM.standing, acknowledged_to=n)) for n in range(205)]
    shown = [view.now_s for view in views if ticker.due(view) is not None]
    assert shown == [0.0, 10.0, 20.0]
    assert ticker.due(replace(LOST, now_s=20.5)) is not None


def test_a_terminal_gets_at_most_five_lines_a_second_and_only_new_ones() -> None:
    ticker = Ticker(is_terminal=True)
    views = [replace(CALM, now_s=n / 100, standing=replace(CALM.standing, acknowledged_to=n)) for n in range(1, 301)]
    assert 12 <= sum(ticker.due(view) is not None for view in views) <= 15
    assert [ticker.due(replace(views[-1], now_s=100.0 + n)) is not None for n in range(3)] == [True, False, False]


def test_why_it_is_lost_and_what_holds_it_up_is_told_in_both_languages() -> None:
    lost = replace(LOST, connection=replace(LOST.connection, reason=Said("the connection broke")), input_state="over")
    assert "(the connection broke / 连接中断; " in line(lost)
    assert line(lost).endswith(" · 输入已读完 input over")
    assert line(replace(CALM, fault=Said("{code}: {detail}", code="bad_message", detail=reread("events: expected an array")))).endswith(
        " · 受阻 HELD UP: bad_message: events: expected an array / bad_message: events 应为列表"
    )


def test_what_a_person_should_read_stays_in_both_languages() -> None:
    log = io.StringIO()
    Console(log, lambda: 1_763_801_000_000_000).tell(Said("number {seq} was REFUSED: {code}: {detail}", seq=7, code="late", detail="no"))
    assert log.getvalue() == "08:43:20Z number 7 was REFUSED: late: no / 编号 7 被拒：late：no\n"


def test_a_line_is_cut_where_the_terminal_ends() -> None:
    """A Chinese character takes two columns."""
    assert [cut("ab 待发", columns) for columns in (2, 4, 5, 7)] == ["ab", "ab ", "ab 待", "ab 待发"]


def test_a_servers_words_cannot_move_the_cursor() -> None:
    assert printable("\x1b[2Jgone\r\n不") == "\N{REPLACEMENT CHARACTER}[2Jgone\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}不"


@given(failures=st.integers(0, 10_000), seed=st.integers())
def test_pauses_stay_within_their_bounds(failures: int, seed: int) -> None:
    assert 0.2 <= Pauses(AgentLimits(), Random(seed)).after(failures) <= 15.0
