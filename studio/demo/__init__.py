"""Shoots with known truth, and a client that takes them through Studio as any program would."""
