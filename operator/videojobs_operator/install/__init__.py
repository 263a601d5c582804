"""What the chart runs beside the operator, from the same image: its hooks and its test.

``python -m videojobs_operator.install crds | release | check``. Each command runs once, in a pod of its own
with the rights for just that, and never in the operator's process.
"""
