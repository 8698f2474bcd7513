"""Every format and compression of a training dataset, with one thread and with two: how fast, how large, and whether
compressing scales with the cores. One group, so that little else is done than encoding.
"""

from .data import wide_groups
from .report import Report, expect
from .store import LocalStore

MEASURES = True
CASES = [("tfrecord", "none"), ("tfrecord", "gzip"), ("tfrecord", "zlib"), ("csv", "none"), ("csv", "gzip"), ("parquet", "none")]


def add_arguments(command) -> None:
    command.add_argument("--rows", type=int, default=1_000_000)
    command.add_argument("--features", type=int, default=50)
    command.add_argument("--repetitions", type=int, default=2)
    command.add_argument("--memory", default="4GiB")
    command.add_argument("--shards", type=int, default=16)


def run(chosen) -> None:
    report = Report("formats", chosen)
    groups = wide_groups(chosen.work, chosen.rows, 1, chosen.features)
    stores = {}
    try:
        for threads in (1, 2):
            stores[threads] = LocalStore(chosen.work / "formats" / f"threads{threads}", threads, chosen.memory)
            stores[threads].insert(groups)
        for repetition in range(chosen.repetitions):
            for data_format, compression in CASES:
                sizes = set()
                for threads, store in stores.items():
                    name = f"{data_format}_{compression}_turn{repetition}"
                    built = store.build(name, groups[0].features, data_format, chosen.shards, compression)
                    report.add(f"{data_format} {compression}, {threads} threads", **built.to_json())
                    if repetition == 0:
                        store.verify(name, chosen.rows)
                    sizes.add(built.bytes)
                    store.forget(built)
                expect(len(sizes) == 1, f"{data_format} {compression} has {sizes} bytes by the number of threads")
        for data_format, compression in CASES:
            case = f"{data_format} {compression}"
            report.ratio(f"{case}: one thread / two", f"{case}, 1 threads", f"{case}, 2 threads")
            if compression != "none":
                report.ratio(f"{case}: bytes / uncompressed", f"{case}, 2 threads", f"{data_format} none, 2 threads", "bytes")
    finally:
        for store in stores.values():
            store.__exit__(None, None, None)
            if not chosen.keep:
                store.remove()
    report.write()
