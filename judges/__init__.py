"""The built-in judges: one rule a file, found by the same entry points as anyone's. Nothing imports this package by name."""
