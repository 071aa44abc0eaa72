"""Ready services, with the names and arguments that they have in Materialize's library.

A repository that has services of its own in `misc/python/materialize/mzcompose/services` gets those.
"""

from __future__ import annotations

import importlib
from typing import Any, Dict

from materialize import _repository
from materialize.mzcompose.service import Service as Service
from materialize.mzcompose.service import ServiceConfig as ServiceConfig
from materialize.mzcompose.service import ServiceDependency as ServiceDependency

__path__ = _repository.path_before(__path__, "materialize.mzcompose.services")
_of_repository = _repository.attributes("materialize.mzcompose.services")

_MODULES: Dict[str, str] = {
    "Azurite": "azurite",
    "Grafana": "grafana",
    "Kafka": "kafka",
    "Minio": "minio",
    "MySql": "mysql",
    "Postgres": "postgres",
    "Prometheus": "prometheus",
    "Redis": "redis",
    "Redpanda": "redpanda",
    "SchemaRegistry": "schema_registry",
    "Toxiproxy": "toxiproxy",
    "Zookeeper": "zookeeper",
}


def __getattr__(name: str) -> Any:
    try:
        return _of_repository(name)
    except AttributeError:
        if name not in _MODULES:
            raise
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
