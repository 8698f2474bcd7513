"""Two results of one benchmark: old, new and change of every measure that both have."""

import json
from pathlib import Path

#: Measures that people look at first; the rest is in the files.
SHOWN = ("wall_seconds", "cpu_seconds", "peak_bytes", "rows_per_second", "gib_per_second", "bytes")


def add_arguments(command) -> None:
    command.add_argument("old", type=Path)
    command.add_argument("new", type=Path)
    command.add_argument("--all", action="store_true", help="every measure, not only time, memory and rates")


def run(chosen) -> int:
    old, new = (json.loads(path.read_text()) for path in (chosen.old, chosen.new))
    if old["benchmark"] != new["benchmark"]:
        print(f"{chosen.old} is of `{old['benchmark']}`, {chosen.new} of `{new['benchmark']}`")
        return 2
    for what in ("machine", "arguments"):
        for name in sorted(old[what].keys() | new[what].keys()):
            before, after = old[what].get(name), new[what].get(name)
            if before != after and name not in ("work", "keep"):
                print(f"not the same {what}: {name} was {before}, is {after}")
    print(f"old {old['versions']['commit'][:12]} of {old['started']}, new {new['versions']['commit'][:12]} of {new['started']}")
    rows = [(f"{case}: {measure}", values["median"], new["summary"][case][measure]["median"])
            for case, measures in old["summary"].items() if case in new["summary"]
            for measure, values in measures.items()
            if measure in new["summary"][case] and (chosen.all or measure.partition(".")[0] in SHOWN)]
    rows += [(name, ratio["median"], new["ratios"][name]["median"])
             for name, ratio in old["ratios"].items() if name in new["ratios"]]
    width = max([len(row[0]) for row in rows], default=0)
    print(f"{'median of':{width}} {'old':>16} {'new':>16} {'change':>9}")
    for name, before, after in rows:
        change = f"{(after / before - 1) * 100:+8.1f}%" if before else f"{'':>9}"
        print(f"{name:{width}} {shown(before):>16} {shown(after):>16} {change}")
    return 0


def shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3f}"
