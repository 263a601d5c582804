"""What makes it go: watches, the work queue, the reconcilers, the follower of Redis."""
