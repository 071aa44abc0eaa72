"""Health checks."""

from __future__ import annotations

from typing import List, Union

from materialize.mzcompose.service import ServiceHealthcheck


def check(test: Union[str, List[str]], start_period: str = "60s") -> ServiceHealthcheck:
    """Every second, with failures that don't count while the service starts."""
    command = test if isinstance(test, str) else ["CMD", *test]
    return {"test": command, "interval": "1s", "timeout": "10s", "retries": 30, "start_period": start_period}
