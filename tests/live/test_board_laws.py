"""Whatever a display was sent and missed, merging it is the board of its view at its position. And a frame holds only what changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.audience import AUDIENCES, Audience, first_clears_for, row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import Adopted, ContestantId, Entry, Event, Fact, Finalised, Frozen, Standing, Thawed, Unveiled, Veiled
from contest_server.core.ranking import NOT_COMPETING
from contest_server.core.rows import BoardRow, digest_of_board, first_document, plain_decimal
from contest_server.live import board
from contest_server.live.board import Board, ViewLog
from contest_server.live.views import parse_view
from contest_server.wire.display import parse_cursor
from tests.contests import CUP, JUDGES, START_US, adopted, document, event
from tests.live.screens import Screen
from tests.live.test_windows import Watched
from tests.strategies import DICE, histories, in_some_order

EPOCH = "e1"
VIEWS = ("all", "top:1", "top:2", "top:3", "venue:yongjia", "venue:yueqing", "contestants:A1,B2,Z9")
FRAMES_KEPT = 3

Act = str
ACTS: tuple[Act, ...] = (
    *("event",) * 4, *("paint",) * 3, "freeze", "thaw", "adopt", "stand", "connect", *("pull",) * 3, "again", "leave", "time", "ask",
)  # fmt: skip


@dataclass
class Watcher:
    """A screen with the view that it watches."""

    audience: Audience
    view: str
    log: ViewLog
    screen: Screen = field(default_factory=Screen)
    cursor: int | None = None
    revision: int | None = None
    last: str | None = None


class Hall:
    """A board, the contest behind it, and the screens before it."""

    def __init__(self, events: Sequence[Event], dice: Random) -> None:
        self.contest = Contest(CUP, JUDGES)
        self.board = Board(self.contest, EPOCH, FRAMES_KEPT, 100)
        self.events = list(events)
        self.dice = dice
        self.now_us = START_US
        self.watchers: list[Watcher] = []
        self.left: list[Watcher] = []
        self.painted: dict[tuple[Audience, str], Any] = {}
        self.enter(adopted())

    def enter(self, *facts: Fact) -> None:
        for fact in facts:
            self.contest.advance(Entry(self.contest.position + 1, self.now_us, "test", fact))
        self.board.take(self.contest.settle())

    def act(self, act: Act) -> None:
        getattr(self, f"_{act}")()

    def _event(self) -> None:
        count = self.dice.randint(1, 3)
        self.enter(*self.events[:count])
        del self.events[:count]

    def _freeze(self) -> None:
        self.enter(Frozen(20))

    def _thaw(self) -> None:
        who = ContestantId(self.dice.choice(("A1", "B1", "G1")))
        ways = ([Thawed()], [Thawed(), Frozen(10)], [Finalised()], [Unveiled("s", who)], [Unveiled("s", who)], [Veiled("s", who)])
        self.enter(*self.dice.choice(ways))

    def _stand(self) -> None:
        self.enter(Standing(ContestantId(self.dice.choice(("A1", "B1", "G1"))), self.dice.choice(("dsq", "guest", "ok")), "ruled"))

    def _adopt(self) -> None:
        """Contestants leave, move to another venue, or a stage is worth more. Twice in one breath, too."""
        people = [person for person in document()["contestants"] if self.dice.random() < 0.8]
        for person in people:
            person["venue"] = self.dice.choice(("yongjia", "yueqing"))
        versions = [self.contest.version + 1 + n for n in range(self.dice.choice((1, 1, 2)))]
        self.enter(
            *(adopted(document(version=version, contestants=people if version % 2 else document()["contestants"])) for version in versions)
        )

    def _time(self) -> None:
        self.now_us += self.dice.choice((1_000_000, 3_600_000_000, 90 * 60_000_000))

    def _ask(self) -> None:
        """Somebody with curl asks in between: it must not take anything away from the displays."""
        self.board.whole("public", parse_view("all"), self.now_us)

    def _paint(self) -> None:
        self.board.paint(self.now_us)
        self._note()

    def _note(self) -> None:
        """Remember how each view has to look from now on: as on a board that was made only now."""
        fresh = Board(self.contest, EPOCH, FRAMES_KEPT, 100)
        fresh.take(())
        for audience in AUDIENCES:
            for view in VIEWS:
                screen = Screen()
                screen.merge(fresh.whole(audience, parse_view(view), self.now_us)[1].text(EPOCH))
                self.painted[audience, view] = (screen.position, *screen.seen)

    def _connect(self) -> None:
        """Somebody new, or somebody who comes back with a cursor, good or not."""
        back = self.left.pop() if self.left and self.dice.random() < 0.7 else None
        audience, view = (back.audience, back.view) if back else (self.dice.choice(AUDIENCES), self.dice.choice(VIEWS))
        log = self.board.watch(audience, parse_view(view), self.now_us)
        self._note() if log.watchers == 1 else None
        watcher = Watcher(audience, view, log, back.screen if back else Screen())
        text = (
            self.dice.choice(("other:5", f"{EPOCH}:999999", "", "é", f"{EPOCH}:-1", f"{EPOCH}:1e3")) if back is None else back.screen.cursor
        )
        watcher.cursor = parse_cursor(text, EPOCH)
        self.watchers.append(watcher)

    def _leave(self) -> None:
        if self.watchers:
            watcher = self.watchers.pop(self.dice.randrange(len(self.watchers)))
            self.board.unwatch(watcher.audience, watcher.log)
            self.left.append(watcher)

    def _pull(self) -> None:
        if self.watchers:
            self.pull(self.dice.choice(self.watchers))

    def _again(self) -> None:
        """The same frame once more changes nothing."""
        watcher = self.dice.choice(self.watchers) if self.watchers else None
        if watcher is None or watcher.last is None:
            return
        before = (watcher.screen.position, *watcher.screen.seen)
        frame = json.loads(watcher.last)
        watcher.screen.merge(json.dumps(frame | {"from": watcher.screen.position if frame["from"] else 0}))
        assert (watcher.screen.position, *watcher.screen.seen) == before

    def pull(self, watcher: Watcher) -> bool:
        """Take the next frame, if there is one. The screen then shows what the view showed when it was painted."""
        frame = self.board.next_frame(watcher.audience, watcher.log, watcher.cursor, watcher.revision)
        if frame is None:
            return False
        watcher.last = frame.text(EPOCH)
        watcher.screen.merge(watcher.last)
        watcher.cursor, watcher.revision = frame.to, watcher.log.revision
        assert (watcher.screen.position, *watcher.screen.seen) == self.painted[watcher.audience, watcher.view]
        return True


@given(histories(), DICE, st.lists(st.sampled_from(ACTS), min_size=10, max_size=60))
def test_merging_what_was_sent_is_the_board_at_that_position(history: dict[str, list[Event]], dice: Random, acts: list[Act]) -> None:
    hall = Hall(in_some_order(history, dice), dice)
    for act in acts:
        hall.act(act)
    hall.act("connect")
    hall.act("paint")
    for watcher in hall.watchers:
        while hall.pull(watcher):
            pass
        assert (watcher.screen.position, *watcher.screen.seen) == hall.painted[watcher.audience, watcher.view]
        assert watcher.screen.position == hall.contest.position


@given(histories(), DICE, st.lists(st.sampled_from(ACTS), min_size=5, max_size=30))
def test_an_audience_sees_what_the_gate_lets_through(history: dict[str, list[Event]], dice: Random, acts: list[Act]) -> None:
    """Rows, order, ranks and totals reckoned anew from what the gate says of each contestant: the board keeps nothing else."""
    hall = Hall(in_some_order(history, dice), dice)
    for act in acts:
        hall.act(act)
        for audience in AUDIENCES:
            _shows_what_passes_the_gate(hall, audience)


def _shows_what_passes_the_gate(hall: Hall, audience: Audience) -> None:
    contest, board = hall.contest, hall.board
    everybody = {*contest.rows, *(contest.frozen.rows if contest.frozen else ())}
    rows = {who: row for who in everybody if (row := row_for(contest, who, audience)) is not None}
    order = sorted(rows, key=lambda who: (rows[who].row.key, who))
    shown, frame = board.whole(audience, parse_view("all"), hall.now_us)
    assert [(who, row.row) for who, row in frame.rows.items()] == [(who, rows[who].row) for who in order]
    assert list(board.whole(audience, parse_view("top:2"), hall.now_us)[1].rows) == order[:2]
    ranked = [who for who in order if rows[who].row.status not in ("guest", "dsq", "dns")]
    competing = [rows[who].row.key for who in ranked]
    ranks = [1 + competing.index(rows[who].row.key) if who in ranked else None for who in order]
    assert [shown.ranking.rank_of(who) for who in order] == ranks
    state = json.loads(frame.state)
    assert state["venues"] == _totals_of([rows[who] for who in order])
    first = {stage: first_document(*each) for stage, each in first_clears_for(contest, audience).items()}
    assert state["first"] == first
    in_order = {**state, "venues": dict(sorted(state["venues"].items())), "first": dict(sorted(first.items()))}
    assert frame.state == msgspec.json.encode(in_order), "as if it was encoded in one"
    assert board.digest(audience) == digest_of_board(rows, first_clears_for(contest, audience))


def _totals_of(rows: Sequence[BoardRow]) -> dict[str, dict[str, Any]]:
    """By venue, of rows in their order."""
    found: dict[str, dict[str, Any]] = {}
    for venue in sorted({each.venue for each in rows if each.venue and each.row.status not in NOT_COMPETING}):
        own = [each.row for each in rows if each.venue == venue and each.row.status not in NOT_COMPETING]
        points = plain_decimal(sum((Decimal(each.points) for each in own), Decimal(0)))
        found[venue] = {"contestants": len(own), "cleared": sum(each.cleared for each in own), "points": points, "best": own[0].id}
    return found


def test_a_freeze_in_the_middle_of_what_comes_together_shows_nothing_after_it() -> None:
    """One transaction holds a clear, the freeze, and a clear that leaps to the top: the public sees the first two only, in every view."""
    hall = Hall([], Random(0))
    logs = {view: hall.board.watch("public", parse_view(view), hall.now_us) for view in ("all", "top:1")}
    hall.enter(event(1, contestant="A1"), Frozen(20), event(1, contestant="B1", at_s=1), event(2, contestant="B1", stage="wiring", at_s=2))
    hall.board.paint(hall.now_us)
    rows = {}
    for view, log in logs.items():
        frame = hall.board.next_frame("public", log, 1, None)
        assert frame is not None
        rows[view] = {who: (row.row.cleared, sum(mark.pending for mark in row.row.stages.values())) for who, row in frame.rows.items()}
    assert rows == {"all": {"A1": (1, 0), "B1": (0, 2)}, "top:1": {"A1": (1, 0)}}
    assert hall.contest.ranking.top(1) == ["B1"], "otherwise it leads"
    hall.enter(Thawed())
    hall.board.paint(hall.now_us)
    frame = hall.board.next_frame("public", logs["top:1"], hall.contest.position - 1, None)
    assert frame is not None
    assert (list(frame.rows), frame.gone) == (["B1"], {"A1"})


def test_an_unknown_or_too_old_cursor_gets_everything() -> None:
    hall = Hall([event(n, at_s=n, contestant=f"{'AB'[n % 2]}{1 + n // 2 % 2}", attempt=str(n)) for n in range(1, 9)], Random(1))
    hall.act("connect")
    [watcher] = hall.watchers
    log, audience = watcher.log, watcher.audience
    positions = [hall.contest.position]
    while hall.events:
        hall.act("event")
        hall.act("paint")
        positions.append(hall.contest.position)
    assert len(positions) > FRAMES_KEPT + 1, "the log has forgotten its first frames"
    starts = {}
    for cursor in (None, 999, *positions):
        frame = hall.board.next_frame(audience, log, cursor, None)
        assert frame is not None
        starts[cursor] = frame.after
    assert starts == {cursor: cursor if cursor in positions[-FRAMES_KEPT - 1 :] else 0 for cursor in starts}


def test_who_has_nothing_yet_gets_everything_in_order() -> None:
    """Also where the log of the view begins with nothing, so that its first frame follows the position 0."""
    contest = Contest(CUP, JUDGES)
    board = Board(contest, EPOCH, FRAMES_KEPT, 100)
    log = board.watch("public", parse_view("all"), START_US)
    facts: list[Fact] = [adopted(), event(1, contestant="B2")]
    for position, fact in enumerate(facts, 1):
        contest.advance(Entry(position, START_US, "test", fact))
    board.take(contest.settle())
    board.paint(START_US)
    whole = board.whole("public", parse_view("all"), START_US)[1].text(EPOCH)
    for cursor in (0, None):
        frame = board.next_frame("public", log, cursor, None)
        assert frame is not None
        assert frame.text(EPOCH) == whole


def test_views_in_which_the_same_happened_share_a_frame_and_its_text() -> None:
    hall = _thousand()
    logs = [hall.board.watch("public", parse_view(view), hall.now_us) for view in ("all", "top:5", "top:900", "top:999", "venue:yongjia")]
    logs.append(hall.board.watch("staff", parse_view("top:7"), hall.now_us))
    before = hall.contest.position
    hall.enter(event(1000, contestant="C0999", stage="final", at_s=2000))
    hall.board.paint(hall.now_us)
    frames = [hall.board.next_frame("public", log, before, log.revision) for log in logs]
    said = [(list(frame.rows), sorted(frame.gone)) for frame in frames if frame is not None]
    last = ["C0999"]
    assert said == [(last, []), (last, ["C0004"]), (last, ["C0899"]), (last, ["C0998"]), (last, []), (last, ["C0006"])]
    hall.enter(event(1001, contestant="C0999", stage="quiz", at_s=2001))
    hall.board.paint(hall.now_us)
    frames = [hall.board.next_frame("public", log, before + 1, log.revision) for log in logs]
    assert len({id(frame) for frame in frames}) == 1
    assert frames[0] is not None
    assert frames[0].packed(EPOCH) is frames[0].packed(EPOCH)


def test_a_board_that_nobody_watches_looks_at_no_row_and_who_comes_then_sees_them_all() -> None:
    """And what happens between two pictures is looked at once, for the next one."""
    hall = Hall([], Random(0))
    hall.act("connect")
    hall.act("leave")
    rows = hall.board._open.rows = Watched(hall.board._open.rows)
    for seq in range(1, 5):
        hall.enter(event(seq, contestant=f"A{1 + seq % 2}", attempt=str(seq), at_s=seq))
        hall.act("paint")
    assert rows.looks == 0
    hall.act("connect")
    [watcher] = hall.watchers
    hall.pull(watcher)
    assert watcher.screen.position == hall.contest.position
    looks = rows.looks
    hall.enter(event(5, contestant="A1", stage="wiring", at_s=5))
    hall.enter(event(6, contestant="A1", stage="wiring", at_s=6))
    assert rows.looks == looks
    hall.act("paint")
    hall.pull(watcher)
    assert watcher.screen.position == hall.contest.position


def test_who_comes_first_never_finds_more_unseen_than_a_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "UNSEEN_MAX_ROWS", 2)
    hall = Hall([], Random(0))
    hall.act("connect")
    hall.act("leave")
    rows = hall.board._open.rows = Watched(hall.board._open.rows)
    for seq, who in enumerate(("A1", "A2", "B1"), 1):
        assert rows.looks == 0
        hall.enter(event(1, contestant=who, source=f"yongjia/{seq}"))
        hall.act("paint")
    assert rows.looks > 0


def _thousand() -> Hall:
    people = [{"id": f"C{n:04}", "venue": "yongjia"} for n in range(1000)]
    hall = Hall([], Random(0))
    hall.enter(adopted(document(version=2, contestants=people, stages=[{"id": "quiz"}, {"id": "final", "points": 500}])))
    hall.enter(*(event(n + 1, contestant=f"C{n:04}", attempt="1", at_s=n) for n in range(999)))
    hall.board.paint(hall.now_us)
    return hall


def test_a_leap_from_last_to_first_of_a_thousand_is_a_frame_with_one_row() -> None:
    hall = _thousand()
    log = hall.board.watch("public", parse_view("all"), hall.now_us)
    before = hall.contest.position
    last = ContestantId("C0999")
    assert hall.contest.ranking.rank_of(last) == 1000
    hall.enter(event(1000, contestant="C0999", stage="final", at_s=2000))
    hall.board.paint(hall.now_us)
    frame = hall.board.next_frame("public", log, before, log.revision)
    assert frame is not None
    assert hall.contest.ranking.rank_of(last) == 1
    assert (list(frame.rows), frame.gone, frame.after, frame.to) == ([last], frozenset(), before, before + 1)


def test_who_is_pushed_out_of_the_top_is_gone_and_nobody_else_moves() -> None:
    hall = _thousand()
    log = hall.board.watch("public", parse_view("top:3"), hall.now_us)
    before, last = hall.contest.position, ContestantId("C0999")
    hall.enter(event(1000, contestant=last, stage="final", at_s=2000))
    hall.board.paint(hall.now_us)
    frame = hall.board.next_frame("public", log, before, log.revision)
    assert frame is not None
    assert (list(frame.rows), frame.gone, frame.total) == ([last], frozenset({ContestantId("C0002")}), 1000)


def test_a_state_that_changes_by_time_alone_reaches_every_display() -> None:
    """The contest ends without an entry: a display that has everything is told so all the same, whoever asked in between."""
    hall = Hall([], Random(0))
    log = hall.board.watch("public", parse_view("all"), hall.now_us)
    first = hall.board.next_frame("public", log, None, None)
    assert first is not None
    revision = log.revision
    assert hall.board.next_frame("public", log, first.to, revision) is None
    hall.now_us += 121 * 60_000_000
    hall.board.whole("public", parse_view("all"), hall.now_us)
    hall.board.paint(hall.now_us)
    frame = hall.board.next_frame("public", log, first.to, revision)
    assert frame is not None
    assert (frame.after, frame.to, dict(frame.rows)) == (first.to, first.to, {})
    assert json.loads(frame.state)["phase"] == "ended"


def test_a_late_display_is_told_the_time_of_now() -> None:
    """Its clock is set by the frame: an hour without news must not make the frame an hour old."""
    hall = Hall([], Random(0))
    log = hall.board.watch("public", parse_view("all"), hall.now_us)
    hall.board.next_frame("public", log, None, None)
    hall.now_us += 3_600_000_000
    hall.board.paint(hall.now_us)
    frame = hall.board.next_frame("public", log, None, None)
    assert frame is not None
    assert json.loads(frame.state)["elapsed_ms"] == 3_600_000


def test_a_second_adoption_in_one_breath_is_seen_as_well() -> None:
    """What decides is the entry, not the object that was made of it: objects are reborn at old addresses."""
    hall = Hall([], Random(0))
    for version in range(2, 40):
        count = 1 + version % 3
        people = [{"id": f"P{n}", "venue": "yongjia"} for n in range(count)]
        first: Adopted = adopted(document(version=2 * version, contestants=[]))
        hall.enter(first, adopted(document(version=2 * version + 1, contestants=people)))
        assert hall.board.whole("public", parse_view("all"), hall.now_us)[1].total == count


def test_a_leap_from_last_to_first_of_a_thousand_takes_less_than_a_kilobyte_to_each_display() -> None:
    """On the wire, whole: head, state with ten venues and twenty stages, and the one row. Deflated, which browsers agree to, or plain."""
    hall = Hall([], Random(0))
    venues = [{"id": f"v{n}"} for n in range(10)]
    people = [{"id": f"C{n:04}", "venue": f"v{n % 10}"} for n in range(1000)]
    stages = [{"id": f"s{n}"} for n in range(20)] + [{"id": "final", "points": 500}]
    hall.enter(adopted(document(version=2, venues=venues, contestants=people, stages=stages)))
    hall.enter(*(event(n + 1, contestant=f"C{n:04}", stage=f"s{n % 20}", attempt="1", at_s=n) for n in range(999)))
    hall.board.paint(hall.now_us)
    log = hall.board.watch("public", parse_view("all"), hall.now_us)
    before = hall.contest.position
    hall.enter(event(1000, contestant="C0999", stage="final", at_s=2000))
    hall.board.paint(hall.now_us)
    frame = hall.board.next_frame("public", log, before, log.revision)
    assert frame is not None
    assert list(frame.rows) == ["C0999"]
    sizes = {"deflated": len(frame.packed(EPOCH).deflated), "plain": len(frame.packed(EPOCH).plain)}
    assert sizes["deflated"] <= 1_024, sizes
    assert sizes["deflated"] <= 0.4 * sizes["plain"], sizes


def test_of_very_many_who_clear_a_stage_at_the_same_time_a_frame_names_a_few_and_counts_the_others() -> None:
    """Whoever is named is whoever comes first by id, in whichever order they came."""
    hall = Hall([], Random(0))
    people = [{"id": f"C{n:04}", "venue": "yongjia"} for n in range(1000)]
    hall.enter(adopted(document(version=2, contestants=people)))
    hall.enter(*(event(n + 1, contestant=f"C{n:04}", stage="quiz", at_s=9) for n in range(980, 1000)))
    assert "more" not in _first_at_the_quiz(hall), "twenty are all named"
    hall.enter(*(event(n + 1, contestant=f"C{n:04}", stage="quiz", at_s=9) for n in range(980)))
    first = _first_at_the_quiz(hall)
    assert (first["contestants"], first["more"]) == ([f"C{n:04}" for n in range(20)], 980)


def _first_at_the_quiz(hall: Hall) -> dict[str, Any]:
    first: dict[str, Any] = json.loads(hall.board.whole("public", parse_view("top:1"), hall.now_us)[1].state)["first"]["quiz"]
    return first


def test_a_row_says_the_same_bytes_whether_somebody_watched_or_not() -> None:
    """What was shown as pending behind a freeze, and then unveiled as it is: the digests of two servers, one without screens, are equal."""
    of_stages: list[Fact] = [
        event(1, contestant="B2", stage="final", source="yueqing/desk", at_s=1),
        Frozen(20),
        event(2, "attempt", contestant="B2", stage="quiz", source="yueqing/desk", at_s=2, data={"outcome": "pending"}),
        Unveiled("s1", ContestantId("B2")),
    ]
    digests = []
    for is_watched in (True, False):
        contest = Contest(CUP, JUDGES)
        board = Board(contest, EPOCH, 8, 50)
        if is_watched:
            board.watch("public", parse_view("all"), START_US)
        for fact in (adopted(), *of_stages):
            contest.advance(Entry(contest.position + 1, START_US, "test", fact))
            board.take(contest.settle())
            board.paint(START_US)
        digests.append(board.digest("public"))
    assert digests[0] == digests[1]
