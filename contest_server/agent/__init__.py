"""The venue's side of the wire.

lines of NDJSON ─ reading ─▶ outbox (SQLite) ─ link (sans-I/O) ─ socket ─▶ the contest's server; `agent` runs the four of them.
The law: a number is given once, kept for ever, and sent until the server has answered it.
Refuses to guess where a guess could lose or double an event.
"""
