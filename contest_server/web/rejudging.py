"""Rejudging: edit the rulebook, see everything that would change, then let it hold at one position, or drop it. For the chief referee."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, BackgroundTasks, Depends, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from contest_server.core.compiling import compile_rulebook
from contest_server.core.contest import Contest
from contest_server.core.definition_reading import read_definition
from contest_server.core.effects import Effect
from contest_server.core.facts import Adopted, ContestantId, ContestId, Draft, Json, Outcome, Scope, SourceId, StageId, VenueId
from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Coded, Said
from contest_server.core.times import us_of
from contest_server.intake.toml_text import read_toml
from contest_server.intake.toml_words import toml_fault
from contest_server.live.adopting import fact_of
from contest_server.live.rehearsals import Rehearsal
from contest_server.web.access import check_fresh
from contest_server.web.callers import author_of
from contest_server.web.control import iso_8601
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.languages import document_of, told
from contest_server.web.reading import docs_of, order_of
from contest_server.web.rights import needs, official_of
from contest_server.web.shared_rejudgings import all_of, begun, drop, found_in, hear_shown, read_adopted, tell, tell_shown

router = APIRouter(prefix="/api/contests/{contest}", tags=["rejudging"])

HouseNeeded = Annotated[House, Depends(house_of)]
When = Annotated[AwareDatetime, BeforeValidator(iso_8601)]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=130)]], Field(max_length=1_000)]
TOML_MAX_CHARS = 4_000_000
ROWS_MAX = 200
FAULTS_TOLD_MAX = 100


class ScopeOrder(BaseModel):
    """What is rejudged; what is left empty holds for everything."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    contestants: Names = []
    stages: Names = []
    rules: Names = []
    venues: Names = []
    devices: Names = []
    outcomes: list[Outcome] = Field(default=[], max_length=4)
    from_: When | None = Field(default=None, alias="from")
    to: When | None = None


class RejudgeOrder(BaseModel):
    """The new definition: as `changes` to the one that holds (a JSON merge patch), as TOML, or an earlier `version` again."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, Any] | None = None
    toml: str | None = Field(default=None, max_length=TOML_MAX_CHARS)
    version: int | None = Field(default=None, ge=1)
    scope: ScopeOrder = ScopeOrder()


class ApplyOrder(BaseModel):
    """`digest` is that of the effect that was looked at."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=3, max_length=1_000)
    digest: str = Field(min_length=8, max_length=128)


@router.post("/rejudgings", status_code=202, dependencies=[needs("rules.change")], openapi_extra=docs_of(RejudgeOrder))
async def rehearse(request: Request, contest: str, house: HouseNeeded, later: BackgroundTasks) -> dict[str, Any]:
    """Judge the contest again beside itself, under another definition. Nothing is entered."""
    desk = await house.desks.desk(ContestId(contest))
    adopted = await _adopted(house, desk.contest, await request.body())
    rehearsal = await begun(house, desk, f"rejudging-{secrets.token_hex(6)}", adopted, later)
    await tell(house, desk.contest.id, rehearsal)
    return {"id": rehearsal.id}


@router.get("/rejudgings", dependencies=[needs("cases.read")])
async def rehearsals(contest: str, house: HouseNeeded, later: BackgroundTasks) -> dict[str, Any]:
    """What is being looked at."""
    desk = await house.desks.desk(ContestId(contest))
    return {"rejudgings": [_progress(each) for each in await all_of(house, desk, later)]}


@router.get("/rejudgings/{name}", dependencies=[needs("cases.read")])
async def rehearsal(contest: str, name: str, house: HouseNeeded, later: BackgroundTasks) -> dict[str, Any]:
    """How far it is, and once it is ready, everything that would change and what would not, and why."""
    desk = await house.desks.desk(ContestId(contest))
    found = await found_in(house, desk, name, later)
    if found.state != "ready":
        return _progress(found)
    effect = await found.found_out(desk.contest)
    await tell_shown(house, desk.contest.id, found, effect.digest)
    kept = await found.left_out(desk.contest, await desk.queue.questions(lately=True))
    left_out = [{"contestant": None, **msgspec.to_builtins(each)} for each in kept]
    return {**_progress(found), "position": desk.contest.position, "effect": effect_document(effect, desk.contest), "left_out": left_out}


@router.post("/rejudgings/{name}/apply", dependencies=[needs("rules.change")])
async def apply(request: Request, contest: str, name: str, order: ApplyOrder, house: HouseNeeded) -> dict[str, Any]:
    """Let the new definition hold from one position on. Refused where it would change something else than what was looked at."""
    person = official_of(request)
    check_fresh(person)
    desk = await house.desks.desk(ContestId(contest))
    found = await found_in(house, desk, name, None)
    await hear_shown(house, desk.contest.id, found, order.digest)
    if found.state == "ready":
        await found.prepared(desk.contest)
    fact = msgspec.structs.replace(found.adopted, official=person.id, reason=order.reason)

    def decide(now: Contest) -> list[Draft]:
        if found.state == "applied":
            return []
        _check_ready(found, now)
        if not found.is_agreed(now, order.digest):
            effect = effect_document(found.effect(now), now)
            raise ApiError(409, "changed", Said("it would change something else by now; look again"), effect=effect)
        return [Draft(house.now_us(), author_of(person), fact)]

    position = await desk.decide(decide)
    found.state = "applied"
    return {"position": position, "digest": desk.contest.digest(), "version": fact.version}


@router.delete("/rejudgings/{name}", dependencies=[needs("rules.change")])
async def cancel(contest: str, name: str, house: HouseNeeded) -> dict[str, Any]:
    """Drop it. Nothing was entered."""
    desk = await house.desks.desk(ContestId(contest))
    found = await found_in(house, desk, name, None)
    await drop(house, desk, found)
    return _progress(found)


