"""A process of its own for a file from outside: limited memory and time, no network, no programs, no files written."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

import psutil

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file.limits import FileLimits

_POLL_SECONDS = 0.02
_MIB = 2**20
#: What the child may not do, as Python reports it to audit hooks.
_FORBIDDEN = (
    "socket.", "ftplib.", "urllib.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
    "os.startfile", "os.kill", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "shutil.", "ctypes.", "pty.", "_winapi.", "winreg.",
)  # fmt: skip
_WRITING = frozenset("wax+")
_WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def call(entry: str, arguments: Mapping[str, Any], name: str, limits: FileLimits | None = None) -> Any:
    """Call a function of this package in a limited process.

    Args:
        entry: "module:function"; what it takes and returns is JSON.
        arguments: Its keyword arguments.
        name: File that it is about, for the refusal.
        limits: None: those of the environment.

    Returns:
        What the function returned.

    Raises:
        PlanError: The function refused the file, or the process hit a limit or crashed.
    """
    limits = limits or FileLimits.from_environment()
    job = json.dumps({"entry": entry, "arguments": arguments, "memory_mib": limits.outside_memory_mib})
    command = [sys.executable, "-P", "-m", "revops_xl.workbook.file.sandbox"]
    with subprocess.Popen(  # noqa: S603  (our own module, run by our own interpreter)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        watch = _Watch(child, limits)
        output, _ = child.communicate(job.encode())
        watch.stop()
    if watch.reason:
        variable = FileLimits.variable(watch.reason[1])
        raise PlanError([Problem(name, "", watch.reason[0], f"If you trust the file, set {variable} higher.")])
    if child.returncode != 0:
        message = f"reading it failed (the process ended with {child.returncode}); the file is damaged or hostile, or this is a bug"
        raise PlanError([Problem(name, "", message, "Ask for it again.")])
    answer = json.loads(output)
    if "problems" in answer:
        raise PlanError(Problem(**problem) for problem in answer["problems"])
    return answer["result"]


class _Watch:
    """Kills a child that takes too long or too much memory; the limits of the system do not exist everywhere."""

    def __init__(self, child: subprocess.Popen[bytes], limits: FileLimits) -> None:
        self.child, self.limits = child, limits
        self.reason: tuple[str, str] | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        end = time.monotonic() + self.limits.outside_seconds
        try:
            process = psutil.Process(self.child.pid)
            while not self._done.wait(_POLL_SECONDS):
                if time.monotonic() > end:
                    seconds = self.limits.outside_seconds
                    self.reason = f"reading it takes more than {seconds:,} seconds", "outside_seconds"
                elif _memory(process) > self.limits.outside_memory_mib * _MIB:
                    mib = self.limits.outside_memory_mib
                    self.reason = f"reading it takes more than {mib:,} MiB of memory", "outside_memory_mib"
                if self.reason:
                    for each in process.children(recursive=True):
                        each.kill()
                    self.child.kill()
                    return
        except psutil.Error:
            return  # it has ended


def _memory(process: psutil.Process) -> int:
    """With what it started: in a virtual environment on Windows the interpreter is a child of its launcher."""
    total = int(process.memory_info().rss)
    for child in process.children(recursive=True):
        with suppress(psutil.Error):
            total += child.memory_info().rss
    return total


def _close(memory_mib: int) -> None:
    """Close what reading a workbook does not need; the system's limits hold for native code too."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and (
            bool(_WRITING & set(arguments[1])) if isinstance(arguments[1], str) else bool(arguments[2] & _WRITING_FLAGS)
        )
        if event.startswith(_FORBIDDEN) or writes:
            raise PermissionError(f"{event} is not allowed here")

    sys.addaudithook(refuse)
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return
    # Address space is more than memory in use; the watch counts the latter, this stops a sudden jump.
    wanted = {resource.RLIMIT_AS: 4 * memory_mib * _MIB, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for kind, limit in wanted.items():
        with suppress(ValueError, OSError):  # a system that does not have it; the watch still does
            hard = resource.getrlimit(kind)[1]
            most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (most, most))


def main() -> NoReturn:
    """Do the job that stands on stdin; the answer goes to stdout."""
    job = json.load(sys.stdin)
    module, _, function = str(job["entry"]).partition(":")
    work = getattr(importlib.import_module(module), function)
    _close(int(job["memory_mib"]))
    try:
        answer = {"result": work(**job["arguments"])}
    except PlanError as error:
        fields = ("sheet", "cell", "message", "fix")
        answer = {"problems": [{name: getattr(problem, name) for name in fields} for problem in error.problems]}
    json.dump(answer, sys.stdout)
    sys.stdout.flush()
    sys.exit(0)


if __name__ == "__main__":
    main()
