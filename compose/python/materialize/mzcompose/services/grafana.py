"""Grafana (https://hub.docker.com/r/grafana/grafana)."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Union

from materialize.mzcompose.service import Service, ServiceConfig


class Grafana(Service):
    """Open to everybody who reaches it. `datasources` is a directory with descriptions of data sources."""

    def __init__(
        self,
        name: str = "grafana",
        datasources: Optional[Union[str, Path]] = None,
        image: str = "grafana/grafana:11.5.2",
    ) -> None:
        service: ServiceConfig = {
            "image": image,
            "ports": [3000],
            "environment": ["GF_AUTH_ANONYMOUS_ENABLED=true", "GF_AUTH_ANONYMOUS_ORG_ROLE=Admin"],
        }
        if datasources is not None:
            service["volumes"] = [f"{datasources}:/etc/grafana/provisioning/datasources"]
        super().__init__(name, service)
