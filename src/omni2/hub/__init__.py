"""Keeps the catalogue alive: probes, refresh, server state."""
