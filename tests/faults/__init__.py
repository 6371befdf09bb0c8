"""Fault tests: real servers, agents, displays and databases are killed, paused, cut off and filled up; what has to hold afterwards."""
