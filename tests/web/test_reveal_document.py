"""How far a reveal is: told again and again while a frozen contest goes on, so what is pending is counted for those alone who come next."""

from __future__ import annotations

import pytest

from contest_server.core.dossier import Dossier
from contest_server.core.facts import ContestantId, Frozen, StageId
from contest_server.web.reveal import reveal_document
from tests.contests import adopted, clock, document, event, fold, tried


@pytest.mark.parametrize("many", [10, 300])
def test_however_many_there_are_what_is_pending_is_counted_for_the_next_one_alone(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[StageId] = []
    count = Dossier.handed_in_after

    def counting(sheet: Dossier, stage: StageId, position: int) -> int:
        counted.append(stage)
        return count(sheet, stage, position)

    monkeypatch.setattr(Dossier, "handed_in_after", counting)
    everybody = [{"id": f"c{n:03}", "venue": "yongjia"} for n in range(many)]
    cleared = [event(n + 1, contestant=f"c{n:03}", at_s=n + 1) for n in range(many)]
    late = [tried(many + n + 1, "rejected", contestant=f"c{n:03}", stage="wiring", at_s=7_000) for n in range(many)]
    contest = fold([adopted(document(contestants=everybody, officials=[])), clock("start", 0), *cleared, Frozen(20), *late])
    told = reveal_document(contest)
    assert (told["left"], told["next"]["contestant"], told["next"]["rank"], told["next"]["pending"]) == (many, f"c{many - 1:03}", many, 1)
    assert told["next"]["rank_after"] == many
    assert counted == [StageId("wiring")], "where the next one did something since the freeze"
    assert contest.frozen is not None
    assert ContestantId(told["next"]["contestant"]) in contest.frozen.rows
