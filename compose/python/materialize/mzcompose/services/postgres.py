"""PostgreSQL (https://hub.docker.com/_/postgres)."""

from __future__ import annotations

from typing import Optional, Sequence, Union

from materialize.mzcompose.service import Service, ServiceConfig
from materialize.mzcompose.services._checks import check


class Postgres(Service):
    """With logical replication on. `mzbuild` names an image of the repository to run in place of the official one."""

    def __init__(
        self,
        name: str = "postgres",
        mzbuild: Optional[str] = None,
        image: str = "postgres:17",
        ports: Sequence[Union[int, str]] = (5432,),
        extra_command: Sequence[str] = (),
        environment: Sequence[str] = ("POSTGRES_DB=postgres", "POSTGRES_PASSWORD=postgres"),
        volumes: Sequence[str] = (),
        max_wal_senders: int = 100,
        max_replication_slots: int = 100,
    ) -> None:
        settings = {
            "wal_level": "logical",
            "max_wal_senders": max_wal_senders,
            "max_replication_slots": max_replication_slots,
            "max_connections": 5000,
        }
        config: ServiceConfig = {"image": image} if mzbuild is None else {"mzbuild": mzbuild}
        config["command"] = [
            "postgres",
            *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
            *extra_command,
        ]
        config["ports"] = list(ports)
        config["allow_host_ports"] = True
        config["environment"] = list(environment)
        config["volumes"] = list(volumes)
        config["healthcheck"] = check(["pg_isready", "--host=127.0.0.1", "--username=postgres"])
        super().__init__(name, config)
