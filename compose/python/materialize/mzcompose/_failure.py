"""What went wrong, for mzcompose to tell: with the composition's own file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from materialize.ui import UIError

if TYPE_CHECKING:
    import traceback


def describe(error: BaseException, file: Path, host: str) -> Dict[str, Any]:
    """`kind` is "told" for errors without a traceback, "exit" for `sys.exit`, else "raised"."""
    if isinstance(error, SystemExit):
        code = error.code
        if isinstance(code, str):
            return {"kind": "told", "message": code, **_place(error, file, host)}
        return {"kind": "exit", "message": f"exit status {code or 0}", "status": code or 0}
    # Loaded only when something is wrong.
    import traceback

    place = _place(error, file, host)
    if isinstance(error, UIError):
        return {"kind": "told", "message": str(error), "hint": error.hint, **place}
    last = traceback.format_exception_only(type(error), error)[-1].strip()
    return {"kind": "raised", "message": last, "traceback": format_traceback(error, host), **place}


def format_traceback(error: BaseException, host: str) -> str:
    """As Python shows it, without the frames of the program that runs the composition."""
    import traceback

    told = traceback.TracebackException.from_exception(error)
    at: Optional[traceback.TracebackException] = told
    while at is not None:
        at.stack = traceback.StackSummary.from_list(_of_composition(at.stack, host))
        at = at.__cause__ or at.__context__
    return "".join(told.format())


def _of_composition(stack: List[traceback.FrameSummary], host: str) -> List[traceback.FrameSummary]:
    hidden = (host, "<frozen importlib")
    return [frame for frame in stack if not frame.filename.startswith(hidden)]


def _place(error: BaseException, file: Path, host: str) -> Dict[str, Any]:
    """Where: in the composition's own file if it has a part in it, else wherever it is."""
    import traceback

    if isinstance(error, SyntaxError) and error.filename is not None and error.lineno is not None:
        return {"file": error.filename, "line": error.lineno, "column": error.offset or 1}
    frames = _of_composition(traceback.extract_tb(error.__traceback__), host)
    own = [frame for frame in frames if frame.filename == str(file)]
    for frame in reversed(own or frames):
        return {"file": frame.filename, "line": frame.lineno, "function": frame.name}
    return {}
