"""The Celery tasks: thin, they turn messages into jobs and results into messages."""
