"""From an mzcompose.py to a composition as data, and to its workflows."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import sys
from pathlib import Path, PurePath
from types import FunctionType
from typing import Any, Callable, Dict, List, Optional

from materialize.mzcompose import loader
from materialize.mzcompose._channel import Channel
from materialize.mzcompose._documentation import documentation
from materialize.mzcompose._failure import describe
from materialize.ui import UIError


class Loaded:
    def __init__(self, file: Path, module: Any, channel: Channel) -> None:
        self._file = file
        self._module = module
        self._channel = channel
        self._workflows = workflows_of(module)
        self._description = documentation(module)
        self._composition: Any = None

    def _workflow(self, name: str, args: List[str]) -> None:
        # Loaded only for workflows.
        from materialize.mzcompose.composition import Composition

        if self._composition is None:
            directory = self._file.parent
            self._composition = Composition(
                self._channel,
                name=directory.name,
                path=directory,
                description=self._description,
                workflows=self._workflows,
            )
        self._composition.workflow(name, *args)

    def data(self) -> Dict[str, Any]:
        """As `CompositionData` of compose/model.ts has it, and JSON already."""
        services = []
        for service in getattr(self._module, "SERVICES", []):
            if not hasattr(service, "name") or not hasattr(service, "config"):
                raise UIError(
                    f"SERVICES has {service!r}, which is no service", hint="make it with Service(NAME, {…})"
                )
            services.append({"name": service.name, "config": as_json(service.config, f"service {service.name!r}")})
        workflows = [
            {"name": name, "description": documentation(workflow)} for name, workflow in self._workflows.items()
        ]
        return {
            "services": services,
            "volumes": as_json(getattr(self._module, "VOLUMES", {}), "VOLUMES"),
            "networks": as_json(getattr(self._module, "NETWORKS", {}), "NETWORKS"),
            "workflows": workflows,
            "description": self._description,
        }

    def run(self, name: str, args: List[str], host: str) -> Optional[Dict[str, Any]]:
        """What went wrong. Tracebacks are shown here, where Python knows everything about them."""
        try:
            self._workflow(name, args)
        except (Exception, SystemExit) as error:
            failed = describe(error, self._file, host)
            if failed["kind"] == "exit" and failed["status"] == 0:
                return None
            if failed["kind"] == "raised":
                sys.stderr.write(failed["traceback"])
            return failed
        except KeyboardInterrupt:
            return {"kind": "interrupted", "message": "interrupted"}
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return None


class _CachedElsewhere(importlib.machinery.SourceFileLoader):
    """Leaves no compiled copy beside the composition, which may lie among the inputs of an image."""

    def __init__(self, name: str, path: str, cache: Path) -> None:
        super().__init__(name, path)
        self._cache = cache

    def get_code(self, fullname: str) -> Any:
        before, sys.pycache_prefix = sys.pycache_prefix, str(self._cache)
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix = before


def load(file: Path, cache: Path, channel: Channel) -> Loaded:
    """Runs the file as a module. Raises whatever it raises."""
    own = _CachedElsewhere("mzcompose", str(file), cache)
    spec = importlib.util.spec_from_file_location("mzcompose", file, loader=own)
    if spec is None or spec.loader is None:
        raise UIError(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickles look their module up.
    sys.modules["mzcompose"] = module
    loader.composition_path = file.parent
    try:
        spec.loader.exec_module(module)
    finally:
        loader.composition_path = None
    return Loaded(file, module, channel)


def workflows_of(module: Any) -> Dict[str, Callable[..., Any]]:
    found: Dict[str, Callable[..., Any]] = {}
    for name, function in sorted(vars(module).items()):
        if name.startswith("workflow_") and isinstance(function, FunctionType):
            found[name[len("workflow_") :].replace("_", "-")] = function
    return found


def as_json(value: Any, what: str) -> Any:
    """A copy, with paths as text. Raises `UIError` for what Compose's files can't hold."""

    def other(item: Any) -> Any:
        if isinstance(item, PurePath):
            return str(item)
        if isinstance(item, (set, frozenset)):
            return sorted(item)
        raise UIError(f"{what} has a value of type {type(item).__name__}, which a Compose file can't hold: {item!r}")

    return json.loads(json.dumps(value, default=other))
