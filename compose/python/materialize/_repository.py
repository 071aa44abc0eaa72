"""Modules that a repository has itself, in `misc/python`, besides those that are here."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterable, List, Optional


def _directory(package: str) -> Optional[Path]:
    root = os.environ.get("MZ_ROOT")
    if root is None:
        return None
    directory = Path(root, "misc", "python", *package.split("."))
    return directory if directory.is_dir() else None


def path_after(path: Iterable[str], package: str) -> List[str]:
    """Where a package's modules are looked for: here first, then in the repository."""
    directory = _directory(package)
    return [*path] if directory is None else [*path, str(directory)]


def path_before(path: Iterable[str], package: str) -> List[str]:
    """Where a package's modules are looked for: in the repository first."""
    directory = _directory(package)
    return [*path] if directory is None else [str(directory), *path]


def attributes(module: str) -> Callable[[str], Any]:
    """A module's `__getattr__`: what it doesn't have is taken from the repository's module of the same name, which is
    loaded only then."""

    def get(name: str) -> Any:
        if not name.startswith("__"):
            # `from package import module` asks for an attribute first.
            if _is_submodule(module, name):
                return importlib.import_module(f"{module}.{name}")
            own = _own_module(module)
            if own is not None and hasattr(own, name):
                return getattr(own, name)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return get


def _is_submodule(package: str, name: str) -> bool:
    path = getattr(sys.modules[package], "__path__", None)
    return path is not None and PathFinder.find_spec(f"{package}.{name}", path) is not None


def own_attribute(module: str, name: str) -> Any:
    """What the repository's module of the name has, None where it has nothing of the kind."""
    return getattr(_own_module(module), name, None)


def _own_module(module: str) -> Optional[ModuleType]:
    alias = f"_repository_{module.replace('.', '_')}"
    if alias in sys.modules:
        return sys.modules[alias]
    package, _, last = module.rpartition(".")
    candidates = [_directory(module), _directory(package) if package else None]
    files = [
        candidates[0] / "__init__.py" if candidates[0] is not None else None,
        candidates[1] / f"{last}.py" if candidates[1] is not None else None,
    ]
    for file in files:
        if file is None or not file.is_file():
            continue
        spec = importlib.util.spec_from_file_location(alias, file)
        if spec is None or spec.loader is None:
            continue
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[alias] = loaded
        try:
            spec.loader.exec_module(loaded)
        except BaseException:
            del sys.modules[alias]
            raise
        return loaded
    return None
