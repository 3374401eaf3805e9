"""Assessment of a released model on rows that it never saw, as the engine answers."""
