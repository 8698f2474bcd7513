"""Wide groups of one key as Parquet files, written once by the generator and used again by later runs."""

import json
from dataclasses import dataclass
from pathlib import Path

from .binaries import program
from .process import run_measured

KEY = "entity_id"


@dataclass(frozen=True)
class Group:
    """One feature group to be made of one file."""

    name: str
    path: Path
    rows: int
    features: list[str]
    #: Bytes of the values in memory as Arrow.
    arrow_bytes: int

    def integer_feature(self) -> str:
        """A feature with whole numbers, whose sums are exact in every engine."""
        return self.features[8]


def wide_groups(work: Path, rows: int, groups: int, features: int) -> list[Group]:
    folder = work / "data" / f"wide-{rows}x{groups}x{features}"
    index = folder / "groups.json"
    if not index.exists():
        print(f"generating {groups} groups of {rows:,} rows x {features} features in {folder}", flush=True)
        command = [program("wide-files"), "--out", folder, "--rows", rows, "--groups", groups, "--features", features]
        said, _, _ = run_measured(command)
        index.write_text(said)
    return [
        Group(group["name"], Path(group["path"]), group["rows"], group["features"], group["arrow_bytes"])
        for group in json.loads(index.read_text())
    ]
