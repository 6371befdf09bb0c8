"""The name of one ledger, by chance: a cursor of another ledger does not carry it. Refuses nothing."""

import secrets

from contest_server.ledger.chain import root_of

EPOCH_BYTES = 6
RESTORED_BYTES = 4


def new_epoch() -> str:
    return secrets.token_hex(EPOCH_BYTES)


def restored_epoch(epoch: str) -> str:
    """Another epoch for the same chain: what came after the backup is gone, so cursors of before mean something else."""
    return f"{root_of(epoch)}.{secrets.token_hex(RESTORED_BYTES)}"
