"""Events from a broker and from a PLC: what becomes an event, what does not, and what happens when the other end is gone."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import itertools
import json
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.agent import mqtt, serial_plc
from contest_server.agent.limits import AgentLimits
from contest_server.agent.mqtt import Broker, Inbox, Message, NoSuchBroker, broker_of, draft_of, from_mqtt, subscription
from contest_server.agent.pauses import Pauses
from contest_server.agent.reading import BadLine, Chunk, Draft
from contest_server.agent.serial_plc import BadPanel, Edges, Line, Panel, Signal, from_plc, modbus, read_panel
from contest_server.core.saying import Text
from tests.clockwork import run
from tests.postgres import free_port

NOW_US = 1_763_801_000_000_000
TOPIC = "hall/{contestant}/{stage}/{kind}"
PATIENCE_S = 60.0
"""How long a test waits for something that has to happen. Never a condition of passing."""


def now_us() -> int:
    return NOW_US


def pauses(**bounds: float) -> Pauses:
    return Pauses(AgentLimits(**bounds), Random(1))  # type: ignore[arg-type]


def broker(topic: str = TOPIC) -> Broker:
    return Broker("here", 1883, False, None, None, topic)


def event_of(item: Draft | BadLine | None) -> dict[str, Any]:
    assert isinstance(item, Draft), item
    event: dict[str, Any] = json.loads(item.body)
    return event


# ---- what a message means ----------------------------------------------------------------------------------------------------------


def test_the_topic_fills_what_the_message_leaves_out_and_never_outweighs_it() -> None:
    message = Message("hall/A017/wiring/clear", b'{"data":{"torque_nm":"1.20"}}')
    event = event_of(draft_of(message, broker(), 1, now_us))
    assert event | {"at": ""} == {"kind": "clear", "contestant": "A017", "stage": "wiring", "data": {"torque_nm": "1.20"}, "at": ""}
    assert b"1.20" in draft_of(message, broker(), 1, now_us).body, "as it was written"  # type: ignore[union-attr]
    own = event_of(draft_of(Message("hall/A017/wiring/clear", b'{"kind":"note","contestant":"B1"}'), broker(), 1, now_us))
    assert (own["kind"], own["contestant"], own["stage"]) == ("note", "B1", "wiring")


def test_levels_with_other_names_become_data() -> None:
    wanted = broker("plc/{station}/{kind}")
    event = event_of(draft_of(Message("plc/S3/start", b'{"contestant":"A1","data":{"rpm":"10"}}'), wanted, 1, now_us))
    assert event["data"] == {"station": "S3", "rpm": "10"}
    assert event_of(draft_of(Message("plc/S3/start", b'{"data":{"station":"S4"}}'), wanted, 1, now_us))["data"] == {"station": "S4"}
    assert wanted.filter == "plc/+/+"


@pytest.mark.parametrize(
    "payload", [b"", b"on", b"[1]", b"{", b"\xff\xfe", b'{"data":' + b"[" * 100 + b"]" * 100 + b"}", b" " * 70_000 + b"{}"]
)
def test_what_is_no_event_is_kept_aside_by_name_and_the_rest_goes_on(payload: bytes) -> None:
    item = draft_of(Message("hall/A1/quiz/clear", payload), broker(), 7, now_us)
    assert isinstance(item, BadLine)
    assert item.code in {"empty", "not_json", "not_an_object", "not_utf8", "too_deep", "too_long"}


def test_what_the_broker_only_remembers_is_no_event() -> None:
    assert draft_of(Message("hall/A1/quiz/clear", b"{}", retained=True), broker(), 1, now_us) is None


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://here/x", "expected mqtt://"),
        ("mqtt://here", "expected mqtt://"),
        ("mqtt:///x", "expected mqtt://"),
        ("mqtt://here:port/x", "expected mqtt://"),
        ("mqtt://[::1/x", "expected mqtt://"),
        ("mqtt://me:secret@here/x", "CONTEST_MQTT_PASSWORD"),
        ("mqtt://here/hall/a{contestant}/x", "whole level"),
    ],
)
def test_an_address_that_is_none_says_what_would_be_one(address: str, said: str) -> None:
    with pytest.raises(NoSuchBroker, match=said):
        broker_of(address, None)


@pytest.mark.parametrize(
    "address",
    [
        "mqtt://u:topsecret@h:99999/t",
        "mqtt://u:topsecret@h:port/t",
        "mqtt://u:topsecret@h",
        "http://u:topsecret@h/t",
        "mqtt://u:tops/ecret@h/t",
        "mqtt://u:top@secret@h:x/t",
        "mqtt://u:topsecret@[::1/t",
        "u:topsecret@h/t",
        "mqtt://u:topsecret@h/a{b}",
    ],
)
def test_a_password_in_an_address_is_not_repeated(address: str) -> None:
    with pytest.raises(NoSuchBroker, match=r"expected mqtt://|CONTEST_MQTT_PASSWORD") as refused:
        broker_of(address, None)
    assert not [part for part in ("tops", "ecret") if part in str(refused.value)], refused.value


def test_an_address_says_host_port_user_and_topic() -> None:
    found = broker_of("mqtts://desk@cup.example/hall/%2B/{kind}", "secret")
    assert found == Broker("cup.example", 8883, True, "desk", "secret", "hall/+/{kind}")


# ---- a broker that comes and goes -----------------------------------------------------------------------------------------------------


class Mailbox:
    def __init__(self, messages: Sequence[Message], fault: mqtt.Gone | None) -> None:
        self._messages, self._fault = messages, fault

    async def messages(self) -> AsyncGenerator[Message, None]:
        for each in self._messages:
            yield each
        if self._fault is not None:
            raise self._fault


def test_a_broker_that_is_gone_is_tried_again_after_longer_and_longer_pauses() -> None:
    told: list[Text] = []
    opened: list[float] = []

    @asynccontextmanager
    async def subscribe() -> AsyncIterator[Inbox]:
        opened.append(asyncio.get_running_loop().time())
        if len(opened) < 6:
            raise mqtt.Gone("refused")
        yield Mailbox([Message(f"hall/A{len(opened)}/quiz/clear", b"{}")], mqtt.Gone("cut"))

    async def work() -> list[Chunk]:
        found = []
        async for chunk in from_mqtt(broker(), subscribe, now_us, told.append, pauses(pause_min_s=0.2, pause_max_s=15.0)):
            found.append(chunk)
            if len(found) == 2:
                return found
        raise AssertionError("it never ends by itself")

    chunks = run(work())
    assert [event_of(chunk.items[0])["contestant"] for chunk in chunks] == ["A6", "A7"]
    assert all(0.2 <= after - before <= 15.0 for before, after in itertools.pairwise(opened))
    assert sum("WARNING" in line for line in told) == 6


def test_a_message_that_the_broker_delivers_twice_is_one_event_where_it_says_its_own_time() -> None:
    said = b'{"at":"2026-11-22T09:03:12Z","data":{"code":"no_helmet"}}'
    script = [Message("hall/A1/quiz/violation", each) for each in (said, said, b"{}", b"{}", said.replace(b"12Z", b"13Z"))]
    script.append(Message("hall/A2/quiz/violation", said))

    @asynccontextmanager
    async def subscribe() -> AsyncIterator[Inbox]:
        yield Mailbox(script, mqtt.Gone("cut"))

    async def work() -> list[str]:
        source = from_mqtt(broker(), subscribe, now_us, lambda _: None, pauses())
        events = [event_of((await anext(source)).items[0]) for _ in range(5)]
        return [f"{each['contestant']} {each['at'][17:19]}" for each in events]

    found = run(work())
    assert found[0] == "A1 12"
    assert found[3:] == ["A1 13", "A2 12"], "the second of the same, and only that, is left out; without a time nobody can tell"


# ---- a PLC ------------------------------------------------------------------------------------------------------------------------------

PANEL = """
[link]
kind = "tcp"
port = "127.0.0.1:{port}"
poll_ms = 5
stable_reads = 3

