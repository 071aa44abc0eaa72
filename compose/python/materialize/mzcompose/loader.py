"""What is being loaded at the moment."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

composition_path: Optional[Path] = None
"""The directory of the composition, while it is loaded and while its workflows run."""
