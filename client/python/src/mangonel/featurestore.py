"""The feature store as plain functions, with the names, parameters and defaults of `hops.featurestore`, so that code written for
it runs with another import:

    from mangonel import featurestore

    featurestore.create_featuregroup(teams_df, "teams_features", primary_key="team_id")
    features_df = featurestore.get_features(["team_budget", "average_player_age"])
    featurestore.create_training_dataset(["team_budget", "average_player_age"], "team_position_prediction")

All functions share one connection of this process: that of MANGONEL_URL, MANGONEL_PROJECT and MANGONEL_TOKEN, or of
:func:`connect`. Parameters that many functions have mean the same in all of them:

- ``featurestore``: name of another project's store, `<project>_featurestore`; the project's own when left out.
- ``featuregroup_version``, ``training_dataset_version``, ``version``: 1 when left out, not the latest. Feature requests take the
  latest.
- ``dataframe_type``: `pandas` (the default; `spark` where a Spark session is active), `numpy`, `python`, `arrow`, `polars`,
  `spark`, or `reader` for a stream of batches. ``ValueError`` for others, before anything is read.

All functions raise ``Unavailable`` when no server answers; names that are unknown raise ``FeaturegroupNotFound``,
``FeatureNotFound`` or ``TrainingDatasetNotFound``. Nothing is cached: every call sees what the server has.
`docs/compatibility.md` compares each function with the old one.
"""

from __future__ import annotations

import inspect
import threading
import warnings
from typing import Any, Mapping, Sequence

import pyarrow as pa

from . import frames, sources, store as _objects, tf_schema
from .errors import FeatureNameCollisionError, FeatureNotFound, NotFound, NotSupported
from .feature_group import FeatureGroup
from .insert import check_mode
from .not_offered import (
    create_on_demand_featuregroup,
    get_featuregroup_statistics,
    get_storage_connector,
    get_storage_connectors,
    get_training_dataset_statistics,
    import_featuregroup_redshift,
    import_featuregroup_s3,
    sync_hive_table_with_featurestore,
    update_featuregroup_stats,
    update_training_dataset_stats,
    visualize_featuregroup_clusters,
    visualize_featuregroup_correlations,
    visualize_featuregroup_descriptive_stats,
    visualize_featuregroup_distributions,
    visualize_training_dataset_clusters,
    visualize_training_dataset_correlations,
    visualize_training_dataset_descriptive_stats,
    visualize_training_dataset_distributions,
)
from .rows import FeatureRequest
from .store import FeatureStore, statistics
from .training_dataset import TrainingDataset

__all__ = [
    "connect",
    "create_featuregroup",
    "create_on_demand_featuregroup",
    "create_training_dataset",
    "get_dataframe_tf_record_schema",
    "get_feature",
    "get_featuregroup",
    "get_featuregroup_features_list",
    "get_featuregroup_partitions",
    "get_featuregroup_statistics",
    "get_featuregroup_tag",
    "get_featuregroup_tags",
    "get_featuregroups",
    "get_features",
    "get_features_list",
    "get_featurestore_metadata",
    "get_latest_featuregroup_version",
    "get_latest_training_dataset_version",
    "get_project_featurestores",
    "get_storage_connector",
    "get_storage_connectors",
    "get_tags",
    "get_training_dataset",
    "get_training_dataset_features_list",
    "get_training_dataset_path",
    "get_training_dataset_statistics",
    "get_training_dataset_tag",
    "get_training_dataset_tags",
    "get_training_dataset_tf_record_schema",
    "get_training_datasets",
    "import_featuregroup_redshift",
    "import_featuregroup_s3",
    "insert_into_featuregroup",
    "insert_into_training_dataset",
    "project_featurestore",
    "project_training_datasets_sink",
    "remove_featuregroup_tag",
    "remove_training_dataset_tag",
    "set_featuregroup_tag",
    "set_training_dataset_tag",
    "sql",
    "sync_hive_table_with_featurestore",
    "update_featuregroup_stats",
    "update_training_dataset_stats",
    "visualize_featuregroup_clusters",
    "visualize_featuregroup_correlations",
    "visualize_featuregroup_descriptive_stats",
    "visualize_featuregroup_distributions",
    "visualize_training_dataset_clusters",
    "visualize_training_dataset_correlations",
    "visualize_training_dataset_descriptive_stats",
    "visualize_training_dataset_distributions",
]

