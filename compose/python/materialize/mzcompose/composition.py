"""What workflows do with their composition."""

from __future__ import annotations

import argparse
import inspect
import json
import re
import socket
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from materialize import MZ_ROOT, _repository, ui
from materialize.mzcompose import loader
from materialize.mzcompose._channel import Channel
from materialize.mzcompose._sql import Sql
from materialize.mzcompose.service import Service
from materialize.ui import CommandFailureCausedUIError, UIError

T = TypeVar("T")
Capture = Union[bool, IO[str]]
"""Whether output is returned, or the file that it goes to."""


class WorkflowArgumentParser(argparse.ArgumentParser):
    """A parser for the arguments behind a workflow's name, which it parses when it is given no others."""

    def __init__(self, name: str, description: Optional[str], args: List[str]) -> None:
        self.args = args
        super().__init__(prog=f"mzcompose run {name}", description=description)

    def parse_known_args(  # type: ignore[override]
        self, args: Optional[Sequence[str]] = None, namespace: Any = None
    ) -> Tuple[Any, List[str]]:
        return super().parse_known_args(self.args if args is None else args, namespace)


@dataclass
class TestResult:
    """How a test case went."""

    duration: float
    """In seconds."""
    error: Optional[str]


def _own_composition() -> Any:
    """Where it is now, or where it was before; None where the repository has none."""
    modules = ("materialize.mzcompose.composition", "materialize.mzcompose")
    found = (_repository.own_attribute(module, "Composition") for module in modules)
    return next((own for own in found if own is not None), None)


