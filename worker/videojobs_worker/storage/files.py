"""``file://`` URIs under declared roots: the only storage so far, behind functions that another could offer.

Every URI is a user's, so it is hostile until it has been resolved and found under a root.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

from videojobs_worker.errors import JobError


def file_uri(path: Path | str) -> str:
    """The ``file://`` URI of an absolute path. A name is bytes, of which those that are no UTF-8 are kept as well."""
    return "file://" + quote(os.fsencode(path))


def uri_path(uri: str) -> str:
    """The path of a ``file://`` URI, as Python has names that are no UTF-8: by surrogate escapes (PEP 383)."""
    return os.fsdecode(unquote_to_bytes(urlsplit(uri).path))


def _path_of(uri: str) -> Path:
    try:
        parts, path = urlsplit(uri), uri_path(uri)
    except ValueError as error:
        raise JobError("PathNotAllowed", f"{uri}: {error}: give file:///ABSOLUTE/PATH") from None
    if parts.scheme != "file" or parts.netloc or parts.query or parts.fragment or not path.startswith("/"):
        raise JobError("PathNotAllowed", f"{uri}: give file:///ABSOLUTE/PATH")
    if "\0" in path or ".." in path.split("/"):
        raise JobError("PathNotAllowed", f"{uri}: must not contain '..': write the full path")
    return Path(path)


def _require_root(resolved: Path, uri: str, roots: Sequence[Path]) -> None:
    if not any(resolved.is_relative_to(Path(os.path.realpath(root))) for root in roots):
        allowed = ", ".join(map(str, roots))
        raise JobError("PathNotAllowed", f"{uri} is not under a folder that workers may use: {allowed}")


def source_path(uri: str, roots: Sequence[Path]) -> Path:
    """The regular file that a URI names, links resolved.

    Raises:
        JobError: PathNotAllowed, SourceNotFound, SourceNotReadable, or StorageUnavailable (retryable).
    """
    path = _path_of(uri)
    resolved = Path(os.path.realpath(path))
    _require_root(resolved, uri, roots)
    try:
        state = resolved.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise JobError("SourceNotFound", f"{uri} is not there: check the path and the volume") from None
    except OSError as error:
        raise storage_error(error, uri, "SourceNotReadable") from error
    if not stat.S_ISREG(state.st_mode):
        raise JobError("SourceNotMedia", f"{uri} is not a regular file")
    if not os.access(resolved, os.R_OK):
        raise JobError("SourceNotReadable", f"{uri} cannot be read by the worker (user {os.getuid()})")
    if state.st_size == 0:
        raise JobError("SourceNotMedia", f"{uri} is empty (0 bytes)")
    return resolved


def target_path(uri: str, roots: Sequence[Path]) -> Path:
    """Where an output goes; its folder is made if need be.

    Raises:
        JobError: PathNotAllowed, OutputNotWritable, DiskFull or StorageUnavailable.
    """
    path = _path_of(uri)
    folder = Path(os.path.realpath(path.parent))
    _require_root(folder, uri, roots)
    make_folder(folder, uri)
    target = folder / path.name
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise JobError("OutputNotWritable", f"{uri} exists and is not a regular file: choose another name")
    return target


def folder_path(uri: str, roots: Sequence[Path]) -> Path:
    """The folder that an output URI names, made if need be. Errors as :func:`target_path`."""
    folder = Path(os.path.realpath(_path_of(uri)))
    _require_root(folder, uri, roots)
    make_folder(folder, uri)
    return folder


def make_folder(folder: Path, uri: str) -> None:
    """Make a folder and prove that a file can be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Not the process id: that is the same in many pods, and outlives none of them.
        trial = folder / f".videojobs-write-{secrets.token_hex(8)}"
        os.close(os.open(trial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        trial.unlink()
    except FileExistsError:
        raise JobError("OutputNotWritable", f"{uri}: {folder} is not a folder") from None
    except OSError as error:
        raise storage_error(error, uri, "OutputNotWritable") from error


def is_full(error: OSError) -> bool:
    """Whether the volume, or a share of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def storage_error(error: OSError, uri: str, reason: str) -> JobError:
    """An operating system's error in the words of a job: full disks and hiccups are told apart."""
    said = f"{uri}: {error.strerror or error}"
    if is_full(error):
        return JobError("DiskFull", f"{said}: free space on the volume", retryable=True)
    if error.errno in (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.ENOTCONN):
        return JobError("StorageUnavailable", said, retryable=True)
    if error.errno == errno.EROFS:
        text = f"{said}: does the template of the worker's pool mount the media volume there?"
        return JobError(reason, text)
    who = f"user {os.getuid()}, which the worker runs as, or its group {os.getgid()}"
    return JobError(reason, f"{said}: give {who} access to {error.filename or 'it'}")
