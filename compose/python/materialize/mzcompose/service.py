"""Services of compositions."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, TypedDict, Union


class ServiceHealthcheck(TypedDict, total=False):
    """How Docker finds out whether a container is healthy."""

    test: Union[List[str], str]
    interval: str
    timeout: str
    retries: int
    start_period: str


class ServiceDependency(TypedDict, total=False):
    """When a service that another one needs is ready for it."""

    condition: str


class ServiceConfig(TypedDict, total=False):
    """A service as Compose knows it (https://docs.docker.com/reference/compose-file/services/), and a few keys of mzcompose's.

    Keys that are not listed here go to Compose, too.
    """

    mzbuild: str
    """An image of the repository, by its name in `mzbuild.yml`, in place of `image` or `build`."""
    publish: Union[bool, None]
    """In place of what the image's own `mzbuild.yml` says."""
    propagate_uid_gid: bool
    """Runs the container as the user who runs mzcompose."""
    allow_host_ports: bool
    """Lets `ports` name ports of the host, which are the same for everybody and may be taken."""
    image: str
    hostname: str
    extra_hosts: List[str]
    entrypoint: List[str]
    command: Union[List[str], str]
    init: bool
    ports: Sequence[Union[int, str]]
    environment: List[str]
    env_file: Union[List[str], str]
    depends_on: Union[List[str], Dict[str, ServiceDependency]]
    tmpfs: List[str]
    volumes: List[str]
    networks: Dict[str, Any]
    network_mode: Union[str, None]
    deploy: Dict[str, Any]
    ulimits: Dict[str, Any]
    working_dir: str
    healthcheck: ServiceHealthcheck
    restart: str
    labels: Dict[str, Any]
    platform: str
    stop_grace_period: Union[str, None]
    user: Union[str, None]
    cap_add: List[str]
    privileged: bool
    profiles: List[str]


class Service:
    """A service of a composition: its name, and what Compose is to know of it.

    Without `config` it stands for one that the composition has, in `Composition.up`; `idle` there keeps its container alive without
    running its command.
    """

    def __init__(self, name: str, config: Optional[ServiceConfig] = None, idle: bool = False) -> None:
        self.name = name
        self.config: ServiceConfig = {} if config is None else config
        self.idle = idle

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"
