"""Asking a judge, and the line that says what it answered. A judge that raises asks a referee; it never accepts and never scores 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from msgspec import Struct

from contest_server.core.answers import fault_of
from contest_server.core.conditions import Skipped
from contest_server.core.expression import ExpressionError
from contest_server.core.judging import Doubt, MissingEvidence, Opinion, Step
from contest_server.core.rulebook import Rule
from contest_server.core.saying import Coded, Said, Text

FAILED = ("judge_failed", "not_judged", "expression_error")
"""Codes of a question that stands for an answer which a judge did not give."""
FAILURE_MAX_CHARS = 386
"""Of what a judge raised, with the rule's name: beyond it nothing new is said."""


class Line(Struct, frozen=True, gc=False):
    """One line of an explanation: which rule, on what, and what it answered."""

    rule: str
    version: str
    subject: str
    marks: Decimal | None = None
    maximum: Decimal | None = None
    time_ms: int | None = None
    steps: Sequence[Step] = ()
    used: Mapping[str, Any] = {}
    ignored: Mapping[str, Text] = {}
    opinions: Sequence[Opinion] = ()


def ask(rule: Rule, station: str, *inputs: Any) -> Any:
    """Ask a judge at one of its stations. What it raises, and what is no answer, becomes a question for the referee (an Opinion).

    Skipped: the rule's own condition does not hold here.
    """
    try:
        if rule.when is not None and (skipped := rule.when.skips(station, inputs)) is not None:
            return skipped
        answer = getattr(rule.judge, station)(*inputs)
        fault = fault_of(station, answer)
    except MissingEvidence as missing:
        question = Opinion(Doubt.QUESTIONABLE, missing.why, code="not_judged")
        return question if fault_of("doubt", question) is None else replace(question, detail=type(missing).__name__)
    except ExpressionError as error:
        detail = Said("rule {name}: {error}", name=rule.name, error=error.detail)
        return Opinion(Doubt.QUESTIONABLE, detail, code="expression_error", seen=error.code)
    except KeyboardInterrupt:
        raise  # the operator's, not the judge's
    except BaseException as error:  # noqa: BLE001 - a third party's code may raise anything, even an exit, and the contest goes on
        failure = words_of(error)[: FAILURE_MAX_CHARS - len(rule.name)]
        return Opinion(Doubt.QUESTIONABLE, Said("rule {name} failed: {failure}", name=rule.name, failure=failure), code="judge_failed")
    return (
        answer
        if fault is None
        else Opinion(Doubt.QUESTIONABLE, Said("rule {name} {fault}", name=rule.name, fault=fault), code="judge_failed")
    )


def words_of(error: BaseException) -> str:
    """What a third party's code raised, by its kind, in text that can be stored."""
    kind = type(error).__name__
    try:
        return f"{kind}: {error}".encode("utf-8", "replace").decode()
    except Exception:  # noqa: BLE001 - not even this has to work
        return f"{kind}: ?"


def asked_line(rule: Rule, subject: str, opinion: Opinion) -> Line:
    """The line of a question, with the status that the contestant has for it."""
    steps = () if opinion.status is None else (Step(Said("status of the contestant by this rule"), Coded("status", opinion.status)),)
    return Line(rule.name, version_of(rule), subject, steps=steps, opinions=(opinion,))


def is_told(answer: Any) -> bool:
    """Whether a rule did not apply, for a reason that belongs in the explanation."""
    return isinstance(answer, Skipped) and answer.step is not None


def skipped_line(rule: Rule, subject: str, skipped: Skipped) -> Line:
    """The line of a rule that does not apply."""
    return Line(rule.name, version_of(rule), subject, steps=(skipped.step,) if skipped.step else ())


def version_of(rule: Rule) -> str:
    return str(getattr(rule.judge, "version", "?"))
