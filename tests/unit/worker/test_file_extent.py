"""Where a file says that it ends, whatever is in it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from videojobs_worker.probe.file_extent import claimed_bytes

FTYP = struct.pack(">I4sI", 12, b"ftyp", 0)
EBML = b"\x1a\x45\xdf\xa3\x82ab"
SEGMENT = b"\x18\x53\x80\x67"


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (b"", None),
        (b"ID3 a song", None),
        (FTYP, 12),
        (FTYP + struct.pack(">I4s", 100, b"mdat"), 112),
        (FTYP + struct.pack(">I4sQ", 1, b"mdat", 5_000_000_000), 5_000_000_012),
        (FTYP + struct.pack(">I4s", 0, b"mdat") + b"to the end", 30),
        (FTYP + b"mo", 20),
        (EBML + SEGMENT + b"\x85", 17),
        (EBML + SEGMENT + b"\x40\x7f", 140),
        (EBML + SEGMENT + b"\x01\xff\xff\xff\xff\xff\xff\xff", None),  # live: nobody knows
        (EBML + SEGMENT[:2], 10),
    ],
)
def test_claims(tmp_path: Path, content: bytes, claimed: int | None) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert claimed_bytes(path) == claimed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([b"", FTYP, EBML, EBML + SEGMENT]), st.binary(max_size=200))
def test_no_content_breaks_it(tmp_path: Path, head: bytes, tail: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(head + tail)
    claimed = claimed_bytes(path)
    assert claimed is None or claimed >= 0
