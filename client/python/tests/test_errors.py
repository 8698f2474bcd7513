"""What is refused comes as the class that the old client had, with every problem of the request at once."""

from __future__ import annotations

from typing import Iterator

import pandas as pd
import pyarrow as pa
import pytest
import tour

import mangonel
from mangonel import FeatureStore, errors, featurestore


def test_unknown_names_are_named(store: FeatureStore) -> None:
    tour.create()
    with pytest.raises(errors.FeatureNotFound, match="team_budgt") as caught:
        featurestore.get_features(["team_budgt"])
    assert caught.value.code == "not_found"
    assert any("team_budget" in name for name in caught.value.names)
    with pytest.raises(errors.FeaturegroupNotFound, match="no_such_group"):
        featurestore.get_featuregroup("no_such_group")
    with pytest.raises(errors.FeaturegroupNotFound):
        featurestore.insert_into_featuregroup(pd.DataFrame({"a": [1]}), "no_such_group")
    with pytest.raises(errors.TrainingDatasetNotFound):
        featurestore.get_training_dataset("no_such_dataset")
    with pytest.raises(errors.TrainingDatasetNotFound):
        featurestore.get_training_dataset_path("no_such_dataset")
    with pytest.raises(errors.NotFound):
        store.training_dataset("no_such_dataset")


def test_an_empty_store_has_no_features(store: FeatureStore) -> None:
    assert featurestore.get_featuregroups() == []
    assert featurestore.get_features_list() == []
    with pytest.raises(errors.FeaturegroupNotFound):
        featurestore.get_features(["anything"])


def test_all_problems_come_at_once(store: FeatureStore) -> None:
    tour.create()
    with pytest.raises(errors.FeatureNotFound) as caught:
        store.features(["nothing_like_it", "team_budget", "nor_this"]).to_arrow()
    assert len(caught.value.problems) == 1
    assert isinstance(caught.value.problems[0], errors.FeatureNotFound)
    assert "2 problems" in str(caught.value)


def test_very_many_problems_keep_their_class(store: FeatureStore) -> None:
    tour.create()
    with pytest.raises(errors.MangonelError, match="nothing_like_it_0") as caught:
        store.features([f"nothing_like_it_{index}" for index in range(300)]).to_arrow()
    assert isinstance(caught.value, errors.NotFound)


def test_a_name_in_two_groups_is_a_collision_unless_the_version_dict_decides(store: FeatureStore) -> None:
    for name in ["left_group", "right_group"]:
        featurestore.create_featuregroup(pd.DataFrame({"id": [1, 2], "size": [1.0, 2.0]}), name)
    with pytest.raises(errors.FeatureNameCollisionError) as caught:
        featurestore.get_features(["size"])
    assert {"left_group_1.size", "right_group_1.size"} <= set(caught.value.names)
    with pytest.raises(errors.FeatureNameCollisionError):
        featurestore.get_feature("size", featuregroup_version=1)
    assert len(featurestore.get_features(["size"], featuregroups_version_dict={"left_group": 1})) == 2


def test_groups_without_a_common_column_cannot_be_joined(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"a_id": [1], "a": [1.0]}), "a_group")
    featurestore.create_featuregroup(pd.DataFrame({"b_id": [1], "b": [1.0]}), "b_group")
    with pytest.raises(errors.InferJoinKeyError):
        featurestore.get_features(["a", "b"])


def test_definitions_are_checked(store: FeatureStore) -> None:
    frame = pd.DataFrame({"id": [1], "x": [1.0]})
    with pytest.raises(errors.InvalidPrimaryKey):
        featurestore.create_featuregroup(frame, "teams", primary_key="no_such_column")
    with pytest.raises(errors.InvalidPrimaryKey):
        featurestore.create_featuregroup(frame, "teams", primary_key="x")
    with pytest.raises(ValueError):
        featurestore.create_featuregroup(frame, "Teams/../x")
    featurestore.create_featuregroup(frame, "teams")
    with pytest.raises(errors.AlreadyExists):
        featurestore.create_featuregroup(frame, "teams")
    with pytest.raises(ValueError, match="mode is `upsert`"):
        featurestore.insert_into_featuregroup(frame, "teams", mode="upsert")
    with pytest.raises(errors.InvalidArgument):
        featurestore.create_featuregroup(frame, "other", corr_method="kendall")


