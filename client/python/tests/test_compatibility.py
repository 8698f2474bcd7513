"""The table of `docs/compatibility.md`, row by row: `test_<row>` shows what the row says, on the tour's schema. The table and the
tests are compared, and the signatures in the table with those of the functions."""

from __future__ import annotations

import glob
import importlib
import inspect
import json
import re
import uuid
from pathlib import Path
from typing import Any, Callable, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tour

import mangonel
from mangonel import FeatureStore, errors, featurestore, tf_schema

TABLE = Path(__file__).parents[3] / "docs" / "compatibility.md"
STATUS = {"same", "differs", "not yet", "refused"}


class Row(NamedTuple):
    """One line of the table; ``old`` is a signature for functions."""

    name: str
    old: str
    status: str
    ours: str


def rows() -> list[Row]:
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    return [Row(*(cell.strip() for cell in line.strip("|").split(" | ", 3)))._replace(name=line.split("`")[1]) for line in lines]


ROWS = {row.name: row for row in rows()}
FUNCTIONS = {name: row for name, row in ROWS.items() if row.old.startswith("`(")}
NOT_YET = [name for name, row in FUNCTIONS.items() if row.status == "not yet"]
REFUSED = [name for name, row in FUNCTIONS.items() if row.status == "refused"]


@pytest.fixture(scope="module")
def toured(url: str) -> FeatureStore:
    """The tour's groups and training dataset, for tests that only read."""
    store = featurestore.connect(url, f"p{uuid.uuid4().hex[:12]}x")
    tour.create()
    featurestore.create_training_dataset(tour.TRAINING_FEATURES, "team_position_prediction", labels=["team_position"])
    return store


