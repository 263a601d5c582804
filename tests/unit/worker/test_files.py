"""Users' URIs are hostile: only regular files under a declared root are ever touched."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_worker.errors import JobError
from videojobs_worker.storage.files import (
    file_uri,
    folder_path,
    make_folder,
    source_path,
    storage_error,
    target_path,
    uri_path,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a file, and things beside it that must not be reached."""
    media = tmp_path / "media"
    (media / "folder").mkdir(parents=True)
    (media / "a b#1?.mp4").write_text("media")
    (media / "empty.mp4").touch()
    (tmp_path / "secret.mp4").write_text("secret")
    (tmp_path / "media-too").mkdir()
    (tmp_path / "media-too" / "x.mp4").write_text("secret")
    (media / "out.mp4").symlink_to(tmp_path / "secret.mp4")
    (media / "out").symlink_to(tmp_path)
    (media / "in.mp4").symlink_to(media / "a b#1?.mp4")
    os.mkfifo(media / "pipe.mp4")
    return media


def reason(error: pytest.ExceptionInfo[JobError]) -> str:
    return error.value.reason


def test_a_source_is_found_by_its_uri(root: Path) -> None:
    path = root / "a b#1?.mp4"
    assert source_path(file_uri(path), [root]) == path
    assert source_path(file_uri(root / "in.mp4"), [root]) == path


@pytest.mark.parametrize("byte", [byte for byte in range(1, 256) if byte != ord("/")])
def test_a_name_may_have_any_byte_that_the_system_allows(root: Path, byte: int) -> None:
    path = root / os.fsdecode(b"x" + bytes([byte]))
    path.write_text("media")
    uri = file_uri(path)
    assert source_path(uri, [root]) == path
    assert target_path(uri, [root]) == path
    assert (uri.isascii(), uri_path(uri)) == (True, str(path))
    assert json.loads(json.dumps(uri).encode("utf-8")) == uri


def test_a_uri_with_the_bytes_of_another_character_set_names_a_file(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.mp4")).write_text("media")
    assert source_path(f"file://{root}/caf%E9.mp4", [root]).read_text() == "media"
    with pytest.raises(JobError, match=r"caf%C3%A9\.mp4 is not there"):
        source_path(f"file://{root}/caf%C3%A9.mp4", [root])


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("file://{root}/missing.mp4", "SourceNotFound"),
        ("file://{root}/empty.mp4/x.mp4", "SourceNotFound"),
        ("file://{root}/empty.mp4", "SourceNotMedia"),
        ("file://{root}/folder", "SourceNotMedia"),
        ("file://{root}/pipe.mp4", "SourceNotMedia"),
        ("file://{root}/out.mp4", "PathNotAllowed"),
        ("file://{root}/out/secret.mp4", "PathNotAllowed"),
        ("file://{root}/../secret.mp4", "PathNotAllowed"),
        ("file://{root}/%2e%2e/secret.mp4", "PathNotAllowed"),
        ("file://{root}%2f..%2fsecret.mp4", "PathNotAllowed"),
        ("file://{root}-too/x.mp4", "PathNotAllowed"),
        ("file://{root}/x%00.mp4", "PathNotAllowed"),
        ("file://localhost{root}/in.mp4", "PathNotAllowed"),
        ("file:///dev/zero", "PathNotAllowed"),
        ("file:///proc/self/environ", "PathNotAllowed"),
        ("{root}/in.mp4", "PathNotAllowed"),
        ("http://example.org/x.mp4", "PathNotAllowed"),
        ("concat:{root}/in.mp4|{root}/in.mp4", "PathNotAllowed"),
        ("", "PathNotAllowed"),
    ],
)
def test_no_other_source_is(root: Path, uri: str, expected: str) -> None:
    with pytest.raises(JobError) as error:
        source_path(uri.format(root=root), [root])
    assert reason(error) == expected
    assert not error.value.retryable


@given(st.text(max_size=60))
def test_no_text_leads_out_of_the_root(text: str) -> None:
    for uri in (text, f"file://{text}", f"file:///nowhere/media/{text}"):
        with pytest.raises(JobError):
            source_path(uri, [Path("/nowhere/media")])


def test_an_output_gets_its_folder(root: Path) -> None:
    assert target_path(file_uri(root / "new/deep/x.mp4"), [root]) == root / "new/deep/x.mp4"
    assert list((root / "new/deep").iterdir()) == []
    assert folder_path(file_uri(root / "frames"), [root]).is_dir()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("folder", "OutputNotWritable"),
        ("in.mp4", "OutputNotWritable"),
        ("pipe.mp4", "OutputNotWritable"),
        ("empty.mp4/x.mp4", "OutputNotWritable"),
        ("out/x.mp4", "PathNotAllowed"),
        ("out/new/x.mp4", "PathNotAllowed"),
    ],
)
def test_no_other_output_does(root: Path, name: str, expected: str) -> None:
    with pytest.raises(JobError) as error:
        target_path(file_uri(root / name), [root])
    assert reason(error) == expected
    assert not (root.parent / "x.mp4").exists()


def test_what_a_killed_worker_of_the_same_process_id_left_is_in_nobodys_way(root: Path) -> None:
    (root / f".videojobs-write-{os.getpid()}").touch()
    make_folder(root, "file:///x")


@pytest.mark.parametrize(
    ("number", "expected", "retryable"),
    [
        (errno.ENOSPC, "DiskFull", True),
        (errno.EDQUOT, "DiskFull", True),
        (errno.EIO, "StorageUnavailable", True),
        (errno.ESTALE, "StorageUnavailable", True),
        (errno.EACCES, "OutputNotWritable", False),
        (errno.EROFS, "OutputNotWritable", False),
    ],
)
def test_errors_of_the_volume_are_told_apart(number: int, expected: str, retryable: bool) -> None:
    error = storage_error(OSError(number, os.strerror(number)), "file:///x", "OutputNotWritable")
    assert (error.reason, error.retryable) == (expected, retryable)
    assert "file:///x" in error.message


@pytest.mark.parametrize(
    ("number", "way_out"),
    [
        (errno.EACCES, f"which the worker runs as, or its group {os.getgid()} access to /media/x"),
        (errno.EROFS, "does the template of the worker's pool mount the media volume there?"),
    ],
)
def test_an_output_that_is_refused_names_the_way_out(number: int, way_out: str) -> None:
    error = OSError(number, os.strerror(number), "/media/x")
    assert storage_error(error, "file:///media/x/out.mp4", "OutputNotWritable").message.endswith(way_out)
