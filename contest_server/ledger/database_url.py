"""What a URL says of where everything is kept, as text. Opens nothing; refuses by name what is no place."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote_plus, urlencode, urlsplit

from contest_server.core.saying import Said

DEFAULT_URL = "sqlite:///contest.db"
MEMORY_URL = "memory:"
HOSTS_MAX = 8
"""More machines than one database has."""
_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")
_EXPECTED = Said(
    "expected postgresql://user:password@host:5432/database, or several hosts: host1:5432,host2:5432; "
    "in a password, / is %2F, ? is %3F, # is %23, @ is %40 and [ is %5B"
)
_WANTED = "target_session_attrs"
_ASKED = re.compile(r"([?&]([^?&=]*)=)[^&]*")
_SECRET = "password"  # noqa: S105 - what the key of one ends with


class BadUrl(ValueError):
    """The URL names no store that this version can open."""


def file_of(url: str) -> Path | None:
    """The file that a URL names; None for `memory:` and PostgreSQL. Raises BadUrl."""
    if is_postgres(url):
        hosts_of(url)  # says what is wrong with it
    if url == MEMORY_URL or is_postgres(url):
        return None
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE) and "\0" not in url:
        return Path(url.removeprefix(_SQLITE))
    raise BadUrl(
        Said(
            "{url!r} is not sqlite:///contest.db (relative), sqlite:////absolute/contest.db, postgresql://user:password@host/database "
            "or memory:",
            url=shown(url),
        )
    )


def is_postgres(url: str) -> bool:
    return url.startswith(_POSTGRES)


def place_of(url: str) -> str:
    """A URL of PostgreSQL without its password, for people and logs. Raises BadUrl where it names no place at all."""
    hosts, parts = hosts_of(url), urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return f"postgresql://{user}{','.join(hosts)}{parts.path}"


def hosts_of(url: str) -> list[str]:
    """The hosts that a URL of PostgreSQL names, each with its port where it says one. Raises BadUrl."""
    try:
        parts = urlsplit(url)
        hosts = [_host(each) for each in parts.netloc.rpartition("@")[2].split(",")]
    except ValueError:  # which may repeat the beginning of a password
        raise BadUrl(Said("{url!r} names no host; {expected}", url=shown(url), expected=_EXPECTED)) from None
    if _is_cut(parts):
        raise BadUrl(Said("{url!r} names no host; {expected}", url=shown(url), expected=_EXPECTED))
    if len(hosts) > 1 and not all(hosts):
        raise BadUrl(Said("{url!r}: one of its hosts is empty; {expected}", url=shown(url), expected=_EXPECTED))
    if len(hosts) > HOSTS_MAX:
        raise BadUrl(Said("{url!r}: {count} hosts, at most {most}", url=shown(url), count=len(hosts), most=HOSTS_MAX))
    return hosts


def _is_cut(parts: SplitResult) -> bool:
    """Whether what looks like a host and its port is an account, up to a / ? or # in its password."""
    asked = [each for each in parts.query.split("&") if "=" not in each.partition("@")[0]]
    return ":" in parts.netloc and "@" not in parts.netloc and any("@" in each for each in (parts.path, parts.fragment, *asked))


def _host(text: str) -> str:
    """Raises ValueError."""
    parts = urlsplit(f"//{text}")
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}{f':{parts.port}' if parts.port else ''}"


def each_of(url: str) -> list[str]:
    """A URL of PostgreSQL for each of its hosts. Of several one is wanted that may be written to, unless the URL says what is wanted."""
    parts, hosts = urlsplit(url), hosts_of(url)
    account, at, _ = parts.netloc.rpartition("@")
    if len(hosts) == 1:
        return [url]
    return [parts._replace(netloc=f"{account}{at}{host}", query=_query(parts)).geturl() for host in hosts]


def _query(parts: SplitResult) -> str:
    asked = parse_qsl(parts.query, keep_blank_values=True)
    return urlencode(asked if _WANTED in dict(asked) else [*asked, (_WANTED, "read-write")])


def shown(url: str) -> str:
    """The URL without a password, for people and logs."""
    scheme, separator, rest = _ASKED.sub(_masked, url).partition("://")
    account, at, place = rest.rpartition("@")
    return f"{scheme}{separator}{account.partition(':')[0]}{at}{place}" if separator and at else f"{scheme}{separator}{rest}"


def _masked(asked: re.Match[str]) -> str:
    return f"{asked[1]}…" if unquote_plus(asked[2]).lower().endswith(_SECRET) else asked[0]
