"""Every benchmark at a tiny size: that it runs, checks itself and writes what `compare` reads. Nothing is judged by time."""

import argparse
import json
import tempfile
from pathlib import Path

from . import clients, compare, encode, formats, main_job, memory
from .report import expect

#: Smallest arguments that still have several groups, shards and processes.
TINY = {
    "encode": (encode, ["--rows", "2000", "--repetitions", "2"]),
    "main-job": (main_job, ["--rows", "20000", "--groups", "3", "--repetitions", "1", "--shards", "4", "--memory", "256MiB"]),
    "formats": (formats, ["--rows", "5000", "--features", "20", "--repetitions", "1", "--shards", "2", "--memory", "256MiB"]),
    "clients": (clients, ["--rows", "20000", "--features", "5", "--repetitions", "1", "--memory", "256MiB"]),
    "memory": (memory, ["--rows", "20000", "--features", "20", "--groups", "2", "--budget-mib", "256", "--shards", "2"]),
}


def add_arguments(command) -> None:
    command.add_argument("--only", nargs="+", choices=sorted(TINY), default=sorted(TINY))


def run(chosen) -> int:
    with tempfile.TemporaryDirectory(prefix="mangonel-benchmarks-") as folder:
        for name in chosen.only:
            module, arguments = TINY[name]
            print(f"{name} {' '.join(arguments)}")
            out = Path(folder) / f"{name}.json"
            parser = argparse.ArgumentParser()
            module.add_arguments(parser)
            module.run(argparse.Namespace(**vars(parser.parse_args(arguments)), out=out, work=Path(folder), keep=False))
            content = json.loads(out.read_text())
            missing = {"machine", "versions", "arguments", "cases", "summary", "ratios"} - content.keys()
            expect(not missing and content["cases"], f"{name} wrote no {missing or 'cases'}")
            comparing = argparse.ArgumentParser()
            compare.add_arguments(comparing)
            expect(compare.run(comparing.parse_args([str(out), str(out)])) == 0, f"{name} cannot be compared with itself")
    return 0