_default: FeatureStore | None = None
_lock = threading.Lock()


class _Unset(int):
    """A version that nobody gave, unlike the same one given."""


_VERSION_1 = _Unset(1)


def connect(
    url: str | None = None, project: str | None = None, token: str | None = None, timeout: float | None = None
) -> FeatureStore:
    """Makes the connection that all functions of this module use from now on; parameters as :func:`mangonel.connect`."""
    global _default
    with _lock:
        _default = _objects.connect(url, project, token, timeout)
        return _default


def _store(featurestore: str | None = None) -> FeatureStore:
    """The store of that name, else the project's own."""
    global _default
    with _lock:
        if _default is None:
            _default = _objects.connect()
        own = _default
    project = (featurestore or own.name).removesuffix("_featurestore")
    return own if project == own.project else FeatureStore(own.connection.for_project(project))


# What is there


def project_featurestore() -> str:
    """Name of the project's feature store, `<project>_featurestore`.

    >>> featurestore.project_featurestore() == store.name
    True
    """
    return _store().name


def project_training_datasets_sink() -> str:
    """Name of the folder of the project's training datasets, `<project>_Training_Datasets`.

    >>> featurestore.project_training_datasets_sink() == f"{store.project}_Training_Datasets"
    True
    """
    return f"{_store().project}_Training_Datasets"


def get_project_featurestores() -> list[str]:
    """Names of the feature stores that the caller may use.

    >>> store.name in featurestore.get_project_featurestores()
    True
    """
    return [f"{project}_featurestore" for project in _store().projects()]


def get_featurestore_metadata(featurestore: str | None = None, update_cache: bool = False) -> dict[str, Any]:
    """Everything that the catalog has of a store: `featurestore`, `featuregroups`, `trainingDatasets`. ``update_cache``: accepted;
    nothing is cached.

    >>> sorted(featurestore.get_featurestore_metadata())
    ['featuregroups', 'featurestore', 'trainingDatasets']
    """
    store = _store(featurestore)
    return {
        "featurestore": store.name,
        "featuregroups": [group.record for group in store.feature_groups()],
        "trainingDatasets": [dataset.record for dataset in store.training_datasets()],
    }


def get_featuregroups(featurestore: str | None = None) -> list[str]:
    """All feature group versions, as `<name>_<version>`.

    >>> "teams_features_1" in featurestore.get_featuregroups()
    True
    """
    return [f"{group.name}_{group.version}" for group in _store(featurestore).feature_groups()]


def get_features_list(featurestore: str | None = None) -> list[str]:
    """Names of all features of all feature group versions; one that several have is there several times.

    >>> featurestore.get_features_list().count("team_budget")
    1
    """
    return [feature for group in _store(featurestore).feature_groups() for feature in group.features]


def get_featuregroup_features_list(
    featuregroup: str, version: int | None = None, featurestore: str | None = None
) -> list[str]:
    """Names of the features of one feature group; of its latest version when none is given.

    >>> featurestore.get_featuregroup_features_list("teams_features")
    ['team_id', 'team_budget', 'team_position']
    """
    return _store(featurestore).feature_group(featuregroup, version).features


def get_training_datasets(featurestore: str | None = None) -> list[str]:
    """All training dataset versions, as `<name>_<version>`.

    >>> "team_position_prediction_1" in featurestore.get_training_datasets()
    True
    """
    return [f"{dataset.name}_{dataset.version}" for dataset in _store(featurestore).training_datasets()]


def get_training_dataset_features_list(
    training_dataset: str, version: int | None = None, featurestore: str | None = None
) -> list[str]:
    """Names of the features of one training dataset; of its latest version when none is given.

    >>> featurestore.get_training_dataset_features_list("team_position_prediction")
    ['team_budget', 'team_position']
    """
    return _store(featurestore).training_dataset(training_dataset, version).features


