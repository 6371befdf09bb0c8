"""Recorded contests: read, streamed again and compared with their published result."""
