"""Toxiproxy, which makes connections bad (https://github.com/Shopify/toxiproxy)."""

from __future__ import annotations

import random
from typing import Optional

from materialize.mzcompose.service import Service


class Toxiproxy(Service):
    def __init__(
        self,
        name: str = "toxiproxy",
        image: str = "ghcr.io/shopify/toxiproxy:2.12.0",
        port: int = 8474,
        seed: Optional[int] = None,
    ) -> None:
        chosen = random.randrange(2**63) if seed is None else seed
        super().__init__(name, {"image": image, "command": ["-host=0.0.0.0", f"-seed={chosen}"], "ports": [port]})
