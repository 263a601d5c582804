"""How the operator tells what it does: logs, metrics, probes."""
