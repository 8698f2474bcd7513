"""What clients see: a pandas frame inserted and read over Flight, beside deltalake and a bare pyarrow Flight server; how long a
small question and the start of the command line take.
"""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import deltalake
import numpy
import pandas
import pyarrow
import pyarrow.flight as flight

from .binaries import ROOT, mangonel
from .process import Server, Stopwatch
from .report import Report, expect
from .store import LocalStore

MEASURES = True
#: Streams that a read has on both sides: one for each thread.
STREAMS = 2
#: Small questions, and starts of the command line; as many before them are not counted.
CALLS = 40
SMALL_ROWS, SMALL_FEATURES = 50, 10


def add_arguments(command) -> None:
    command.add_argument("--rows", type=int, default=5_000_000)
    command.add_argument("--features", type=int, default=30)
    command.add_argument("--repetitions", type=int, default=3)
    command.add_argument("--memory", default="4GiB")


def run(chosen) -> None:
    report = Report("clients", chosen)
    frame = doubles(chosen.rows, chosen.features)
    folder = chosen.work / "clients"
    with LocalStore(folder, STREAMS, chosen.memory) as store:
        features = connected(store.url)
        for turn in range(chosen.repetitions):
            insert(report, store, features, frame, f"turn{turn}")
            write_delta(report, folder / "delta", frame)
        bare = Server("bare server", [sys.executable, ROOT / "benchmarks" / "runner" / "bare_flight.py", chosen.rows, chosen.features,
                                      STREAMS], folder / "bare.log", last="flight")
        store.servers.append(bare)
        for _ in range(chosen.repetitions):
            read(report, store.servers[0], features, chosen.rows)
            read_bare(report, bare, chosen.rows)
        ask(report, features)
        start(report)
    if not chosen.keep:
        store.remove()
    report.ratio("insert / deltalake", "insert of a pandas frame", "deltalake.write_deltalake")
    report.ratio("upload alone / deltalake", "upload of a pandas frame", "deltalake.write_deltalake")
    report.ratio("rate of a read / bare Flight", "bare Flight server", "read over Flight")
    report.write()


def connected(url: str):
    """The client of this checkout, not one that is installed."""
    sys.path.insert(0, str(ROOT / "client" / "python" / "src"))
    import mangonel as client

    return client.connect(url, project="benchmark")


def doubles(rows: int, features: int) -> pandas.DataFrame:
    """Doubles with few zero bits under an integer key in random order."""
    draws = numpy.random.default_rng(1)
    columns = {"id": draws.permutation(rows).astype("int64")}
    columns |= {f"x{number:02}": draws.random(rows) for number in range(features - 1)}
    return pandas.DataFrame(columns)


def insert(report: Report, store: LocalStore, features, frame: pandas.DataFrame, name: str) -> None:
    """Uploading apart from what the server does then: hash, sort by key, write, commit."""
    group = features.create_feature_group(name, frame.head(0), primary_key="id", insert=False)
    with Stopwatch(store.servers[:1]) as whole:
        session = group.insert_session()
        with Stopwatch(store.servers[:1]) as upload:
            session.put_parallel(frame)
        session.commit()
    expect(session.run.rows == len(frame), f"{session.run.rows} of {len(frame)} rows were inserted")
    report.add("upload of a pandas frame", **upload.to_json())
    report.add("insert of a pandas frame", rows=len(frame), rows_per_second=round(len(frame) / whole.wall_seconds), **whole.to_json())


def write_delta(report: Report, folder, frame: pandas.DataFrame) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with Stopwatch([]) as stopwatch:
        deltalake.write_deltalake(str(folder), frame)
    rows = sum(pyarrow.table(deltalake.DeltaTable(str(folder)).get_add_actions())["num_records"].to_pylist())
    expect(rows == len(frame), f"deltalake wrote {rows} of {len(frame)} rows")
    report.add("deltalake.write_deltalake", rows=rows, rows_per_second=round(rows / stopwatch.wall_seconds), **stopwatch.to_json())
    shutil.rmtree(folder)


def read(report: Report, server: Server, features, rows: int) -> None:
    group = features.feature_group("turn0")
    with Stopwatch([server]) as stopwatch:
        batches = list(sized(group.read().to_batches(ordered=False)))
    add_read(report, "read over Flight", stopwatch, batches, rows)


def read_bare(report: Report, server: Server, rows: int) -> None:
    url = server.said["flight"]

    def stream(number: int) -> list:
        reader = flight.connect(url).do_get(flight.Ticket(str(number)))
        return list(sized(chunk.data for chunk in reader))

    with Stopwatch([server]) as stopwatch, ThreadPoolExecutor(STREAMS) as threads:
        batches = [size for sizes in threads.map(stream, range(STREAMS)) for size in sizes]
    add_read(report, "bare Flight server", stopwatch, batches, rows)


def sized(batches):
    """Rows and bytes of each batch, which is then let go: what is measured is the way, not the memory of the reader."""
    for batch in batches:
        yield batch.num_rows, batch.nbytes


def add_read(report: Report, case: str, stopwatch: Stopwatch, batches: list, rows: int) -> None:
    seen, size = (sum(part) for part in zip(*batches))
    expect(seen == rows, f"{case}: {seen} of {rows} rows came")
    report.add(case, **stopwatch.to_json(), rows=rows, rows_per_second=round(rows / stopwatch.wall_seconds), bytes=size,
               bytes_per_second=round(size / stopwatch.wall_seconds))


def ask(report: Report, features) -> None:
    """Ten features of a table of fifty rows, as pandas."""
    names = [f"small{number}" for number in range(SMALL_FEATURES)]
    frame = pandas.DataFrame({"key": range(SMALL_ROWS)} | {name: numpy.arange(SMALL_ROWS) / 7 for name in names})
    features.create_feature_group("small", frame, primary_key="key")
    for _ in range(2 * CALLS):
        started = time.monotonic()
        answer = features.features(names).to_pandas()
        seconds = time.monotonic() - started
        expect(answer.shape == (SMALL_ROWS, SMALL_FEATURES), f"the small question has the answer {answer.shape}")
        calls = report.content["cases"].setdefault("ten features of fifty rows", [])
        calls.append({"wall_seconds": round(seconds, 5)})
    del report.content["cases"]["ten features of fifty rows"][:CALLS]


def start(report: Report) -> None:
    """`mangonel --version`, from the start of the process to its end."""
    for _ in range(2 * CALLS):
        started = time.monotonic()
        subprocess.run([str(mangonel()), "--version"], check=True, stdout=subprocess.DEVNULL)
        starts = report.content["cases"].setdefault("start of the command line", [])
        starts.append({"wall_seconds": round(time.monotonic() - started, 5)})
    del report.content["cases"]["start of the command line"][:CALLS]
