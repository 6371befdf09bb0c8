"""What venues enter by hand, over HTTP: per stage the fields with units and ranges, and the words for breaches of rules. For everybody."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from contest_server.core.definition import Text
from contest_server.core.forms import FormField, form_of
from contest_server.core.ids import ContestId, StageId
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import StageRules
from contest_server.core.saying import Said
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["contests"])

HouseNeeded = Annotated[House, Depends(house_of)]


@router.get("/forms", dependencies=[needs("contest.read")])
async def forms(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """The form of every stage, for a desk that has to go on without a network."""
    now = (await house.desks.desk(ContestId(contest))).contest
    return {"definition": now.version, "stages": [form_document(field.rules) for field in now.fields.values()]}


@router.get("/stages/{stage}/form", dependencies=[needs("contest.read")])
async def form(contest: str, stage: str, house: HouseNeeded) -> dict[str, Any]:
    """What this stage wants entered: fields of the evidence with unit and range. Never what would be right."""
    now = (await house.desks.desk(ContestId(contest))).contest
    field = now.fields.get(StageId(stage))
    if field is None:
        raise ApiError(404, "unknown_stage", Said("the definition of {contest!r} has no stage {stage!r}", contest=contest, stage=stage))
    return {"definition": now.version, **form_document(field.rules)}


def form_document(stage: StageRules) -> dict[str, Any]:
    """The form of a stage as it is answered."""
    found = form_of(stage)
    return {
        "stage": stage.definition.id,
        "name": _both(stage.definition.name),
        "fields": [_field(each) for each in found.fields],
        "devices": list(found.devices),
        "marked": list(found.marked),
        "violations": list(found.violations),
        "violation_names": {code: {"zh": zh, "en": en} for code, (zh, en) in found.names.items()},
        "names": {each: _both(name) for each, name in found.called.items()},
    }


def _both(name: Text | None) -> dict[str, str] | None:
    return None if name is None else {"zh": name.zh, "en": name.en}


def _field(field: FormField) -> dict[str, Any]:
    return {
        "field": field.wanted.field,
        "kind": field.wanted.kind,
        "name": _both(field.name),
        "aspect": None if field.aspect is None else field.aspect.id,
        "unit": field.unit,
        "min": None if field.low is None else plain_decimal(field.low),
        "max": None if field.high is None else plain_decimal(field.high),
        "places": field.places,
        "choices": list(field.wanted.choices),
    }
