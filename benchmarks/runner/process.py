"""Processes by role: started, pinned, measured from /proc, and ended with the benchmark."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """What processes have used: CPU seconds (user and system) and the peak of resident memory, by role."""

    cpu_seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)

    def add(self, role: str, cpu_seconds: float, peak_bytes: int) -> None:
        self.cpu_seconds[role] = self.cpu_seconds.get(role, 0.0) + cpu_seconds
        self.peak_bytes[role] = max(self.peak_bytes.get(role, 0), peak_bytes)

    def to_json(self) -> dict:
        return {
            "cpu_seconds": {**{role: round(seconds, 3) for role, seconds in self.cpu_seconds.items()},
                            "all": round(sum(self.cpu_seconds.values()), 3)},
            "peak_bytes": self.peak_bytes,
        }


class Server:
    """A long-lived process. `said` holds the lines `name value` that it printed up to the one that begins with `last`."""

    def __init__(self, role: str, command: list, log: Path, last: str | None = None, core: int | None = None, env: dict | None = None):
        self.role, self.log, self.said = role, log, {}
        if core is not None:
            command = ["taskset", "--cpu-list", str(core), *command]
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
                env={**os.environ, "MANGONEL_LOG": "warn", **(env or {})},
            )
        while last is not None:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"{role} ended before it said `{last}`:\n{log.read_text()[-4000:]}")
            name, _, value = line.strip().partition(" ")
            self.said[name] = value
            if name == last:
                break

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def peak_bytes(self) -> int:
        """The greatest resident memory since the last `forget_peak`."""
        return status_bytes(self.process.pid, "VmHWM")

    def resident_bytes(self) -> int:
        return status_bytes(self.process.pid, "VmRSS")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Stopwatch:
    """Measures everything inside `with`: wall seconds, and what `servers` and the commands run by `client` use meanwhile."""

    def __init__(self, servers: list[Server]):
        self.servers, self.usage, self.wall_seconds = servers, Usage(), 0.0

    def __enter__(self):
        for server in self.servers:
            server.forget_peak()
        self._before = [server.cpu_seconds() for server in self.servers]
        self._started = time.monotonic()
        return self

    def __exit__(self, *_failure):
        self.wall_seconds = time.monotonic() - self._started
        for server, before in zip(self.servers, self._before):
            self.usage.add(server.role, server.cpu_seconds() - before, server.peak_bytes())

    def client(self, command: list, role: str = "client", env: dict | None = None) -> str:
        """Runs a command to its end and gives what it printed."""
        output, cpu_seconds, peak_bytes = run_measured(command, env)
        self.usage.add(role, cpu_seconds, peak_bytes)
        return output

    def to_json(self) -> dict:
        return {"wall_seconds": round(self.wall_seconds, 3), **self.usage.to_json()}


def run_measured(command: list, env: dict | None = None) -> tuple[str, float, int]:
    """Standard output, CPU seconds and peak memory of a command that must succeed."""
    command = [str(part) for part in command]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
    peak = Peak(process.pid)
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"`{' '.join(command)[:400]}` ended with {process.returncode}:\n{output[-4000:]}")
    return output, used.ru_utime + used.ru_stime, peak.stop()


class Peak(threading.Thread):
    """Looks at the peak memory of a process until it ends. What `wait4` says counts this process too, before the `exec`."""

    EVERY_SECONDS = 0.02

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.bytes, self.ended = pid, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.ended.wait(self.EVERY_SECONDS):
            self.bytes = max(self.bytes, status_bytes(self.pid, "VmHWM"))

    def stop(self) -> int:
        self.ended.set()
        self.join()
        return self.bytes


def status_bytes(pid: int | str, name: str) -> int:
    """A size from /proc; 0 when the process has gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(name + ":")), 0)
