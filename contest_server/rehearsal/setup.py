"""Bringing the rehearsal's contest to the servers, and taking its keys away afterwards. Over HTTP alone; touches no other contest."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from contest_server.core.definition import Definition
from contest_server.core.definition_reading import read_definition
from contest_server.live.adopting import fact_of
from contest_server.rehearsal.office import Office, Unanswered, good
from contest_server.rehearsal.scenario import document_of

LABEL = "rehearsal"
REVOKE_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets by venue, and passwords by official; `ids` are those of the tokens, to be revoked in the end."""

    venues: Mapping[str, str]
    passwords: Mapping[str, str]
    ids: tuple[str, ...]


def here(contest: str) -> str:
    return f"/api/contests/{quote(contest, safe='')}"


async def adopt(office: Office, definition: Definition) -> None:
    """Raises Unanswered: the token is no administrator's, the server is too old for this, or does not take the definition."""
    document = document_of(definition)
    answer = await office.ask("POST", "/api/contests", document)
    if answer.status_code in (401, 403):
        raise Unanswered("an administrator's token is needed: contest-server token --role admin, then --token or CONTEST_TOKEN")
    if answer.status_code in (404, 405):
        raise Unanswered("this server cannot adopt over HTTP; it is older than this program")
    said = good(answer)
    if said["digest"] != fact_of(read_definition(document)).digest:
        raise Unanswered("the server read another definition than the one that it was sent; are both of the same version?")


async def let_in(office: Office, definition: Definition) -> Keys:
    """A token for each venue, and a password for each official."""
    base = here(definition.contest.id)
    venues, ids = {}, []
    for venue in definition.venues:
        issued = await office.post(f"{base}/tokens", {"role": "venue", "venue": venue.id, "label": LABEL})
        venues[venue.id] = str(issued["secret"])
        ids.append(str(issued["id"]))
    passwords = {official.id: secrets.token_urlsafe(18) for official in definition.officials}
    for official, password in passwords.items():
        await office.post(f"{base}/officials/{quote(official, safe='')}/password", {"password": password})
    return Keys(venues, passwords, tuple(ids))


async def lock_up(office: Office, contest: str, keys: Keys) -> list[str]:
    """Revoke the tokens; returns the ids of those that could not be."""
    left = []
    for each in keys.ids:
        try:
            answer = await office.ask("DELETE", f"{here(contest)}/tokens/{each}", patience_s=REVOKE_WITHIN_S)
        except Unanswered:
            left.append(each)
        else:
            left += [each] if answer.is_error else []
    return left
