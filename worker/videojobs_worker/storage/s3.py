"""S3: sources by presigned URLs, outputs by upload and a server-side copy, manifests by a conditional put.

Credentials and endpoint come from where every AWS tool takes them: ``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL_S3`` and
so on, or the pod's identity.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.hashing import HashedReader
from videojobs_worker.storage.target import RUN, Draft, Staged, hidden_name

RECORDS: Final = ".videojobs"
PRESIGNED_S: Final = 3600
_GONE: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_EXISTS: Final = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})
_PASSING: Final = frozenset(
    {"500", "502", "503", "504", "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"}
)


@lru_cache(maxsize=1)
def client() -> Any:
    """The process's client."""
    import boto3
    from botocore.config import Config

    retries = {"mode": "standard", "max_attempts": 4}
    config = Config(signature_version="s3v4", retries=retries, connect_timeout=10, read_timeout=60)
    return boto3.session.Session().client("s3", config=config)


def location(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://BUCKET/KEY``.

    Raises:
        JobError: PathNotAllowed.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not key or key.endswith("/"):
        raise JobError("PathNotAllowed", f"{uri}: give s3://BUCKET/KEY")
    if ".." in key.split("/") or RECORDS in key.split("/"):
        raise JobError("PathNotAllowed", f"{uri}: must contain neither '..' nor a folder {RECORDS}")
    return bucket, key


def presigned(uri: str) -> tuple[str, str]:
    """A URL from which an object can be read for an hour, and the endpoint's host.

    Raises:
        JobError: PathNotAllowed, SourceNotReadable.
    """
    bucket, key = location(uri)
    with translated(uri, "SourceNotReadable"):
        url = client().generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, PRESIGNED_S)
    return url, urlsplit(url).hostname or ""


@contextlib.contextmanager
def translated(uri: str, reason: str) -> Iterator[None]:
    """S3's errors in the words of a job."""
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code in _PASSING:
            raise JobError("StorageUnavailable", f"{uri}: {code} {message}", retryable=True) from error
        raise JobError(reason, f"{uri}: S3 refused: {code} {message}".rstrip()) from error
    except exceptions.NoCredentialsError as error:
        text = f"{uri}: the worker has no AWS credentials: give it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
        text += "in Kubernetes by a Secret of its pool"
        raise JobError(reason, text) from error
    except (exceptions.ParamValidationError, exceptions.NoRegionError) as error:
        raise JobError(reason, f"{uri}: {error}") from error
    except (exceptions.BotoCoreError, exceptions.HTTPClientError) as error:
        raise JobError("StorageUnavailable", f"{uri}: {error}", retryable=True) from error


def _code(error: Any) -> str:
    return str(error.response["Error"]["Code"])


