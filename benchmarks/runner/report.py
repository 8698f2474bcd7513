"""The result of one run: where and what was measured, with which arguments, and every case, as one JSON file."""

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import time
from pathlib import Path

from .binaries import ROOT, mangonel

RESULTS = ROOT / "benchmarks" / "results"


class Disagreement(Exception):
    """What was measured is not the work that was meant."""


def expect(true: bool, otherwise: str) -> None:
    if not true:
        raise Disagreement(otherwise)


class Report:
    """Collects the cases of one benchmark and writes them."""

    def __init__(self, benchmark: str, chosen):
        arguments = {name: str(value) if isinstance(value, Path) else value for name, value in vars(chosen).items()}
        self.out = chosen.out
        self.content = {
            "benchmark": benchmark,
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "machine": machine(),
            "versions": versions(),
            "arguments": {name: value for name, value in arguments.items() if name not in ("command", "out")},
            "load_before": os.getloadavg()[0],
            "cases": {},
            "ratios": {},
        }

    def add(self, case: str, **measured) -> None:
        """One repetition of a case; every key is a measure. Says so at once, since runs take long."""
        self.content["cases"].setdefault(case, []).append(measured)
        wall = measured.get("wall_seconds")
        print(f"  {case}: {'' if wall is None else f'{wall:.2f} s'} {brief(measured)}", flush=True)

    def ratio(self, name: str, over: str, under: str, measure: str = "wall_seconds") -> None:
        """`over` / `under`, repetition by repetition, so that both sides had the same neighbours on the machine."""
        pairs = zip(self.content["cases"].get(over, []), self.content["cases"].get(under, []))
        self.ratio_of(name, [left[measure] / right[measure] for left, right in pairs if right[measure]])

    def ratio_of(self, name: str, ratios: list[float]) -> None:
        if ratios:
            self.content["ratios"][name] = spread(ratios)

    def write(self) -> Path:
        content = self.content
        content["load_after"] = os.getloadavg()[0]
        content["summary"] = {case: summary(repetitions) for case, repetitions in content["cases"].items()}
        if self.out is None:
            RESULTS.mkdir(exist_ok=True)
            stamp = content["started"].replace(":", "").replace("-", "")
            self.out = RESULTS / f"{content['benchmark']}-{stamp}.json"
        self.out.parent.mkdir(parents=True, exist_ok=True)
        self.out.write_text(json.dumps(content, indent=1) + "\n")
        for name, ratio in content["ratios"].items():
            print(f"  {name}: {ratio['median']:.2f} ({ratio['min']:.2f} to {ratio['max']:.2f})")
        print(f"written to {self.out}")
        return self.out


def brief(measured: dict) -> str:
    """The few figures that a person waits for."""
    parts = []
    if "rows_per_second" in measured:
        parts.append(f"{measured['rows_per_second']:,} rows/s")
    if "cpu_seconds" in measured:
        parts.append("CPU " + ", ".join(f"{role} {seconds:.1f} s" for role, seconds in measured["cpu_seconds"].items()))
    if "peak_bytes" in measured:
        parts.append("peak " + ", ".join(f"{role} {peak >> 20} MiB" for role, peak in measured["peak_bytes"].items()))
    return "; ".join(parts)


def spread(values: list[float]) -> dict:
    return {"min": round(min(values), 4), "median": round(statistics.median(values), 4), "max": round(max(values), 4)}


def flatten(measured: dict, prefix: str = "") -> dict[str, float]:
    """Numbers of a case by dotted name."""
    flat = {}
    for name, value in measured.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            flat[prefix + name] = value
    return flat


def summary(repetitions: list[dict]) -> dict:
    flat = [flatten(measured) for measured in repetitions]
    names = [name for name in flat[0] if all(name in other for other in flat)]
    return {name: spread([measured[name] for measured in flat]) for name in names}


def machine() -> dict:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    memory = next(line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": int(memory) << 10,
        "kernel": platform.release(),
    }


def versions() -> dict:
    said = lambda *command: subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()  # noqa: E731
    packages = ["polars", "duckdb", "pyarrow", "deltalake"]
    return {
        "mangonel": said(str(mangonel()), "--version").removeprefix("mangonel "),
        "commit": said("git", "rev-parse", "HEAD"),
        "changed": bool(said("git", "status", "--porcelain", "--untracked-files=no")),
        "rustc": said("rustc", "--version"),
        "python": platform.python_version(),
        **{package: importlib.metadata.version(package) for package in packages},
    }
