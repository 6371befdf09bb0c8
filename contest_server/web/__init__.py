"""The only place that knows FastAPI."""
