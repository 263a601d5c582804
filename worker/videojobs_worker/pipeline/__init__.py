"""One way for every kind of work: claim, fetch, probe, plan, run, verify, commit."""
