"""What the service remembers: decisions in a hash chain, keys, books, jobs, artifacts."""
