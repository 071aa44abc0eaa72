"""Redis (https://hub.docker.com/_/redis)."""

from __future__ import annotations

from materialize.mzcompose.service import Service
from materialize.mzcompose.services._checks import check


class Redis(Service):
    def __init__(self, name: str = "redis", image: str = "redis:7.4", port: int = 6379) -> None:
        super().__init__(
            name, {"image": image, "ports": [port], "healthcheck": check(["redis-cli", "-p", str(port), "ping"])}
        )
