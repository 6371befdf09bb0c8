"""A feed folded: the last state of every object, and the history of each submission's verdict. Sending again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contest_server.replay.notifications import THE_ONE, Change, Gone, Only, Put
from contest_server.replay.recording import UnreadableRecording
from contest_server.replay.times import duration_ms, instant_us

Object = Mapping[str, Any]


@dataclass(slots=True)
class FeedState:
    """`objects` by collection and id, in order of first appearance. `verdicts`: for each submission the judgements that were in force."""

    objects: dict[str, dict[str, Object]] = field(default_factory=dict)
    verdicts: dict[str, list[Object | None]] = field(default_factory=dict)
    repeats: int = 0
    _judgements_of: dict[str, dict[str, Object]] = field(default_factory=dict)

    def of(self, collection: str) -> dict[str, Object]:
        return self.objects.get(collection, {})

    def one(self, collection: str) -> Object:
        """The contest, or the state: empty where the feed has none."""
        return self.of(collection).get(THE_ONE, {})

    def apply(self, change: Change) -> None:
        match change:
            case Put(collection, identity, value):
                self._put(collection, identity, value)
            case Gone(collection, identity):
                self._delete(collection, identity)
            case Only(collection, ids):
                for identity in [each for each in self.of(collection) if each not in ids]:
                    self._delete(collection, identity)

    def _put(self, collection: str, identity: str, value: Object) -> None:
        known = self.objects.setdefault(collection, {})
        before = known.get(identity)
        if before == value:
            self.repeats += 1
            return
        if collection == "contest" and before is not None:
            value = {**before, **{key: item for key, item in value.items() if item is not None}}
        known[identity] = value
        if collection == "judgements":
            if before is not None and before.get("submission_id") != value.get("submission_id"):
                self._forget_judgement(identity, before)
            submission = str(value.get("submission_id"))
            self._judgements_of.setdefault(submission, {})[identity] = value
            self._note_verdict(submission)

    def _delete(self, collection: str, identity: str) -> None:
        before = self.objects.get(collection, {}).pop(identity, None)
        if before is not None and collection == "judgements":
            self._forget_judgement(identity, before)

    def _forget_judgement(self, identity: str, before: Object) -> None:
        submission = str(before.get("submission_id"))
        self._judgements_of.get(submission, {}).pop(identity, None)
        self._note_verdict(submission)

    def _note_verdict(self, submission: str) -> None:
        """Remember the judgement that is in force now: the one begun last, of those that are complete and not superseded."""
        judgements = self._judgements_of[submission].values()
        complete = [each for each in judgements if each.get("judgement_type_id") and each.get("current") is not False]
        now = max(enumerate(complete), key=lambda item: (_begun(item[1]), item[0]), default=(0, None))[1]
        history = self.verdicts.setdefault(submission, [])
        if (history[-1] if history else None) != now:
            history.append(now)


def fold(changes: Iterable[Change]) -> FeedState:
    state = FeedState()
    for change in changes:
        state.apply(change)
    return state


def _begun(judgement: Object) -> int:
    """When judging began, in ms (hours come with and without a leading zero, so text does not do). 0 where that cannot be read."""
    try:
        if judgement.get("start_contest_time") is not None:
            return duration_ms(judgement["start_contest_time"])
        return instant_us(judgement["start_time"]) // 1000
    except (KeyError, UnreadableRecording):
        return 0
