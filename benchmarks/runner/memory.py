"""Peak resident memory of the processes with a budget (`--memory`) of a tenth of the data, for inserts and builds.

Two shapes of the same data: one group with all features, and five groups that are joined. The promise is that no process
that works on data goes above its budget plus 20 %; it is stated for every phase, and `--strict` fails where it is broken.
"""

from .data import Group, wide_groups
from .report import Report, expect
from .store import ClusterStore, LocalStore, Store

MEASURES = True
MIB = 1 << 20
TOLERATED = 1.2


def add_arguments(command) -> None:
    command.add_argument("--rows", type=int, default=5_000_000)
    command.add_argument("--features", type=int, default=50, help="in all")
    command.add_argument("--groups", type=int, nargs="+", default=[1, 5], help="how many groups the features are spread over")
    command.add_argument("--part", type=float, default=0.1, help="budget as a part of the data in memory")
    command.add_argument("--budget-mib", type=int, help="budget instead of a part of the data")
    command.add_argument("--threads", type=int, default=2)
    command.add_argument("--executors", type=int, default=2)
    command.add_argument("--shards", type=int, default=0)
    command.add_argument("--only", nargs="+", choices=("local", "cluster"), default=("local", "cluster"))
    command.add_argument("--formats", nargs="+", choices=("parquet", "tfrecord"), default=("parquet", "tfrecord"))
    command.add_argument("--strict", action="store_true", help="fail where a process needs more than budget plus 20 %%")


def run(chosen) -> None:
    report = Report("memory", chosen)
    broken = []
    for count in chosen.groups:
        groups = wide_groups(chosen.work, chosen.rows, count, chosen.features // count)
        data = sum(group.arrow_bytes for group in groups)
        budget_mib = chosen.budget_mib or max(1, round(data * chosen.part / MIB))
        print(f"{count} groups, {data / MIB:,.0f} MiB as Arrow, budget {budget_mib} MiB", flush=True)
        budget = f"{budget_mib}MiB"
        for kind in chosen.only:
            folder = chosen.work / "memory" / kind
            store = (LocalStore(folder, chosen.threads, budget) if kind == "local"
                     else ClusterStore(folder, chosen.executors, budget, budget))
            with store:
                broken += phases(report, store, f"{kind}, {count} groups", groups, data, budget_mib * MIB, chosen)
            if not chosen.keep:
                store.remove()
    report.write()
    for line in broken:
        print(f"above the budget: {line}")
    if chosen.strict:
        expect(not broken, f"{len(broken)} phases went above the budget")


def phases(report: Report, store: Store, what: str, groups: list[Group], data: int, budget: int, chosen) -> list[str]:
    idle = {server.role: server.resident_bytes() for server in store.servers}
    report.add(f"{what}: idle", peak_bytes=idle, budget_bytes=budget, data_bytes=data)
    broken = []

    def add(phase: str, measured: dict) -> None:
        peaks = {role: peak for role, peak in measured["peak_bytes"].items() if role not in ("client", "etcd")}
        part = {role: round(peak / budget, 3) for role, peak in peaks.items()}
        report.add(f"{what}: {phase}", **measured, part_of_budget=part, budget_bytes=budget, data_bytes=data)
        broken.extend(f"{what}, {phase}: {role} {peak / MIB:,.0f} MiB, {peak / budget:.2f} of the budget"
                      for role, peak in peaks.items() if peak > TOLERATED * budget)

    add("insert", store.insert(groups).to_json())
    features = [feature for group in groups for feature in group.features]
    for data_format in chosen.formats:
        built = store.build(data_format, features, data_format, chosen.shards)
        expect(built.rows == chosen.rows, f"{built.rows} of {chosen.rows} rows were built")
        add(f"build {data_format}", built.to_json())
        store.forget(built)
    return broken
