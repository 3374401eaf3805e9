"""Endpoints: convert, call, convert."""
