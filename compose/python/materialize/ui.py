"""Talking to people."""

from __future__ import annotations

import os
import shlex
import sys
import time
from typing import Any, Callable, Iterable, Iterator, Optional

from materialize import _repository


def env_is_truthy(env_var: str) -> bool:
    """Whether a variable is set to anything but the empty string, `0`, `no` and `false`."""
    return os.environ.get(env_var, "") not in ("", "0", "no", "false")


class UIError(Exception):
    """An error that is told without a traceback: something that its reader can do something about."""

    def __init__(self, message: str, hint: Optional[str] = None) -> None:
        super().__init__(message)
        self.hint = hint

    def set_hint(self, hint: str) -> None:
        self.hint = hint


class CommandFailureCausedUIError(UIError):
    """A command that was run has failed."""

    def __init__(
        self,
        message: str,
        cmd: Any = None,
        stdout: Optional[str] = None,
        stderr: Optional[str] = None,
        hint: Optional[str] = None,
    ) -> None:
        super().__init__(message, hint)
        self.cmd = cmd
        self.stdout = stdout
        self.stderr = stderr


def speaker(prefix: str) -> Callable[[str], None]:
    """A function that writes lines with this prefix to standard error, unless MZ_QUIET is set."""

    def speak(text: str) -> None:
        if not env_is_truthy("MZ_QUIET"):
            print(f"{prefix}{text}", file=sys.stderr, flush=True)

    return speak


header = speaker("==> ")
section = header
say = speaker("")


def warn(message: str) -> None:
    print(f"warning: {message}", file=sys.stderr, flush=True)


def shell_quote(args: Iterable[Any]) -> str:
    return " ".join(shlex.quote(str(arg)) for arg in args)


def timeout_loop(timeout: float, tick: float = 1.0) -> Iterator[float]:
    """Yields the seconds that are left, at most once a tick, until none are."""
    end = time.monotonic() + timeout
    while True:
        started = time.monotonic()
        yield end - started
        now = time.monotonic()
        if now >= end:
            return
        time.sleep(max(0.0, tick - (now - started)))


__getattr__ = _repository.attributes("materialize.ui")
