"""The scoring service: an application run from the checkout, never installed."""