@pytest.fixture(autouse=True)
def toured_again(toured: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions work on the tour's store, unless a test asks for an empty one."""
    monkeypatch.setattr(featurestore, "_default", toured)


# The table


def test_the_table_and_the_tests_have_the_same_rows() -> None:
    assert len(rows()) == len(ROWS), "a row is there twice"
    assert {row.status for row in rows()} <= STATUS
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_") and not name.startswith("test_the_")}
    assert tested | set(NOT_YET) | set(REFUSED) == set(ROWS)
    public = {name for name in featurestore.__all__ if name not in ("connect",)}
    assert public == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_signatures_are_those_of_the_table(name: str) -> None:
    row = FUNCTIONS[name]
    if row.status == "refused":
        return
    old = inspect.signature(eval(f"lambda {row.old.strip('`')[1:-1]}: None"))
    ours = inspect.signature(getattr(featurestore, name)).parameters.values()
    positional = [(parameter.name, parameter.default) for parameter in ours if parameter.kind is not parameter.KEYWORD_ONLY]
    assert positional == [(parameter.name, new_default(parameter)) for parameter in old.parameters.values()]
    own = [parameter.name for parameter in ours if parameter.kind is parameter.KEYWORD_ONLY]
    _, _, said = row.ours.partition("ours: ")
    assert re.findall(r"`(\w+)`", said) == own


def new_default(parameter: inspect.Parameter) -> Any:
    """Of a parameter of the old client, after what the page says of all signatures."""
    if parameter.name == "dataframe_type" or parameter.default == {}:
        return None
    return () if parameter.default == [] else parameter.default


@pytest.mark.parametrize("name", NOT_YET + REFUSED)
def test_the_functions_that_are_not_offered_say_what_to_do(name: str) -> None:
    function = getattr(featurestore, name)
    arguments = ["x"] if name in NOT_YET else ["x", "y", "z"]
    with pytest.raises(errors.NotSupported, match=rf"{name}: .*(later release|instead|pass|insert|started with)") as caught:
        function(*arguments)
    assert isinstance(caught.value, NotImplementedError)


# What is there


def test_project_featurestore(toured: FeatureStore) -> None:
    assert featurestore.project_featurestore() == f"{toured.project}_featurestore"


def test_project_training_datasets_sink(toured: FeatureStore) -> None:
    assert featurestore.project_training_datasets_sink() == f"{toured.project}_Training_Datasets"


def test_get_project_featurestores() -> None:
    assert featurestore.project_featurestore() in featurestore.get_project_featurestores()


def test_get_featurestore_metadata() -> None:
    metadata = featurestore.get_featurestore_metadata(update_cache=True)
    assert set(metadata) == {"featurestore", "featuregroups", "trainingDatasets"}
    assert len(metadata["featuregroups"]) == 5


def test_get_featuregroups() -> None:
    assert sorted(featurestore.get_featuregroups()) == sorted(f"{name}_1" for name in tour.frames())


def test_get_features_list() -> None:
    assert featurestore.get_features_list().count("team_id") == 4


def test_get_featuregroup_features_list() -> None:
    assert featurestore.get_featuregroup_features_list("teams_features") == ["team_id", "team_budget", "team_position"]


def test_get_training_datasets() -> None:
    assert "team_position_prediction_1" in featurestore.get_training_datasets()


def test_get_training_dataset_features_list() -> None:
    assert featurestore.get_training_dataset_features_list("team_position_prediction") == tour.TRAINING_FEATURES


def test_get_latest_featuregroup_version() -> None:
    assert featurestore.get_latest_featuregroup_version("teams_features") == 1
    assert featurestore.get_latest_featuregroup_version("nothing") == 0


def test_get_latest_training_dataset_version() -> None:
    assert featurestore.get_latest_training_dataset_version("team_position_prediction") == 1
    assert featurestore.get_latest_training_dataset_version("nothing") == 0


# Reading


def test_get_featuregroup() -> None:
    assert featurestore.get_featuregroup("games_features").shape == (tour.TEAMS, 3)


def test_get_feature(store: FeatureStore) -> None:
    for version, x in [(1, 1.0), (2, 2.0)]:
        featurestore.create_featuregroup([[1, x]], "things", featuregroup_version=version)
    assert featurestore.get_feature("col_1", dataframe_type="python") == [[2.0]]
    assert featurestore.get_feature("col_1", featuregroup_version=1, dataframe_type="python") == [[1.0]]
    assert featurestore.get_feature("col_1", featuregroup="things", dataframe_type="python") == [[1.0]]


def test_get_features() -> None:
    assert featurestore.get_features(["average_position", "team_budget"]).shape == (tour.TEAMS, 2)


def test_sql() -> None:
    query = "SELECT count(*) FROM teams_features_1 JOIN games_features ON team_id = home_team_id"
    assert featurestore.sql(query, dataframe_type="python") == [[tour.TEAMS]]
    with pytest.raises(errors.InvalidArgument, match="SHOW"):
        featurestore.sql("SHOW TABLES")


def test_get_featuregroup_partitions() -> None:
    games = pd.DataFrame({"game_id": range(4), "season": [2019, 2019, 2020, None], "cup": [True, False, True, True]})
    games["season"] = games["season"].astype("Int32")
    featurestore.create_featuregroup(games, "partitioned_games", partition_by=["season", "cup"])
    partitions = featurestore.get_featuregroup_partitions("partitioned_games")
    hive_null = "season=__HIVE_DEFAULT_PARTITION__/cup=true"
    expected = ["season=2019/cup=false", "season=2019/cup=true", "season=2020/cup=true", hive_null]
    assert partitions.columns.tolist() == ["partition"] and partitions["partition"].tolist() == expected


# Writing feature groups


def test_create_featuregroup(store: FeatureStore) -> None:
    with pytest.raises(errors.NullValues):
        featurestore.create_featuregroup(pd.DataFrame({"id": [1, None]}, dtype="Int64"), "teams")
    assert featurestore.get_featuregroups() == []
    featurestore.create_featuregroup(tour.frames()["teams_features"], "teams", "team_id", "all teams")
    assert store.feature_group("teams").description == "all teams"


def test_insert_into_featuregroup(store: FeatureStore) -> None:
    featurestore.create_featuregroup([[1, 1.0]], "teams")
    before = store.feature_group("teams").record["id"]
    with pytest.warns(UserWarning, match="num_bins"):
        featurestore.insert_into_featuregroup([[2, 2.0]], "teams", mode="overwrite", num_bins=3)
    assert featurestore.get_featuregroup("teams", dataframe_type="python") == [[2, 2.0]]
    assert store.feature_group("teams").record["id"] == before


# Training datasets


def test_create_training_dataset() -> None:
    frame = featurestore.get_features(["team_budget"])
    with pytest.raises(errors.NotSupported, match="pass the names of the features"):
        featurestore.create_training_dataset(frame, "from_frame")
    with pytest.warns(UserWarning) as warned:
        featurestore.create_training_dataset(["team_budget"], "from_names", petastorm_args={"schema": 1}, fixed=False)
    assert [str(warning.message).partition(":")[0] for warning in warned] == ["petastorm_args", "fixed=False"]
    assert featurestore.get_training_dataset("from_names").shape == (tour.TEAMS, 1)


def test_insert_into_training_dataset(store: FeatureStore) -> None:
    featurestore.create_featuregroup([[1, 1.0]], "teams")
    featurestore.create_training_dataset(["col_0", "col_1"], "d", data_format="parquet")
    featurestore.insert_into_featuregroup([[2, 2.0]], "teams")
    featurestore.insert_into_training_dataset(None, "d")
    assert len(featurestore.get_training_dataset("d")) == 2
    featurestore.insert_into_training_dataset(["teams_1.col_0", "col_1"], "d", shards=1)
    with pytest.raises(errors.NotSupported, match="insert into the feature groups"):
        featurestore.insert_into_training_dataset(None, "d", write_mode="append")


def test_get_training_dataset() -> None:
    assert list(featurestore.get_training_dataset("team_position_prediction").columns) == tour.TRAINING_FEATURES


def test_get_training_dataset_path(store: FeatureStore) -> None:
    featurestore.create_featuregroup([[1, 1.0]], "teams")
    featurestore.create_training_dataset(["col_0"], "d")
    first = featurestore.get_training_dataset_path("d")
    featurestore.insert_into_training_dataset(None, "d")
    assert Path(first).is_dir() and featurestore.get_training_dataset_path("d") != first


def test_get_training_dataset_tf_record_schema() -> None:
    tf = importlib.import_module("tensorflow")
    schema = featurestore.get_training_dataset_tf_record_schema("team_position_prediction")
    assert schema["team_budget"] == tf.io.FixedLenFeature([], tf.float32)


def test_get_dataframe_tf_record_schema() -> None:
    schemas = [
        featurestore.get_dataframe_tf_record_schema(frame)
        for frame in (pd.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]}), [{"a": 1}], pa.table({"a": [1]}))
    ]
    assert all(schema == schemas[0] for schema in schemas)


