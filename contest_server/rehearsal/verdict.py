"""Ready or not, with every reason. Pure: an outcome in, a verdict out. Refuses to call ready what was not seen to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contest_server.rehearsal.outcome import Outcome
from contest_server.rehearsal.proof import EXAMPLES_MAX, Number, Proof
from contest_server.rehearsal.screen import STALE_AFTER_S

SLOW_ACK_MS, SLOW_SHOW_MS = 1_000.0, 2_000.0
OWN_CLOCK_MS = 500.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that is wrong, or worth knowing, in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Ready, if there is no reason against it. `remarks` do not speak against it."""

    reasons: Sequence[Reason]
    remarks: Sequence[Reason]

    @property
    def ready(self) -> bool:
        return not self.reasons


def verdict_of(outcome: Outcome) -> Verdict:
    reasons = [*_broken(outcome), *_events(outcome), *_boards(outcome), *_displays(outcome), *_devices(outcome), *_officials(outcome)]
    return Verdict(reasons, list(_remarks(outcome)))


def _broken(outcome: Outcome) -> Iterator[Reason]:
    if outcome.broken_off:
        yield Reason("broken_off", f"演练没有走完:{outcome.broken_off}", f"the rehearsal did not come to its end: {outcome.broken_off}")
    if outcome.proof is None:
        yield Reason("no_proof", "没有读到账本,无法核对", "the ledger could not be read, so nothing is proven")


def _events(outcome: Outcome) -> Iterator[Reason]:
    proof = outcome.proof
    if proof is None:
        return
    if proof.unverified:
        zh, en = f"账本导出无法通过校验:{proof.unverified}", f"the export of the ledger cannot be verified: {proof.unverified}"
        yield Reason("chain", zh, en)
    if proof.lost:
        which = _some(proof.lost)
        yield Reason(
            "lost",
            f"{len(proof.lost)} 个已确认的事件不在账本里:{which}",
            f"{len(proof.lost)} acknowledged events are not in the ledger: {which}",
        )
    never = [] if outcome.broken_off else [number for number in proof.missing if number not in set(proof.lost)]
    if never:
        yield Reason("missing", f"{len(never)} 个事件没有送达:{_some(never)}", f"{len(never)} events never arrived: {_some(never)}")
    for code, numbers, zh, en in (
        ("twice", proof.twice, "个事件记了不止一次", "events are in the ledger more than once"),
        ("altered", proof.altered, "个事件与上报内容不符", "events are not as they were told"),
        ("strange", proof.strange, "个事件没有人上报过", "events were told by nobody"),
    ):
        if numbers:
            yield Reason(code, f"{len(numbers)} {zh}:{_some(numbers)}", f"{len(numbers)} {en}: {_some(numbers)}")
    yield from _clocks(proof)


def _clocks(proof: Proof) -> Iterator[Reason]:
    if proof.misread:
        source, seq, found_us, injected_us = proof.misread[0]
        which = f"{source}#{seq} {found_us / 1e3:+.1f} ms, {injected_us / 1e3:+.1f} ms"
        zh = f"{len(proof.misread)} 个事件的时钟偏差测错了,超出其自报误差(首个:测得,实际):{which}"
        yield Reason("clock", zh, f"the clocks of {len(proof.misread)} events were measured wrongly (the first, found and true): {which}")


def _boards(outcome: Outcome) -> Iterator[Reason]:
    answering = [server for server in outcome.servers if server.digest is not None]
    if not answering:
        yield Reason("no_server", "结束时没有服务器应答", "no server answered in the end")
    if len({(server.position, server.digest) for server in answering}) > 1:
        each = ", ".join(f"{server.url} @{server.position} {str(server.digest)[:12]}" for server in answering)
        yield Reason("servers_differ", f"各服务器的榜单不一致:{each}", f"the servers' boards are not equal: {each}")
    proof = outcome.proof
    if proof is None or outcome.broken_off or not answering or proof.board in {server.digest for server in answering}:
        return
    found, wanted = str(answering[0].digest)[:12], proof.board[:12]
    at_fault = (
        "the ledger is not as planned" if proof.ledger_board == answering[0].digest else "the server's board is not the fold of its ledger"
    )
    at_fault_zh = "账本与计划不符" if proof.ledger_board == answering[0].digest else "服务器的榜单不是其账本的推算结果"
    yield Reason(
        "board",
        f"榜单摘要 {found}…,独立推算应为 {wanted}…:{at_fault_zh}",
        f"the board is {found}…, but the plan leads to {wanted}…: {at_fault}",
    )


