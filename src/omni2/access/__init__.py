"""May they: grants and the one decision function."""
