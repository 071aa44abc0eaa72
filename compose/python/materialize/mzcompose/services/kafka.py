"""Kafka, in Confluent's image, with a ZooKeeper (https://hub.docker.com/r/confluentinc/cp-kafka)."""

from __future__ import annotations

from typing import Optional, Sequence, Union

from materialize.mzcompose import DEFAULT_CONFLUENT_PLATFORM_VERSION
from materialize.mzcompose.service import Service
from materialize.mzcompose.services._checks import check


class Kafka(Service):
    """A single broker, which keeps one copy of everything."""

    def __init__(
        self,
        name: str = "kafka",
        image: str = "confluentinc/cp-kafka",
        tag: str = DEFAULT_CONFLUENT_PLATFORM_VERSION,
        ports: Optional[Sequence[Union[str, int]]] = None,
        allow_host_ports: bool = False,
        auto_create_topics: bool = False,
        broker_id: int = 1,
        offsets_topic_replication_factor: int = 1,
        advertised_listeners: Sequence[str] = (),
        environment: Sequence[str] = (
            "KAFKA_ZOOKEEPER_CONNECT=zookeeper:2181",
            "KAFKA_CONFLUENT_SUPPORT_METRICS_ENABLE=false",
            "KAFKA_MIN_INSYNC_REPLICAS=1",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR=1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=100",
        ),
        environment_extra: Sequence[str] = (),
        depends_on_extra: Sequence[str] = (),
        volumes: Sequence[str] = (),
    ) -> None:
        listeners = list(advertised_listeners) or [f"PLAINTEXT://{name}:9092"]
        super().__init__(
            name,
            {
                "image": f"{image}:{tag}",
                "ports": [listener.rsplit(":", 1)[-1] for listener in listeners] if ports is None else list(ports),
                "allow_host_ports": allow_host_ports,
                "environment": [
                    *environment,
                    f"KAFKA_ADVERTISED_LISTENERS={','.join(listeners)}",
                    f"KAFKA_BROKER_ID={broker_id}",
                    f"KAFKA_AUTO_CREATE_TOPICS_ENABLE={auto_create_topics}",
                    f"KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR={offsets_topic_replication_factor}",
                    *environment_extra,
                ],
                "depends_on": {
                    "zookeeper": {"condition": "service_healthy"},
                    **{service: {"condition": "service_started"} for service in depends_on_extra},
                },
                "volumes": list(volumes),
                "healthcheck": check(["nc", "-z", "localhost", "9092"], "120s"),
            },
        )
