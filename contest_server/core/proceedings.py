"""From a contest's end to its result: sign-offs, publication, samples, rechecks, handovers. Each act, or a refusal."""

from __future__ import annotations

import msgspec

from contest_server.core.actors import Actor
from contest_server.core.acts import HandedOver, Published, Rechecked, Sampled, Signed
from contest_server.core.contest import Contest
from contest_server.core.corrections import digest_of_row
from contest_server.core.denials import Denied
from contest_server.core.judged_before import digest_of_result
from contest_server.core.sampling import draw, samples_of
from contest_server.core.saying import Said
from contest_server.core.statements import check_chief, check_open, check_text, is_entered


def sign(contest: Contest, actor: Actor, signed: Signed) -> Signed | None:
    """A signature under the result as it is now (its digest is filled in); None where it is entered already. Raises Denied."""
    row = contest.rows.get(signed.contestant)
    if row is None:
        raise Denied("unknown_contestant", Said("{contestant!r} is not in the definition", contestant=signed.contestant))
    if is_entered(contest, signed, "digest"):
        return None
    check_open(contest)
    if signed.role == "chief":
        check_chief(actor)
    if signed.contestant in actor.recused:
        raise Denied("recused", Said("you are recused from {contestant}; another official has to sign", contestant=signed.contestant))
    return msgspec.structs.replace(signed, digest=digest_of_row(row))


def publish(contest: Contest, actor: Actor, published: Published) -> Published | None:
    """The publication to enter, with what stands for its result filled in; None where it is entered already. Raises Denied."""
    if is_entered(contest, published, "result"):
        return None
    check_chief(actor)
    if contest.bench is None:
        raise Denied("bad_move", Said("there is nothing to publish without a definition"))
    if contest.frozen is not None:
        raise Denied("bad_move", Said("the public board is frozen; thaw it first"))
    return msgspec.structs.replace(published, result=digest_of_result(contest))


def sample(contest: Contest, actor: Actor, sampled: Sampled) -> Sampled | None:
    """A sample with its members as drawn from the standing now; None where it is entered already. Raises Denied."""
    if is_entered(contest, sampled, "members", "top", "percent"):
        return None
    check_open(contest)
    check_chief(actor)
    assert contest.definition is not None, "an actor comes from a definition"
    policy = contest.definition.referees
    members = draw(contest, sampled.seed, policy.recheck_top, policy.recheck_percent)
    if not members:
        raise Denied("bad_move", Said("nobody has a result yet; draw the sample after the contest"))
    return msgspec.structs.replace(sampled, top=policy.recheck_top, percent=policy.recheck_percent, members=members)


def recheck(contest: Contest, actor: Actor, rechecked: Rechecked) -> Rechecked | None:
    """What a recheck found; None where it is entered already. Raises Denied."""
    if is_entered(contest, rechecked):
        return None
    check_open(contest)
    if rechecked.contestant in actor.recused:
        raise Denied("recused", Said("you are recused from {contestant}; another official has to recheck", contestant=rechecked.contestant))
    found = next((each for each in samples_of(contest) if each.drawn.id == rechecked.sample), None)
    if found is None:
        raise Denied("unknown_act", Said("there is no sample {sample!r}", sample=rechecked.sample))
    if rechecked.contestant not in found.drawn.members and not found.all_needed:
        raise Denied("bad_move", Said("contestant: {contestant} is not in the sample", contestant=rechecked.contestant))
    if not rechecked.right:
        check_text("reason", rechecked.reason)
    return rechecked


def hand_over(contest: Contest, handed: HandedOver) -> HandedOver | None:
    """A venue's statement of what it sent; None where it is entered already. Raises Denied."""
    if is_entered(contest, handed):
        return None
    check_open(contest)
    if contest.definition is None or handed.venue not in {each.id for each in contest.definition.venues}:
        raise Denied("bad_move", Said("venue: {venue!r} is not in the definition", venue=handed.venue))
    for source, count in handed.counts.items():
        if not source.startswith(f"{handed.venue}/"):
            raise Denied(
                "bad_move",
                Said("counts: {source!r} is not a device of {venue}; it is written {venue}/NAME", source=source, venue=handed.venue),
            )
        if not 0 <= count <= 1 << 53:
            raise Denied("bad_move", Said("counts: {source} cannot have sent {count} events", source=source, count=count))
    return handed
