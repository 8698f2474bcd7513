"""Training datasets: one version of one."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from . import html, metadata, tf_schema
from .connection import Connection
from .errors import NotSupported, TFRecordSchemaNotFound, TrainingDatasetNotFound
from .rows import FeatureRequest, Rows
from .run import Run

DATA_FORMATS = {
    "tfrecords": "DATA_FORMAT_TFRECORD",
    "tfrecord": "DATA_FORMAT_TFRECORD",
    "parquet": "DATA_FORMAT_PARQUET",
    "csv": "DATA_FORMAT_CSV",
    "tsv": "DATA_FORMAT_TSV",
}
_NOT_OFFERED = {
    "hdf5": "use parquet, and to_numpy() when a file of one array is wanted",
    "petastorm": "use parquet, which Petastorm's make_batch_reader reads",
    "image": "use tfrecords with a binary feature",
    "npy": "it comes with a later release; use parquet and to_numpy()",
    "orc": "it comes with a later release; use parquet",
    "avro": "it comes with a later release; use parquet",
}
COMPRESSIONS = {
    "none": "COMPRESSION_NONE",
    "gzip": "COMPRESSION_GZIP",
    "zlib": "COMPRESSION_ZLIB",
}
NULL_POLICIES = {
    "error": "NULL_POLICY_ERROR",
    "default": "NULL_POLICY_DEFAULT",
    "omit": "NULL_POLICY_OMIT",
}


def data_format_value(name: str) -> str:
    """A data format as messages have it."""
    if name in _NOT_OFFERED:
        raise NotSupported(f"data format {name} is not offered: {_NOT_OFFERED[name]}")
    if name not in DATA_FORMATS:
        raise ValueError(f"data format is `{name}`: it must be one of {', '.join(DATA_FORMATS)}")
    return DATA_FORMATS[name]


def compression_value(name: str | None) -> str:
    """A compression as messages have it."""
    name = name or "none"
    if name not in COMPRESSIONS:
        raise ValueError(f"compression is `{name}`: it must be one of {', '.join(COMPRESSIONS)}")
    return COMPRESSIONS[name]


def null_policy_value(name: str | None) -> str:
    """A null policy as messages have it."""
    if name is None:
        return "NULL_POLICY_UNSPECIFIED"
    if name not in NULL_POLICIES:
        raise ValueError(f"nulls is `{name}`: it must be one of {', '.join(NULL_POLICIES)}")
    return NULL_POLICIES[name]


class TrainingDataset:
    """One version of a training dataset. ``record`` is the catalog's, as of the last look; ``run`` is the build of one that this
    client has created.

    >>> dataset = store.training_dataset("team_position_prediction")
    >>> dataset.data_format, dataset.rows, dataset.labels
    ('tfrecords', 50, ['team_position'])
    """

    def __init__(self, connection: Connection, record: Mapping[str, Any], run: Run | None = None) -> None:
        self._connection = connection
        self.record = dict(record)
        self.run = run

    @property
    def name(self) -> str:
        """Name without the version."""
        return str(self.record["name"])

    @property
    def version(self) -> int:
        """1, 2, ..."""
        return int(self.record.get("version", 0))

    @property
    def description(self) -> str:
        """What people say it is; may be empty."""
        return str(self.record.get("description", ""))

    @property
    def features(self) -> list[str]:
        """Names of the features, in the order of the columns."""
        return [feature["name"] for feature in self.record.get("features", ())]

    @property
    def labels(self) -> list[str]:
        """Which of the features are labels."""
        return list(self.record.get("labels", ()))

    @property
    def data_format(self) -> str:
        """`tfrecords`, `parquet`, `csv` or `tsv`."""
        name = str(self.record.get("dataFormat", "")).removeprefix("DATA_FORMAT_").lower()
        return "tfrecords" if name == "tfrecord" else name

    @property
    def compression(self) -> str:
        """`none`, `gzip` or `zlib`: what TensorFlow must be told, in capitals, unless it is `none`."""
        return str(self.record.get("compression", "")).removeprefix("COMPRESSION_").lower() or "none"

    @property
    def tags(self) -> dict[str, str]:
        """Tags that people have set, by name."""
        return dict(self.record.get("tags", {}))

    @property
    def owner(self) -> str:
        """Who answers questions about it; may be empty."""
        return str(self.record.get("owner", ""))

    def _ref(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version}

    def detail(self) -> dict[str, Any]:
        """The dataset with its folder (`path`), managed schema (`tfRecordSchema`) and `manifest`, as the server tells it."""
        detail = self._connection.call("mangonel.training_dataset.show", self._ref(), idempotent=True)
        self.record = detail["trainingDataset"]
        return detail

    @property
    def path(self) -> str:
        """Folder of the committed shards (`part-r-00000`, ...): a path on a local warehouse, else a URL; asks the server. Raises
        ``TrainingDatasetNotFound`` before the first build has committed."""
        return str(self._committed(self.detail()).get("path", ""))

    @property
    def manifest(self) -> dict[str, Any]:
        """The committed shards with rows, bytes and checksums, and the table versions that they were built from; asks the
        server."""
        manifest: dict[str, Any] = json.loads(self._committed(self.detail())["manifest"])
        return manifest

    @property
    def rows(self) -> int:
        """Rows of the committed generation; asks the server."""
        self._committed(self.detail())
        return int(self.record["generation"].get("rows", 0))

    def _committed(self, detail: dict[str, Any]) -> dict[str, Any]:
        if not detail.get("path"):
            raise TrainingDatasetNotFound(
                f"training dataset `{self.name}_{self.version}` has no committed shards yet: wait for its build",
                names=[f"{self.name}_{self.version}"],
            )
        return detail

    @property
    def schema_json(self) -> dict[str, dict[str, Any]]:
        """The managed TFRecord schema as plain data: `{column: {"feature", "type", "shape"?}}`. Raises
        ``TFRecordSchemaNotFound`` for other formats.

        >>> store.training_dataset("team_position_prediction").schema_json["team_position"]
        {'feature': 'fixed_len', 'type': 'int'}
        """
        return self._schema(self._committed(self.detail()))

    def _schema(self, detail: dict[str, Any]) -> dict[str, dict[str, Any]]:
        text = detail.get("tfRecordSchema")
        if not text:
            raise TFRecordSchemaNotFound(
                f"training dataset `{self.name}_{self.version}` is stored as {self.data_format}, which has no TFRecord schema"
            )
        return tf_schema.parse(text)

    def tf_record_schema(self) -> dict[str, Any]:
        """`{column: tf.io.FixedLenFeature | tf.io.VarLenFeature}`, for `tf.io.parse_example`. Raises as
        :attr:`schema_json`, and ``ImportError`` without TensorFlow."""
        return tf_schema.to_tensorflow(self.schema_json)

    def read(self) -> Rows:
        """The rows, shard after shard, in the types of the features; executors and the server decode them. What TFRecord cannot
        hold stays lost: a `double` has the digits of a float, and structs are flattened to `a.b`.

        >>> store.training_dataset("team_position_prediction").read().to_pandas().shape
        (50, 2)
        """
        return Rows(self._connection, {"read": {"kind": "DEPENDENCY_KIND_TRAINING_DATASET", **self._ref()}})

    def insert(
        self,
        source: FeatureRequest | None = None,
        *,
        shards: int | None = None,
        run_id: str | None = None,
        wait: bool = True,
        progress: bool | None = None,
    ) -> Run:
        """Lets the cluster build the next generation, from the latest rows of the feature groups, with the settings of the one
        before.

        ``source``: a request made by :meth:`FeatureStore.features`, if rows shall come from elsewhere; its columns must be those of
        the dataset. ``shards``: as before when left out. ``run_id``: idempotency key. ``wait``: False returns when the build has
        started. ``progress``: as in :meth:`Run.wait`. Readers see the old generation until the new one is committed.
        Raises ``InvalidArgument`` for other columns, and what the build failed with.
        """
        message: dict[str, Any] = {**self._ref(), "shards": shards or 0, "runId": run_id or ""}
        if source is not None:
            message["source"] = source.message
        answer = self._connection.call("mangonel.training_dataset.insert", message)
        self.run = Run(self._connection, answer["run"])
        return self.run.wait(progress) if wait else self.run

    def rebuild(self, progress: bool | None = None) -> Run:
        """Builds the committed generation once more from its pinned inputs, compares every shard, and keeps nothing. Raises
        ``Conflict`` with the shards that came out otherwise."""
        run = Run(self._connection, self._connection.call("mangonel.training_dataset.rebuild", self._ref()))
        return run.wait(progress)

    def update(
        self,
        *,
        description: str | None = None,
        owner: str | None = None,
        tags: Mapping[str, str] | None = None,
        remove_tags: Sequence[str] = (),
        descriptions: Mapping[str, str] | None = None,
        expected_revision: int | None = None,
    ) -> int:
        """Changes what is given and leaves the rest; returns the revision of the record. See :meth:`FeatureGroup.update`."""
        message = metadata.message(
            {"kind": "DEPENDENCY_KIND_TRAINING_DATASET", **self._ref()},
            description,
            owner,
            tags,
            remove_tags,
            descriptions,
            expected_revision,
        )
        revision = metadata.update(self._connection, message)
        self.detail()
        return revision

    def verify(self) -> dict[str, Any]:
        """Lets the server read every shard again and compare it with the manifest; `problems` is empty when all is well.

        >>> store.training_dataset("team_position_prediction").verify()["problems"]
        []
        """
        report = self._connection.call("mangonel.training_dataset.verify", self._ref())
        return {
            "shards": report.get("shards", 0),
            "rows": int(report.get("rows", 0)),
            "bytes": int(report.get("bytes", 0)),
            "problems": report.get("problems", []),
        }

    def delete(self) -> None:
        """Takes the version out of the catalog. Raises ``TrainingDatasetNotFound`` when it is gone already."""
        self._connection.call("mangonel.training_dataset.delete", self._ref())

    def __repr__(self) -> str:
        return f"<TrainingDataset {self.name}_{self.version}: {', '.join(self.features)}>"

    def _repr_html_(self) -> str:
        generation = self.record.get("generation", {})
        about = {
            "description": self.description,
            "format": self.data_format,
            "compression": self.compression if self.compression != "none" else None,
            "rows": int(generation.get("rows", 0)) or None,
            "shards": generation.get("shards"),
            "owner": self.owner,
            "tags": self.tags,
        }
        labels = set(self.labels)
        features = self.record.get("features", ())
        rows = [(feature["name"], feature["type"], "label" if feature["name"] in labels else "") for feature in features]
        return html.facts(f"Training dataset {self.name}_{self.version}", about, ["feature", "type", ""], rows)
