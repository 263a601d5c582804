"""What is known of the cluster: watches, the store they fill, the relist that finds what they missed."""
