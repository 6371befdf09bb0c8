"""The name of one ledger, by chance: a cursor of another ledger does not carry it. Refuses nothing."""

import secrets

EPOCH_BYTES = 6


def new_epoch() -> str:
    return secrets.token_hex(EPOCH_BYTES)
