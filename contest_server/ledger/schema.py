"""The tables, for SQLite now and PostgreSQL later. Migrations create them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text, UniqueConstraint

metadata = MetaData()

contests = Table(
    "contests",
    metadata,
    Column("contest", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("position", BigInteger, nullable=False, comment="of the last entry; 0 if there is none"),
    Column("hash", LargeBinary, nullable=False, comment="of the last entry, 32 bytes"),
    PrimaryKeyConstraint("contest"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("contest", Text, nullable=False),
    Column("position", BigInteger, nullable=False, comment="gapless from 1 in each contest"),
    Column("source", Text, comment="with seq: the number that makes storing again harmless"),
    Column("seq", BigInteger),
    Column("body", Text, nullable=False, comment="canonical JSON; exactly these bytes are hashed"),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("contest", "position"),
    UniqueConstraint("contest", "source", "seq"),
)

people = Table(
    "people",
    metadata,
    Column("contest", Text, nullable=False),
    Column("contestant", Text, nullable=False),
    Column("document", Text, nullable=False, comment="JSON: names and whatever else may have to be corrected or erased"),
    Column("updated_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("contest", "contestant"),
)

rosters = Table(
    "rosters",
    metadata,
    Column("contest", Text, nullable=False),
    Column("version", BigInteger, nullable=False, comment="grows with each change of the people of this contest"),
    PrimaryKeyConstraint("contest"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", Text, nullable=False, comment="sha256 of the secret, hexadecimal; the secret itself is nowhere"),
    Column("contest", Text),
    Column("role", Text, nullable=False),
    Column("venue", Text),
    Column("label", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("revoked_us", BigInteger),
    PrimaryKeyConstraint("hash"),
)

officials = Table(
    "officials",
    metadata,
    Column("contest", Text, nullable=False),
    Column("official", Text, nullable=False),
    Column("password", Text, nullable=False, comment="argon2; who the official is stands in the definition"),
    Column("updated_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("contest", "official"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, nullable=False, comment="sha256 of the secret, hexadecimal; a session that is over has no row"),
    Column("contest", Text, nullable=False),
    Column("official", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("fresh_us", BigInteger, nullable=False, comment="when the password was last given"),
    Column("expires_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
    Index("sessions_of", "contest", "official"),
)

seals = Table(
    "seals",
    metadata,
    Column("contest", Text, nullable=False),
    Column("commitment", Text, nullable=False, comment="as the ledger holds it"),
    Column("document", Text, nullable=False, comment="JSON: salt and codes; removed once the ledger holds them revealed"),
    Column("created_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("contest", "commitment"),
)
