"""One dictionary: whatever the server says, it says in Chinese as well, with the same things filled in; and it holds nothing else."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from contest_server.core.acts import AppealState, ReasonCode, Status
from contest_server.core.denials import DenialCode
from contest_server.core.facts import Outcome
from contest_server.core.roles import ROLES
from contest_server.core.rulings import RulingState
from contest_server.core.unveiling import Refusal
from contest_server.core.wrong_values import CODES
from contest_server.live.rehearsals import State
from contest_server.words import CHINESE, SENTENCES, codes, sentences
from tests.words import sources

HAN = re.compile(r"[\u4e00-\u9fff]")
SAID = sources.templates()


def test_every_sentence_has_chinese_words_with_the_same_placeholders() -> None:
    said = {template: where for template, where in SAID.items() if sources.has_words(template)}
    assert len(said) > 400, "the sources are not where they were"
    assert {where: template for template, where in said.items() if template not in CHINESE.sentences} == {}
    told = CHINESE.sentences
    assert {where: template for template, where in said.items() if sources.fields(told[template]) != sources.fields(template)} == {}


def test_no_sentence_is_plain_text() -> None:
    """A sentence is Said, so that it has other languages; what is only a figure may be text."""
    assert sources.plain_sentences() == []


def test_nobody_at_a_venue_is_told_a_plain_text() -> None:
    assert sources.plainly_told() == []


def test_no_fault_of_a_rule_or_of_a_definition_is_plain_text() -> None:
    assert sources.plain_faults() == []


def test_the_dictionary_holds_nothing_that_nobody_says() -> None:
    assert {template for name in SENTENCES for template in sentences(name)} <= SAID.keys()


def test_no_sentence_stands_in_two_files() -> None:
    every = [template for name in SENTENCES for template in sentences(name)]
    assert len(every) == len(set(every))


def test_chinese_is_chinese() -> None:
    """Where English words stand in a template, Chinese ones stand in its translation; formulas are the same in both."""
    for template, chinese in CHINESE.sentences.items():
        assert HAN.search(chinese) or not re.search(r"[a-z]{4}", "".join(_texts(chinese))), (template, chinese)


HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”}][,;:!?](?![\w/.{])|[\u4e00-\u9fff][()]|[()][\u4e00-\u9fff]|[,;:!?] ?[\u4e00-\u9fff]")
"""A mark of Latin print beside a Chinese character. `key:value` and numbers keep theirs."""


def test_chinese_sentences_have_chinese_punctuation() -> None:
    told = [*CHINESE.sentences.values(), *(words["zh"] for words in codes().values())]
    assert [text for text in told if HALF_WIDTH.search(text)] == []


def test_what_is_said_of_tables_and_drafts_has_chinese_punctuation() -> None:
    """Both languages stand beside each other there, in the sources."""
    told = [text for text in sources.literals("contest_server/intake", "contest_server/builder") if HAN.search(text)]
    assert len(told) > 100
    assert [text for text in told if HALF_WIDTH.search(text) and text not in AS_SOMEBODY_WRITES_IT] == []


AS_SOMEBODY_WRITES_IT = {"姓名(中文)", "姓名(英文)", "no column is called id (编号)"}
"""Headings of tables, and a quotation in English."""


def test_the_gallery_has_chinese_punctuation() -> None:
    folder = sources.ROOT / "judges" / "gallery"
    told = [text for path in sorted(folder.glob("*.toml")) for text in re.findall(r'"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8"))]
    assert len(told) > 400
    assert [text for text in told if HAN.search(text) and HALF_WIDTH.search(text)] == []


def _texts(template: str) -> list[str]:
    return re.split(r"\{[^{}]*\}", template)


ABOUT_A_WRONG_VALUE = {
    "{name} is {time_ms} ms; a time is not below 0",
    "charged {marks} marks and {time_ms} ms",
    "came to {points} points and {time_ms} ms",
}
"""Whoever wrote the rule or its parameters reads these, and wrote milliseconds."""


def test_nobody_is_told_a_time_in_bare_milliseconds() -> None:
    told = {english: (english, chinese) for english, chinese in CHINESE.sentences.items() if english not in ABOUT_A_WRONG_VALUE}
    assert [texts[0] for texts in told.values() if any(re.search(r"\} (ms|毫秒)", text) for text in texts)] == []


def test_every_code_has_both_languages() -> None:
    for code, words in codes().items():
        assert set(words) == {"zh", "en"}, code
        assert all(words.values()), code
        assert sources.fields(words["zh"]) == sources.fields(words["en"]), code


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("reason", get_args(ReasonCode)),
        ("ruling", get_args(RulingState)),
        ("appeal", get_args(AppealState)),
        ("outcome", get_args(Outcome)),
        ("status", get_args(Status)),
        ("step", ("registered", "called", "ready")),
        ("signed", ("contestant", "referee", "chief")),
        ("role", tuple(ROLES)),
        ("rejudging", get_args(State)),
        ("error", (*get_args(DenialCode), *get_args(Refusal))),
        ("fault", tuple(sorted(CODES))),
    ],
)
def test_every_value_of_a_kind_has_words(kind: str, known: tuple[str, ...]) -> None:
    assert [code for code in known if f"{kind}_{code}" not in CHINESE.codes] == []


def test_every_code_of_a_question_has_words() -> None:
    asked = sources.codes(sources.QUESTIONS)
    assert {code: where for code, where in asked.items() if f"code_{code}" not in CHINESE.codes} == {}


def test_every_code_of_a_refusal_has_words() -> None:
    refused = sources.codes(sources.REFUSALS)
    assert {code: where for code, where in refused.items() if f"error_{code}" not in CHINESE.codes} == {}
