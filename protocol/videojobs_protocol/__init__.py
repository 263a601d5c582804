"""What the operator and the workers say to each other, and nothing else.

Both sides import this package and never each other. It needs the standard library and redis only, so
that a client with celery and redis installed can use it too.
"""
