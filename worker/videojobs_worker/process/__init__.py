"""Running ffmpeg and its like: processes, their progress, their processors."""
