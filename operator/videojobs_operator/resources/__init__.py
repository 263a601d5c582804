"""Builders of the Kubernetes objects that the operator owns: plain values in, plain dicts out."""
