"""A guarantee institution's book on a day: read, measured, stressed, explained, shown."""