def get_latest_featuregroup_version(featuregroup: str, featurestore: str | None = None) -> int:
    """Latest version of a feature group, 0 when there is none.

    >>> featurestore.get_latest_featuregroup_version("teams_features"), featurestore.get_latest_featuregroup_version("nothing")
    (1, 0)
    """
    return max((group.version for group in _store(featurestore).feature_groups(featuregroup)), default=0)


def get_latest_training_dataset_version(training_dataset: str, featurestore: str | None = None) -> int:
    """Latest version of a training dataset, 0 when there is none.

    >>> featurestore.get_latest_training_dataset_version("team_position_prediction")
    1
    """
    return max((dataset.version for dataset in _store(featurestore).training_datasets(training_dataset)), default=0)


# Reading


def get_featuregroup(
    featuregroup: str,
    featurestore: str | None = None,
    featuregroup_version: int = 1,
    dataframe_type: str | None = None,
) -> Any:
    """All rows of a feature group version.

    >>> featurestore.get_featuregroup("attendances_features").columns.tolist()
    ['team_id', 'average_attendance', 'sum_attendance']
    """
    frames.check_dataframe_type(dataframe_type)
    return _group(_store(featurestore), featuregroup, featuregroup_version).read().to(dataframe_type)


def get_feature(
    feature: str,
    featurestore: str | None = None,
    featuregroup: str | None = None,
    featuregroup_version: int = _VERSION_1,
    dataframe_type: str | None = None,
) -> Any:
    """One feature, as a frame of one column. Without ``featuregroup`` it is the group that has the feature, in its latest version
    or in the version given. Raises ``FeatureNameCollisionError`` when several groups have it.

    >>> featurestore.get_feature("average_position", dataframe_type="numpy").shape
    (50, 1)
    """
    frames.check_dataframe_type(dataframe_type)
    store = _store(featurestore)
    name = feature
    if featuregroup is not None:
        name = f"{featuregroup}_{int(featuregroup_version)}.{feature}"
    elif not isinstance(featuregroup_version, _Unset):
        name = _held_by(store, feature, featuregroup_version)
    return store.features([name]).to(dataframe_type)


def get_features(
    features: Sequence[str],
    featurestore: str | None = None,
    featuregroups_version_dict: Mapping[str, int] | None = None,
    join_key: str | Sequence[str] | None = None,
    dataframe_type: str | None = None,
    *,
    join_type: str = "inner",
    root: str | None = None,
) -> Any:
    """Features by name, joined, as columns in this order.

    ``featuregroups_version_dict``: the versions to use instead of the latest; of a feature that several groups have, the group
    named here is taken. ``join_key``: inferred when left out. ``join_type``, ``root``: as in :meth:`FeatureStore.features`.
    Raises ``FeatureNameCollisionError``, ``InferJoinKeyError``, and an error with all problems when there are several.

    >>> featurestore.get_features(["sum_attendance", "average_position"], join_key="team_id").columns.tolist()
    ['sum_attendance', 'average_position']
    """
    frames.check_dataframe_type(dataframe_type)
    store = _store(featurestore)
    return _request(store, features, featuregroups_version_dict, join_key, join_type, root).to(dataframe_type)


def get_featuregroup_partitions(
    featuregroup: str,
    featurestore: str | None = None,
    featuregroup_version: int = 1,
    dataframe_type: str | None = None,
) -> Any:
    """The partitions of a feature group that have rows: a frame with one column, `partition`, of names such as
    `year=2020/kind=a`; without rows when the group is not partitioned. Raises ``FeaturegroupNotFound``.

    >>> featurestore.get_featuregroup_partitions("teams_features", dataframe_type="python")
    []
    """
    frames.check_dataframe_type(dataframe_type)
    partitions = _group(_store(featurestore), featuregroup, featuregroup_version).partitions()
    names = pa.array([partition["name"] for partition in partitions], pa.string())
    return frames.from_arrow(pa.table({"partition": names}), dataframe_type)


