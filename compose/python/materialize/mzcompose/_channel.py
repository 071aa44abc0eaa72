"""The connection with mzcompose; its lines are described in mzbuild_host.py."""

from __future__ import annotations

import itertools
import json
import os
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple

from materialize.ui import UIError

if TYPE_CHECKING:
    import queue


class Channel:
    """Any thread may call; a thread of its own reads the answers."""

    def __init__(self, to_mzcompose: int, from_mzcompose: int) -> None:
        # What workflows start has no business with it.
        for descriptor in (to_mzcompose, from_mzcompose):
            os.set_inheritable(descriptor, False)
        self._out = os.fdopen(to_mzcompose, "w", encoding="utf-8")
        self._in = os.fdopen(from_mzcompose, encoding="utf-8")
        self._last_id = 0
        self._waiting: Dict[int, "queue.Queue[Dict[str, Any]]"] = {}

    def send(self, message: Dict[str, Any]) -> None:
        """Before any workflow runs."""
        self._out.write(json.dumps(message, ensure_ascii=False) + "\n")
        self._out.flush()

    def _send_safely(self, message: Dict[str, Any]) -> None:
        with self._lock:
            self.send(message)

    def call(self, operation: str, **request: Any) -> Any:
        """What mzcompose answers. Raises `UIError` where it says that the operation failed."""
        import queue

        answers: "queue.Queue[Dict[str, Any]]" = queue.Queue()
        with self._lock:
            self._last_id += 1
            call_id = self._last_id
            self._waiting[call_id] = answers
        given = {name: value for name, value in request.items() if value is not None}
        self._send_safely({"id": call_id, "call": operation, "request": given})
        answer = answers.get()
        error = answer.get("error")
        if error is not None:
            raise UIError(error["message"], error.get("hint"))
        return answer.get("result")

    def runs(self) -> Iterator[Tuple[str, List[str]]]:
        """The workflows that are to be run, one after the other, until mzcompose has no more."""
        # Most commands run none.
        first = self._in.readline()
        if first == "":
            return
        import queue
        import threading

        self._lock = threading.Lock()
        self._runs: "queue.Queue[Optional[Tuple[str, List[str]]]]" = queue.Queue()
        threading.Thread(target=self._read, args=(first,), daemon=True).start()
        while True:
            run = self._runs.get()
            if run is None:
                return
            yield run

    def _read(self, first: str) -> None:
        for line in itertools.chain([first], self._in):
            message = json.loads(line)
            if "run" in message:
                self._runs.put((message["run"], message["args"]))
                continue
            with self._lock:
                answers = self._waiting.pop(message["id"], None)
            if answers is not None:
                answers.put(message)
        self._runs.put(None)
        with self._lock:
            waiting = list(self._waiting.values())
        for answers in waiting:
            answers.put({"error": {"message": "mzcompose has gone away"}})
