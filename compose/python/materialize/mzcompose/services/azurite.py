"""Azurite, an emulator of Azure's blob store (https://mcr.microsoft.com/product/azure-storage/azurite)."""

from __future__ import annotations

from typing import Optional, Sequence, Union

from materialize.mzcompose.service import Service, ServiceHealthcheck
from materialize.mzcompose.services._checks import check


class Azurite(Service):
    def __init__(
        self,
        name: str = "azurite",
        aliases: Sequence[str] = ("azurite", "devstoreaccount1.azurite"),
        command: Optional[Sequence[str]] = None,
        in_memory: bool = True,
        healthcheck: Optional[ServiceHealthcheck] = None,
        stop_grace_period: str = "120s",
        ports: Sequence[Union[int, str]] = (10000,),
        allow_host_ports: bool = False,
        image: str = "mcr.microsoft.com/azure-storage/azurite:3.34.0",
    ) -> None:
        own = ["azurite-blob", "--blobHost", "0.0.0.0", "--blobPort", "10000", "--disableProductStyleUrl", "--loose"]
        super().__init__(
            name,
            {
                "image": image,
                "init": True,
                "command": [*(own if command is None else command), *(["--inMemoryPersistence"] if in_memory else [])],
                "networks": {"default": {"aliases": list(aliases)}},
                "ports": list(ports),
                "allow_host_ports": allow_host_ports,
                "stop_grace_period": stop_grace_period,
                "healthcheck": healthcheck or check("nc 127.0.0.1 10000 -z"),
            },
        )