def sql(
    query: str,
    featurestore: str | None = None,
    dataframe_type: str | None = None,
    *,
    tables: Mapping[str, Any] | None = None,
    limit: int | None = None,
    timeout: float | None = None,
) -> Any:
    """The answer to one SELECT over the tables `<group>_<version>`, and over frames that are sent along as ``tables``; see
    :meth:`FeatureStore.sql`. Raises ``InvalidArgument`` for everything else.

    >>> featurestore.sql("SELECT max(team_id) FROM attendances_features_1", dataframe_type="python")
    [[50]]
    """
    frames.check_dataframe_type(dataframe_type)
    return _store(featurestore).sql(query, tables=tables, limit=limit, timeout=timeout).to(dataframe_type)


# Feature groups


def create_featuregroup(
    df: Any,
    featuregroup: str,
    primary_key: str | Sequence[str] | None = None,
    description: str = "",
    featurestore: str | None = None,
    featuregroup_version: int = 1,
    job_name: str | None = None,
    dependencies: Sequence[Any] = (),
    descriptive_statistics: bool = True,
    feature_correlation: bool = True,
    feature_histograms: bool = True,
    cluster_analysis: bool = True,
    stat_columns: Sequence[str] | None = None,
    num_bins: int = 20,
    corr_method: str = "pearson",
    num_clusters: int = 5,
    partition_by: Sequence[str] = (),
    *,
    event_time: str | None = None,
    descriptions: Mapping[str, str] | None = None,
) -> None:
    """Creates a feature group version with the rows of a frame.

    ``df``: anything that :meth:`FeatureGroup.insert` takes. ``primary_key``: one column or several; the first column when left out.
    ``event_time``: column that says when a row became true. ``descriptions``: of features, by name. The rest is kept as given; see
    :meth:`FeatureStore.create_feature_group` and :func:`mangonel.statistics`. When the rows cannot be inserted, the group is taken
    away again. Raises ``AlreadyExists``, ``InvalidPrimaryKey``, ``CouldNotConvertDataframe``, ``SchemaMismatch``, ``NullValues``.

    >>> featurestore.create_featuregroup([{"stadium_id": 1, "seats": 60000}], "stadiums", description="where games are played")
    >>> featurestore.get_featuregroup("stadiums", dataframe_type="python")
    [[1, 60000]]
    """
    _store(featurestore).create_feature_group(
        featuregroup,
        df,
        primary_key=primary_key,
        event_time=event_time,
        version=featuregroup_version,
        description=description,
        descriptions=descriptions,
        partition_by=partition_by,
        job_name=job_name,
        dependencies=dependencies,
        statistics=statistics(
            descriptive_statistics,
            feature_correlation,
            feature_histograms,
            cluster_analysis,
            stat_columns,
            num_bins,
            corr_method,
            num_clusters,
        ),
    )


def insert_into_featuregroup(
    df: Any,
    featuregroup: str,
    featurestore: str | None = None,
    featuregroup_version: int = 1,
    mode: str = "append",
    descriptive_statistics: bool = True,
    feature_correlation: bool = True,
    feature_histograms: bool = True,
    cluster_analysis: bool = True,
    stat_columns: Sequence[str] | None = None,
    num_bins: int = 20,
    corr_method: str = "pearson",
    num_clusters: int = 5,
) -> None:
    """Inserts the rows of a frame; with mode `overwrite` they replace all rows. Statistics describe the whole version and are
    settings of the group, made when it is created: the flags here change nothing, and say so when they are not the defaults.

    ``df``: anything that :meth:`FeatureGroup.insert` takes. Raises ``ValueError`` for another mode, and what that raises.

    >>> cups = [{"team_id": 1, "cups": 2}, {"team_id": 2, "cups": 0}]
    >>> featurestore.create_featuregroup(cups, "cups_features")
    >>> featurestore.insert_into_featuregroup([{"team_id": 3, "cups": 1}], "cups_features")
    >>> featurestore.get_feature("cups", dataframe_type="arrow").num_rows
    3
    """
    check_mode(mode)
    given = locals()
    changed = [
        name
        for name, parameter in inspect.signature(insert_into_featuregroup).parameters.items()
        if name in _STATISTICS_PARAMETERS and given[name] != parameter.default
    ]
    if changed:
        warnings.warn(
            f"{', '.join(changed)}: statistics are settings of the feature group; give them when it is created", stacklevel=2
        )
    _group(_store(featurestore), featuregroup, featuregroup_version, look=True).insert(df, mode)


