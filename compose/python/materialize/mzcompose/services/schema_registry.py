"""Confluent's Schema Registry (https://hub.docker.com/r/confluentinc/cp-schema-registry)."""

from __future__ import annotations

from typing import Sequence, Tuple

from materialize.mzcompose import DEFAULT_CONFLUENT_PLATFORM_VERSION
from materialize.mzcompose.service import Service
from materialize.mzcompose.services._checks import check


class SchemaRegistry(Service):
    def __init__(
        self,
        name: str = "schema-registry",
        aliases: Sequence[str] = (),
        image: str = "confluentinc/cp-schema-registry",
        tag: str = DEFAULT_CONFLUENT_PLATFORM_VERSION,
        port: int = 8081,
        kafka_servers: Sequence[Tuple[str, str]] = (("kafka", "9092"),),
        environment_extra: Sequence[str] = (),
        depends_on_extra: Sequence[str] = (),
        volumes: Sequence[str] = (),
    ) -> None:
        brokers = ",".join(f"PLAINTEXT://{host}:{broker_port}" for host, broker_port in kafka_servers)
        super().__init__(
            name,
            {
                "image": f"{image}:{tag}",
                "ports": [port],
                "networks": {"default": {"aliases": list(aliases)}},
                "environment": [
                    f"SCHEMA_REGISTRY_HOST_NAME={name}",
                    f"SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS={brokers}",
                    "SCHEMA_REGISTRY_KAFKASTORE_TIMEOUT_MS=10000",
                    *environment_extra,
                ],
                "depends_on": {
                    **{host: {"condition": "service_healthy"} for host, _ in kafka_servers},
                    **{service: {"condition": "service_started"} for service in depends_on_extra},
                },
                "volumes": list(volumes),
                "healthcheck": check(["curl", "--fail", f"localhost:{port}"], "120s"),
            },
        )
