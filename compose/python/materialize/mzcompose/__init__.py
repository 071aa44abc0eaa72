"""Compositions: services for Docker Compose, and workflows that use them."""

from __future__ import annotations

from typing import Any

from materialize import _repository
from materialize.mzcompose.service import Service, ServiceConfig, ServiceDependency, ServiceHealthcheck

__all__ = [
    "Composition",
    "Service",
    "ServiceConfig",
    "ServiceDependency",
    "ServiceHealthcheck",
    "WorkflowArgumentParser",
]

_DEFAULTS = {"DEFAULT_CONFLUENT_PLATFORM_VERSION": "7.9.0"}
"""What a repository may say otherwise."""

__path__ = _repository.path_after(__path__, "materialize.mzcompose")
_of_repository = _repository.attributes("materialize.mzcompose")


def __getattr__(name: str) -> Any:
    if name in ("Composition", "WorkflowArgumentParser"):
        from materialize.mzcompose import composition

        return getattr(composition, name)
    try:
        return _of_repository(name)
    except AttributeError:
        if name not in _DEFAULTS:
            raise
    return _DEFAULTS[name]
