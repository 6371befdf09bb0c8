"""Events from the signals of a PLC, by Modbus over a serial line or TCP. An optional extra: it needs the package `pymodbus`.

A signal is a discrete input that rises: it has to read high several times in a row, so that a contact that bounces is one event. What is
high already when the agent begins is no event. Readings are holding registers that are read at that moment.
"""

from __future__ import annotations

import asyncio
import importlib
import tomllib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta, Struct

from contest_server.agent.courier import Tell
from contest_server.agent.pauses import Pauses
from contest_server.agent.reading import Chunk, NowUs, draft_event, time_text
from contest_server.core.saying import Said, said_by

WANTED = Said("signals of a PLC need one more package: pip install 'contest-server[plc]'")
ADDRESS_MAX = 65_535
SPAN_MAX = 2_000
"""How far apart the inputs of one panel may lie: they are read in one go."""

Address = Annotated[int, Meta(ge=0, le=ADDRESS_MAX)]


class BadPanel(ValueError):
    """The file says nothing that can be read, or the package is missing. Whoever typed the command has to change it."""


class Gone(Exception):
    """The PLC does not answer; trying again may help."""


class Wire(Struct, frozen=True, forbid_unknown_fields=True):
    """How the PLC is reached: `port` is a serial device, or HOST[:PORT] for TCP."""

    kind: Literal["rtu", "tcp"]
    port: str
    baud: Annotated[int, Meta(ge=300, le=1_000_000)] = 9_600
    unit: Annotated[int, Meta(ge=0, le=247)] = 1
    poll_ms: Annotated[int, Meta(ge=5, le=10_000)] = 50
    stable_reads: Annotated[int, Meta(ge=1, le=100)] = 3


class Reading(Struct, frozen=True, forbid_unknown_fields=True):
    """A holding register, whole, times `scale`."""

    register: Address
    scale: str = "1"


class Signal(Struct, frozen=True, forbid_unknown_fields=True):
    """What it means that an input rises. Who is meant: always the same contestant, or whose number a register holds, written as `bib`."""

    input: Address
    kind: Literal["start", "clear", "attempt", "violation"]
    stage: str
    contestant: str | None = None
    bib_register: Address | None = None
    bib: str = "{}"
    outcome: Literal["accepted", "rejected", "free", "pending"] | None = None
    code: str | None = None
    station: str | None = None
    readings: dict[str, Reading] = {}


class Panel(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    link: Wire
    signals: Annotated[list[Signal], Meta(min_length=1, max_length=256)]

    @property
    def first(self) -> int:
        return min(signal.input for signal in self.signals)

    @property
    def count(self) -> int:
        return max(signal.input for signal in self.signals) - self.first + 1


class Line(Protocol):
    """The PLC at the end of a wire. Both raise Gone."""

    async def inputs(self, first: int, count: int) -> Sequence[bool]: ...

    async def register(self, address: int) -> int: ...


Open = Callable[[], AbstractAsyncContextManager[Line]]


def read_panel(path: Path) -> Panel:
    """What this TOML file says. Raises BadPanel with what is wrong."""
    try:
        panel = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Panel)
        _check(panel)
    except FileNotFoundError:
        raise BadPanel(Said("{path}: there is no such file", path=str(path))) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as fault:
        raise BadPanel(Said("{path}: {fault}", path=str(path), fault=said_by(fault))) from fault
    return panel


def _check(panel: Panel) -> None:
    """Raises ValueError."""
    if panel.count > SPAN_MAX:
        far = Said(
            "inputs from {first} over {count} places; they are read in one go, at most {most}",
            first=panel.first,
            count=panel.count,
            most=SPAN_MAX,
        )
        raise ValueError(far)
    for signal in panel.signals:
        _check_signal(signal)


def _check_signal(signal: Signal) -> None:
    """Raises ValueError."""
    if (signal.contestant is None) == (signal.bib_register is None):
        raise ValueError(Said("input {input}: give contestant or bib_register, one of them", input=signal.input))
    if (signal.kind == "attempt") != (signal.outcome is not None):
        raise ValueError(Said("input {input}: an attempt has an outcome, and nothing else has", input=signal.input))
    if (signal.kind == "violation") != (signal.code is not None):
        raise ValueError(Said("input {input}: a violation has a code, and nothing else has", input=signal.input))
    try:
        signal.bib.format(1)
    except (ValueError, LookupError, AttributeError):
        raise ValueError(
            Said("input {input}: bib is {bib!r}; expected a number's place, such as A{{:03}}", input=signal.input, bib=signal.bib)
        ) from None
    for reading in signal.readings.values():
        try:
            Decimal(reading.scale)
        except ArithmeticError:
            raise ValueError(
                Said("input {input}: scale is {scale!r}; expected a number, such as 0.01", input=signal.input, scale=reading.scale)
            ) from None


