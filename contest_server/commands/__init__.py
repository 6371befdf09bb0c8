"""One command of `contest-server` a file."""
