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
    Column("expires_us", BigInteger, comment="it ends by itself then"),
    Column("follows", Text, comment="the id of the token in whose place it was issued"),
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
    Column("contest", Text, comment="with official: one of the definition who logged in to this contest"),
    Column("official", Text),
    Column("account", Text, comment="or an account, for whatever is granted to it"),
    Column("created_us", BigInteger, nullable=False),
    Column("fresh_us", BigInteger, nullable=False, comment="when the password was last given"),
    Column("expires_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
    Index("sessions_of", "contest", "official"),
    Index("sessions_of_accounts", "account"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False, comment="for people; may be corrected"),
    Column("password", Text, comment="argon2; none for those whom only an identity provider lets in"),
    Column("email", Text, comment="in small letters"),
    Column("subject", Text, comment="who this is to the identity provider"),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("disabled_us", BigInteger),
    PrimaryKeyConstraint("account"),
    UniqueConstraint("email"),
    UniqueConstraint("subject"),
)

grants = Table(
    "grants",
    metadata,
    Column("grant_id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("contest", Text, comment="none: all contests"),
    Column("venue", Text),
    Column("official", Text, comment="who of the definition this is"),
    Column("contestant", Text),
    Column("created_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("grant_id"),
    Index("grants_of", "account"),
)

pairings = Table(
    "pairings",
    metadata,
    Column("code", Text, nullable=False, comment="as the screen shows it"),
    Column("secret", Text, nullable=False, comment="sha256 of the secret with which the screen asks"),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("contest", Text, comment="once somebody has said whose screen it is"),
    Column("name", Text),
    PrimaryKeyConstraint("code"),
    UniqueConstraint("secret"),
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

notes = Table(
    "notes",
    metadata,
    Column("contest", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("document", Text, nullable=False, comment="what servers tell each other for a while; never a fact"),
    Column("until_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("contest", "kind", "id"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("contest", Text, nullable=False),
    Column("position", BigInteger, nullable=False, comment="of the last entry that it judged"),
    Column("part", BigInteger, nullable=False, comment="0: the head, which comes last and makes it one"),
    Column("document", LargeBinary, nullable=False, comment="derived; may be removed at any time"),
    PrimaryKeyConstraint("contest", "position", "part"),
)
