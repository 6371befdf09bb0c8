"""A server for live stage-clear contests: venues stream, judges score, boards move."""

__version__ = "0.1.0"
