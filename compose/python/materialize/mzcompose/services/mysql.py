"""MySQL (https://hub.docker.com/_/mysql)."""

from __future__ import annotations

from typing import Sequence

from materialize.mzcompose.service import Service
from materialize.mzcompose.services._checks import check


class MySql(Service):
    DEFAULT_ROOT_PASSWORD = "p@ssw0rd"

    def __init__(
        self,
        root_password: str = DEFAULT_ROOT_PASSWORD,
        name: str = "mysql",
        image: str = "mysql:8.4",
        port: int = 3306,
        volumes: Sequence[str] = (),
        additional_args: Sequence[str] = (),
    ) -> None:
        super().__init__(
            name,
            {
                "image": image,
                "init": True,
                "ports": [port],
                "environment": [f"MYSQL_ROOT_PASSWORD={root_password}"],
                "command": ["--secure-file-priv=/var/lib/mysql-files", *additional_args],
                "volumes": list(volumes),
                "healthcheck": check(["mysqladmin", "ping", "--protocol=tcp", f"--password={root_password}"], "180s"),
            },
        )
