"""Where media is read and outputs are committed."""
