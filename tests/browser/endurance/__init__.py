"""Pages that are told something ten times a second on a slow computer, for an evening: what each costs, and whether any of them grows."""
