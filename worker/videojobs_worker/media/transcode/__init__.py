"""Transcode: one source into one or more outputs. Pure."""
