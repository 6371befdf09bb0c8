"""Figures as ratios, each beside its bare limit and its peers in the same run. Every benchmark checks what was delivered.

A benchmark is a module with `SECONDS` and `rows(options, progress)` that stands in `plan.py`; see `rows.py` and `rounds.py`. Servers
run as processes of their own (`product.py`, `peers/`); what loads them (`load/`) is not counted.
"""
