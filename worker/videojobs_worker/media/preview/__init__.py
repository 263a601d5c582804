"""Preview: still pictures of a source, and a sheet of them. Pure."""
