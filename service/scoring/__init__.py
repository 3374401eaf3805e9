"""How an application is scored: the queue, what it is scored by, and its record."""
