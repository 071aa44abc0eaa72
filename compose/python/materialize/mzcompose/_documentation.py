"""What modules and functions say of themselves, without loading `inspect` for it."""

from __future__ import annotations

from typing import Any, Optional


def documentation(thing: Any) -> Optional[str]:
    """The docstring, without indentation and empty lines around it (PEP 257)."""
    text = thing.__doc__
    if not isinstance(text, str):
        return None
    first, *others = text.expandtabs().split("\n")
    indents = [len(line) - len(line.lstrip()) for line in others if line.strip() != ""]
    lines = [first.lstrip(), *(line[min(indents, default=0) :] for line in others)]
    while lines and lines[-1] == "":
        lines.pop()
    while lines and lines[0] == "":
        lines.pop(0)
    return "\n".join(lines)
