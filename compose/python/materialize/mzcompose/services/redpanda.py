"""Redpanda: Kafka's protocol and a schema registry in one program (https://hub.docker.com/r/redpandadata/redpanda)."""

from __future__ import annotations

from typing import Optional, Sequence

from materialize.mzcompose.service import Service
from materialize.mzcompose.services._checks import check


class Redpanda(Service):
    """Reachable as `kafka` and `schema-registry`, too."""

    def __init__(
        self,
        name: str = "redpanda",
        version: str = "v24.3.6",
        auto_create_topics: bool = False,
        image: Optional[str] = None,
        aliases: Sequence[str] = ("kafka", "schema-registry"),
        ports: Sequence[int] = (9092, 8081),
    ) -> None:
        super().__init__(
            name,
            {
                "image": image or f"redpandadata/redpanda:{version}",
                "ports": list(ports),
                "command": [
                    "redpanda",
                    "start",
                    "--mode=dev-container",
                    "--smp=1",
                    "--memory=1G",
                    "--set",
                    f"redpanda.auto_create_topics_enabled={str(auto_create_topics).lower()}",
                    f"--kafka-addr=0.0.0.0:{ports[0]}",
                    f"--advertise-kafka-addr={[*aliases, name][0]}:{ports[0]}",
                ],
                "networks": {"default": {"aliases": list(aliases)}},
                "healthcheck": check(["curl", "--fail", "localhost:9644/v1/status/ready"], "120s"),
            },
        )
