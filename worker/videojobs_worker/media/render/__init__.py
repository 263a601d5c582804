"""Render: scenes on a timeline, in full or with what fits copied. Pure."""
