"""Measurements of the whole, on real parts. Each prints what it found; its last line is JSON."""
