"""Training datasets: one version of one."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from . import metadata, tf_schema
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
    client has created."""

    def __init__(self, connection: Connection, record: Mapping[str, Any], run: Run | None = None) -> None:
        self._connection = connection
        self.record = dict(record)
        self.run = run

    @property
    def name(self) -> str:
        return self.record["name"]

    @property
    def version(self) -> int:
        return self.record.get("version", 0)

    @property
    def description(self) -> str:
        return self.record.get("description", "")

    @property
    def features(self) -> list[str]:
        return [feature["name"] for feature in self.record.get("features", ())]

    @property
    def labels(self) -> list[str]:
        return list(self.record.get("labels", ()))

    @property
    def data_format(self) -> str:
        return self.record.get("dataFormat", "").removeprefix("DATA_FORMAT_").lower()

    @property
    def compression(self) -> str:
        """`none`, `gzip` or `zlib`: what TensorFlow must be told, in capitals, unless it is `none`."""
        return self.record.get("compression", "").removeprefix("COMPRESSION_").lower() or "none"

    def _ref(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version}

    def detail(self) -> dict[str, Any]:
        """The dataset with its folder (`path`), managed schema (`tfRecordSchema`) and `manifest`, as the server tells it."""
        detail = self._connection.call("mangonel.training_dataset.show", self._ref(), idempotent=True)
        self.record = detail["trainingDataset"]
        return detail

    @property
    def path(self) -> str:
        """Folder of the committed shards (`part-r-00000`, ...): a path on a local warehouse, else a URL."""
        return self._committed(self.detail()).get("path", "")

    @property
    def manifest(self) -> dict[str, Any]:
        """The committed shards with rows, bytes and checksums, and the table versions that they were built from."""
        return json.loads(self._committed(self.detail())["manifest"])

    @property
    def rows(self) -> int:
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
        """The managed TFRecord schema as plain data: `{column: {"feature", "type", "shape"?}}`."""
        return self._schema(self._committed(self.detail()))

    def _schema(self, detail: dict[str, Any]) -> dict[str, dict[str, Any]]:
        text = detail.get("tfRecordSchema")
        if not text:
            raise TFRecordSchemaNotFound(
                f"training dataset `{self.name}_{self.version}` is stored as {self.data_format}, which has no TFRecord schema"
            )
        return tf_schema.parse(text)

    def tf_record_schema(self) -> dict[str, Any]:
        """`{column: tf.io.FixedLenFeature | tf.io.VarLenFeature}`, for `tf.io.parse_example`. Needs TensorFlow."""
        return tf_schema.to_tensorflow(self.schema_json)

    def read(self) -> Rows:
        """The rows, shard after shard, in the types of the features; executors and the server decode them. What TFRecord cannot
        hold stays lost: a `double` has the digits of a float, and structs are flattened to `a.b`."""
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
        """Lets the cluster build the next generation, from the latest rows of the feature groups, with the settings of the one before.

        ``source``: a request made by :meth:`FeatureStore.features`, if rows shall come from elsewhere; its columns must be those of
        the dataset. ``shards``: as before when left out. ``run_id``: idempotency key. ``wait``: False returns when the build has
        started. Readers see the old generation until the new one is committed.
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

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.record.get("tags", {}))

    @property
    def owner(self) -> str:
        return self.record.get("owner", "")

    def verify(self) -> dict[str, Any]:
        """Lets the server read every shard again and compare it with the manifest; `problems` is empty when all is well."""
        report = self._connection.call("mangonel.training_dataset.verify", self._ref())
        return {
            "shards": report.get("shards", 0),
            "rows": int(report.get("rows", 0)),
            "bytes": int(report.get("bytes", 0)),
            "problems": report.get("problems", []),
        }

    def delete(self) -> None:
        """Takes the version out of the catalog."""
        self._connection.call("mangonel.training_dataset.delete", self._ref())

    def __repr__(self) -> str:
        return f"<TrainingDataset {self.name}_{self.version}: {', '.join(self.features)}>"
