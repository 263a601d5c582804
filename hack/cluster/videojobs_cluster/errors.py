"""What goes wrong in words for the person at the terminal."""

from __future__ import annotations

from collections.abc import Sequence


class ClusterError(Exception):
    """Something that the user can mend; the text says how. Never shown with a traceback."""


class CommandError(ClusterError):
    """A program that was run ended with an error; the text ends with what it said."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        tail = "\n".join(output.strip().splitlines()[-30:])
        super().__init__(f"{' '.join(command[:6])} ... ended with code {code}:\n{tail}")
        self.code = code
        self.output = output
