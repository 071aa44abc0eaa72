"""The part of Materialize's Python library that compositions of any repository may use.

What is not here is looked for in the repository's own `misc/python/materialize`, where there is one.
"""

from __future__ import annotations

import os
from pathlib import Path

from materialize import _repository

MZ_ROOT: Path = Path(os.environ.get("MZ_ROOT", "."))
"""The root of the repository."""

ROOT = MZ_ROOT

__path__ = _repository.path_after(__path__, "materialize")
__getattr__ = _repository.attributes("materialize")