# Tags


# Each test has a tag of its own, since they share the tour's store.


def tags(kind: str) -> tuple[str, Callable[..., None], Callable[..., str], Callable[..., dict[str, str]], Callable[..., None]]:
    """Name of a version to tag, and the functions that set, get one, get all and remove."""
    name = {"featuregroup": "teams_features", "training_dataset": "team_position_prediction"}[kind]
    verbs = ("set_{}_tag", "get_{}_tag", "get_{}_tags", "remove_{}_tag")
    return name, *(getattr(featurestore, verb.format(kind)) for verb in verbs)


def check_set(kind: str) -> None:
    name, put, get, _, _ = tags(kind)
    put(name, "reviewed")
    assert get(name, "reviewed") == ""
    put(name, "reviewed", "yes", 1, featurestore.project_featurestore())
    assert get(name, "reviewed") == "yes"


def check_get(kind: str) -> None:
    name, put, get, _, _ = tags(kind)
    put(name, "season", "2020")
    assert get(name, "season") == get(name, "season", version=1) == "2020"
    with pytest.raises(errors.NotFound, match=f"`{name}_1` has no tag `seasn`; it has .*season"):
        get(name, "seasn")


def check_get_all(kind: str) -> None:
    name, put, _, get_all, _ = tags(kind)
    put(name, "league", "first")
    assert {"league": "first"}.items() <= get_all(name).items()