@dataclass(slots=True)
class Edges:
    """Which inputs rose: low before, and high in `stable` reads in a row now. The first reading only says how things are."""

    stable: int
    _high: list[int] | None = None

    def rose(self, bits: Sequence[bool]) -> list[int]:
        """Their places, each once until it has been low again."""
        if self._high is None:
            self._high = [self.stable if bit else 0 for bit in bits]
            return []
        risen = []
        for place, bit in enumerate(bits):
            before = self._high[place]
            self._high[place] = min(before + 1, self.stable) if bit else 0
            if bit and before == self.stable - 1:
                risen.append(place)
        return risen


@dataclass(slots=True)
class Attempts:
    """The name of the attempt at work at each stage: a start begins one, what decides it ends it. Names hold the moment they began."""

    _open: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, signal: Signal, contestant: str, at_us: int) -> str | None:
        key = (contestant, signal.stage)
        if signal.kind == "violation":
            return self._open.get(key)
        if signal.kind == "start":
            self._open[key] = f"plc-{at_us // 1_000}"
            return self._open[key]
        attempt = self._open.get(key, f"plc-{at_us // 1_000}")
        if signal.outcome != "pending":
            self._open.pop(key, None)
        return attempt


async def from_plc(panel: Panel, open_line: Open, now_us: NowUs, tell: Tell, pauses: Pauses) -> AsyncGenerator[Chunk, None]:
    """An event for every signal that rises, for ever; a PLC that is gone is tried again, after longer and longer pauses."""
    attempts, failures = Attempts(), 0
    while True:
        try:
            async with open_line() as line:
                tell(Said("watching {count} signals at {port}", count=len(panel.signals), port=panel.link.port))
                edges = Edges(panel.link.stable_reads)
                while True:
                    bits = await line.inputs(panel.first, panel.count)
                    at_us, failures = now_us(), 0
                    risen = {panel.first + place for place in edges.rose(bits)}
                    for signal in (each for each in panel.signals if each.input in risen):
                        yield Chunk((draft_event(await _event(signal, line, attempts, at_us), now_us),))
                    await asyncio.sleep(panel.link.poll_ms / 1_000)
        except Gone as fault:
            gone = Said(
                "WARNING: the PLC at {port} is gone ({fault}); what rises meanwhile is not seen; trying again",
                port=panel.link.port,
                fault=said_by(fault),
            )
            tell(gone)
        failures += 1
        await asyncio.sleep(pauses.after(failures))


async def _event(signal: Signal, line: Line, attempts: Attempts, at_us: int) -> dict[str, Any]:
    contestant = signal.contestant
    if contestant is None:
        assert signal.bib_register is not None, "checked when the file was read"
        contestant = signal.bib.format(await line.register(signal.bib_register))
    data: dict[str, Any] = {
        name: f"{Decimal(await line.register(reading.register)) * Decimal(reading.scale):f}" for name, reading in signal.readings.items()
    }
    said = {"outcome": signal.outcome, "code": signal.code, "station": signal.station}
    data |= {name: word for name, word in said.items() if word is not None}
    attempt = attempts.of(signal, contestant, at_us)
    event = {"kind": signal.kind, "contestant": contestant, "stage": signal.stage, "at": time_text(at_us), "data": data}
    return event if attempt is None else {**event, "attempt": attempt}


def modbus(wire: Wire) -> Open:
    """The PLC at the end of this wire. Raises BadPanel where the package is missing."""
    try:
        client, faults = importlib.import_module("pymodbus.client"), importlib.import_module("pymodbus.exceptions")
    except ModuleNotFoundError:
        raise BadPanel(WANTED) from None

    @asynccontextmanager
    async def opened() -> AsyncIterator[Line]:
        if wire.kind == "tcp":
            host, _, port = wire.port.partition(":")
            connection = client.AsyncModbusTcpClient(host, port=int(port or 502))
        else:
            connection = client.AsyncModbusSerialClient(wire.port, baudrate=wire.baud)
        try:
            if not await connection.connect():
                raise Gone(Said("no connection"))
            yield _Modbus(connection, wire.unit, faults.ModbusException)
        finally:
            connection.close()

    return opened


class _Modbus:
    def __init__(self, connection: Any, unit: int, fault: type[Exception]) -> None:
        self._connection, self._unit, self._fault = connection, unit, fault

    async def inputs(self, first: int, count: int) -> Sequence[bool]:
        answer = await self._asked(self._connection.read_discrete_inputs(first, count=count, device_id=self._unit))
        return [bool(bit) for bit in answer.bits[:count]]

    async def register(self, address: int) -> int:
        answer = await self._asked(self._connection.read_holding_registers(address, count=1, device_id=self._unit))
        return int(answer.registers[0])

    async def _asked(self, asking: Any) -> Any:
        try:
            answer = await asking
        except (self._fault, OSError, TimeoutError) as fault:
            raise Gone(str(fault) or type(fault).__name__) from fault
        if answer.isError():
            raise Gone(str(answer))
        return answer
