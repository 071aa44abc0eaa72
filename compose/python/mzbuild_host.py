"""Runs a composition's mzcompose.py for mzcompose, in the user's own Python.

    python3 mzbuild_host.py FILE ROOT CACHE

mzcompose starts this program and keeps it while it needs the composition. Both talk in lines of JSON: file descriptor 3
leads to mzcompose, 4 comes from it. Standard input, output and error are the composition's own.

    to mzcompose    {"composition": {…}}                     once, when the file has been loaded
                or  {"failed": {…}}                          and the program ends
    from it         {"run": "NAME", "args": […]}             runs a workflow
    to it           {"id": 1, "call": "up", "request": {…}}  what the workflow wants; see compose/operations.ts
    from it         {"id": 1, "result": …}  or  {"id": 1, "error": {"message": "…"}}
    to it           {"ended": {}}  or  {"ended": {"failed": {…}}}

It ends when mzcompose closes its side. Where no workflow will be run, Python is started with `-S`, as many compositions need none of
the packages that are installed: getting ready for these (module `site`, and whatever packages have it do) takes longer than all else.
"""

import sys

if sys.version_info < (3, 8):
    sys.stderr.write("mzcompose.py needs Python 3.8 or newer, and python3 is %d.%d\n" % sys.version_info[:2])
    sys.exit(3)

import os
from pathlib import Path
from typing import Any, List

HOST = os.path.dirname(os.path.abspath(__file__))


class _InstalledPackages:
    """The last of the finders: with the first module that nobody else has, everything becomes what it is without `-S`."""

    def __init__(self, others: List[str]) -> None:
        self._others = others

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        sys.meta_path.remove(self)  # type: ignore[arg-type]
        import site

        site.main()
        sys.path += self._others
        for finder in list(sys.meta_path):
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


def _without_site(others: List[str]) -> None:
    import site

    # What it adds to the language.
    site.setquit()
    site.setcopyright()
    site.sethelper()
    sys.meta_path.append(_InstalledPackages(others))  # type: ignore[arg-type]


def main() -> None:
    file, root, cache = (Path(arg) for arg in sys.argv[1:])
    os.environ["MZ_ROOT"] = str(root)
    # Our own modules go before all others; those that a repository keeps for its compositions come after everything.
    sys.path[0] = HOST
    others = [str(root / "misc" / "python"), str(file.parent)]
    if sys.flags.no_site:
        _without_site(others)
    else:
        sys.path += others

    from materialize.mzcompose._channel import Channel
    from materialize.mzcompose._failure import describe
    from materialize.mzcompose._load import load

    channel = Channel(to_mzcompose=3, from_mzcompose=4)
    try:
        loaded = load(file, cache, channel)
        data = loaded.data()
    except (Exception, SystemExit) as error:
        channel.send({"failed": describe(error, file, HOST)})
        return
    channel.send({"composition": data})
    for name, args in channel.runs():
        failed = loaded.run(name, args, HOST)
        channel.send({"ended": {} if failed is None else {"failed": failed}})


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
