"""The object API: a feature store and what can be done with it. Versions that are left out mean the latest, or for what is
created the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Iterable, Mapping, Sequence

import pyarrow as pa

from . import html, sources
from .connection import Connection
from .errors import NotSupported, SchemaMismatch, Unavailable
from .feature_group import FeatureGroup, create_message
from .rows import FeatureRequest, Query
from .run import Run
from .times import Moment, as_of_field
from .training_dataset import TrainingDataset, compression_value, data_format_value, null_policy_value

JOIN_TYPES = {"inner": "JOIN_TYPE_INNER", "left": "JOIN_TYPE_LEFT"}


def connect(
    url: str | None = None, project: str | None = None, token: str | None = None, timeout: float | None = None
) -> FeatureStore:
    """Connects to a server and returns the feature store of a project.

    ``url``: such as `grpc://127.0.0.1:8815` (the default), else of MANGONEL_URL; `grpc+tls://` for TLS.
    ``project``: else of MANGONEL_PROJECT, else `default`. ``token``: else of MANGONEL_TOKEN.
    ``timeout``: seconds that the server may be silent, in a call or between the rows of a read, before ``TimedOut`` is raised;
    no limit when left out. Uploads and runs may take longer: :meth:`Run.wait` has a limit of its own.
    Raises ``Unavailable`` when nobody answers there.
    """
    store = FeatureStore(Connection(url, project, token, timeout))
    store.status()
    return store


def statistics(
    descriptive: bool = True,
    correlation: bool = True,
    histograms: bool = True,
    cluster_analysis: bool = True,
    columns: Sequence[str] | None = None,
    num_bins: int = 20,
    corr_method: str = "pearson",
    num_clusters: int = 5,
) -> dict[str, Any]:
    """Which statistics are kept of a version, and how they are computed: settings for :meth:`FeatureStore.create_feature_group`
    and :meth:`FeatureStore.create_training_dataset`.

    ``columns``: to look at, all when left out. ``num_bins``: of each histogram. ``corr_method``: `pearson` or `spearman`.

    >>> statistics(num_bins=10)["numBins"]
    10
    """
    return {
        "descriptive": descriptive,
        "correlation": correlation,
        "histograms": histograms,
        "clusterAnalysis": cluster_analysis,
        "columns": list(columns or ()),
        "numBins": num_bins,
        "corrMethod": corr_method,
        "numClusters": num_clusters,
    }


class FeatureStore:
    """The feature groups and training datasets of one project. Made by :func:`connect`; as a context manager it closes its
    connections.

    >>> store.features(["team_budget", "average_position"]).to_pandas().columns.tolist()
    ['team_budget', 'average_position']
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def project(self) -> str:
        """Name of the project."""
        return self.connection.project

    @property
    def name(self) -> str:
        """`<project>_featurestore`."""
        return f"{self.project}_featurestore"

    def close(self) -> None:
        """Closes the connections."""
        self.connection.close()

    def __enter__(self) -> FeatureStore:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def status(self) -> dict[str, Any]:
        """What the server is and how it is doing."""
        return self.connection.call("mangonel.status", idempotent=True)

    def projects(self) -> list[str]:
        """Names of the projects that the caller may use."""
        answer = self.connection.call("mangonel.project.list", idempotent=True)
        return [project["name"] for project in answer.get("projects", ())]

    # Feature groups

    def feature_groups(self, name: str | None = None) -> list[FeatureGroup]:
        """All versions of all feature groups, or of one.

        >>> [group.version for group in store.feature_groups("teams_features")]
        [1]
        """
        answer = self.connection.call("mangonel.feature_group.list", {"name": name or ""}, idempotent=True)
        return [FeatureGroup(self.connection, record) for record in answer.get("featureGroups", ())]

    def feature_group(self, name: str, version: int | None = None) -> FeatureGroup:
        """One version of a feature group, the latest when left out. Raises ``FeaturegroupNotFound``.

        >>> store.feature_group("games_features").features
        ['home_team_id', 'away_team_id', 'score']
        """
        ref = {"name": name, "version": version or 0}
        detail = self.connection.call("mangonel.feature_group.show", ref, idempotent=True)
        return FeatureGroup(self.connection, detail["featureGroup"])

    def create_feature_group(
        self,
        name: str,
        data: Any,
        *,
        primary_key: str | Sequence[str] | None = None,
        event_time: str | None = None,
        version: int | None = None,
        description: str = "",
        descriptions: Mapping[str, str] | None = None,
        partition_by: Sequence[str] = (),
        job_name: str | None = None,
        dependencies: Iterable[Any] = (),
        statistics: Mapping[str, Any] | None = None,
        insert: bool = True,
        progress: bool | None = None,
    ) -> FeatureGroup:
        """Creates one version of a feature group.

        ``data``: a frame, whose rows are inserted unless ``insert`` is False; or a `pyarrow.Schema`, for a group without rows.
        ``primary_key``: one column or several; the first column when left out. ``event_time``: column that says when a row became
        true. ``descriptions``: of features, by name. ``dependencies``: paths, feature groups or training datasets that the data is
        computed from. ``statistics``: made by :func:`mangonel.statistics`.
        ``partition_by``: columns whose values make folders of the table. ``job_name``: of the job that computes the data.
        ``progress``: as in :meth:`Run.wait`. When the insert fails, the group is taken away again, unless it holds rows.
        Raises ``AlreadyExists``, ``InvalidPrimaryKey``, ``CouldNotConvertDataframe``, ``SchemaMismatch`` for types that no feature
        has, and what :meth:`FeatureGroup.insert` raises.

        >>> group = store.create_feature_group("referees", [{"referee_id": 1, "cards": 4}, {"referee_id": 2, "cards": 7}])
        >>> group.primary_key, group.rows
        (['referee_id'], 2)
        """
        reader = None if isinstance(data, pa.Schema) else sources.to_reader(data)
        schema = data if reader is None else reader.schema
        _check_types_known(schema)
        if primary_key is None:
            primary_key = schema.names[:1]
        message = create_message(
            name,
            schema,
            [primary_key] if isinstance(primary_key, str) else list(primary_key),
            version=version,
            description=description,
            descriptions=descriptions,
            eventTime=event_time or "",
            partitionBy=list(partition_by),
            jobName=job_name or "",
            dependencies=[dependency(item) for item in dependencies],
            **({"statistics": dict(statistics)} if statistics is not None else {}),
        )
        group = FeatureGroup(self.connection, self.connection.call("mangonel.feature_group.create", message))
        if reader is not None and insert:
            try:
                group.insert(reader, progress=progress)
            except BaseException:
                self._delete_if_empty(group)
                raise
        return group

    @staticmethod
    def _delete_if_empty(group: FeatureGroup) -> None:
        # What went wrong before is what the caller must see; a group that cannot be taken away stays.
        try:
            if group.rows == 0:
                group.delete()
        except Exception:  # noqa: BLE001
            pass

    # Features

    def features(
        self,
        features: str | Sequence[str],
        *,
        versions: Mapping[str, int] | None = None,
        join_key: str | Sequence[str] | None = None,
        join_type: str = "inner",
        root: str | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> FeatureRequest:
        """Features by name (`budget`, `teams.budget` or `teams_2.budget`), as columns in this order. Nothing is read before one of
        the request's `to_` methods, or a training dataset is built from it.

        ``versions``: of groups, where not the latest is wanted. ``join_key``: inferred when left out. ``join_type``: `inner`, or
        `left` to keep every row of ``root``, the group of the first feature when left out. ``limit``: rows at most.
        ``as_of``: what the store held at a time, by the times of commits (see :data:`mangonel.times.Moment`).
        Raises nothing but ``ValueError`` for a ``join_type``; what the server finds wrong comes with the read.

        >>> store.features(["team_budget", "sum_attendance"], join_key="team_id", limit=2).to_arrow().num_rows
        2
        """
        if join_type not in JOIN_TYPES:
            raise ValueError(f"join_type is `{join_type}`: it must be inner or left")
        message = {
            "features": [features] if isinstance(features, str) else list(features),
            "groupVersions": dict(versions or {}),
            "joinKey": [join_key] if isinstance(join_key, str) else list(join_key or ()),
            "joinType": JOIN_TYPES[join_type],
            "root": root or "",
            "limit": limit or 0,
            **as_of_field(as_of),
        }
        return FeatureRequest(self.connection, message)

    def sql(
        self,
        query: str,
        *,
        tables: Mapping[str, Any] | None = None,
        limit: int | None = None,
        timeout: float | timedelta | None = None,
        as_of: Moment | None = None,
    ) -> Query:
        """The answer to one SELECT over `<group>_<version>` and `<group>`, its latest version. A table holds every row of its
        version, as of when the query is planned; `<group>_latest` and `<group>_<version>_latest` hold the latest row of each key,
        where the group has an event time. Names with capitals need double quotes.

        ``tables``: frames to be sent along, by the names that they have in the query (letters, digits and `_`; capitals do not
        count); all kinds of frames that :meth:`FeatureGroup.insert` takes. ``limit``: rows at most. ``timeout``: seconds that the
        server may work on it, beside waiting for its reader; ``Cancelled`` is raised then. ``as_of``: what the tables held at a
        time (see :data:`mangonel.times.Moment`).
        Raises with the read: ``InvalidArgument`` for everything but a SELECT, and for a table with the name of another or columns
        of types that no feature has; ``ResourceExhausted`` where the server has no room for the tables.

        >>> store.sql("SELECT count(*) FROM attendances_features").to_python()
        [[50]]
        >>> mine = [{"team_id": 1, "league": "north"}, {"team_id": 2, "league": "south"}]
        >>> store.sql("SELECT league, team_budget FROM mine JOIN teams_features USING (team_id) ORDER BY team_id",
        ...           tables={"mine": mine}).to_python()
        [['north', 1000.0], ['south', 2000.0]]
        """
        message: dict[str, Any] = {"sql": query, **as_of_field(as_of)}
        # What is not asked for is left out: servers refuse fields that they do not know.
        if limit:
            message["limit"] = limit
        if timeout is not None:
            seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
            if seconds <= 0:
                raise ValueError(f"timeout is {timeout}: it must be more than 0 seconds")
            message["timeoutMs"] = max(1, round(seconds * 1000))
        return Query(self.connection, message, tables)

    # Training datasets

    def training_datasets(self, name: str | None = None) -> list[TrainingDataset]:
        """All versions of all training datasets, or of one.

        >>> store.training_datasets("team_position_prediction")
        [<TrainingDataset team_position_prediction_1: team_budget, team_position>]
        """
        answer = self.connection.call("mangonel.training_dataset.list", {"name": name or ""}, idempotent=True)
        return [TrainingDataset(self.connection, record) for record in answer.get("trainingDatasets", ())]

    def training_dataset(self, name: str, version: int | None = None) -> TrainingDataset:
        """One version of a training dataset, the latest when left out. Raises ``TrainingDatasetNotFound``."""
        ref = {"name": name, "version": version or 0}
        detail = self.connection.call("mangonel.training_dataset.show", ref, idempotent=True)
        return TrainingDataset(self.connection, detail["trainingDataset"])

    def create_training_dataset(
        self,
        name: str,
        source: FeatureRequest | Sequence[str],
        *,
        data_format: str = "tfrecords",
        compression: str | None = None,
        version: int | None = None,
        description: str = "",
        labels: Sequence[str] = (),
        shards: int | None = None,
        shard_bytes: int | None = None,
        nulls: str | None = None,
        strict: bool = False,
        string_features: str | None = None,
        job_name: str | None = None,
        dependencies: Iterable[Any] = (),
        statistics: Mapping[str, Any] | None = None,
        run_id: str | None = None,
        wait: bool = True,
        progress: bool | None = None,
    ) -> TrainingDataset:
        """Lets the cluster build one version of a training dataset; no row passes through this client.

        ``source``: a request made by :meth:`features`, or names of features. ``data_format``: `tfrecords`, `parquet`, `csv` or
        `tsv`. ``compression``: `gzip` or `zlib` for TFRecord, `gzip` for text. ``labels``: features to be predicted. ``shards``:
        number of files, chosen by size when left out, or ``shard_bytes``: about what each should have before compression.
        ``nulls``, in TFRecord: `error`, `default` or `omit`. ``strict``: refuse to narrow float64. ``string_features``: `fixed_len`
        or `var_len`. ``job_name``, ``dependencies``, ``statistics``: as for feature groups. ``run_id``: idempotency key. ``wait``:
        False returns when the build has started; its ``run`` can then be watched. ``progress``: as in :meth:`Run.wait`. A version
        whose build has failed while waiting is taken away again, unless it has a ``run_id``.
        Raises ``AlreadyExists``, all that reading the request would, ``NotSupported`` for a frame as source or a format that is not
        offered, ``ValueError`` for an unknown format, and what the build failed with, such as ``NullValues``.

        >>> dataset = store.create_training_dataset("budgets", ["team_budget", "team_position"], data_format="parquet", shards=2)
        >>> dataset.rows, len(dataset.manifest["shards"])
        (50, 2)
        """
        if not isinstance(source, FeatureRequest):
            source = self.features(feature_names(source))
        message = {
            "name": name,
            "version": version or 0,
            "description": description,
            "source": source.message,
            "labels": list(labels),
            "dataFormat": data_format_value(data_format),
            "compression": compression_value(compression),
            "shards": shards or 0,
            "shardBytes": str(shard_bytes or 0),
            "nullPolicy": null_policy_value(nulls),
            "strict": strict,
            "stringFeatures": string_features or "",
            "jobName": job_name or "",
            "dependencies": [dependency(item) for item in dependencies],
            "runId": run_id or "",
        }
        if statistics is not None:
            message["statistics"] = dict(statistics)
        answer = self.connection.call("mangonel.training_dataset.create", message)
        run = Run(self.connection, answer["run"])
        dataset = TrainingDataset(self.connection, answer["trainingDataset"], run)
        if wait:
            try:
                run.wait(progress)
            except Unavailable:
                # Nobody knows how the build ended; it may still.
                raise
            except BaseException:
                if run_id is None:
                    self._delete_if_unbuilt(dataset)
                raise
            dataset.detail()
        return dataset

    @staticmethod
    def _delete_if_unbuilt(dataset: TrainingDataset) -> None:
        # As for a feature group without rows: the name is free for the next try.
        try:
            if not dataset.detail().get("path"):
                dataset.delete()
        except Exception:  # noqa: BLE001
            pass

    # Runs

    def runs(self, limit: int = 100) -> list[Run]:
        """Runs, newest first; ``limit``: at most so many."""
        answer = self.connection.call("mangonel.run.list", {"limit": limit}, idempotent=True)
        progress = {now["runId"]: now for now in answer.get("progress", ())}
        return [Run(self.connection, record, progress.get(record["id"])) for record in answer.get("runs", ())]

    def run(self, run_id: str) -> Run:
        """One run. Raises ``NotFound``."""
        return Run(self.connection, {"id": run_id}).refresh()

    # Garbage

    def garbage(
        self, older_than: float | timedelta = timedelta(days=1), *, even_young: bool = False, paths: int = 0
    ) -> dict[str, Any]:
        """What lies in the warehouse, of all projects, and nobody can ever need again. Removes nothing.

        ``older_than``: only what has not been touched for so long (seconds or a timedelta), an hour at least unless ``even_young``.
        ``paths``: files that are named of each class, at most. The answer has `classes`, each with `kind`, `why`, `files`, `bytes`
        and `oldestMs`; and `kept`, what was left alone and why.

        >>> store.garbage().get("deleted", False)
        False
        """
        return self._garbage("list", older_than, even_young, paths)

    def delete_garbage(
        self, older_than: float | timedelta = timedelta(days=1), *, even_young: bool = False, paths: int = 0
    ) -> dict[str, Any]:
        """Removes what :meth:`garbage` shows, and answers the same of what was removed. Inserts that were begun and never committed
        are cancelled.

        >>> store.delete_garbage(older_than=7 * 86400)["deleted"]
        True
        """
        return self._garbage("delete", older_than, even_young, paths)

    def _garbage(self, verb: str, older_than: float | timedelta, even_young: bool, paths: int) -> dict[str, Any]:
        seconds = older_than.total_seconds() if isinstance(older_than, timedelta) else older_than
        request = {"olderThanS": str(int(seconds)), "evenYoung": even_young, "paths": paths}
        return self.connection.call(f"mangonel.garbage.{verb}", request, idempotent=verb == "list")

    def __repr__(self) -> str:
        return f"<FeatureStore {self.name} at {self.connection.url}>"

    def _repr_html_(self) -> str:
        about = {"server": self.connection.url, "look at": ["feature_groups()", "training_datasets()", "features([...])"]}
        return html.facts(f"Feature store {self.name}", about)


def _check_types_known(schema: pa.Schema) -> None:
    """A column without any value has no type that a feature could take."""
    unknown = [field.name for field in schema if pa.types.is_null(field.type)]
    if unknown:
        raise SchemaMismatch(
            f"no value in {', '.join(unknown)}, so that the type is unknown: give it one, as with astype or a pyarrow.Schema",
            names=unknown,
        )


def dependency(item: Any) -> dict[str, Any]:
    """A dependency as messages have it: a path, a feature group or a training dataset."""
    if isinstance(item, FeatureGroup):
        return {"kind": "DEPENDENCY_KIND_FEATURE_GROUP", "name": item.name, "version": item.version}
    if isinstance(item, TrainingDataset):
        return {"kind": "DEPENDENCY_KIND_TRAINING_DATASET", "name": item.name, "version": item.version}
    return {"kind": "DEPENDENCY_KIND_PATH", "name": str(item)}


def feature_names(source: Any) -> list[str]:
    """Names of features, out of what the caller gave as source."""
    if isinstance(source, str):
        return [source]
    if isinstance(source, (list, tuple)) and all(isinstance(name, str) for name in source):
        return list(source)
    raise NotSupported(
        f"a training dataset is built by the cluster from features, not from a {type(source).__name__}: pass the names of the "
        "features, or a request made by features([...]); data of your own goes into a feature group first"
    )