[[signals]]
input = 4
kind = "start"
stage = "power_up"
bib_register = 10
bib = "A{{:03d}}"
station = "S1"

[[signals]]
input = 5
kind = "clear"
stage = "power_up"
bib_register = 10
bib = "A{{:03d}}"
[signals.readings]
current_a = {{ register = 20, scale = "0.01" }}

[[signals]]
input = 7
kind = "violation"
stage = "power_up"
contestant = "A017"
code = "live_working"
"""


def panel_in(folder: Path, port: int = 502, text: str = PANEL) -> Panel:
    file = folder / "panel.toml"
    file.write_text(text.format(port=port), encoding="utf-8")
    return read_panel(file)


@pytest.mark.parametrize("stable", [1, 2, 5])
def test_a_signal_counts_once_it_is_steady_and_again_only_after_it_was_low(stable: int) -> None:
    edges = Edges(stable)
    assert edges.rose([True, False]) == [], "what is high already says nothing"
    bounce = [edges.rose([True, bit]) for bit in [True] * (stable - 1) + [False]] if stable > 1 else []
    assert bounce == [[]] * len(bounce)
    rises = [edges.rose([True, True]) for _ in range(stable + 3)]
    assert rises == [[]] * (stable - 1) + [[1]] + [[]] * 3
    assert edges.rose([False, False]) == []
    assert [edges.rose([True, False]) for _ in range(stable)][-1] == [0]


class Rack:
    """A PLC whose inputs follow a script; after it, the wire is cut."""

    def __init__(self, script: Sequence[Sequence[int]], registers: dict[int, int]) -> None:
        self._script, self._registers = list(script), registers
        self.asked: list[tuple[int, int]] = []

    async def inputs(self, first: int, count: int) -> Sequence[bool]:
        self.asked.append((first, count))
        if not self._script:
            raise serial_plc.Gone("cut")
        high = self._script.pop(0)
        return [first + place in high for place in range(count)]

    async def register(self, address: int) -> int:
        return self._registers[address]


def events_of(panel: Panel, script: Sequence[Sequence[int]], registers: dict[int, int], wanted: int) -> list[dict[str, Any]]:
    rack = Rack(script, registers)

    @asynccontextmanager
    async def open_line() -> AsyncIterator[Line]:
        yield rack

    async def work() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for chunk in from_plc(panel, open_line, now_us, lambda _: None, pauses()):
            found += [event_of(item) for item in chunk.items]
            if len(found) == wanted:
                return found
        raise AssertionError("it never ends by itself")

    found = run(work())
    assert set(rack.asked) == {(4, 4)}, "all inputs in one go"
    return found


def test_a_start_and_its_clear_are_one_attempt_with_the_readings_of_that_moment(tmp_path: Path) -> None:
    panel = panel_in(tmp_path)
    found = events_of(panel, [[], *[[4]] * 3, *[[4, 5]] * 3, *[[7]] * 3], {10: 17, 20: 210}, 3)
    assert [(each["kind"], each["contestant"], each["stage"]) for each in found] == [
        ("start", "A017", "power_up"),
        ("clear", "A017", "power_up"),
        ("violation", "A017", "power_up"),
    ]
    assert found[0]["attempt"] == found[1]["attempt"]
    assert found[0]["data"] == {"station": "S1"}
    assert found[1]["data"] == {"current_a": "2.10"}, "exact, and as text"
    assert found[2]["data"] == {"code": "live_working"}
    assert "attempt" not in found[2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("input = 4", "input = -1"), "input"),
        (('kind = "start"', 'kind = "go"'), "kind"),
        (("poll_ms = 5", "poll_ms = 1"), "poll_ms"),
        (("poll_ms = 5", "pol_ms = 5"), "pol_ms"),
        (('contestant = "A017"\n', ""), "one of them"),
        (('contestant = "A017"', 'contestant = "A017"\nbib_register = 3'), "one of them"),
        (('code = "live_working"', ""), "code"),
        (('kind = "start"', 'kind = "attempt"'), "outcome"),
        (('scale = "0.01"', 'scale = "much"'), "scale"),
        (("input = 7", "input = 9000"), "in one go"),
        (("[link]", "[link"), "panel.toml"),
    ],
)
def test_a_panel_that_says_nothing_sensible_is_refused_by_name(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in PANEL
    with pytest.raises(BadPanel, match=said):
        panel_in(tmp_path, text=PANEL.replace(*change))
    with pytest.raises(BadPanel, match="there is no such file"):
        read_panel(tmp_path / "nothing.toml")


# ---- without the packages, and with them ----------------------------------------------------------------------------------------------


def missing(name: str) -> Any:
    raise ModuleNotFoundError(name)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(NoSuchBroker, match=r"contest-server\[mqtt\]"):
        subscription(broker(), "me")
    with pytest.raises(BadPanel, match=r"contest-server\[plc\]"):
        modbus(panel_in(tmp_path).link)


@pytest.mark.parametrize("address", ["mqtt://here", "plc:nothing.toml"])
def test_the_command_refuses_what_it_cannot_listen_to(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTEST_TOKEN", "cs_x")
    words = ["venue", "--contest", "cup", "--venue", "here", "--source", "plc", address]
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, "contest-server venue:" in done.stderr) == (2, True), done.output
    again = CliRunner().invoke(app, [*words, "--once"])
    assert (again.exit_code, "never end" in again.stderr) == (2, True)


def has(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


needs_mqtt = pytest.mark.skipif(
    not has("aiomqtt") or shutil.which("mosquitto") is None,
    reason="needs the package aiomqtt and the broker mosquitto (apt-get install mosquitto)",
)
needs_modbus = pytest.mark.skipif(not has("pymodbus"), reason="needs the package pymodbus")


@asynccontextmanager
async def mosquitto(folder: Path, port: int) -> AsyncIterator[None]:
    """A real broker, which keeps what it has for those who subscribed to last."""
    conf = folder / "mosquitto.conf"
    conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\nuser root\n")
    process = await asyncio.create_subprocess_exec(
        "mosquitto", "-c", str(conf), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.02)
        yield
    finally:
        process.terminate()
        await process.wait()


@needs_mqtt
async def test_a_real_broker_hands_over_what_came_while_nobody_listened_and_while_it_was_away(tmp_path: Path) -> None:
    port = free_port()
    where = broker_of(f"mqtt://127.0.0.1:{port}/{TOPIC}", None)
    subscribe = subscription(where, "contest.cup.yueqing.plc")
    aiomqtt = importlib.import_module("aiomqtt")

    async def publish(contestant: str, retain: bool = False) -> None:
        async with aiomqtt.Client("127.0.0.1", port) as client:
            await client.publish(f"hall/{contestant}/quiz/clear", '{"attempt":"1","at":"2026-11-22T09:03:12Z"}', qos=1, retain=retain)

    told: list[Text] = []
    source = from_mqtt(where, subscribe, now_us, told.append, pauses(pause_min_s=0.02, pause_max_s=0.2))

    async def heard() -> str:
        chunk = await anext(source)
        return str(event_of(chunk.items[0])["contestant"])

    async with asyncio.timeout(PATIENCE_S):
        async with mosquitto(tmp_path, port):
            await publish("A0", retain=True)  # before anybody subscribed: only remembered, no event
            first = asyncio.create_task(heard())
            await until(lambda: bool(told))
            await publish("A1")
            assert await first == "A1"
            again = asyncio.create_task(heard())
        async with mosquitto(tmp_path, port):
            await until(lambda: sum("listening" in line for line in told) == 2)
            await publish("A2")
            assert await again == "A2"
            await source.aclose()
            await publish("A3")  # nobody listens
            source = from_mqtt(where, subscribe, now_us, told.append, pauses())
            assert await heard() == "A3"
            await source.aclose()
    assert any("WARNING" in line for line in told)


@needs_modbus
async def test_a_real_modbus_line_tells_of_a_signal_that_rises(tmp_path: Path) -> None:
    port = free_port()
    panel = panel_in(tmp_path, port)
    server, simulator = importlib.import_module("pymodbus.server"), importlib.import_module("pymodbus.simulator")
    bits, words = simulator.DataType.BITS, simulator.DataType.REGISTERS
    inputs = simulator.SimData(0, values=[False] * 16, datatype=bits)
    registers = simulator.SimData(0, values=[0] * 10 + [17] + [0] * 9 + [210] + [0] * 9, datatype=words)
    empty = simulator.SimData(0, values=[0] * 16, datatype=words)
    device = simulator.SimDevice(1, simdata=([simulator.SimData(0, values=[False] * 16, datatype=bits)], [inputs], [registers], [empty]))
    asked: list[bytes] = []

    def trace(_sending: bool, packet: bytes) -> bytes:
        asked.append(packet)
        return packet

    plc = server.ModbusTcpServer(device, address=("127.0.0.1", port), trace_packet=trace)
    told: list[Text] = []
    source = from_plc(panel, modbus(panel.link), now_us, told.append, pauses(pause_min_s=0.02, pause_max_s=0.2))
    async with asyncio.timeout(PATIENCE_S):
        first = asyncio.create_task(anext(source))
        await until(lambda: any("WARNING" in line for line in told))  # the PLC is not there yet
        await plc.serve_forever(background=True)
        await until(lambda: len(asked) > 3)  # it reads how things are before anything rises
        await rise(plc, 5)
        event = event_of((await first).items[0])
        await source.aclose()
        await plc.shutdown()
    assert (event["kind"], event["contestant"], event["data"]) == ("clear", "A017", {"current_a": "2.10"})


async def until(true: Callable[[], bool]) -> None:
    """Wait for what another program does, which rings no bell."""
    while not true():  # noqa: ASYNC110 - see above
        await asyncio.sleep(0.01)


async def rise(plc: Any, place: int) -> None:
    """Let an input of the simulated PLC go high."""
    await plc.async_setValues(1, 2, place, [True])


def test_a_signal_of_every_kind_says_what_it_needs() -> None:
    assert Signal(1, "attempt", "quiz", contestant="A1", outcome="rejected").outcome == "rejected"
