"""A Mangonel store to be measured: `mangonel up`, or etcd, a scheduler and executors; used through its own command line."""

import json
import shutil
import socket
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from .binaries import mangonel
from .data import KEY, Group
from .process import Server, Stopwatch
from .report import expect

SECRET = {"MANGONEL_CLUSTER_SECRET": "of a benchmark"}


@dataclass
class Built:
    """A training dataset that was built, and how."""

    stopwatch: Stopwatch
    folder: Path
    rows: int
    bytes: int
    shards: int
    stages: list[dict]

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("part-*"))

    def to_json(self) -> dict:
        wall = self.stopwatch.wall_seconds
        known = sum(stage["wall_seconds"] for stage in self.stages)
        shares = {stage["name"]: round(stage["wall_seconds"] / wall, 4) for stage in self.stages}
        return {
            **self.stopwatch.to_json(),
            "rows": self.rows, "bytes": self.bytes, "shards": self.shards,
            "rows_per_second": round(self.rows / wall),
            "stage_share": {**shares, "planning, committing, asking": round(1 - known / wall, 4)},
            "stages": self.stages,
        }


class Store:
    """What one process and a cluster have in common: `servers`, `url`, and the folder that holds everything."""

    def __init__(self, folder: Path):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder, self.servers, self.url = folder, [], ""

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        for server in reversed(self.servers):
            server.stop()

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *arguments, stopwatch: Stopwatch | None = None) -> dict:
        command = [mangonel(), "--server", self.url, "--output", "json", *arguments]
        watch = stopwatch or Stopwatch([])
        return json.loads(watch.client(command))

    def insert(self, groups: list[Group]) -> Stopwatch:
        """Creates every group and inserts its file; creating is not measured."""
        for group in groups:
            self.call("feature-group", "create", group.name, "--key", KEY, "--like", group.path)
        with Stopwatch(self.servers) as stopwatch:
            for group in groups:
                run = self.call("feature-group", "insert", group.name, group.path, stopwatch=stopwatch)
                expect(int(run["rows"]) == group.rows, f"{run['rows']} of {group.rows} rows of {group.name} were inserted")
        return stopwatch

    def table_folder(self, group: Group) -> str:
        """Path of the group's Delta table."""
        detail = self.call("feature-group", "show", group.name)
        return urllib.parse.unquote(urllib.parse.urlparse(detail["url"]).path)

    def build(self, name: str, features: list[str], data_format: str, shards: int = 0, compression: str = "none") -> Built:
        with Stopwatch(self.servers) as stopwatch:
            detail = self.call("training-dataset", "create", name, "--features", ",".join(features), "--format", data_format,
                               "--compression", compression, "--shards", shards, stopwatch=stopwatch)
        generation = detail["trainingDataset"]["generation"]
        run = self.call("run", "show", generation["runId"])
        stages = [
            {
                "name": stage["name"], "tasks": stage.get("tasks", 0), "wall_seconds": int(stage.get("wallMs", 0)) / 1000,
                "workers": [
                    {"tasks": worker.get("tasks", 0), "rows_written": int(worker.get("rowsWritten", 0)),
                     "bytes_written": int(worker.get("bytesWritten", 0))}
                    for worker in stage.get("workers", [])
                ],
            }
            for stage in run.get("stages", [])
        ]
        return Built(stopwatch, Path(detail["path"]), int(generation["rows"]), int(generation["bytes"]), generation["shards"], stages)

    def verify(self, name: str, rows: int) -> None:
        """Every shard is read again and compared with the manifest."""
        report = self.call("training-dataset", "verify", name)
        expect(int(report["rows"]) == rows, f"{report['rows']} rows of {name} were read back, {rows} were built")
        expect(not report.get("problems"), f"{name}: {report.get('problems')}")

    def forget(self, built: Built) -> None:
        """Makes room on the disk; the catalog still lists the dataset."""
        expect(self.folder in built.folder.parents, f"{built.folder} is not in {self.folder}")
        shutil.rmtree(built.folder)


class LocalStore(Store):
    """One process."""

    def __init__(self, folder: Path, threads: int, memory: str):
        super().__init__(folder)
        command = [mangonel(), "up", "--data-dir", folder / "data", "--threads", threads, "--memory", memory,
                   "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        self.servers = [Server("server", command, folder / "server.log", last="data")]
        self.url = self.servers[0].said["flight"]


class ClusterStore(Store):
    """etcd, a scheduler, and executors of one slot that are pinned to one core each, from core 0 on."""

    def __init__(self, folder: Path, executors: int, memory: str, executor_memory: str):
        super().__init__(folder)
        client, peer = (f"http://127.0.0.1:{port}" for port in free_ports(2))
        etcd = [shutil.which("etcd") or "/usr/bin/etcd", "--data-dir", folder / "etcd", "--listen-client-urls", client,
                "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", f"default={peer}"]
        self.servers.append(Server("etcd", etcd, folder / "etcd.log"))
        address = client.removeprefix("http://")
        wait_until_it_listens(address)
        command = [mangonel(), "scheduler", "--etcd", address, "--warehouse", folder / "warehouse",
                   "--work-dir", folder / "scheduler", "--memory", memory,
                   "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0", "--cluster", "127.0.0.1:0"]
        scheduler = Server("scheduler", command, folder / "scheduler.log", last="data", env=SECRET)
        self.servers.append(scheduler)
        self.url = scheduler.said["flight"]
        for number in range(executors):
            command = [mangonel(), "executor", "--scheduler", scheduler.said["cluster"], "--slots", 1,
                       "--work-dir", folder / f"executor-{number}", "--memory", executor_memory]
            self.servers.append(Server(f"executor {number}", command, folder / f"executor-{number}.log", last="executor",
                                       core=number, env=SECRET))


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_until_it_listens(address: str) -> None:
    host, port = address.rsplit(":", 1)
    for _ in range(200):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on {address}")
