"""Events from an MQTT broker: each message is one event. An optional extra: it needs the package `aiomqtt`, and says where that is missing.

The topic may say what an event is about: each level in braces, as in `hall/{contestant}/{stage}/{kind}`, fills a field that was left out.
Messages that the broker only remembers (retained) are no events. What is no event is refused by the outbox, and the rest goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import re
import ssl
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from contest_server.agent.addresses import shown
from contest_server.agent.courier import Tell
from contest_server.agent.limits import LINE_BYTES_MAX
from contest_server.agent.pauses import Pauses
from contest_server.agent.reading import BadLine, Chunk, Draft, NowUs, draft_line
from contest_server.core.saying import Said

SCHEMES = {"mqtt": 1883, "mqtts": 8883}
EVENT_FIELDS = ("kind", "contestant", "stage", "attempt", "at")
LATELY_MAX = 1_000
WANTED = Said("events from MQTT need one more package: pip install 'contest-server[mqtt]'")
_LEVEL = re.compile(r"\{(\w+)\}")


class NoSuchBroker(ValueError):
    """The address is none, or the package is missing. Whoever typed the command has to change it."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where events come from. `topic` as it was written, with levels in braces; the password never stands in an address."""

    host: str
    port: int
    encrypted: bool
    user: str | None
    password: str | None
    topic: str

    @property
    def filter(self) -> str:
        """The topic as the broker understands it: any word where a level has a name."""
        return _LEVEL.sub("+", self.topic)


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retained: bool = False


class Inbox(Protocol):
    """A subscription that lasts: what came while nobody listened is there, as far as the broker keeps it. Raises Gone."""

    def messages(self) -> AsyncGenerator[Message, None]: ...


class Gone(Exception):
    """The broker cannot be reached (any more); trying again may help."""


Subscribe = Callable[[], AbstractAsyncContextManager[Inbox]]


def broker_of(address: str, password: str | None) -> Broker:
    """What `mqtt://user@host:1883/hall/{contestant}/{stage}/{kind}` means. Raises NoSuchBroker."""
    try:
        parts = urlsplit(address)
        port = None if parts.password is not None else parts.port
    except ValueError:
        raise _no_address(address) from None
    if parts.password is not None:
        raise NoSuchBroker(Said("everybody on this computer can read a password in the address: set CONTEST_MQTT_PASSWORD instead"))
    topic = unquote(parts.path).strip("/")
    if parts.scheme not in SCHEMES or not parts.hostname or not topic:
        raise _no_address(address)
    if any(_LEVEL.sub("", level) for level in topic.split("/") if _LEVEL.search(level)):
        raise NoSuchBroker(Said("{topic}: a name in braces is a whole level of the topic", topic=topic))
    return Broker(parts.hostname, port or SCHEMES[parts.scheme], parts.scheme == "mqtts", parts.username, password, topic)


def _no_address(address: str) -> NoSuchBroker:
    expected = Said("{address}: expected mqtt://HOST[:PORT]/TOPIC, or mqtts:// for an encrypted connection", address=shown(address))
    return NoSuchBroker(expected)


def draft_of(message: Message, broker: Broker, number: int, now_us: NowUs) -> Draft | BadLine | None:
    """The event of a message; a BadLine where it is none, None for what is only remembered."""
    if message.retained:
        return None
    found = draft_line(message.payload[: LINE_BYTES_MAX + 1].replace(b"\n", b" "), 0, now_us)
    if not isinstance(found, Draft):
        text = message.payload[:200].decode("utf-8", "replace")
        empty = Said("an empty message at {topic}", topic=message.topic)
        return found or BadLine(number, "empty", str(empty), text)
    drafted = draft_line(msgspec.json.encode(_filled(msgspec.json.decode(found.body), message, broker)), number, now_us)
    return replace(drafted, at_given=found.at_given) if isinstance(drafted, Draft) else drafted


def _filled(event: dict[str, Any], message: Message, broker: Broker) -> dict[str, Any]:
    """The event with what the topic's levels say: fields that it leaves out, and anything else as its data."""
    levels = zip(broker.topic.split("/"), message.topic.split("/"), strict=False)
    said = {name[1]: word for level, word in levels if (name := _LEVEL.fullmatch(level)) is not None}
    fields = {name: word for name, word in said.items() if name in EVENT_FIELDS and name not in event}
    more = {name: word for name, word in said.items() if name not in EVENT_FIELDS}
    data = event.get("data", {})
    with_data = {"data": more | data} if more and isinstance(data, dict) else {}
    return fields | event | with_data


class Lately:
    """A broker may deliver a message twice. What says its own time, and came in the same words at the same topic lately, is the same."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def has(self, message: Message, item: Draft | BadLine) -> bool:
        if not isinstance(item, Draft) or not item.at_given:
            return False
        key = (message.topic, hashlib.sha256(message.payload).digest())
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > LATELY_MAX:
            self._seen.popitem(last=False)
        return False


async def from_mqtt(broker: Broker, subscribe: Subscribe, now_us: NowUs, tell: Tell, pauses: Pauses) -> AsyncGenerator[Chunk, None]:
    """Every message as a chunk, for ever; a broker that is gone is tried again, after longer and longer pauses."""
    number = failures = 0
    lately = Lately()
    while True:
        try:
            async with subscribe() as inbox:
                tell(Said("listening at {host}:{port} to {topic}", host=broker.host, port=broker.port, topic=broker.filter))
                async with aclosing(inbox.messages()) as messages:
                    async for message in messages:
                        number, failures = number + 1, 0
                        item = draft_of(message, broker, number, now_us)
                        if item is not None and not lately.has(message, item):
                            yield Chunk((item,))
        except Gone as fault:
            where = f"{broker.host}:{broker.port}"
            tell(Said("WARNING: the broker {where} is gone ({fault}); trying again", where=where, fault=str(fault)))
        failures += 1
        await asyncio.sleep(pauses.after(failures))


def subscription(broker: Broker, name: str) -> Subscribe:
    """A lasting subscription of this agent (`name`: its own, the same at every start). Raises NoSuchBroker where the package is missing."""
    try:
        aiomqtt = importlib.import_module("aiomqtt")
    except ModuleNotFoundError:
        raise NoSuchBroker(WANTED) from None

    @asynccontextmanager
    async def subscribed() -> AsyncIterator[Inbox]:
        encryption = ssl.create_default_context() if broker.encrypted else None
        login = {"username": broker.user, "password": broker.password, "tls_context": encryption}
        client = aiomqtt.Client(broker.host, broker.port, identifier=name, clean_session=False, **login)
        try:
            async with client:
                await client.subscribe(broker.filter, qos=1)
                yield _Subscription(client, aiomqtt.MqttError)
        except aiomqtt.MqttError as fault:
            raise Gone(str(fault)) from fault

    return subscribed


class _Subscription:
    def __init__(self, client: Any, fault: type[Exception]) -> None:
        self._client, self._fault = client, fault

    async def messages(self) -> AsyncGenerator[Message, None]:
        try:
            async for each in self._client.messages:
                payload = each.payload if isinstance(each.payload, bytes) else str(each.payload or "").encode()
                yield Message(str(each.topic), payload, bool(each.retain))
        except self._fault as fault:
            raise Gone(str(fault)) from fault
