"""What a server says of the whole that it sends: a checksum to hold what came against. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

_REPR_SHA256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):")
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


@dataclass(frozen=True)
class Promise:
    """A checksum, hexadecimal, by hashlib's name of its algorithm."""

    algorithm: str
    digest: str

    def start(self) -> _Hash:
        """An empty checksum of this kind."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def promised(headers: Mapping[str, str], *, s3: bool) -> Promise | None:
    """SHA-256 by RFC 9530 or Amazon's header, else the MD5 that S3 gives to what was not uploaded in parts.

    An object that is encrypted with a key of KMS or of the customer has an entity tag that is no MD5.
    """
    told = _REPR_SHA256.search(headers.get("Repr-Digest", ""))
    for text in (told[1] if told else "", headers.get("x-amz-checksum-sha256", "")):
        if digest := _decoded(text):
            return Promise("sha256", digest)
    plain = headers.get("x-amz-server-side-encryption", "AES256") == "AES256"
    own_key = "x-amz-server-side-encryption-customer-algorithm" in headers
    tag = _MD5.fullmatch(headers.get("ETag", ""))
    return Promise("md5", tag[1]) if s3 and plain and not own_key and tag else None


def _decoded(text: str) -> str:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # of parts, it ends in their number
        return ""
    return digest.hex() if len(digest) == 32 else ""
