"""A real S3 protocol over HTTP, in a process of its own: moto's server, on a free loopback port."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECRET = "not-to-be-shown-anywhere"


@dataclass
class ObjectStore:
    """``log`` gets one line per request."""

    endpoint: str
    log: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def environment(self) -> dict[str, str]:
        """What a program needs to know to get at the store."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self) -> Any:
        """boto3's client: the store as others see it."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key=SECRET,
        )

    def new_bucket(self) -> str:
        name = f"bucket-{next(self._numbers)}"
        self.client().create_bucket(Bucket=name)
        return f"s3://{name}"

    def keys(self, url: str) -> list[str]:
        """All objects below a URL, markers of folders left out."""
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        names = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return [name for name in names if name.startswith(prefix) and not name.endswith("/")]

    def requests(self) -> list[str]:
        """The requests so far, as ``GET /bucket/key``."""
        return [
            line.split('"')[1].rpartition(" ")[0]
            for line in self.log.read_text().splitlines()
            if line.count('"') == 2
        ]

    def trust(self, *, anybody: bool) -> None:
        """Take any credentials, or none of those that a test can have."""
        body = b"1000000000" if anybody else b"0"
        address, headers = f"{self.endpoint}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(address, body, headers)).close()


@contextmanager
def running() -> Iterator[ObjectStore]:
    # Port 0: the system picks a free one, and the log tells which.
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with tempfile.TemporaryDirectory(prefix="o2o-store-") as folder:
        log = Path(folder) / "requests.log"
        with log.open("w") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            yield ObjectStore(_address(process, log), log)
        finally:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    while process.poll() is None:
        _, found, rest = log.read_text().partition("Running on ")
        if found and "\n" in rest:
            return rest.split()[0]
        time.sleep(0.05)
    raise RuntimeError(f"the S3 server did not start:\n{log.read_text()}")
