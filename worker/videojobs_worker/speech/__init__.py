"""Speech to captions: Whisper engines, and writers for what they heard."""
