"""What acts: the work queue, a reconciler for each kind, the one writer of status, the recorder of events."""
