"""A real Kubernetes (kind) on any Linux machine, for the demo and the tests.

It runs with the system's python3 (3.9 or newer) and the standard library alone, because it is
what a fresh machine runs first, before any virtual environment exists.
"""
