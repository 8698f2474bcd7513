"""Time travel from Python: what was there at a time, and the partitions of a group as objects."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pandas as pd
import pytest

from mangonel import FeatureStore, errors


def test_reads_as_of_a_time_and_a_version(store: FeatureStore) -> None:
    group = store.create_feature_group("teams", pd.DataFrame({"team_id": [1], "budget": [1.5]}), primary_key="team_id")
    time.sleep(0.01)
    between = datetime.now(timezone.utc)
    time.sleep(0.01)
    group.insert(pd.DataFrame({"team_id": [2], "budget": [2.5]}))
    then, now = [[1, 1.5]], [[1, 1.5], [2, 2.5]]
    for as_of in (between, between.isoformat(), int(between.timestamp() * 1000)):
        assert group.read(as_of=as_of).to_python() == then
        assert store.features(["team_id", "budget"], as_of=as_of).to_python() == then
        assert store.sql("SELECT * FROM teams", as_of=as_of).to_python() == then
    assert group.read(table_version=1).to_python() == then
    assert group.read().to_python() == now
    with pytest.raises(errors.NotFound, match="version 7"):
        group.read(table_version=7).to_python()
    with pytest.raises(ValueError, match="yesterday"):
        group.read(as_of="yesterday")


def test_partitions_are_listed_with_their_rows(store: FeatureStore) -> None:
    games = pd.DataFrame({"game_id": range(6), "season": [2019, 2020] * 3})
    group = store.create_feature_group("games", games, primary_key="game_id", partition_by=["season"])
    assert [(one["name"], one["values"], one["rows"]) for one in group.partitions()] == [
        ("season=2019", {"season": "2019"}, 3),
        ("season=2020", {"season": "2020"}, 3),
    ]
