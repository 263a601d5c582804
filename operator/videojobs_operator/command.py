"""The console command, which a client's installation has too, without what the operator needs."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the operator, or say what it lacks."""
    try:
        from videojobs_operator import __main__ as operator
    except ModuleNotFoundError as error:
        sys.exit(f"videojobs-operator: {error}. Install it with pip install '.[operator]'")
    operator.main()