def _displays(outcome: Outcome) -> Iterator[Reason]:
    for display in outcome.displays:
        if not display.equal and not outcome.broken_off:
            yield Reason(
                "display", f"{display.name} 最后一帧与榜单不一致", f"the last frame of {display.name} ({display.view}) is not the board"
            )
        if display.faults:
            yield Reason(
                "frames", f"{display.name} 收到不连续的帧:{display.faults[0]}", f"{display.name} got broken frames: {display.faults[0]}"
            )
        if not display.is_hurt and display.longest_silence_s > STALE_AFTER_S:
            silence = f"{display.longest_silence_s:.1f} s"
            yield Reason(
                "stale", f"{display.name} 无故沉默了 {silence}", f"{display.name} heard nothing for {silence}, without a fault of its own"
            )


def _devices(outcome: Outcome) -> Iterator[Reason]:
    for device in (device for venue in outcome.venues for device in venue.devices):
        if not device.has_ended_well and not outcome.broken_off:
            yield Reason("device", f"{device.source}:{device.ended}", f"{device.source}: {device.ended}")
    if outcome.noise_unexpected:
        first = outcome.noise_unexpected[0]
        count = len(outcome.noise_unexpected)
        yield Reason("garbage", f"{count} 处乱码没有被点名退回:{first}", f"{count} times garbage was not refused by name: {first}")


def _officials(outcome: Outcome) -> Iterator[Reason]:
    for done in outcome.done:
        if not done.ok and done.what != "finalise":
            yield Reason("order", f"{done.what}:{done.answer}", f"{done.what}: {done.answer}")


def _remarks(outcome: Outcome) -> Iterator[Reason]:
    for server in outcome.servers:
        if server.digest is None:
            yield Reason("server_gone", f"{server.url} 结束时没有应答", f"{server.url} did not answer in the end")
    if not outcome.is_final and not outcome.broken_off:
        yield Reason("not_final", f"成绩还不能最终确定:{outcome.not_final}", f"the result could not be made final: {outcome.not_final}")
    times = outcome.latencies
    if (times.ack_p99 or 0) > SLOW_ACK_MS:
        yield Reason(
            "slow_ack", f"确认 p99 {times.ack_p99:.0f} 毫秒", f"acknowledgements take {times.ack_p99:.0f} ms (p99), faults included"
        )
    if (times.show_p99 or 0) > SLOW_SHOW_MS:
        yield Reason(
            "slow_show",
            f"上屏 p99 {times.show_p99:.0f} 毫秒",
            f"events take {times.show_p99:.0f} ms to the displays (p99), faults included",
        )
    if abs(outcome.own_clock_ms) > OWN_CLOCK_MS:
        off = f"{outcome.own_clock_ms:+.0f} ms"
        yield Reason("own_clock", f"本机时钟与服务器差 {off}", f"the clock of this computer is {off} off the servers'; set one of them")
    if outcome.proof is not None and outcome.proof.untimed:
        count = outcome.proof.untimed
        zh, en = (
            f"{count} 个事件在测出时钟之前就收下了,没有校正",
            f"{count} events of a wrong clock were taken before it was known, uncorrected",
        )
        yield Reason("untimed", zh, en)
    if outcome.keys_left:
        which = ", ".join(outcome.keys_left)
        yield Reason("keys_left", f"令牌未能吊销:{which}", f"tokens could not be revoked: {which}; contest-server token --revoke ID")


def _some(numbers: Sequence[Number]) -> str:
    shown = ", ".join(f"{source}#{seq}" for source, seq in numbers[:EXAMPLES_MAX])
    return shown + (", …" if len(numbers) > EXAMPLES_MAX else "")