_STATISTICS_PARAMETERS = {
    "descriptive_statistics", "feature_correlation", "feature_histograms", "cluster_analysis", "stat_columns", "num_bins",
    "corr_method", "num_clusters",
}  # fmt: skip


# Training datasets


def create_training_dataset(
    df: FeatureRequest | Sequence[str],
    training_dataset: str,
    description: str = "",
    featurestore: str | None = None,
    data_format: str = "tfrecords",
    training_dataset_version: int = 1,
    job_name: str | None = None,
    dependencies: Sequence[Any] = (),
    descriptive_statistics: bool = True,
    feature_correlation: bool = True,
    feature_histograms: bool = True,
    cluster_analysis: bool = True,
    stat_columns: Sequence[str] | None = None,
    num_bins: int = 20,
    corr_method: str = "pearson",
    num_clusters: int = 5,
    petastorm_args: Mapping[str, Any] | None = None,
    fixed: bool = True,
    *,
    compression: str | None = None,
    labels: Sequence[str] = (),
    shards: int | None = None,
    shard_bytes: int | None = None,
    nulls: str | None = None,
    strict: bool = False,
    string_features: str | None = None,
    featuregroups_version_dict: Mapping[str, int] | None = None,
    join_key: str | Sequence[str] | None = None,
    join_type: str = "inner",
    root: str | None = None,
) -> None:
    """Lets the cluster build a training dataset; returns when it is there.

    ``df``: names of features, or a request made by :meth:`FeatureStore.features`; no row passes through this client. A frame is
    refused: insert it as a feature group, then name its features. The keywords are those of :func:`get_features` and of
    :meth:`FeatureStore.create_training_dataset`, which also says what is raised.

    >>> featurestore.create_training_dataset(["team_budget", "sum_attendance"], "attendance_by_budget", data_format="csv")
    >>> featurestore.get_training_dataset("attendance_by_budget").shape
    (50, 2)
    """
    store = _store(featurestore)
    if petastorm_args:
        warnings.warn("petastorm_args: Petastorm is not offered; nothing is done with them", stacklevel=2)
    if not fixed:
        warnings.warn("fixed=False: lists are VarLen features already, unless their type has a fixed length", stacklevel=2)
    if not isinstance(df, FeatureRequest):
        names = _objects.feature_names(df)
        df = _request(store, names, featuregroups_version_dict, join_key, join_type, root)
    elif featuregroups_version_dict or join_key or root or join_type != "inner":
        raise ValueError("the request says how features are joined: give versions, join_key, join_type and root to it")
    store.create_training_dataset(
        training_dataset,
        df,
        data_format=data_format,
        compression=compression,
        version=training_dataset_version,
        description=description,
        labels=labels,
        shards=shards,
        shard_bytes=shard_bytes,
        nulls=nulls,
        strict=strict,
        string_features=string_features,
        job_name=job_name,
        dependencies=dependencies,
        statistics=statistics(
            descriptive_statistics,
            feature_correlation,
            feature_histograms,
            cluster_analysis,
            stat_columns,
            num_bins,
            corr_method,
            num_clusters,
        ),
    )


def insert_into_training_dataset(
    df: FeatureRequest | Sequence[str] | None,
    training_dataset: str,
    featurestore: str | None = None,
    training_dataset_version: int = 1,
    descriptive_statistics: bool = True,
    feature_correlation: bool = True,
    feature_histograms: bool = True,
    cluster_analysis: bool = True,
    stat_columns: Sequence[str] | None = None,
    num_bins: int = 20,
    corr_method: str = "pearson",
    num_clusters: int = 5,
    write_mode: str = "overwrite",
    *,
    shards: int | None = None,
) -> None:
    """Lets the cluster build the next generation of a training dataset from the latest rows; returns when it is there.

    ``df``: names of features, or a request made by :meth:`FeatureStore.features`, with the columns of the dataset; None takes the
    features that it was made of. No row passes through this client. ``write_mode``: `overwrite`; to append, insert into the
    feature groups first. ``shards``: as before when left out. Statistics are those that the dataset was created with; the flags
    are accepted and change nothing. Raises ``NotSupported`` for `append`, ``InvalidArgument`` for other columns.

    >>> featurestore.insert_into_training_dataset(None, "team_position_prediction")
    """
    if write_mode != "overwrite":
        raise NotSupported(f"write_mode {write_mode} is not offered: insert into the feature groups, then overwrite the dataset")
    store = _store(featurestore)
    if df is not None and not isinstance(df, FeatureRequest):
        df = _request(store, _objects.feature_names(df), None, None, "inner", None)
    _dataset(store, training_dataset, training_dataset_version).insert(df, shards=shards)


