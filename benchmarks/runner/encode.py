"""The TFRecord encoder on one core, beside prost with sorted maps and a plain copy of the same bytes.

Rows have 30 float32, 15 int64 and 5 strings of 12 bytes under names of 16 characters. The program compares the bytes of
both encoders and reads the records back; the four are taken in turns within every round.
"""

import json

from .binaries import program
from .process import run_measured
from .report import Report, expect

MEASURES = True
GIB = 1 << 30


def add_arguments(command) -> None:
    command.add_argument("--rows", type=int, default=100_000)
    command.add_argument("--repetitions", type=int, default=7)
    command.add_argument("--core", type=int, default=0, help="the core that it is pinned to")


def run(chosen) -> None:
    report = Report("encode", chosen)
    command = ["taskset", "--cpu-list", chosen.core, program("encode-rate"), chosen.rows, chosen.repetitions]
    output, cpu_seconds, peak_bytes = run_measured(command)
    answer = json.loads(output)
    expect(answer["rows"] == chosen.rows, f"{answer['rows']} rows were encoded")
    report.content["versions"] |= answer["versions"]
    report.content["process"] = {"cpu_seconds": cpu_seconds, "peak_bytes": peak_bytes, "bytes": answer["bytes"]}
    for round_ in range(chosen.repetitions):
        for case, seconds in answer["seconds"].items():
            report.add(case, wall_seconds=seconds[round_], rows=chosen.rows, bytes=answer["bytes"],
                       rows_per_second=round(chosen.rows / seconds[round_]),
                       gib_per_second=round(answer["bytes"] / GIB / seconds[round_], 3))
    report.ratio("times faster than prost", "prost", "encoder")
    report.ratio("of the rate of a plain copy", "copy", "encoder")
    report.ratio_of("GiB per second and core", [once["gib_per_second"] for once in report.content["cases"]["encoder"]])
    report.write()
