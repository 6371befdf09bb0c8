"""The first tables: contests, their ledgers, the people in them, the tokens of those who may speak."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_GUARDS = {
    "sqlite": """
        CREATE TRIGGER ledger_never_changes BEFORE UPDATE ON ledger
        BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never changed'); END
        ---
        CREATE TRIGGER ledger_never_forgets BEFORE DELETE ON ledger
        BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never removed'); END
        """,
    "postgresql": """
        CREATE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'an entry of the ledger is never changed or removed'; END $$
        ---
        CREATE TRIGGER ledger_never_changes BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_stays()
        ---
        CREATE TRIGGER ledger_never_forgets BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_stays()
        """,
}


def upgrade() -> None:
    _create_ledger()
    _create_people()
    _create_tokens()
    for guard in _GUARDS[op.get_bind().dialect.name].split("---"):
        op.execute(guard.strip())


def _create_ledger() -> None:
    op.create_table(
        "contests",
        sa.Column("contest", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("contest"),
    )
    op.create_table(
        "ledger",
        sa.Column("contest", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("contest", "position"),
        sa.UniqueConstraint("contest", "source", "seq"),
    )


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("contest", sa.Text(), nullable=False),
        sa.Column("contestant", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("updated_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contest", "contestant"),
    )
    op.create_table(
        "rosters",
        sa.Column("contest", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contest"),
    )


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("contest", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )


def downgrade() -> None:
    raise NotImplementedError("a ledger only goes forward; restore the backup made before the upgrade")
