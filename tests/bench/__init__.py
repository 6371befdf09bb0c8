"""Figures as ratios, each beside its bare limit in the same run. Every benchmark checks what was delivered."""
