"""Sentences: English as it always was, other languages by their dictionary, and never a failure where somebody reads."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from contest_server.core.flags import flag_of
from contest_server.core.judging import Doubt, Opinion
from contest_server.core.saying import ENGLISH, Coded, Named, Said, Tongue

LATE = Said("{who} arrived {late:ms} late; up to {limit:ms} is in time", who="A1", late=2_500, limit=1_000)
GERMAN = Tongue(
    "de",
    {
        "{who} arrived {late:ms} late; up to {limit:ms} is in time": "{who} kam {late:ms} zu spät; erlaubt: {limit:ms}",
        "right: {items}": "richtig: {items}",
    },
    {"reason_safety": "Sicherheit"},
    comma=" und ",
    seconds="{} Sek.",
)


def test_a_sentence_is_its_template_with_what_is_filled_in() -> None:
    assert str(LATE) == "A1 arrived 2.5 s late; up to 1 s is in time"
    assert GERMAN.tell(LATE) == "A1 kam 2.5 Sek. zu spät; erlaubt: 1 Sek."


@pytest.mark.parametrize(
    ("offset_ms", "english", "german", "kept"),
    [
        (47_000, "+47.000 s off", "+47.000 Sek. off", "+47000 ms off"),
        (-501, "-0.501 s off", "-0.501 Sek. off", "-501 ms off"),
        (0, "+0.000 s off", "+0.000 Sek. off", "+0 ms off"),
    ],
)
def test_a_fine_time_is_told_in_seconds_and_kept_in_milliseconds(offset_ms: int, english: str, german: str, kept: str) -> None:
    said = Said("{offset_ms:+fine} off", offset_ms=offset_ms)
    assert (ENGLISH.tell(said), GERMAN.tell(said), str(said)) == (english, german, kept)
    assert ENGLISH.tell(Said("within {all}", all=[Said("±{error_ms:fine}", error_ms=30)])) == "within ±0.030 s"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("2.50"), "2.5"),
        (Fraction(1, 3), "0.3333"),
        (7, "7"),
        ("as it is", "as it is"),
        (["a", Decimal("1.0")], "a, 1"),
        (Said("within {limit}", limit=Decimal("3.0")), "within 3"),
        ("{not} a {placeholder}", "{not} a {placeholder}"),
        (None, "None"),
    ],
)
def test_values_are_shown_plainly(value: object, shown: str) -> None:
    assert str(Said("it is {value}", value=value)) == f"it is {shown}"


def test_lists_and_sentences_within_sentences_follow_the_language() -> None:
    assert GERMAN.tell(Said("right: {items}", items=("a", Coded("reason", "safety")))) == "richtig: a und Sicherheit"
    assert str(Said("{all:;}", all=["one", "two"])) == "one; two"


@pytest.mark.parametrize(
    ("zh", "en", "told"),
    [("未戴{帽}", "No {hat}", ("未戴{帽}", "No {hat}")), ("迟到", "", ("迟到", "迟到")), ("", "Late", ("Late", "Late"))],
)
def test_a_name_is_told_as_the_definition_gives_it(zh: str, en: str, told: tuple[str, str]) -> None:
    said = Said("{name}: 2", name=Named(zh, en))
    assert (Tongue("zh").tell(said), ENGLISH.tell(said)) == (f"{told[0]}: 2", f"{told[1]}: 2")


def test_a_code_is_itself_where_a_language_has_no_word() -> None:
    assert str(Coded("reason", "safety")) == "safety"
    assert GERMAN.tell(Coded("reason", "{odd}")) == "{odd}"


def test_what_a_language_lacks_is_told_in_english() -> None:
    assert GERMAN.tell(Said("nobody knows")) == "nobody knows"
    assert GERMAN.tell("plain text") == "plain text"


def test_a_rule_of_a_third_party_brings_its_own_chinese() -> None:
    chinese = Tongue("zh")
    own = Said("{name} looks stripped", zh="{name} 疑似滑牙", name="M8")
    assert chinese.tell(own) == "M8 疑似滑牙"
    assert GERMAN.tell(own) == ENGLISH.tell(own) == "M8 looks stripped"


class Spiteful:
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "broken",
    [
        Said("{missing}"),
        Said("{value:ms}", value="soon"),
        Said("{value:+fine}", value="soon"),
        Said("{value}", value=Spiteful()),
        Said("{"),
    ],
)
def test_a_sentence_that_cannot_be_put_together_is_shown_as_its_template(broken: Said) -> None:
    assert str(broken) == broken.template
    assert GERMAN.tell(broken) == broken.template


def test_it_equals_the_text_that_it_reads_as() -> None:
    assert Said("{n} left", n=2) == "2 left"
    assert Said("{n} left", n=2) == Said("2 left")
    assert Said("{n} left", n=2) != Said("{n} left", n=3)
    assert {"2 left": 1}[Said("{n} left", n=2)] == 1  # type: ignore[index]
    assert "arrived" in LATE


def test_a_question_keeps_its_key_however_its_sentence_is_made() -> None:
    """Answers in ledgers name questions by it."""
    text = "A1 arrived 2.5 s late; up to 1 s is in time"
    told, plain = (flag_of(Opinion(Doubt.BAD, each, "late", 1_000, 2_500), "late", None, None, "attempt a") for each in (LATE, text))
    assert told.key == plain.key


def test_no_document_holds_a_sentence_that_nobody_told() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode({"detail": LATE})
    assert msgspec.to_builtins({"detail": LATE}, enc_hook=GERMAN.tell) == {"detail": GERMAN.tell(LATE)}
