"""Every limit of a running server, with its unit. Set by environment variables that begin with CONTEST_."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Configuration of `contest-server serve`. Each field is read from CONTEST_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="CONTEST_", extra="ignore")

    db: str = Field("sqlite:///contest.db", description="database URL: sqlite:///relative.db, sqlite:////absolute.db or memory:")
    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 for all networks")
    port: int = Field(8000, ge=0, le=65_535, description="port to listen on; 0 takes a free one")

    batch_max_events: int = Field(500, ge=1, le=5_000, description="events in one message of a venue")
    message_max_bytes: int = Field(262_144, ge=1_024, le=1 << 24, description="length of one message of a venue")
    venue_rate_per_s: int = Field(2_000, ge=1, description="events per second of one source; beyond it the socket is read more slowly")
    venue_sockets_max: int = Field(2_000, ge=1, description="open sockets of venues")
    display_sockets_max: int = Field(20_000, ge=1, description="open sockets of displays")
    review_sockets_max: int = Field(1_000, ge=1, description="open sockets of officials")
    hello_timeout_s: float = Field(
        10.0, gt=0, description="how long a connection may stay silent before its request, and a venue's socket before its hello"
    )
    bad_messages_max: int = Field(20, ge=1, description="unreadable messages in a row before a socket is closed")

    unread_timeout_s: float = Field(
        30.0, gt=0, description="how long a connection may read nothing of what was written to it, or less than 1 KiB a second"
    )
    ping_interval_s: float = Field(20.0, gt=0, description="how often an open socket is asked whether somebody is still there")
    ping_timeout_s: float = Field(
        20.0,
        gt=0,
        description="how long that answer may take before the socket is closed; who still reads what was written before it has longer",
    )

    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="addresses or networks of reverse proxies, with commas; their X-Forwarded-For and X-Forwarded-Proto are believed, "
        "and they are not limited themselves",
    )
    address_requests_per_s: int = Field(500, ge=1, description="requests per second of one address, over ten seconds")
    address_connections_max: int = Field(5_000, ge=1, description="open connections of one address")
    address_connections_per_s: int = Field(500, ge=1, description="new connections per second of one address, over ten seconds")
    address_sockets_max: int = Field(2_000, ge=1, description="open sockets of one address")
    address_sockets_per_s: int = Field(100, ge=1, description="new sockets per second of one address, over ten seconds")
    token_requests_per_s: int = Field(500, ge=1, description="requests per second with one token, over ten seconds")
    token_sockets_max: int = Field(2_000, ge=1, description="open sockets with one token")
    body_max_bytes: int = Field(
        131_072,
        ge=1_024,
        le=1 << 24,
        description="length of a request's body; where a stranger logs in 16 KiB, of a definition from somebody who may send one 16 MiB",
    )
    body_timeout_s: float = Field(60.0, gt=0, description="how long the body of a request may take to arrive")

    oidc_issuer: str = Field("", description="identity provider that people may log in with, as a URL; empty: none")
    oidc_client_id: str = Field("", description="what this installation is called there")
    oidc_client_secret: SecretStr | None = Field(None, description="its secret there")

    inbox_max_submissions: int = Field(4_096, ge=1, description="submissions waiting for the ledger; beyond it, senders wait")
    commit_max_facts: int = Field(2_000, ge=1, le=5_000, description="facts in one transaction")
    follow_interval_ms: int = Field(500, ge=10, description="how often a desk looks for entries of other processes")

    paint_interval_ms: int = Field(50, ge=5, description="shortest time between two frames of a board")
    beat_interval_ms: int = Field(4_000, ge=100, le=5_000, description="longest time between two messages to a display")
    frames_kept: int = Field(256, ge=2, description="frames of a view kept for displays that come back")
    credit_max_frames: int = Field(8, ge=1, description="frames sent to a display that it has not painted yet")
    display_views_max: int = Field(
        512,
        ge=1,
        description="different views of one board at the same time, of the public and of the staff each; `all` is always let in, and one "
        "address holds no more than it leaves to others",
    )

    open_at_start_max: int = Field(16, ge=0, description="contests that are opened when the server starts, those that moved last first")
    checkpoint_entries: int = Field(
        20_000, ge=0, description="entries after which judgements are kept anew, for a faster start; 0: none are kept, and none used"
    )
    drain_s: float = Field(
        0.0, ge=0, description="how long an ending server goes on, not ready, so that proxies send nobody to it any more"
    )
    finish_within_s: float = Field(10.0, gt=0, description="how long it may take then to store what was accepted and to say goodbye")

    themes: str = Field("", description="folder with a folder for each theme of a contest: theme.toml and its images; empty: none")

    metrics_token: SecretStr | None = Field(
        None, description="who sends it as a bearer token reads /metrics from anywhere; else this machine only"
    )
    log: Literal["console", "json"] = Field("console", description="how the log is written: console for people, json for programs")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what is logged: this and what is worse")

    clock_exchange_s: float = Field(10.0, gt=0, description="time between two clock exchanges with a venue")
    clock_samples: int = Field(16, ge=3, description="clock exchanges that an offset is reckoned from")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, text: str) -> str:
        """Refuses what is no address: a proxy that is not known would be limited like one person."""
        for each in filter(None, map(str.strip, text.split(","))):
            ip_network(each)
        return text
