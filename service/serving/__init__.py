"""Processes, connections, and what stands in front of every route."""
