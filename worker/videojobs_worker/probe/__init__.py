"""What a source or an output is: ffprobe, packets, frame times, verification. Runs processes and reads files."""
