"""Learned parts that an analyst retrains: run from the checkout, never installed."""
