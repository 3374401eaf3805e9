"""Guarantees: who bears what of a loss, what it costs, what the supervisor counts."""
