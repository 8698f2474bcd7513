"""What can be changed of what is there: the rows of a training dataset by its next generation, and what people say of things."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from mangonel import FeatureStore, errors, featurestore


def teams(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1, 2], "budget": [1.5, 2.5]}), "teams", primary_key="id")


def test_a_dataset_has_the_latest_rows_after_an_insert(store: FeatureStore) -> None:
    teams(store)
    featurestore.create_training_dataset(["id", "budget"], "d", data_format="csv", shards=2)
    dataset = store.training_dataset("d")
    old = dataset.path
    featurestore.insert_into_featuregroup(pd.DataFrame({"id": [3], "budget": [3.5]}), "teams")
    featurestore.insert_into_training_dataset(None, "d")
    assert featurestore.get_training_dataset("d", dataframe_type="arrow").sort_by("id").to_pydict() == {
        "id": [1, 2, 3],
        "budget": [1.5, 2.5, 3.5],
    }
    dataset.detail()
    assert dataset.record["generation"]["number"] == 2 and dataset.path != old
    assert dataset.rebuild().rows == 3
    assert dataset.insert(store.features(["id", "teams.budget"]), shards=3).state == "committed"
    assert len(dataset.manifest["shards"]) == 3

    with pytest.raises(errors.InvalidArgument, match="without `budget` double"):
        featurestore.insert_into_training_dataset(["id"], "d")
    with pytest.raises(errors.NotSupported, match="insert into the feature groups"):
        featurestore.insert_into_training_dataset(None, "d", write_mode="append")
    with pytest.raises(errors.TrainingDatasetNotFound):
        featurestore.insert_into_training_dataset(None, "e")


def test_shards_have_about_the_bytes_asked_for(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": range(20_000), "x": 0.5}), "many", primary_key="id")
    dataset = store.create_training_dataset("d", ["id", "x"], shard_bytes=100_000)
    assert 5 <= len(dataset.manifest["shards"]) <= 20


def test_features_are_added_and_integers_become_wider(store: FeatureStore) -> None:
    frame = pa.table({"id": pa.array([1, 2], pa.int64()), "goals": pa.array([3, 4], pa.int16())})
    group = store.create_feature_group("scores", frame, primary_key=["id"])
    assert group.evolve({"cup": "boolean"}, descriptions={"cup": "Of a cup", "id": "Of the game"}) is None
    assert group.types == {"id": "long", "goals": "short", "cup": "boolean"}
    assert [feature.get("description") for feature in group.record["features"]] == ["Of the game", "", "Of a cup"]
    run = group.evolve({"goals": "long"})
    assert run is not None and (run.state, run.rows) == ("committed", 2)
    group.insert([{"id": 3, "goals": 5_000_000_000, "cup": True}])
    # Other readers of the table see the same.
    assert DeltaTable(group.url.removeprefix("file://")).to_pyarrow_table().sort_by("id").to_pydict() == {
        "id": [1, 2, 3],
        "goals": [3, 4, 5_000_000_000],
        "cup": [None, None, True],
    }
    assert store.features(["id", "goals", "cup"]).to_arrow().num_rows == 3
    with pytest.raises(errors.SchemaMismatch, match="cannot become string.*Create version 2"):
        group.evolve({"goals": "string"})
    with pytest.raises(errors.InvalidArgument, match="no feature is given"):
        group.evolve({})


def test_a_compacted_table_is_read_by_others(store: FeatureStore) -> None:
    group = store.create_feature_group("scores", pa.table({"id": [0], "goals": [0]}), primary_key=["id"])
    for game in range(1, 4):
        group.insert([{"id": game, "goals": game}])
    version = int(group.detail()["tableVersion"])
    assert group.compact().rows == 4
    table = DeltaTable(group.url.removeprefix("file://"))
    assert (table.version(), len(table.file_uris())) == (version + 1, 1)
    assert table.to_pyarrow_table().sort_by("id").to_pydict() == {"id": [0, 1, 2, 3], "goals": [0, 1, 2, 3]}
    assert group.read(table_version=version).to_arrow().num_rows == 4
    assert group.compact().rows == 0


def test_what_people_say_can_be_changed(store: FeatureStore) -> None:
    teams(store)
    group = store.feature_group("teams")
    first = group.update(description="Teams", tags={"season": "2020"}, descriptions={"budget": "Million euros"})
    assert group.description == "Teams" and group.tags == {"season": "2020"}
    second = group.update(owner="data team", remove_tags=["season"], expected_revision=first)
    assert second > first and (group.owner, group.tags, group.description) == ("data team", {}, "Teams")
    with pytest.raises(errors.Conflict, match="somebody else"):
        group.update(description="late", expected_revision=first)
    with pytest.raises(errors.FeatureNotFound, match="did you mean `budget`"):
        group.update(descriptions={"bugdet": "?"})
    assert store.feature_group("teams").description == "Teams"

    dataset = store.create_training_dataset("d", ["id", "budget"])
    dataset.update(description="For the demo", tags={"use": "demo"})
    assert store.training_dataset("d").tags == {"use": "demo"}
    assert store.training_dataset("d").rows == 2
