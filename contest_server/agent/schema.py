"""The tables of an outbox file. Nothing is deleted from them."""

VERSION = "1"

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    body TEXT NOT NULL,                       -- the JSON object as it is sent, without its number
    status TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'acknowledged', 'refused')),
    position INTEGER,                         -- of the acknowledgement that covered it
    read_us INTEGER NOT NULL,
    answered_us INTEGER,
    withheld TEXT                             -- why a note goes in its place
);
CREATE INDEX IF NOT EXISTS events_waiting ON events (seq) WHERE status = 'waiting';
CREATE INDEX IF NOT EXISTS events_acknowledged ON events (seq) WHERE status = 'acknowledged';
CREATE TABLE IF NOT EXISTS refusals (
    seq INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    refused_us INTEGER NOT NULL,
    settled_us INTEGER,                       -- when a person dealt with it
    note TEXT
);
CREATE TABLE IF NOT EXISTS rejected_lines (
    id INTEGER PRIMARY KEY,
    input TEXT NOT NULL,
    line INTEGER NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    text TEXT NOT NULL,
    read_us INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS inputs (
    name TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    device TEXT NOT NULL,
    inode TEXT NOT NULL,
    offset INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    fingerprint TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, what TEXT NOT NULL);
"""

STANDING = """
SELECT
    coalesce((SELECT max(seq) FROM events), 0),
    coalesce((SELECT min(seq) - 1 FROM events WHERE status = 'waiting'), (SELECT max(seq) FROM events), 0),
    coalesce((SELECT max(seq) FROM events WHERE status = 'acknowledged'), 0),
    (SELECT count(*) FROM events WHERE status = 'waiting'),
    (SELECT count(*) FROM refusals WHERE settled_us IS NULL),
    (SELECT count(*) FROM rejected_lines)
"""