def check_remove(kind: str) -> None:
    name, put, _, get_all, remove = tags(kind)
    put(name, "wrong", "1")
    remove(name, "wrong")
    assert "wrong" not in get_all(name)


def test_set_featuregroup_tag() -> None:
    check_set("featuregroup")


def test_get_featuregroup_tag() -> None:
    check_get("featuregroup")


def test_get_featuregroup_tags() -> None:
    check_get_all("featuregroup")


def test_remove_featuregroup_tag() -> None:
    check_remove("featuregroup")


def test_set_training_dataset_tag() -> None:
    check_set("training_dataset")


def test_get_training_dataset_tag() -> None:
    check_get("training_dataset")


def test_get_training_dataset_tags() -> None:
    check_get_all("training_dataset")


def test_remove_training_dataset_tag() -> None:
    check_remove("training_dataset")


def test_get_tags() -> None:
    featurestore.set_featuregroup_tag("games_features", "of_a_group")
    featurestore.set_training_dataset_tag("team_position_prediction", "of_a_dataset")
    names = featurestore.get_tags()
    assert {"of_a_group", "of_a_dataset"} <= set(names) and names == sorted(names)


# Versions, names and frames


def test_version_left_out(store: FeatureStore) -> None:
    for version in (1, 2):
        featurestore.create_featuregroup([[version, 1.0]], "teams", featuregroup_version=version)
        featurestore.create_training_dataset(["col_0"], "d", training_dataset_version=version, data_format="csv")
    assert featurestore.get_featuregroup("teams", dataframe_type="python") == [[1, 1.0]]
    assert featurestore.get_training_dataset("d", dataframe_type="python") == [[1]]
    assert featurestore.get_features(["col_0"], dataframe_type="python") == [[2]]


def test_version_in_names() -> None:
    for name in ["teams_features_1.team_id", "teams_features.team_id"]:
        assert list(featurestore.get_features([name]).columns) == ["team_id"]


def test_feature_in_two_versions(store: FeatureStore) -> None:
    for version in (1, 2):
        featurestore.create_featuregroup([[version, 1.0]], "teams", featuregroup_version=version)
    assert featurestore.get_features(["col_0"], dataframe_type="python") == [[2]]
    for request in [{"features": ["teams_1.col_0"]}, {"features": ["col_0"], "featuregroups_version_dict": {"teams": 1}}]:
        assert featurestore.get_features(**request, dataframe_type="python") == [[1]]


def test_names_allowed(store: FeatureStore) -> None:
    for name in ["teams features", "Teams", "1teams"]:
        with pytest.raises(errors.InvalidArgument, match="lower-case letter"):
            featurestore.create_featuregroup([[1]], name)
    featurestore.create_featuregroup([{"Team_Id": 1}], "teams")
    assert featurestore.get_features_list() == ["Team_Id"]


def test_unnamed_columns(store: FeatureStore) -> None:
    for name, data in [("array", np.array([[1, 2]])), ("rows", [[1, 2]])]:
        featurestore.create_featuregroup(data, name)
        assert featurestore.get_featuregroup_features_list(name) == ["col_0", "col_1"]
    for data in [np.zeros(2), np.zeros((1, 1, 1)), [1, 2]]:
        with pytest.raises(errors.CouldNotConvertDataframe):
            featurestore.create_featuregroup(data, "others")


def test_dataframe_type_values() -> None:
    kinds = {
        "pandas": pd.DataFrame,
        "numpy": np.ndarray,
        "python": list,
        "arrow": pa.Table,
        "polars": pl.DataFrame,
        "reader": pa.RecordBatchReader,
    }
    for kind, of in kinds.items():
        assert isinstance(featurestore.get_feature("team_budget", dataframe_type=kind), of)
    for kind in ["koalas", "spark"]:
        with pytest.raises(ValueError):
            featurestore.get_feature("team_budget", dataframe_type=kind)