class Composition(Sql):
    """A composition while one of its workflows runs.

    What goes wrong with Docker Compose is a `UIError`, which ends the workflow and is told without a traceback.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        name: str,
        path: Path,
        description: Optional[str],
        workflows: Dict[str, Callable[..., Any]],
    ) -> None:
        self._channel = channel
        self.name = name
        self.path = path
        """The composition's directory."""
        self.description = description
        self.workflows = workflows
        self.test_results: Dict[str, TestResult] = {}
        self._test_case_prefix: Optional[str] = None

    def __getattr__(self, name: str) -> Any:
        """Methods that the repository's own Composition has besides."""
        reason = ""
        if not name.startswith("_"):
            try:
                own = _own_composition()
            except ImportError as error:
                reason = f", and the repository's own Composition can't be loaded: {error}"
            else:
                found = inspect.getattr_static(own, name, None)
                if found is not None:
                    return found.__get__(self, type(self)) if hasattr(found, "__get__") else found
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}: it is none of those that are there for "
            f"compositions of every repository (docs/mzcompose-python.md){reason}"
        )

    @property
    def compose(self) -> Dict[str, Any]:
        """A copy of what the composition consists of now. To change services, use `override`."""
        return {"services": self._channel.call("services")}

    # Workflows and tests

    def workflow(self, name: str, *args: str) -> None:
        """Runs a workflow of this composition. Raises `KeyError` where there is none of that name."""
        function = self.workflows[name]
        parser = WorkflowArgumentParser(name, inspect.getdoc(function), list(args))
        outer, loader.composition_path = loader.composition_path, self.path
        try:
            if len(inspect.signature(function).parameters) > 1:
                function(self, parser)
            else:
                # One that takes no arguments gets none, but says what it is with --help.
                parser.parse_args()
                function(self)
        finally:
            loader.composition_path = outer

    @contextmanager
    def test_case(self, name: str) -> Iterator[None]:
        """Runs what is inside as a test case of the report. An exception makes it fail, and the workflow goes on;
        it fails at its end."""
        if name in self.test_results:
            raise UIError(f"test case {name} executed twice")
        self._channel.call("beginTest", name=name)
        started = time.monotonic()
        failed: Optional[Dict[str, Any]] = None
        try:
            yield
        except Exception as raised:
            message = f"{type(raised).__module__}.{type(raised).__name__}: {raised}".replace("builtins.", "", 1)
            details = traceback.format_exc()
            if not isinstance(raised, UIError):
                sys.stderr.write(details)
            failed = {"message": message, "details": details}
        self.test_results[name] = TestResult(time.monotonic() - started, failed["message"] if failed else None)
        reported = name if self._test_case_prefix is None else f"{self._test_case_prefix}/{name}"
        self._channel.call("endTest", name=reported, error=failed)

    def override_current_testcase_name(self, test_case_name: str) -> None:
        """Says more about test cases that follow than their own names do."""
        self._test_case_prefix = test_case_name

    def test_parts(self, parts: List[T], process_func: Callable[[T], Any]) -> None:
        """Calls a function for all parts, and raises the first exception in the end."""
        exceptions: List[Exception] = []
        for part in parts:
            try:
                process_func(part)
            except Exception as raised:
                exceptions.append(raised)
        if exceptions:
            for other in exceptions[1:]:
                traceback.print_exception(type(other), other, other.__traceback__)
            raise exceptions[0]

    @contextmanager
    def override(self, *services: Service, fail_on_new_service: bool = True) -> Iterator[None]:
        """Puts services in the place of those of the same name, whole, while what is inside runs. What is up already stays
        as it is until it is started anew."""
        from materialize.mzcompose._load import as_json

        given = [{"name": each.name, "config": as_json(each.config, f"service {each.name!r}")} for each in services]
        self._channel.call("pushOverride", services=given, allowNew=not fail_on_new_service)
        try:
            self.pull_if_variable([each.name for each in services])
            yield
        finally:
            self._channel.call("popOverride")

    # Commands

    def invoke(
        self,
        *args: str,
        capture: Capture = False,
        capture_stderr: Capture = False,
        capture_and_print: bool = False,
        stdin: Optional[str] = None,
        check: bool = True,
        max_tries: int = 1,
        silent: bool = False,
        environment: Optional[Mapping[str, str]] = None,
    ) -> "subprocess.CompletedProcess[str]":
        """Runs `docker compose ARGS` on the composition.

        `capture` and `capture_stderr` may be files, which get the output; `capture_and_print` prints it when the command
        has ended. `environment` is not handed on: mzcompose has its own.
        """
        given = [str(arg) for arg in args]
        request = {"args": given, "stdin": stdin}
        captures = (capture, capture_stderr, capture_and_print)
        for left in range(max_tries - 1, -1, -1):
            try:
                return self._command("invoke", request, captures, ["docker", "compose", *given], check)
            except CommandFailureCausedUIError:
                if left == 0:
                    raise
                ui.say("Retrying ...")
                time.sleep(3)
        raise ValueError("max_tries must be at least 1")

    def run(
        self,
        service: str,
        *args: str,
        detach: bool = False,
        rm: bool = False,
        env_extra: Optional[Mapping[str, str]] = None,
        capture: Capture = False,
        capture_stderr: Capture = False,
        capture_and_print: bool = False,
        stdin: Optional[str] = None,
        entrypoint: Optional[str] = None,
        check: bool = True,
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command, or the service's own, in a new container, after bringing up to date what the service depends on."""
        given = [str(arg) for arg in args]
        request = {
            "service": service,
            "args": given,
            "detach": detach,
            "rm": rm,
            "env": dict(env_extra or {}),
            "entrypoint": entrypoint,
            "stdin": stdin,
        }
        captures = (capture, capture_stderr, capture_and_print)
        return self._command("run", request, captures, ["docker", "compose", "run", service, *given], check)

    def exec(
        self,
        service: str,
        *args: str,
        detach: bool = False,
        capture: Capture = False,
        capture_stderr: Capture = False,
        capture_and_print: bool = False,
        stdin: Optional[str] = None,
        check: bool = True,
        workdir: Optional[str] = None,
        env_extra: Optional[Mapping[str, str]] = None,
        silent: bool = False,
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command in the service's running container; behind the service's `entrypoint`, if it declares one."""
        entrypoint = self._service(service).get("entrypoint") or []
        command = [*([entrypoint] if isinstance(entrypoint, str) else entrypoint), *(str(arg) for arg in args)]
        request = {
            "service": service,
            "args": command,
            "detach": detach,
            "env": dict(env_extra or {}),
            "workdir": workdir,
            "stdin": stdin,
        }
        captures = (capture, capture_stderr, capture_and_print)
        return self._command("exec", request, captures, ["docker", "compose", "exec", service, *command], check)

    def up(
        self,
        *services: Union[str, Service],
        detach: bool = True,
        wait: bool = True,
        persistent: bool = False,
        max_tries: int = 1,
    ) -> None:
        """Starts services and what they depend on, and waits until those with a health check are healthy.

        With `persistent`, containers sleep instead of running their commands, so that `exec` can be used with them; with
        `Service(NAME, idle=True)` those of one service do.
        """
        names = [service if isinstance(service, str) else service.name for service in services]
        idle = [service.name for service in services if not isinstance(service, str) and getattr(service, "idle", False)]
        # Options of docker compose up may stand among the names.
        named = "options" if any(name.startswith("-") for name in names) else "services"
        asleep = persistent or idle or False
        request: Dict[str, Any] = {"detach": detach, "wait": wait, "persistent": asleep, named: names}
        for left in range(max_tries - 1, -1, -1):
            try:
                self._channel.call("up", **request)
                return
            except UIError:
                if left == 0:
                    raise
                ui.say("Retrying ...")
                time.sleep(3)

    def down(
        self, destroy_volumes: bool = True, remove_orphans: bool = True, sanity_restart_mz: bool = True
    ) -> None:
        """Stops and removes everything, volumes included."""
        self._channel.call("down", volumes=destroy_volumes, removeOrphans=remove_orphans)

    def start(self, *services: str) -> None:
        self._channel.call("start", services=list(services))

    def stop(self, *services: str, wait: bool = True) -> None:
        self._channel.call("stop", services=list(services))

    def restart(self, *services: str) -> None:
        self._channel.call("restart", services=list(services))

    def kill(self, *services: str, signal: str = "SIGKILL", wait: bool = True) -> None:
        """Kills services without grace, and waits until they are gone."""
        self._channel.call("kill", services=list(services), signal=signal, wait=wait)

    def pause(self, *services: str) -> None:
        self._channel.call("pause", services=list(services))

    def unpause(self, *services: str) -> None:
        self._channel.call("unpause", services=list(services))

    def copy(self, source: str, destination: str) -> None:
        """Copies a file between this machine and a container; one of both is `SERVICE:PATH`."""
        self.invoke("cp", source, destination)

    def rm(self, *services: str, stop: bool = True, destroy_volumes: bool = True) -> None:
        """Removes containers, with their anonymous volumes."""
        self._channel.call("rm", services=list(services), stop=stop, volumes=destroy_volumes)

    def rm_volumes(self, *volumes: str, force: bool = False) -> None:
        """Removes named volumes of the composition."""
        self._channel.call("removeVolumes", volumes=list(volumes), force=force)

    def wait(self, *services: str, expect_exit_code: Optional[int] = None) -> None:
        """Waits until services have ended. Raises `AssertionError` where one ends with another exit code than expected."""
        for service in services:
            container = self.container_id(service)
            if container is None:
                continue
            ended = subprocess.run(["docker", "wait", container], stdout=subprocess.PIPE, text=True, check=False)
            if expect_exit_code is not None and ended.returncode == 0:
                exit_code = int(ended.stdout)
                assert exit_code == expect_exit_code, (
                    f"service {service} exited with exit code {exit_code}, expected {expect_exit_code}"
                )

    def wait_for_health(self, *services: str, timeout: Optional[float] = None) -> None:
        """Waits until services run, and are healthy if they have a health check."""
        self._channel.call("waitForHealth", services=list(services), timeoutSeconds=timeout)

    def wait_for_tcp(self, *, host: str, port: Union[int, str], timeout_secs: float = 240) -> None:
        """Waits until something listens on the port of a service, as it is published on this machine."""
        for left in ui.timeout_loop(timeout_secs, tick=0.5):
            try:
                with socket.create_connection(("127.0.0.1", self.port(host, port)), timeout=max(left, 1)):
                    return
            except (OSError, UIError):
                pass
        raise UIError(f"nothing listens on port {port} of {host} after {timeout_secs} s")

    def start_and_wait_for_tcp(self, services: Sequence[Union[str, Service]]) -> None:
        """Starts services one after the other."""
        for service in services:
            self.up(service if isinstance(service, str) else service.name)

    def pull_if_variable(self, services: List[str], max_tries: int = 2) -> None:
        """Pulls the images of services whose tags change their meaning."""
        for service in services:
            image = self._service(service).get("image") or ""
            if any(tag in image for tag in (":latest", ":unstable", ":rolling")):
                self.pull_single_image_by_service_name(service, max_tries)

    def pull_single_image_by_service_name(self, service_name: str, max_tries: int = 1) -> None:
        self.invoke("pull", service_name, max_tries=max_tries)

    def try_pull_service_image(self, service: Service, max_tries: int = 2) -> bool:
        """Whether the image of such a service could be pulled."""
        try:
            with self.override(service):
                self.pull_single_image_by_service_name(service.name, max_tries)
        except UIError:
            return False
        return True

    # Questions

    def port(self, service: str, private_port: Union[int, str, None] = None) -> int:
        """The port of this machine by which a port of a running service is reached; its first port by default."""
        port: int = self._channel.call("port", service=service, port=None if private_port is None else int(private_port))
        return port

    def default_port(self, service: str) -> int:
        """As `port`, of the first port that the service declares."""
        return self.port(service)

    def container_id(self, service: str) -> Optional[str]:
        """None where the service has no container."""
        found: Optional[str] = self._channel.call("containerId", service=service)
        return found

    def is_running(self, container_name: str) -> bool:
        """Whether the service of that name runs."""
        listed = self.invoke("ps", "--quiet", "--status", "running", container_name, capture=True, check=False)
        return listed.stdout.strip() != ""

    def logs(self, *services: str, tail: Optional[int] = None) -> str:
        """What services have written so far; all of them if none is named."""
        text: str = self._channel.call("logs", services=list(services), tail=tail)
        return text

    def capture_logs(self, *services: str) -> None:
        """Adds what services have written so far to `services.log` at the root of the repository."""
        with open(MZ_ROOT / "services.log", "a", encoding="utf-8") as file:
            file.write(self.logs(*services))

    def stats(self, service: str) -> str:
        """What `docker stats` says of the service's container: a line of JSON."""
        container = self.container_id(service)
        if container is None:
            raise UIError(f"service {service!r} does not run")
        command = ["docker", "stats", container, "--format", "{{json .}}", "--no-stream", "--no-trunc"]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def mem(self, service: str) -> int:
        """Bytes of memory that the service's container uses."""
        usage = json.loads(self.stats(service))["MemUsage"].split("/")[0].strip()
        found = re.match(r"([\d.]+)\s*([KMGT]?)i?B", usage)
        if found is None:
            raise UIError(f"docker stats says {usage!r}, which is no amount of memory")
        return round(float(found[1]) * float(1024 ** " KMGT".index(found[2] or " ")))

    def sleep(self, duration: float) -> None:
        """Seconds."""
        ui.say(f"Sleeping for {duration} seconds...")
        time.sleep(duration)

    def _service(self, name: str) -> Dict[str, Any]:
        services = self._channel.call("services")
        if name not in services:
            raise UIError(f"no such service: {name}")
        config: Dict[str, Any] = services[name]
        return config

    def _command(
        self,
        operation: str,
        request: Mapping[str, Any],
        captures: Tuple[Capture, Capture, bool],
        command: List[str],
        check: bool,
    ) -> "subprocess.CompletedProcess[str]":
        out, err, also_print = captures
        # A command whose errors are wanted has its output kept, too.
        captured = {"capture": bool(out) or bool(err) or also_print, "captureStderr": bool(err) or also_print}
        result = self._channel.call(operation, **request, **captured, check=False)
        stdout = result["stdout"] if captured["capture"] else None
        stderr = result["stderr"] if captured["captureStderr"] else None
        if also_print:
            sys.stdout.write(stdout or "")
            sys.stdout.flush()
            sys.stderr.write(stderr or "")
        for file, text in ((out, stdout), (err, stderr)):
            if not isinstance(file, bool):
                file.write(text or "")
        exit_code: int = result["exitCode"]
        if check and exit_code != 0:
            if not also_print:
                sys.stderr.write((stdout or "") + (stderr or ""))
            message = f"running docker compose failed (exit status {exit_code})"
            raise CommandFailureCausedUIError(message, cmd=command, stdout=stdout, stderr=stderr)
        return subprocess.CompletedProcess(command, exit_code, stdout, stderr)


__getattr__ = _repository.attributes("materialize.mzcompose.composition")
