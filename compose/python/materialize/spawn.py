"""Running programs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import IO, Any, Mapping, Optional, Sequence, Union

from materialize import _repository

Args = Sequence[Union[str, Path]]


def runv(
    args: Args,
    *,
    cwd: Optional[Union[str, Path]] = None,
    stdin: Optional[Union[int, IO[bytes]]] = None,
    stdout: Optional[Union[int, IO[bytes]]] = None,
    stderr: Optional[Union[int, IO[bytes]]] = None,
    env: Optional[Mapping[str, str]] = None,
    **more: Any,
) -> "subprocess.CompletedProcess[Any]":
    """Runs a program to its end. Raises `subprocess.CalledProcessError` where it fails."""
    return subprocess.run(args, check=True, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr, env=env, **more)


def capture(
    args: Args,
    *,
    cwd: Optional[Union[str, Path]] = None,
    stdin: Optional[Union[int, IO[bytes], str]] = None,
    stderr: Optional[Union[int, IO[bytes]]] = None,
    env: Optional[Mapping[str, str]] = None,
) -> str:
    """What a program writes to its standard output; `stdin` may be text for it to read."""
    given: Any = {"input": stdin} if isinstance(stdin, str) else {"stdin": stdin}
    done = subprocess.run(args, check=True, cwd=cwd, stdout=subprocess.PIPE, stderr=stderr, env=env, text=True, **given)
    return str(done.stdout)


__getattr__ = _repository.attributes("materialize.spawn")
