"""Benchmarks: they print ratios to something bare on the same machine, and judge nothing."""
