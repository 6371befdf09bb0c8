"""Servers that send one thing to many, each as a process of its own, with one way to have them do it.

Installs nothing: a server that is not on this machine says what it would take (`Missing`).
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from tests.bench.load.displays import upgrade
from tests.bench.machine import compiled, dies_with_us, family
from tests.bench.rows import Missing
from tests.postgres import free_port

HERE = Path(__file__).parent
UP_WITHIN_S, ENDS_WITHIN_S = 20.0, 10.0
DESCRIPTORS = 60_000
CHANNEL = "frames"


class Broadcaster(Protocol):
    """`request` is what a display sends to get frames, `mode` how it reads them (`load/crowd.c`)."""

    name: str
    port: int
    request: bytes
    mode: str
    pids: list[int]

    def broadcast(self, frames: int, every_s: float, size: int) -> None:
        """Send so many frames of so many bytes, one each interval, or as fast as it can."""
        ...

    def wire_bytes(self, size: int) -> int:
        """How long a frame is on the wire, where displays count bytes."""
        ...


def text_of(number: int, size: int) -> str:
    """The frame of this number. The last one is what every display must end with."""
    return f"frame {number} ".ljust(size, "x")


class Commanded:
    """A program of ours that says "port N" and takes `send FRAMES EVERY_US BYTES`."""

    mode = "ws"
    request = upgrade("/board")

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=dies_with_us)
        self.port = int(self._line().split()[1])
        self.pids = [self._process.pid]

    def broadcast(self, frames: int, every_s: float, size: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"send {frames} {round(every_s * 1e6)} {size}\n")
        self._process.stdin.flush()
        assert self._line() == f"sent {frames}\n"

    def wire_bytes(self, size: int) -> int:
        return size + (2 if size < 126 else 4)

    def close(self) -> None:
        end(self._process)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"{self.name} ended"
        return line


class Nchan:
    """nginx with the module nchan: WebSocket in, POST out. One worker, as everybody else here has one process."""

    name = "nginx + nchan"
    mode = "ws"
    request = upgrade("/board")

    def __init__(self, folder: Path) -> None:
        program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        module = next((each for each in map(Path, NCHAN_AT) if each.exists()), None)
        if program is None or module is None:
            raise Missing("apt install nginx-light libnginx-mod-nchan")
        self.port, own = free_port(), folder / "nchan"
        own.mkdir(exist_ok=True)
        (own / "nginx.conf").write_text(
            NCHAN_CONF.format(module=module, folder=own, port=self.port, descriptors=min(DESCRIPTORS, _files()))
        )
        self._process = _quietly([program, "-c", str(own / "nginx.conf"), "-p", str(own)])
        _wait_for(self.port)
        self.pids = family(self._process.pid)

    def broadcast(self, frames: int, every_s: float, size: int) -> None:
        publisher = http.client.HTTPConnection("127.0.0.1", self.port, timeout=UP_WITHIN_S)
        for number in paced(frames, every_s):
            publisher.request("POST", "/publish", text_of(number, size), {"Content-Type": "text/plain"})
            answer = publisher.getresponse()
            answer.read()
            assert answer.status in (200, 201, 202), f"nchan answered {answer.status}"
        publisher.close()

    def wire_bytes(self, size: int) -> int:
        return size + (2 if size < 126 else 4)

    def close(self) -> None:
        end(self._process)


NCHAN_AT = (
    "/usr/lib/nginx/modules/ngx_nchan_module.so",
    "/usr/share/nginx/modules/ngx_nchan_module.so",
    "/etc/nginx/modules/ngx_nchan_module.so",
)
NCHAN_CONF = """
load_module {module};
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile {descriptors};
events {{ worker_connections {descriptors}; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; tcp_nodelay on;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /publish {{ nchan_publisher; nchan_channel_id frames; nchan_store_messages off; }}
    location = /board {{ nchan_subscriber websocket; nchan_channel_id frames; nchan_subscriber_first_message newest; }}
  }}
}}
"""


class Nats:
    """A message broker: SUB in, MSG out."""

    name = "NATS"
    mode = "bytes"
    request = f'CONNECT {{"verbose":false,"pedantic":false}}\r\nSUB {CHANNEL} 1\r\nPING\r\n'.encode()

    def __init__(self, folder: Path) -> None:
        program = _program("nats-server", "apt install nats-server")
        self.port = free_port()
        conf = folder / "nats.conf"
        conf.write_text(f'host: "127.0.0.1"\nport: {self.port}\nmax_connections: 65536\nwrite_deadline: "10s"\nping_interval: "600s"\n')
        self._process = _quietly([program, "-c", str(conf)])
        _wait_for(self.port)
        self.pids = family(self._process.pid)

    def broadcast(self, frames: int, every_s: float, size: int) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as publisher:
            publisher.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\n')
            for number in paced(frames, every_s):
                publisher.sendall(f"PUB {CHANNEL} {size}\r\n{text_of(number, size)}\r\n".encode())
            publisher.sendall(b"PING\r\n")
            while b"PONG" not in publisher.recv(4_096):
                continue

    def wire_bytes(self, size: int) -> int:
        return len(f"MSG {CHANNEL} 1 {size}\r\n") + size + 2

    def close(self) -> None:
        end(self._process)


class Mosquitto:
    """A broker of MQTT, quality of service 0."""

    name = "Mosquitto"
    mode = "bytes"

    def __init__(self, folder: Path) -> None:
        program = _program("mosquitto", "apt install mosquitto")
        self.port = free_port()
        conf = folder / "mosquitto.conf"
        conf.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_connections -1\nset_tcp_nodelay true\nuser root\n")
        self._process = _quietly([program, "-c", str(conf)])
        _wait_for(self.port)
        self.pids = family(self._process.pid)
        topic = _mqtt_text(CHANNEL)
        self.request = _mqtt_connect() + _mqtt_packet(0x82, b"\0\1" + topic + b"\0")

    def broadcast(self, frames: int, every_s: float, size: int) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as publisher:
            publisher.sendall(_mqtt_connect())
            publisher.recv(4)
            for number in paced(frames, every_s):
                publisher.sendall(_mqtt_packet(0x30, _mqtt_text(CHANNEL) + text_of(number, size).encode()))
            publisher.sendall(b"\xc0\0")
            publisher.recv(2)

    def wire_bytes(self, size: int) -> int:
        return len(_mqtt_packet(0x30, _mqtt_text(CHANNEL) + text_of(1, size).encode()))

    def close(self) -> None:
        end(self._process)


class Redis:
    """Redis pub/sub."""

    name = "Redis pub/sub"
    mode = "bytes"
    request = f"SUBSCRIBE {CHANNEL}\r\n".encode()

    def __init__(self, folder: Path) -> None:
        program = _program("redis-server", "apt install redis-server")
        self.port = free_port()
        settings = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "maxclients": 50_000, "dir": folder}
        settings["client-output-buffer-limit"] = "pubsub 0 0 0"
        words = [word for name, value in settings.items() for word in (f"--{name}", *(str(value).split(" ")))]
        self._process = _quietly([program, *words])
        _wait_for(self.port)
        self.pids = family(self._process.pid)

    def broadcast(self, frames: int, every_s: float, size: int) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as publisher:
            for number in paced(frames, every_s):
                text = text_of(number, size)
                publisher.sendall(f"*3\r\n$7\r\nPUBLISH\r\n${len(CHANNEL)}\r\n{CHANNEL}\r\n${len(text)}\r\n{text}\r\n".encode())
                assert publisher.recv(64).startswith(b":")

    def wire_bytes(self, size: int) -> int:
        return len(f"*3\r\n$7\r\nmessage\r\n${len(CHANNEL)}\r\n{CHANNEL}\r\n${size}\r\n") + size + 2

    def close(self) -> None:
        end(self._process)


def bare_send(folder: Path) -> Commanded:
    program = compiled(HERE / "send.c", folder)
    if program is None:
        raise Missing("apt install gcc libc6-dev")
    return Commanded("C, bare send(2)", [str(program)])


def await_fastapi(folder: Path) -> Commanded:
    del folder
    return Commanded("FastAPI, await one after another", [sys.executable, "-m", "tests.bench.peers.await_fastapi"])


def front(name: str, store: str) -> Commanded:
    """A front for venues (`front.py`): it takes no command, and ends when it is closed."""
    return Commanded(name, [sys.executable, "-m", "tests.bench.peers.front", store])


def paced(frames: int, every_s: float) -> Iterator[int]:
    """The numbers from 1, one each interval."""
    began_s = time.monotonic()
    for number in range(1, frames + 1):
        yield number
        time.sleep(max(0.0, began_s + number * every_s - time.monotonic()))


@contextmanager
def closing(peer: Commanded | Nchan | Nats | Mosquitto | Redis) -> Iterator[Broadcaster]:
    try:
        yield peer
    finally:
        peer.close()


def end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """End a process that we started, and wait for it."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _quietly(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=dies_with_us)


def _program(name: str, how: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(how)
    return found


def _files() -> int:
    return os.sysconf("SC_OPEN_MAX")


def _wait_for(port: int) -> None:
    by_s = time.monotonic() + UP_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < by_s, f"nobody listens on port {port}"
            time.sleep(0.05)
        else:
            return


def _mqtt_text(text: str) -> bytes:
    return struct.pack("!H", len(text)) + text.encode()


def _mqtt_packet(kind: int, body: bytes) -> bytes:
    size, left = b"", len(body)
    while True:
        left, digit = left >> 7, left & 127
        size += bytes([digit | (128 if left else 0)])
        if not left:
            return bytes([kind]) + size + body


def _mqtt_connect() -> bytes:
    """Clean session, no keep-alive, a name that the broker gives."""
    return _mqtt_packet(0x10, _mqtt_text("MQTT") + b"\x04\x02\0\0" + _mqtt_text(""))
