"""Inputs that are no file: a broker or a PLC, by the address that stands where a file would. Optional extras, loaded once named."""

from __future__ import annotations

from pathlib import Path
from random import Random

from contest_server.agent.courier import Tell
from contest_server.agent.limits import AgentLimits
from contest_server.agent.mqtt import SCHEMES, broker_of, from_mqtt, subscription
from contest_server.agent.pauses import Pauses
from contest_server.agent.reading import NowUs
from contest_server.agent.serial_plc import from_plc, modbus, read_panel
from contest_server.agent.sources import Source
from contest_server.agent.store import Binding

PLC = "plc:"


def is_device(address: str) -> bool:
    """Whether this names a broker (mqtt://, mqtts://) or a PLC (plc:FILE.toml)."""
    return address.startswith(PLC) or any(address.startswith(f"{scheme}://") for scheme in SCHEMES)


def from_device(address: str, binding: Binding, password: str | None, now_us: NowUs, tell: Tell, bounds: AgentLimits) -> Source:
    """Its events, for ever. Raises NoSuchBroker, BadPanel: the address, the file, or a package that is missing."""
    pauses = Pauses(bounds, Random())  # noqa: S311 - spreads reconnects, guards nothing
    if address.startswith(PLC):
        panel = read_panel(Path(address.removeprefix(PLC)))
        return from_plc(panel, modbus(panel.link), now_us, tell, pauses)
    broker = broker_of(address, password)
    name = f"contest.{binding.contest}.{binding.venue}.{binding.source}"
    return from_mqtt(broker, subscription(broker, name), now_us, tell, pauses)