def test_frames_taken(store: FeatureStore) -> None:
    frames = [
        pd.DataFrame({"id": [1]}),
        pl.DataFrame({"id": [1]}),
        pa.table({"id": [1]}),
        [{"id": 1}],
        {"id": [1]},
        iter([pa.record_batch({"id": [1]})]),
    ]
    for version, frame in enumerate(frames, start=1):
        featurestore.create_featuregroup(frame, "things", featuregroup_version=version)
        assert featurestore.get_feature("id", dataframe_type="python") == [[1]]

    class RDD:
        """Has neither column names nor a way to become a table."""

    RDD.__module__ = "pyspark.rdd"
    with pytest.raises(errors.CouldNotConvertDataframe, match="toDF"):
        featurestore.create_featuregroup(RDD(), "others")


def test_primary_key_left_out(toured: FeatureStore) -> None:
    assert toured.feature_group("games_features").primary_key == ["home_team_id"]
    featurestore.create_featuregroup([{"a": 1, "b": 2, "c": 3}], "composite", ["b", "a"])
    assert toured.feature_group("composite").primary_key == ["b", "a"]
    toured.feature_group("composite").delete()


def test_floats_as_primary_key() -> None:
    with pytest.raises(errors.InvalidPrimaryKey, match="not compared exactly"):
        featurestore.create_featuregroup([[0.5]], "floats")


def test_nulls_in_primary_key() -> None:
    with pytest.raises(errors.NullValues):
        featurestore.create_featuregroup([[1], [None]], "nulls")


def test_later_parameters() -> None:
    for parameter in ["online", "offline", "jobs", "sink", "path"]:
        for function in (featurestore.create_featuregroup, featurestore.create_training_dataset):
            with pytest.raises(TypeError, match=parameter):
                function([["a", 1]], "x", **{parameter: None})


def test_another_store(store: FeatureStore, toured: FeatureStore) -> None:
    assert featurestore.get_featuregroups() == []
    assert len(featurestore.get_featuregroup("teams_features", featurestore=toured.name)) == tour.TEAMS


def test_error_classes() -> None:
    same = {
        "FeaturegroupNotFound", "FeatureNotFound", "FeatureNameCollisionError", "InferJoinKeyError", "InvalidPrimaryKey",
        "TrainingDatasetNotFound", "CouldNotConvertDataframe", "InferTFRecordSchemaError", "TFRecordSchemaNotFound",
    }  # fmt: skip
    assert all(issubclass(getattr(errors, name), mangonel.MangonelError) for name in same)
    gone = ["HiveDatabaseNotFound", "HiveNotEnabled", "SparkToHiveSchemaConversionError", "FeatureVisualizationError"]
    assert not any(hasattr(errors, name) for name in gone)


# The rules of get_features


def test_column_order() -> None:
    wanted = ["team_position", "average_position", "team_budget"]
    assert list(featurestore.get_features([*wanted, "team_position"]).columns) == wanted


def test_feature_in_two_groups() -> None:
    with pytest.raises(errors.FeatureNameCollisionError) as caught:
        featurestore.get_feature("team_id")
    assert "teams_features_1.team_id" in caught.value.names


def test_feature_unknown(store: FeatureStore, toured: FeatureStore) -> None:
    with pytest.raises(errors.FeaturegroupNotFound, match="no feature groups yet"):
        featurestore.get_features(["team_budget"])
    with pytest.raises(errors.FeatureNotFound, match="did you mean .*team_budget"):
        featurestore.get_features(["team_budgt"], featurestore=toured.name)


def test_all_problems() -> None:
    with pytest.raises(errors.FeatureNotFound, match="2 problems") as caught:
        featurestore.get_features(["nothing_like_it", "team_budget", "nor_this"])
    assert len(caught.value.problems) == 1


