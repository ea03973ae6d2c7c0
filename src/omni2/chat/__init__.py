"""The chat door: translation only."""
