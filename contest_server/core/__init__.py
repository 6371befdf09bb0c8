"""The contest as pure functions of its ledger: no clock, no chance, no I/O."""
