"""The tables, for SQLite now and PostgreSQL later. Migrations create them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text, UniqueConstraint

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