def test_version_dict(store: FeatureStore) -> None:
    for name, x in [("left_group", 1.0), ("right_group", 2.0)]:
        featurestore.create_featuregroup([[1, x]], name)
    chosen = featurestore.get_features(["col_1"], featuregroups_version_dict={"right_group": 1}, dataframe_type="python")
    assert chosen == [[2.0]]
    for name, version in [("right_group", 9), ("nothing", 1)]:
        with pytest.raises(errors.FeaturegroupNotFound, match=name):
            featurestore.get_features(["left_group.col_1"], featuregroups_version_dict={name: version})


def test_join_key_by_bare_name() -> None:
    assert featurestore.get_features(["team_id", "team_budget", "sum_attendance"])["team_id"].nunique() == tour.TEAMS
    with pytest.raises(errors.FeatureNameCollisionError):
        featurestore.get_features(["team_id"])


def test_join_key_inferred(store: FeatureStore) -> None:
    featurestore.create_featuregroup([{"x": 1, "a": 1.0}, {"x": 2, "a": 2.0}], "group_a")
    featurestore.create_featuregroup([{"x": 1, "y": 7, "b": 1.0}, {"x": 2, "y": 8, "b": 2.0}], "group_b")
    featurestore.create_featuregroup([{"y": 7, "c": 1.0}, {"y": 8, "c": 2.0}], "group_c")
    joined = featurestore.get_features(["a", "b", "c"], dataframe_type="python")
    assert sorted(joined) == [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    for name, feature in [("group_d", "d"), ("group_e", "e")]:
        frame = [{"p": 1, "q": 1, feature: 1.0}, {"p": 1, "q": 2, feature: 2.0}]
        featurestore.create_featuregroup(frame, name, ["p", "q"])
    assert sorted(featurestore.get_features(["d", "e"], dataframe_type="python")) == [[1.0, 1.0], [2.0, 2.0]]


def test_join_key_none() -> None:
    with pytest.raises(errors.InferJoinKeyError, match="`home_team_id`"):
        featurestore.get_features(["team_budget", "score"])


def test_join_key_given() -> None:
    assert len(featurestore.get_features(["team_budget", "sum_attendance"], join_key="team_id")) == tour.TEAMS
    with pytest.raises(errors.InferJoinKeyError, match="join key `score` is no column of `teams_features_1`"):
        featurestore.get_features(["team_budget", "sum_attendance"], join_key="score")


def test_inner_join(store: FeatureStore) -> None:
    featurestore.create_featuregroup([{"id": 1, "a": 1.0}, {"id": 2, "a": 2.0}], "group_a")
    featurestore.create_featuregroup([{"id": 2, "b": 2.0}, {"id": 3, "b": 3.0}], "group_b")
    assert featurestore.get_features(["a", "b"], dataframe_type="python") == [[2.0, 2.0]]
    left = featurestore.get_features(["a", "b"], join_type="left", root="group_b", dataframe_type="python")
    assert sorted(left, key=str) == [[2.0, 2.0], [None, 3.0]]


# Writing


def test_write_mode_of_groups(store: FeatureStore) -> None:
    featurestore.create_featuregroup([[1, 1.0]], "teams")
    featurestore.insert_into_featuregroup([[2, 2.0]], "teams")
    assert store.feature_group("teams").rows == 2
    featurestore.insert_into_featuregroup([[3, 3.0]], "teams", mode="overwrite")
    assert store.feature_group("teams").rows == 1
    with pytest.raises(ValueError, match="append or overwrite"):
        featurestore.insert_into_featuregroup([[1, 1.0]], "teams", mode="upsert")


def test_write_mode_of_datasets() -> None:
    with pytest.raises(errors.NotSupported, match="insert into the feature groups, then overwrite"):
        featurestore.insert_into_training_dataset(None, "team_position_prediction", write_mode="append")


def test_nothing_by_halves(store: FeatureStore) -> None:
    featurestore.create_featuregroup([{"id": 1, "x": 1.0}], "teams")
    with pytest.raises(errors.NullValues):
        featurestore.insert_into_featuregroup([{"id": 2, "x": 1.0}, {"id": None, "x": 2.0}], "teams")
    assert store.feature_group("teams").rows == 1
    featurestore.insert_into_featuregroup([{"id": 2, "x": None}], "teams")
    with pytest.raises(errors.NullValues):
        featurestore.create_training_dataset(["id", "x"], "d")
    assert featurestore.get_training_datasets() == []


def test_data_formats() -> None:
    for name in ["tfrecord", "csv", "tsv", "parquet"]:
        featurestore.create_training_dataset(["team_budget"], f"as_{name}", data_format=name)
        assert len(featurestore.get_training_dataset(f"as_{name}")) == tour.TEAMS
    for name in ["orc", "avro", "npy", "hdf5", "image", "petastorm"]:
        with pytest.raises(errors.NotSupported, match=f"data format {name} is not offered: .*use "):
            featurestore.create_training_dataset(["team_budget"], "refused", data_format=name)
    with pytest.raises(ValueError, match="data format is `excel`: it must be one of"):
        featurestore.create_training_dataset(["team_budget"], "refused", data_format="excel")


def shards(name: str) -> list[str]:
    return sorted(glob.glob(featurestore.get_training_dataset_path(name) + "/part-r-*"))


def test_part_files() -> None:
    for name in ["tfrecords", "parquet", "csv"]:
        featurestore.create_training_dataset(["team_budget"], f"parts_of_{name}", data_format=name, shards=3)
        assert [Path(path).name for path in shards(f"parts_of_{name}")] == ["part-r-00000", "part-r-00001", "part-r-00002"]


def test_csv_header() -> None:
    for name, delimiter in [("csv", ","), ("tsv", "\t")]:
        featurestore.create_training_dataset(["team_budget", "team_position"], f"header_{name}", data_format=name)
        assert Path(shards(f"header_{name}")[0]).read_text().startswith(f"team_budget{delimiter}team_position\n")


def test_call_of_the_documentation(toured: FeatureStore) -> None:
    with pytest.raises(TypeError, match="data_format"):
        featurestore.create_training_dataset(["team_budget"], "documented", "budgets", "a_job", 1, data_format="tfrecords")
    featurestore.create_training_dataset(
        ["team_budget"], "documented", "budgets", job_name="a_job", training_dataset_version=1, data_format="tfrecords"
    )
    assert toured.training_dataset("documented").record["jobName"] == "a_job"


def test_statistics_settings(store: FeatureStore) -> None:
    featurestore.create_featuregroup([[1, 1.0]], "teams", feature_correlation=False, num_bins=7, num_clusters=3)
    kept = store.feature_group("teams").record["statistics"]
    assert (kept.get("correlation", False), kept["descriptive"], kept["numBins"], kept["numClusters"]) == (False, True, 7, 3)


def test_what_is_stored(store: FeatureStore) -> None:
    featurestore.create_featuregroup([[1]], "teams", None, "all teams", None, 1, "nightly", ["Resources/teams.csv"])
    featurestore.create_training_dataset(["col_0"], "d", "numbers", job_name="build", dependencies=["Resources/teams.csv"])
    for record in (store.feature_group("teams").record, store.training_dataset("d").record):
        assert record["description"] and record["jobName"] and record["dependencies"][0]["name"] == "Resources/teams.csv"


# Types in TFRecord

INT, FLOAT, TEXT = ({"feature": "fixed_len", "type": kind} for kind in ("int", "float", "string"))


def schema_of(columns: dict[str, Any], **settings: Any) -> dict[str, dict[str, Any]]:
    """The schema that a training dataset of these columns has."""
    table = pa.table({"id": pa.array(range(len(next(iter(columns.values())))), pa.int64()), **columns})
    store = featurestore.connect(featurestore._store().connection.url, f"p{uuid.uuid4().hex[:12]}x")
    featurestore.create_featuregroup(table, "things")
    featurestore.create_training_dataset(table.column_names, "d", **settings)
    written = store.training_dataset("d").schema_json
    return {name: written[name] for name in written if name != "id"}


def inferred(columns: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The schema that a frame of these columns has."""
    return tf_schema.infer(pa.table(columns))


def test_tf_integers() -> None:
    columns = {"a": pa.array([1], pa.int32()), "b": pa.array([1], pa.int64())}
    assert schema_of(columns) == inferred(columns) == {"a": INT, "b": INT}


def test_tf_floats() -> None:
    columns = {"a": pa.array([1], pa.float32()), "b": [1.5], "c": pa.array([1], pa.decimal128(10, 2))}
    assert schema_of(columns) == inferred(columns) == {"a": FLOAT, "b": FLOAT, "c": FLOAT}


def test_tf_strings() -> None:
    columns = {"a": ["x"], "b": [b"x"]}
    assert schema_of(columns) == inferred(columns) == {"a": TEXT, "b": TEXT}
    assert schema_of(columns, string_features="var_len")["a"] == {"feature": "var_len", "type": "string"}


def test_tf_arrays_of_numbers() -> None:
    lists = [[1, 2], [3, 4]]
    columns = {"a": pa.array(lists, pa.list_(pa.int64(), 2)), "b": [[1.5], [2.5, 3.5]], "c": lists}
    fixed, var_len = {**INT, "shape": [2]}, {"feature": "var_len", "type": "float"}
    assert schema_of(columns) == {"a": fixed, "b": var_len, "c": {"feature": "var_len", "type": "int"}}
    assert inferred(columns) == {"a": fixed, "b": var_len, "c": fixed}


def test_tf_arrays_of_strings() -> None:
    columns = {"a": pa.array([["x", "y"], ["z", ""]], pa.list_(pa.string(), 2)), "b": [["x"], []]}
    expected = {"a": {**TEXT, "shape": [2]}, "b": {"feature": "var_len", "type": "string"}}
    assert schema_of(columns) == inferred(columns) == expected


def test_tf_not_fixed() -> None:
    tf = importlib.import_module("tensorflow")
    schema = featurestore.get_dataframe_tf_record_schema({"a": [[1, 2]], "b": [1]}, fixed=False)
    assert schema == {"a": tf.io.VarLenFeature(tf.int64), "b": tf.io.FixedLenFeature([], tf.int64)}


def test_tf_small_types() -> None:
    columns = {
        "a": [True],
        "b": pa.array([1], pa.int8()),
        "c": pa.array([1], pa.int16()),
        "d": pa.array([0], pa.date32()),
        "e": pa.array([0], pa.timestamp("us", "UTC")),
    }
    assert schema_of(columns) == inferred(columns) == {name: INT for name in columns}


def test_tf_structs() -> None:
    columns = {"a": [{"b": 1, "c": "x"}]}
    assert schema_of(columns) == inferred(columns) == {"a.b": INT, "a.c": TEXT}


def test_tf_refused() -> None:
    table = pa.table({"a": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), "b": [[[1]]], "c": [1]})
    with pytest.raises(errors.InferTFRecordSchemaError, match="`a` .*`b` "):
        featurestore.get_dataframe_tf_record_schema(table)


def test_tf_schema_file() -> None:
    folder = Path(featurestore.get_training_dataset_path("team_position_prediction"))
    written = [json.loads((place / "tf_record_schema.txt").read_text()) for place in (folder, folder.parent)]
    assert written[0] == written[1] and written[0]["team_position"] == INT


def test_tf_schema_elsewhere() -> None:
    featurestore.create_training_dataset(["team_budget"], "elsewhere", data_format="parquet")
    with pytest.raises(errors.TFRecordSchemaNotFound, match="stored as parquet"):
        featurestore.get_training_dataset_tf_record_schema("elsewhere")


def test_tf_nulls(store: FeatureStore) -> None:
    featurestore.create_featuregroup([{"id": 1, "x": None}, {"id": 2, "x": 0.5}], "teams")
    with pytest.raises(errors.NullValues):
        featurestore.create_training_dataset(["id", "x"], "refused")
    for nulls, first in [("default", 0.0), ("omit", None)]:
        featurestore.create_training_dataset(["id", "x"], nulls, nulls=nulls)
        assert sorted(featurestore.get_training_dataset(nulls, dataframe_type="python")) == [[1, first], [2, 0.5]]