def get_training_dataset(
    training_dataset: str,
    featurestore: str | None = None,
    training_dataset_version: int = 1,
    dataframe_type: str | None = None,
) -> Any:
    """The rows of a training dataset, in the types of the features; see :meth:`TrainingDataset.read`.

    >>> featurestore.get_training_dataset("team_position_prediction", dataframe_type="numpy").shape
    (50, 2)
    """
    frames.check_dataframe_type(dataframe_type)
    return _dataset(_store(featurestore), training_dataset, training_dataset_version).read().to(dataframe_type)


def get_training_dataset_path(
    training_dataset: str, featurestore: str | None = None, training_dataset_version: int = 1
) -> str:
    """Folder of the shards (`part-r-00000`, ...): a path on a local warehouse, else a URL. Raises ``TrainingDatasetNotFound`` also
    before there are any.

    >>> import glob
    >>> len(glob.glob(featurestore.get_training_dataset_path("team_position_prediction") + "/part-r-*")) > 0
    True
    """
    return _dataset(_store(featurestore), training_dataset, training_dataset_version).path


def get_training_dataset_tf_record_schema(
    training_dataset: str, training_dataset_version: int = 1, featurestore: str | None = None
) -> dict[str, Any]:
    """`{column: tf.io.FixedLenFeature | tf.io.VarLenFeature}`, for `tf.io.parse_example`. Raises ``TFRecordSchemaNotFound`` for
    other formats, ``ImportError`` without TensorFlow.

    >>> schema = featurestore.get_training_dataset_tf_record_schema("team_position_prediction")
    >>> schema["team_position"].shape, schema["team_position"].dtype.name
    ([], 'int64')
    """
    return _dataset(_store(featurestore), training_dataset, training_dataset_version).tf_record_schema()


def get_dataframe_tf_record_schema(spark_df: Any, fixed: bool = True) -> dict[str, Any]:
    """The same for a frame of any kind, inferred from its columns. ``fixed``: lists that all have one length are fixed-length
    features; else all lists are VarLen. Raises ``InferTFRecordSchemaError`` naming every column that TFRecord cannot hold.

    >>> featurestore.get_dataframe_tf_record_schema([{"team_id": 1, "ages": [20, 31]}])["ages"].shape
    [2]
    """
    return tf_schema.to_tensorflow(tf_schema.infer(_table(spark_df), fixed))


# Tags


def set_featuregroup_tag(
    name: str, tag: str, value: str | None = None, version: int = 1, featurestore: str | None = None
) -> None:
    """Sets a tag of a feature group version; one without ``value`` has the empty text.

    >>> featurestore.set_featuregroup_tag("players_features", "source", "league")
    >>> featurestore.get_featuregroup_tags("players_features")
    {'source': 'league'}
    >>> featurestore.get_featuregroup_tag("players_features", "source")
    'league'
    >>> featurestore.remove_featuregroup_tag("players_features", "source")
    """
    _group(_store(featurestore), name, version).update(tags={tag: value or ""})


def get_featuregroup_tag(name: str, tag: str, version: int = 1, featurestore: str | None = None) -> str:
    """Value of one tag of a feature group version. Raises ``NotFound`` when it is not set."""
    return _tag(get_featuregroup_tags(name, version, featurestore), tag, f"{name}_{version}")


def get_featuregroup_tags(name: str, version: int = 1, featurestore: str | None = None) -> dict[str, str]:
    """All tags of a feature group version, by name."""
    return _group(_store(featurestore), name, version, look=True).tags


def remove_featuregroup_tag(name: str, tag: str, version: int = 1, featurestore: str | None = None) -> None:
    """Removes a tag of a feature group version, if it is set."""
    _group(_store(featurestore), name, version).update(remove_tags=[tag])


