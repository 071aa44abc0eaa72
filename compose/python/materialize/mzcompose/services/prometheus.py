"""Prometheus (https://hub.docker.com/r/prom/prometheus)."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Union

from materialize.mzcompose.service import Service, ServiceConfig


class Prometheus(Service):
    """`config` is the file with its settings."""

    def __init__(
        self,
        name: str = "prometheus",
        config: Optional[Union[str, Path]] = None,
        image: str = "prom/prometheus:v3.2.1",
    ) -> None:
        service: ServiceConfig = {"image": image, "ports": [9090]}
        if config is not None:
            service["volumes"] = [f"{config}:/etc/prometheus/prometheus.yml"]
        super().__init__(name, service)
