"""Recovery: what is lost after a default, from workouts to released models."""