def set_training_dataset_tag(
    name: str, tag: str, value: str | None = None, version: int = 1, featurestore: str | None = None
) -> None:
    """Sets a tag of a training dataset version; one without ``value`` has the empty text.

    >>> featurestore.set_training_dataset_tag("team_position_prediction", "reviewed")
    >>> featurestore.get_training_dataset_tags("team_position_prediction")
    {'reviewed': ''}
    >>> featurestore.get_training_dataset_tag("team_position_prediction", "reviewed")
    ''
    >>> featurestore.remove_training_dataset_tag("team_position_prediction", "reviewed")
    """
    _dataset(_store(featurestore), name, version).update(tags={tag: value or ""})


def get_training_dataset_tag(name: str, tag: str, version: int = 1, featurestore: str | None = None) -> str:
    """Value of one tag of a training dataset version. Raises ``NotFound`` when it is not set."""
    return _tag(get_training_dataset_tags(name, version, featurestore), tag, f"{name}_{version}")


def get_training_dataset_tags(name: str, version: int = 1, featurestore: str | None = None) -> dict[str, str]:
    """All tags of a training dataset version, by name."""
    return _store(featurestore).training_dataset(name, version).tags


def remove_training_dataset_tag(name: str, tag: str, version: int = 1, featurestore: str | None = None) -> None:
    """Removes a tag of a training dataset version, if it is set."""
    _dataset(_store(featurestore), name, version).update(remove_tags=[tag])


def get_tags() -> list[str]:
    """Names of all tags in use in the project's store, sorted.

    >>> featurestore.set_featuregroup_tag("attendances_features", "season", "2020")
    >>> "season" in featurestore.get_tags()
    True
    """
    store = _store()
    tagged: list[FeatureGroup | TrainingDataset] = [*store.feature_groups(), *store.training_datasets()]
    return sorted({tag for version in tagged for tag in version.tags})


# Helpers


def _group(store: FeatureStore, name: str, version: int, look: bool = False) -> FeatureGroup:
    """``look``: with what the catalog has of it."""
    if look:
        return store.feature_group(name, version)
    return FeatureGroup(store.connection, {"name": name, "version": version})


def _dataset(store: FeatureStore, name: str, version: int) -> TrainingDataset:
    return TrainingDataset(store.connection, {"name": name, "version": version})


def _tag(tags: Mapping[str, str], tag: str, of: str) -> str:
    if tag not in tags:
        raise NotFound(f"`{of}` has no tag `{tag}`; it has {', '.join(sorted(tags)) or 'none'}", names=sorted(tags))
    return tags[tag]


def _table(frame: Any) -> pa.Table:
    return sources.to_reader(frame).read_all()


def _held_by(store: FeatureStore, feature: str, version: int) -> str:
    """The qualified name of a feature that one group has in that version."""
    holders = [group for group in store.feature_groups() if group.version == version and feature in group.features]
    names = [f"{group.name}_{group.version}.{feature}" for group in holders]
    if not names:
        raise FeatureNotFound(f"no feature group has the feature `{feature}` in version {version}", names=[feature])
    if len(names) > 1:
        raise FeatureNameCollisionError(f"feature `{feature}` is in several groups: write {' or '.join(names)}", names=names)
    return names[0]


def _request(
    store: FeatureStore,
    features: Sequence[str],
    versions: Mapping[str, int] | None,
    join_key: str | Sequence[str] | None,
    join_type: str,
    root: str | None,
) -> FeatureRequest:
    """A request in which the groups of ``versions`` come before others that have a feature of the same name."""
    features = [features] if isinstance(features, str) else list(features)
    if versions:
        named = [group for group in store.feature_groups() if versions.get(group.name) == group.version]
        features = [_prefer(feature, named) for feature in features]
    return store.features(features, versions=versions, join_key=join_key, join_type=join_type, root=root)


def _prefer(feature: str, groups: Sequence[FeatureGroup]) -> str:
    holders = [group for group in groups if feature in group.features]
    # In several of the named groups it is a join key or ambiguous: the server knows.
    return f"{holders[0].name}_{holders[0].version}.{feature}" if len(holders) == 1 else feature
