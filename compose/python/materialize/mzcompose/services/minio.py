"""MinIO, an object store with the interface of S3 (https://hub.docker.com/r/minio/minio)."""

from __future__ import annotations

from materialize.mzcompose.service import Service
from materialize.mzcompose.services._checks import check


class Minio(Service):
    """User and password: `minioadmin`."""

    def __init__(
        self,
        name: str = "minio",
        image: str = "minio/minio:RELEASE.2025-04-22T22-12-26Z",
        setup_materialize: bool = False,
    ) -> None:
        server = "minio server /data --console-address :9001"
        super().__init__(
            name,
            {
                "image": image,
                "entrypoint": ["sh", "-c"],
                # A directory in its data is a bucket.
                "command": [f"mkdir -p /data/persist && {server}" if setup_materialize else server],
                "ports": [9000, 9001],
                "healthcheck": check(["curl", "--fail", "http://localhost:9000/minio/health/live"]),
            },
        )