@dataclass(frozen=True)
class S3Target:
    """An object. ``content_type`` is what servers call it to browsers."""

    bucket: str
    key: str
    content_type: str = field(default="application/octet-stream", compare=False)

    @property
    def uri(self) -> str:
        """``s3://`` bucket and key."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def name(self) -> str:
        """The URI."""
        return self.uri

    @property
    def folder(self) -> S3Folder:
        """The prefix that it lies in."""
        return S3Folder(self.bucket, self.key.rpartition("/")[0])

    @property
    def _base(self) -> str:
        return hidden_name(self.key.rpartition("/")[2].encode())

    def draft(self, job_id: str, run: str, scratch: Path) -> Path:  # noqa: ARG002 - scratch is the run's own
        """A file in the scratch folder. Keys of several folders, or longer than a file's name may be, meet there."""
        return scratch / f"{hidden_name(self.uri.encode())}.partial"

    def stage(self, draft: Path, job_id: str, run: str, stopper: Stopper) -> Staged:
        """Upload it under a hidden key; large ones in parts."""
        staged, more = f"{self.folder.hidden(job_id)}{run}/{self._base}", {"ContentType": self.content_type}
        # Not upload_file: that hides S3's own error in one of its own.
        with translated(self.uri, "OutputNotWritable"), draft.open("rb") as file:
            reader = HashedReader(file, stopper)
            client().upload_fileobj(reader, self.bucket, staged, ExtraArgs=more)
            try:
                return Staged(staged, reader.sha256())
            except StoppedError:  # nobody waited for the end, nor knows that it is there
                client().delete_object(Bucket=self.bucket, Key=staged)
                raise

    def owns(self, staged: str, job_id: str) -> bool:
        """Whether it is this object's hidden key for this job."""
        prefix = self.folder.hidden(job_id)
        run, _, base = staged.removeprefix(prefix).partition("/")
        return staged.startswith(prefix) and RUN.fullmatch(run) is not None and base == self._base

    def publish(self, staged: str) -> bool:
        """Copy it on the server, then remove the hidden one."""
        from botocore.exceptions import ClientError

        # A copy in parts, as of what is large, takes over nothing by itself.
        source, more = {"Bucket": self.bucket, "Key": staged}, {"ContentType": self.content_type}
        more |= {"MetadataDirective": "REPLACE"}
        with translated(self.uri, "OutputNotWritable"):
            try:
                client().copy(source, self.bucket, self.key, ExtraArgs=more)
            except ClientError as error:
                if _code(error) not in _GONE:
                    raise
                return self._exists()
            client().delete_object(Bucket=self.bucket, Key=staged)
        return True

    def _exists(self) -> bool:
        from botocore.exceptions import ClientError

        try:
            client().head_object(Bucket=self.bucket, Key=self.key)
        except ClientError as error:
            if _code(error) in _GONE:
                return False
            raise
        return True


@dataclass(frozen=True)
class S3Folder:
    """A prefix of keys, without the slash at its end."""

    bucket: str
    prefix: str

    def hidden(self, job_id: str) -> str:
        """What the hidden keys of a job begin with."""
        return f"{self._records()}{job_id}/"

    def record(self, job_id: str) -> S3Record:
        """The job's manifest."""
        return S3Record(self.bucket, f"{self._records()}{job_id}.json")

    def drafts(self, job_id: str) -> Iterator[Draft]:
        """The job's hidden objects."""
        prefix = self.hidden(job_id)
        with translated(f"s3://{self.bucket}/{self.prefix}", "OutputNotWritable"):
            pages = client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            items = [item for page in pages for item in page.get("Contents", ())]
        for item in items:
            run = item["Key"].removeprefix(prefix).partition("/")[0]
            yield Draft(item["Key"], run, item["LastModified"].timestamp())

    def remove(self, draft: Draft) -> None:
        """Delete it."""
        with translated(f"s3://{self.bucket}/{draft.name}", "OutputNotWritable"):
            client().delete_object(Bucket=self.bucket, Key=draft.name)

    def _records(self) -> str:
        return f"{self.prefix}/{RECORDS}/" if self.prefix else f"{RECORDS}/"


@dataclass(frozen=True)
class S3Record:
    """A manifest as an object, created under the condition that there is none (``If-None-Match: *``)."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def read(self) -> str | None:
        """Its text."""
        from botocore.exceptions import ClientError

        with translated(str(self), "OutputNotWritable"):
            try:
                body = client().get_object(Bucket=self.bucket, Key=self.key)["Body"]
            except ClientError as error:
                if _code(error) in _GONE:
                    return None
                raise
            return str(body.read().decode("utf-8", errors="replace"))

    def create(self, record: Mapping[str, Any]) -> None:
        """Put it, unless there is one."""
        from botocore.exceptions import ClientError

        with translated(str(self), "OutputNotWritable"):
            try:
                client().put_object(Bucket=self.bucket, Key=self.key, Body=json.dumps(record).encode(), IfNoneMatch="*")
            except ClientError as error:
                if _code(error) not in _EXISTS:
                    raise
