"""The bundled contest is a good one, by the same check as anybody's."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import ledger_document, read_definition
from contest_server.demo.bundle import FILE, bundled, duration_ms, of_round
from tests.demo.rounds import START_US, judges


def test_the_check_command_finds_it_good() -> None:
    checked = CliRunner().invoke(app, ["check", str(FILE)])
    assert checked.exit_code == 0, checked.output
    assert "2 venues, 41 contestants, 6 stages" in checked.output


def test_all_stages_together_are_worth_a_hundred_marks() -> None:
    assert sum(stage.value for stage in bundled().stages) == Decimal(100)


def test_twenty_compete_at_each_venue() -> None:
    competing = Counter(each.venue for each in bundled().contestants if each.status == "ok")
    assert competing == {"yongjia": 20, "yueqing": 20}


def test_everything_has_a_name_in_both_languages() -> None:
    named = [(venue.id, venue.name) for venue in bundled().venues]
    named += [(stage.id, stage.name) for stage in bundled().stages]
    named += [(criterion.id, criterion.name) for criterion in bundled().criteria]
    named += [(contestant.id, contestant.name) for contestant in bundled().contestants]
    named += [(official.id, official.name) for official in bundled().officials]
    named += [(aspect.id, aspect.name) for stage in bundled().stages for aspect in stage.aspects]
    for part, name in named:
        assert name is not None, part
        assert name.en.replace("≥", "").replace("≤", "").replace("Ω", "").isascii(), part
        assert not name.zh.isascii(), part


def test_a_chief_and_three_referees_of_whom_two_have_contestants_on_whom_they_never_rule() -> None:
    book = compile_rulebook(read_definition(ledger_document(bundled())), judges())
    assert Counter(official.role for official in book.definition.officials) == {"chief": 1, "referee": 3}
    recused = {official.id: len(official.recused) for official in book.definition.officials}
    assert recused == {"C1": 0, "R1": 5, "R2": 4, "R3": 0}


def test_the_end_of_the_contest_and_the_limit_of_the_run_are_the_same() -> None:
    limits = [rule.parameters["run_s"] for rule in bundled().rules if rule.rule == "time_limit"]
    assert [limit * 1_000 for limit in limits] == [duration_ms(bundled())]


def test_each_round_is_a_version_of_its_own_so_that_screens_ask_for_it_anew() -> None:
    first, second = of_round(1, START_US), of_round(2, START_US + 500_000_000)
    assert (first.contest.id, first.contest.version, second.contest.version) == (second.contest.id, 1, 2)
    assert "第 2 轮" in second.contest.name.zh
    assert "Round 2" in second.contest.name.en
    compile_rulebook(second, judges())
