"""The worker: a Celery app that turns pieces of video work into verified files."""
