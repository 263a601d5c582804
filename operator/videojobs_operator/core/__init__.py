"""Pure decisions: resources, what was observed and the time in; what to do and the new status out."""
