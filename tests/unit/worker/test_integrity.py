"""Which checksum a server's answer promises."""

from __future__ import annotations

import base64
import hashlib

import pytest

from videojobs_worker.storage.integrity import Promise, promised

DIGEST = hashlib.sha256(b"x")
SHA256 = base64.b64encode(DIGEST.digest()).decode()
MD5 = "9dd4e461268c8034f5c8564e155c67a6"
WHOLE = Promise("sha256", DIGEST.hexdigest())


@pytest.mark.parametrize(
    ("headers", "s3", "expected"),
    [
        ({}, True, None),
        ({"Repr-Digest": f"sha-256=:{SHA256}:"}, False, WHOLE),
        ({"Repr-Digest": f"md5=:AAAA:, sha-256=:{SHA256}:"}, False, WHOLE),
        ({"Repr-Digest": "sha-256=:AAAA:"}, False, None),
        ({"x-amz-checksum-sha256": SHA256}, True, WHOLE),
        ({"x-amz-checksum-sha256": f"{SHA256}-3"}, True, None),  # of the parts' checksums
        ({"ETag": f'"{MD5}"'}, True, Promise("md5", MD5)),
        ({"ETag": f'"{MD5}"', "x-amz-server-side-encryption": "AES256"}, True, Promise("md5", MD5)),
        ({"ETag": f'"{MD5}"', "x-amz-server-side-encryption": "aws:kms"}, True, None),
        ({"ETag": f'"{MD5}"', "x-amz-server-side-encryption-customer-algorithm": "AES256"}, True, None),
        ({"ETag": f'"{MD5}-12"'}, True, None),  # uploaded in parts
        ({"ETag": f'"{MD5}"'}, False, None),  # only S3 says what its tags are
        ({"ETag": f'"{MD5}"', "x-amz-checksum-sha256": SHA256}, True, WHOLE),
    ],
)
def test_promises(headers: dict[str, str], s3: bool, expected: Promise | None) -> None:
    assert promised(headers, s3=s3) == expected
