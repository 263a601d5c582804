"""`make demo`: the examples, from sample media to verified files, with live progress."""
