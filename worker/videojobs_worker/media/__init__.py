"""Media: what a file holds, and the ffmpeg arguments that make another. Pure but for the probe."""
