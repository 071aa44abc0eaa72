"""ZooKeeper, in Confluent's image (https://hub.docker.com/r/confluentinc/cp-zookeeper)."""

from __future__ import annotations

from typing import Sequence

from materialize.mzcompose import DEFAULT_CONFLUENT_PLATFORM_VERSION
from materialize.mzcompose.service import Service
from materialize.mzcompose.services._checks import check


class Zookeeper(Service):
    def __init__(
        self,
        name: str = "zookeeper",
        image: str = "confluentinc/cp-zookeeper",
        tag: str = DEFAULT_CONFLUENT_PLATFORM_VERSION,
        port: int = 2181,
        volumes: Sequence[str] = (),
        environment: Sequence[str] = ("ZOOKEEPER_CLIENT_PORT=2181",),
    ) -> None:
        super().__init__(
            name,
            {
                "image": f"{image}:{tag}",
                "ports": [port],
                "volumes": list(volumes),
                "environment": list(environment),
                "healthcheck": check(["nc", "-z", "localhost", str(port)], "120s"),
            },
        )
