"""The operator: turns VideoJobs into Celery tasks and WorkerPools into Deployments."""