@router.get("/definition", dependencies=[needs("cases.read")])
async def definition(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """The definition that holds, as the ledger keeps it: without names. For officials."""
    desk = await house.desks.desk(ContestId(contest))
    adoptions = [entry for entry in desk.contest.milestones if isinstance(entry.fact, Adopted)]
    if not adoptions:
        raise ApiError(404, "no_definition", Said("no definition has been adopted yet"))
    facts = [(entry.position, entry.fact) for entry in adoptions if isinstance(entry.fact, Adopted)]
    versions = [
        {"version": fact.version, "position": position, "official": fact.official, "reason": fact.reason} for position, fact in facts
    ]
    return {"version": facts[-1][1].version, "definition": facts[-1][1].definition, "versions": versions}


def effect_document(effect: Effect, contest: Contest) -> dict[str, Any]:
    """An effect as JSON: the first rows of many, and how many more there are."""
    shown: dict[str, Any] = document_of(replace(effect, rows=effect.rows[:ROWS_MAX], cells=effect.cells[:ROWS_MAX]))
    more = {"more": max(0, len(effect.rows) - ROWS_MAX), "more_cells": max(0, len(effect.cells) - ROWS_MAX)}
    return {**shown, **more, "medals": effect.medals, "position": contest.position}


def merged(document: Any, changes: Any) -> Any:
    """A JSON merge patch (RFC 7396): objects key by key, null removes, anything else replaces."""
    if not isinstance(changes, dict):
        return changes
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


async def _adopted(house: House, contest: Contest, body: bytes) -> Adopted:
    """The next version, checked with its rules. Raises ApiError with every fault."""
    if contest.final:
        raise ApiError(409, "final", Said("the result is final; the chief referee can reopen it"))
    base = _base(contest, await house.aside.read(version_in, body))
    try:
        fact = await house.aside.read(next_version, body, msgspec.json.encode(base), contest.id, contest.version)
    except DefinitionError as error:
        faults = [{"where": fault.where, "message": told(fault.message)} for fault in error.faults[:FAULTS_TOLD_MAX]]
        raise ApiError(400, "bad_definition", error.faults[0].sentence, faults=faults) from None
    return read_adopted(fact)


def _base(contest: Contest, version: int | None) -> Json:
    """What is changed: the definition that holds, or the earlier one that is to hold again. Raises ApiError."""
    adopted = [entry.fact for entry in contest.milestones if isinstance(entry.fact, Adopted)]
    if not adopted:
        raise ApiError(404, "no_definition", Said("no definition has been adopted yet"))
    earlier = adopted[-1] if version is None else next((fact for fact in adopted if fact.version == version), None)
    if earlier is None:
        raise ApiError(404, "unknown_version", Said("version {version} was never adopted", version=version))
    return earlier.definition


def version_in(body: bytes, _: Judges) -> int | None:
    """The earlier version that is to hold again, if that was ordered. Raises ApiError."""
    order = order_of(body, RejudgeOrder)
    if sum(each is not None for each in (order.changes, order.toml, order.version)) != 1:
        raise ApiError(400, "bad_request", Said("give one of changes, toml and version"))
    return order.version


def next_version(body: bytes, judges: Judges, base: bytes, contest: ContestId, version: int) -> bytes:
    """The fact that lets what was ordered follow upon this version, as JSON. Raises ApiError, DefinitionError."""
    order = order_of(body, RejudgeOrder)
    document = _document(msgspec.json.decode(base), order)
    about = document.get("contest")
    document["contest"] = {**(about if isinstance(about, dict) else {}), "id": contest, "version": version + 1}
    definition = read_definition(document)
    compile_rulebook(definition, judges)
    scope = _scope(order.scope)
    return msgspec.json.encode(msgspec.structs.replace(fact_of(definition), scope=None if scope == Scope() else scope))


def _document(base: Json, order: RejudgeOrder) -> Json:
    if order.changes is not None:
        return dict(merged(base, order.changes))
    if order.version is not None:
        return base
    try:
        document = read_toml(order.toml or "")
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise ApiError(400, "bad_definition", Said("toml: {fault}", fault=toml_fault(error).sentence)) from None
    kept: Json = {key: base[key] for key in ("contestants", "officials") if key in base}
    if isinstance(document.get("contest"), dict):
        document["contest"].pop("contestants_file", None)
    return {**kept, **document}


def _scope(order: ScopeOrder) -> Scope:
    return Scope(
        tuple(map(ContestantId, order.contestants)),
        tuple(map(StageId, order.stages)),
        tuple(order.rules),
        tuple(map(VenueId, order.venues)),
        tuple(map(SourceId, order.devices)),
        tuple(order.outcomes),
        None if order.from_ is None else us_of(order.from_),
        None if order.to is None else us_of(order.to),
    )


def _check_ready(found: Rehearsal, contest: Contest) -> None:
    if contest.final:
        raise ApiError(409, "final", Said("the result is final; the chief referee can reopen it"))
    if found.adopted.version != contest.version + 1:
        raise ApiError(409, "changed", Said("another definition was adopted meanwhile; begin again"))
    if found.state != "ready":
        raise ApiError(409, "not_ready", Said("the rejudging is {state}", state=Coded("rejudging", found.state)))


def _progress(found: Rehearsal) -> dict[str, Any]:
    return {
        "id": found.id,
        "state": found.state,
        "done": found.rejudging.done,
        "all": found.rejudging.all,
        "version": found.adopted.version,
        "faults": [{"where": fault.where, "message": told(fault.message)} for fault in found.faults[:FAULTS_TOLD_MAX]],
    }
