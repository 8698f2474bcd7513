"""The tour: groups, features by name, a training dataset, and everything read back by other tools."""

from __future__ import annotations

import importlib
import math
from pathlib import Path

import pandas as pd
import pytest
import tour

from mangonel import FeatureStore, featurestore


@pytest.fixture
def frames(store: FeatureStore) -> dict[str, pd.DataFrame]:
    return tour.create()


def test_the_catalog_lists_groups_features_and_versions(store: FeatureStore, frames: dict[str, pd.DataFrame]) -> None:
    assert featurestore.project_featurestore() == f"{store.project}_featurestore"
    assert sorted(featurestore.get_featuregroups()) == sorted(f"{name}_1" for name in frames)
    features = featurestore.get_features_list()
    assert features.count("team_id") == 4
    assert set(tour.TRAINING_FEATURES) < set(features)
    assert featurestore.get_latest_featuregroup_version("teams_features") == 1
    assert featurestore.get_latest_featuregroup_version("no_such_group") == 0
    assert featurestore.get_latest_training_dataset_version("no_such_dataset") == 0
    assert featurestore.get_featuregroup_features_list("games_features") == ["home_team_id", "away_team_id", "score"]
    assert store.feature_group("players_features").primary_key == ["team_id"]
    assert store.feature_group("players_features").rows == tour.TEAMS


def test_ten_features_of_four_groups_come_joined_in_request_order(frames: dict[str, pd.DataFrame]) -> None:
    wanted = tour.TRAINING_FEATURES[:9] + ["average_position"]
    joined = featurestore.get_features(wanted)
    assert list(joined.columns) == wanted
    expected = frames["teams_features"]
    for name in ["attendances_features", "players_features", "season_scores_features"]:
        expected = expected.merge(frames[name], on="team_id")
    pd.testing.assert_frame_equal(
        joined.sort_values("team_position").reset_index(drop=True),
        expected.sort_values("team_position").reset_index(drop=True)[wanted],
    )


def test_every_dataframe_type_has_the_same_values(frames: dict[str, pd.DataFrame]) -> None:
    def read(kind: str | None) -> object:
        return featurestore.get_featuregroup("teams_features", dataframe_type=kind)

    rows = sorted(frames["teams_features"].values.tolist())
    assert sorted(read(None).values.tolist()) == rows
    assert sorted(read("python")) == rows
    assert sorted(read("numpy").tolist()) == rows
    assert sorted(map(list, read("polars").rows())) == rows
    assert sorted(map(list, zip(*read("arrow").to_pydict().values()))) == rows
    with pytest.raises(ValueError, match="dataframe_type is `koalas`"):
        read("koalas")


def test_one_feature_comes_as_one_column(frames: dict[str, pd.DataFrame]) -> None:
    alone = featurestore.get_feature("team_budget")
    assert list(alone.columns) == ["team_budget"]
    assert alone["team_budget"].sum() == frames["teams_features"]["team_budget"].sum()
    qualified = featurestore.get_feature("team_id", featuregroup="teams_features", featuregroup_version=1)
    assert sorted(qualified["team_id"]) == list(range(1, tour.TEAMS + 1))
    assert len(featurestore.get_feature("team_budget", featuregroup_version=1)) == tour.TEAMS


def test_tensorflow_reads_the_training_dataset_by_its_managed_schema(frames: dict[str, pd.DataFrame]) -> None:
    tf = importlib.import_module("tensorflow")
    featurestore.create_training_dataset(tour.TRAINING_FEATURES, "team_position_prediction", labels=["team_position"])
    assert featurestore.get_training_datasets() == ["team_position_prediction_1"]
    assert featurestore.get_latest_training_dataset_version("team_position_prediction") == 1

    folder = featurestore.get_training_dataset_path("team_position_prediction")
    schema = featurestore.get_training_dataset_tf_record_schema("team_position_prediction")
    assert set(schema) == set(tour.TRAINING_FEATURES)
    files = tf.io.gfile.glob(folder + "/part-r-*")
    assert files
    parsed = [tf.io.parse_single_example(record, schema) for record in tf.data.TFRecordDataset(sorted(files))]
    assert len(parsed) == tour.TEAMS

    read_back = featurestore.get_training_dataset("team_position_prediction")
    assert list(read_back.columns) == tour.TRAINING_FEATURES
    asked = featurestore.get_features(tour.TRAINING_FEATURES)
    pd.testing.assert_frame_equal(
        read_back.sort_values("team_position").reset_index(drop=True),
        asked.sort_values("team_position").reset_index(drop=True),
    )
    for name in tour.TRAINING_FEATURES:
        total = math.fsum(float(row[name]) for row in parsed)
        assert total == math.fsum(asked[name].astype("float64")), name


def test_a_parquet_training_dataset_reads_back(store: FeatureStore, frames: dict[str, pd.DataFrame]) -> None:
    dataset = store.create_training_dataset(
        "positions", store.features(["team_budget", "team_position"]), data_format="parquet", shards=3
    )
    assert (dataset.version, dataset.rows, dataset.data_format) == (1, tour.TEAMS, "parquet")
    assert len(list(Path(dataset.path).glob("part-r-*"))) == 3
    assert dataset.verify() == {"shards": 3, "rows": tour.TEAMS, "bytes": dataset.verify()["bytes"], "problems": []}
    read_back = featurestore.get_training_dataset("positions")
    assert read_back["team_budget"].sum() == frames["teams_features"]["team_budget"].sum()
    assert len(dataset.manifest["shards"]) == 3


def test_other_tools_read_the_table_of_a_group(store: FeatureStore, frames: dict[str, pd.DataFrame]) -> None:
    deltalake, duckdb, polars = (importlib.import_module(name) for name in ("deltalake", "duckdb", "polars"))
    url, budget = store.feature_group("teams_features").url, frames["teams_features"]["team_budget"].sum()
    table = deltalake.DeltaTable(url)
    arrow = table.to_pyarrow_table()
    assert sum(arrow["team_budget"].to_pylist()) == budget
    assert polars.read_delta(url)["team_budget"].cast(polars.Float64).sum() == budget
    assert duckdb.sql("SELECT sum(team_budget::double) FROM arrow").fetchall() == [(budget,)]
    files = [file for file in table.file_uris()]
    assert duckdb.read_parquet(files).aggregate("sum(team_budget::double)").fetchall() == [(budget,)]


def test_duckdb_and_polars_take_a_request_as_a_stream(store: FeatureStore, frames: dict[str, pd.DataFrame]) -> None:
    duckdb = importlib.import_module("duckdb")
    request = store.features(["team_budget", "sum_attendance"])
    reader = request.to_reader()
    assert duckdb.sql("SELECT count(*) FROM reader").fetchall() == [(tour.TEAMS,)]
    assert request.to_polars().height == tour.TEAMS
    assert "team_budget" in request.explain()