def test_a_group_whose_rows_are_refused_is_taken_away_again(store: FeatureStore) -> None:
    without_key = pa.table({"id": pa.array([1, None]), "x": [1.0, 2.0]})
    with pytest.raises(errors.MangonelError, match="id"):
        featurestore.create_featuregroup(without_key, "teams")
    assert featurestore.get_featuregroups() == []
    featurestore.create_featuregroup(without_key.slice(0, 1), "teams")
    with pytest.raises(errors.MangonelError, match="id"):
        featurestore.insert_into_featuregroup(without_key, "teams")
    with pytest.raises(errors.MangonelError, match="wrong"):
        featurestore.insert_into_featuregroup(pd.DataFrame({"id": [3], "wrong": ["a"]}), "teams")
    assert len(featurestore.get_featuregroup("teams")) == 1


def test_a_training_dataset_whose_build_fails_is_taken_away_again(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1, 2], "x": [1.0, None]}), "teams")
    with pytest.raises(errors.MangonelError, match="x"):
        featurestore.create_training_dataset(["id", "x"], "examples")
    assert featurestore.get_training_datasets() == []
    featurestore.create_training_dataset(["id", "x"], "examples", nulls="default")
    assert featurestore.get_training_dataset("examples")["x"].sum() == 1.0


def test_a_failed_upload_leaves_nothing(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1], "x": [1.0]}), "teams")
    schema = pa.schema({"id": pa.int64(), "x": pa.float64()})

    def broken() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"id": [2], "x": [2.0]}, schema)
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        store.feature_group("teams").insert(pa.RecordBatchReader.from_batches(schema, broken()))
    assert len(featurestore.get_featuregroup("teams")) == 1
    assert store.runs()[0].state == "cancelled"


def test_training_datasets_are_checked(store: FeatureStore) -> None:
    tour.create()
    with pytest.raises(NotImplementedError, match="feature group"):
        featurestore.create_training_dataset(pd.DataFrame({"a": [1]}), "frames")
    with pytest.raises(NotImplementedError, match="parquet"):
        featurestore.create_training_dataset(["team_budget"], "frames", data_format="hdf5")
    with pytest.raises(ValueError, match="excel"):
        featurestore.create_training_dataset(["team_budget"], "frames", data_format="excel")
    with pytest.raises(errors.InvalidArgument, match="CSV is not written with zlib"):
        featurestore.create_training_dataset(["team_budget"], "frames", data_format="csv", compression="zlib")
    with pytest.raises(errors.FeatureNotFound):
        featurestore.create_training_dataset(["no_such_feature"], "frames")
    assert featurestore.get_training_datasets() == []
    featurestore.create_training_dataset(["team_budget"], "positions", data_format="parquet")
    with pytest.raises(errors.TFRecordSchemaNotFound):
        featurestore.get_training_dataset_tf_record_schema("positions")


def test_nulls_in_tfrecord_need_a_policy(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1, 2], "x": [1.0, None]}), "teams")
    with pytest.raises(errors.MangonelError, match="x"):
        featurestore.create_training_dataset(["id", "x"], "with_nulls")
    featurestore.create_training_dataset(["id", "x"], "without", nulls="omit")
    read_back = featurestore.get_training_dataset("without").sort_values("id")
    assert read_back["x"].isna().tolist() == [False, True]


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(errors.Unavailable, match="mangonel up"):
        mangonel.connect("grpc://127.0.0.1:1")
    with pytest.raises(errors.InvalidArgument):
        mangonel.connect("127.0.0.1:8815")
