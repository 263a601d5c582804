"""Why a piece of work ends without outputs. Only the pipeline and the tasks translate these."""

from __future__ import annotations


class JobError(Exception):
    """The work cannot be done, or not now. The text is for the reader: what, where, and the way out.

    Args:
        reason: CamelCase, for programs; all of them are in docs/reference/reasons.md.
        message: names the file or field, the value, and what to do.
        retryable: whether another attempt could succeed.
        log_tail: last lines of the tool that failed.
    """

    def __init__(self, reason: str, message: str, *, retryable: bool = False, log_tail: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retryable = retryable
        self.log_tail = log_tail


class UnexpectedLengthError(JobError):
    """An output is shorter or longer than what is known of its sources says."""


class StoppedError(JobError):
    """The work was stopped from outside: cancelled, past its deadline, or the claim was lost."""


class ClaimLostError(StoppedError):
    """Another holds the job now: whoever raises this must say nothing more about it."""

    def __init__(self) -> None:
        super().__init__("ClaimLost", "another worker holds this job", retryable=True)
