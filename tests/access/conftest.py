"""Fixtures of access: the same quiet surroundings as the hub's."""

from tests.hub.conftest import no_keys, patient_mirror

__all__ = ["no_keys", "patient_mirror"]
