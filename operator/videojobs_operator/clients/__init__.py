"""The only code that talks to Kubernetes, Redis and the broker."""
