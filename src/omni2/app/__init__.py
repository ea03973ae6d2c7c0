"""Composition: one process, one lifespan."""
