"""Feature groups: one version of one, and inserts into it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Mapping, Sequence

import pyarrow as pa

from . import frames, metadata
from .connection import Connection, to_base64
from .errors import MangonelError
from .rows import Rows
from .run import Run
from .types import arrow_type

INSERT_MODES = {"append": "INSERT_MODE_APPEND", "overwrite": "INSERT_MODE_OVERWRITE"}

# An upload is cut into parts of this size; some of them are on their way at the same time.
_PART_BYTES = 64 << 20
_PARTS_AT_ONCE = 3


class FeatureGroup:
    """One version of a feature group. ``record`` is the catalog's, as of the last look."""

    def __init__(self, connection: Connection, record: Mapping[str, Any]) -> None:
        self._connection = connection
        self.record = dict(record)

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
    def types(self) -> dict[str, str]:
        """Type of each feature, in the catalog's spelling."""
        return {feature["name"]: feature["type"] for feature in self.record.get("features", ())}

    @property
    def primary_key(self) -> list[str]:
        return list(self.record.get("primaryKey", ()))

    @property
    def event_time(self) -> str | None:
        return self.record.get("eventTime") or None

    def _ref(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version}

    def detail(self) -> dict[str, Any]:
        """The group with the state of its table: `rows`, `bytes`, `files`, `tableVersion`, `url`."""
        return self._connection.call("mangonel.feature_group.show", self._ref(), idempotent=True)

    @property
    def rows(self) -> int:
        return int(self.detail().get("rows", 0))

    @property
    def url(self) -> str:
        """Where the Delta table is, for tools that read such tables themselves."""
        return self.detail()["url"]

    def read(self) -> Rows:
        """Every row of the version."""
        return Rows(self._connection, {"read": {"kind": "DEPENDENCY_KIND_FEATURE_GROUP", **self._ref()}})

    def insert(
        self,
        frame: Any,
        mode: str = "append",
        *,
        run_id: str | None = None,
        wait: bool = True,
        progress: bool | None = None,
    ) -> Run:
        """Inserts the rows of a frame; all of them become visible at once, or none.

        ``mode``: `append`, or `overwrite` to replace all rows. ``run_id``: idempotency key; inserting again with the same one
        inserts once. ``wait``: False returns when the rows are with the server.
        """
        if mode not in INSERT_MODES:
            raise ValueError(f"mode is `{mode}`: it must be append or overwrite")
        reader = frames.to_reader(frame)
        begin = {"featureGroup": self.name, "version": self.version, "mode": INSERT_MODES[mode], "runId": run_id or ""}
        begun = self._connection.call("mangonel.insert.begin", begin)
        run = Run(self._connection, begun["run"])
        if run.state == "prepared":
            try:
                parts = self._upload(begun["uploadTicket"], reader)
            except BaseException:
                if run_id is None:
                    self._forget(run)
                raise
            run.record = self._connection.call("mangonel.insert.commit", {"runId": run.id, "parts": parts})
        return run.wait(progress) if wait else run

    def _upload(self, ticket: str, reader: pa.RecordBatchReader) -> list[str]:
        """Sends the rows as parts; names those that were staged."""
        sent: list[tuple[str, Future[bool]]] = []
        with ThreadPoolExecutor(_PARTS_AT_ONCE) as uploads:
            for number, table in enumerate(frames.parts(reader, _PART_BYTES)):
                if number >= _PARTS_AT_ONCE:
                    # Waits for an earlier part, so that memory holds a few parts only; its error ends the upload.
                    sent[number - _PARTS_AT_ONCE][1].result()
                batches = self._typed(table).to_reader()
                sent.append((part := f"{number:05}", uploads.submit(self._connection.upload, ticket, part, batches)))
        return [part for part, staged in sent if staged.result()]

    def _typed(self, table: pa.Table) -> pa.Table:
        """Columns without any value have no type of their own: they get that of the feature."""
        types = self.types
        for index, field in enumerate(table.schema):
            if pa.types.is_null(field.type) and field.name in types:
                of = arrow_type(types[field.name])
                table = table.set_column(index, pa.field(field.name, of), pa.nulls(table.num_rows, of))
        return table

    @staticmethod
    def _forget(run: Run) -> None:
        """Cancels a run whose upload failed; the failure itself is what is reported."""
        try:
            run.cancel()
        except MangonelError:
            pass

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
        """Changes what is given and leaves the rest; returns the revision of the record.

        ``tags``: to set. ``descriptions``: of features, by name. ``expected_revision``: of `detail()["revision"]` or of an earlier
        update; raises ``Conflict`` if somebody has changed the record since.
        """
        message = metadata.message(
            {"kind": "DEPENDENCY_KIND_FEATURE_GROUP", **self._ref()},
            description,
            owner,
            tags,
            remove_tags,
            descriptions,
            expected_revision,
        )
        revision = metadata.update(self._connection, message)
        self.record = self.detail()["featureGroup"]
        return revision

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.record.get("tags", {}))

    @property
    def owner(self) -> str:
        return self.record.get("owner", "")

    def delete(self) -> None:
        """Takes the version out of the catalog."""
        self._connection.call("mangonel.feature_group.delete", self._ref())

    def __repr__(self) -> str:
        return f"<FeatureGroup {self.name}_{self.version}: {', '.join(self.features)}>"


def create_message(
    name: str,
    schema: pa.Schema,
    primary_key: list[str],
    *,
    version: int | None,
    description: str,
    descriptions: Mapping[str, str] | None,
    **rest: Any,
) -> dict[str, Any]:
    """`CreateFeatureGroup` as JSON."""
    return {
        "name": name,
        "version": version or 0,
        "description": description,
        "arrowSchema": to_base64(schema.serialize().to_pybytes()),
        "features": [{"name": feature, "description": text} for feature, text in (descriptions or {}).items()],
        "primaryKey": primary_key,
        **rest,
    }
