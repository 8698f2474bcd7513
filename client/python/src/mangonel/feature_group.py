"""Feature groups: one version of one, and inserts into it."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import pyarrow as pa

from . import html, insert, metadata
from .connection import Connection, to_base64
from .insert import InsertParts, InsertSession
from .rows import Rows
from .run import Run
from .times import Moment, as_of_field


class FeatureGroup:
    """One version of a feature group. ``record`` is the catalog's, as of the last look.

    >>> group = store.feature_group("teams_features")
    >>> group.primary_key, group.types["team_budget"]
    (['team_id'], 'float')
    """

    def __init__(self, connection: Connection, record: Mapping[str, Any]) -> None:
        self._connection = connection
        self.record = dict(record)

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
    def types(self) -> dict[str, str]:
        """Type of each feature, in the catalog's spelling (`long`, `double`, `array<string>`, ...)."""
        return insert.feature_types(self.record)

    @property
    def primary_key(self) -> list[str]:
        """Columns of the entity key, in declared order."""
        return list(self.record.get("primaryKey", ()))

    @property
    def event_time(self) -> str | None:
        """Column that says when a row became true, if there is one."""
        return self.record.get("eventTime") or None

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
        """The group with the state of its table, as the server tells it: `rows`, `bytes`, `files`, `tableVersion`, `url`."""
        return self._connection.call("mangonel.feature_group.show", self._ref(), idempotent=True)

    @property
    def rows(self) -> int:
        """Rows of the table now; asks the server."""
        return int(self.detail().get("rows", 0))

    @property
    def url(self) -> str:
        """Where the Delta table is, for tools that read such tables themselves; asks the server."""
        return str(self.detail()["url"])

    def partitions(self) -> list[dict[str, Any]]:
        """The partitions that have rows, sorted by name: `name` as Hive tools show it (`year=2020/kind=a`), `values` by column,
        `rows`, `bytes` and `files`. Empty when the group is not partitioned.

        >>> store.feature_group("teams_features").partitions()
        []
        """
        answer = self._connection.call("mangonel.feature_group.partitions", self._ref(), idempotent=True)
        return [
            {
                "name": partition["name"],
                "values": {value["column"]: value.get("value") for value in partition.get("values", ())},
                **{count: int(partition.get(count, 0)) for count in ("rows", "bytes", "files")},
            }
            for partition in answer.get("partitions", ())
        ]

    def read(self, *, as_of: Moment | None = None, table_version: int | None = None) -> Rows:
        """Every row of the version, with all columns; not only the latest of each key.

        ``as_of``: what it held at a time, by the times of commits (see :data:`mangonel.times.Moment`). ``table_version``: what it
        held at a version of its table, as `detail()` counts them. Reading raises ``NotFound`` for what never was.

        >>> store.feature_group("attendances_features").read().to_numpy().shape
        (50, 3)
        """
        message = {"kind": "DEPENDENCY_KIND_FEATURE_GROUP", **self._ref(), **as_of_field(as_of)}
        if table_version is not None:
            message["tableVersion"] = table_version
        return Rows(self._connection, {"read": message})

    def insert(
        self,
        frame: Any,
        mode: str = "append",
        *,
        run_id: str | None = None,
        parallel: int | None = None,
        wait: bool = True,
        progress: bool | None = None,
    ) -> Run:
        """Inserts the rows of a frame; all of them become visible at once, or none. A frame without rows changes
        nothing; its columns are checked all the same.

        ``frame``: pandas, polars (also lazy), Arrow tables, batches and readers, 2-D or structured numpy arrays, lists of rows or
        of dicts, dicts of columns, Spark frames, feature requests, and iterators of any of these, which need not fit into memory.
        ``mode``: `append`, or `overwrite` to replace all rows. ``run_id``: idempotency key; inserting again with the same one
        inserts once. ``parallel``: streams that upload at the same time, 3 when left out; a frame below 8 MiB needs one. ``wait``:
        False returns when the rows are with the server. ``progress``: as in :meth:`Run.wait`.
        Raises ``CouldNotConvertDataframe``, ``SchemaMismatch`` for other columns or types, ``NullValues`` for nulls in a key.

        >>> run = store.feature_group("games_features").insert([{"home_team_id": 71, "away_team_id": 2, "score": 4}])
        >>> run.state, run.rows
        ('committed', 1)
        """
        run = insert.insert(self._connection, self.record, frame, mode, run_id, parallel)
        return run.wait(progress) if wait else run

    def insert_files(
        self,
        files: str | Sequence[str],
        mode: str = "append",
        *,
        format: str | None = None,
        nulls: Sequence[str] = (),
        delimiter: str | None = None,
        quote: str | None = None,
        run_id: str | None = None,
        wait: bool = True,
        progress: bool | None = None,
    ) -> Run:
        """Inserts the rows of files that the server reads itself, all of them at once or none: no row passes through this client.

        ``files``: paths or URLs below an import root of the server (`mangonel up --import-root DIR`); `*`, `?` and `**` stand for
        parts of names. ``format``: `csv`, `tsv`, `jsonl`, `parquet` or `arrow`, as the endings say when left out. ``nulls``: texts
        that mean null in CSV and TSV. ``delimiter``, ``quote``: one character each. ``mode``, ``run_id``, ``wait``, ``progress``:
        as in :meth:`insert`.
        Raises ``PermissionDenied`` for what is below no root, ``InvalidArgument`` for what is no file or cannot be read.
        """
        named = [files] if isinstance(files, str) else list(files)
        reading = {"format": format, "nulls": list(nulls), "delimiter": delimiter, "quote": quote}
        run = insert.insert_files(self._connection, self.record, named, mode, run_id, reading)
        return run.wait(progress) if wait else run

    def insert_session(self, mode: str = "append", *, run_id: str | None = None) -> InsertSession:
        """Begins one insert that several clients can upload parts of: see :class:`InsertSession`.

        ``mode``: `append` or `overwrite`. ``run_id``: idempotency key, which becomes the token; one of the server's when left out.
        """
        return InsertSession(self._connection, self.record, mode, run_id)

    def join_session(self, token: str) -> InsertParts:
        """Joins the session that another client has begun, to upload parts of it. ``token``: :attr:`InsertSession.token`. Whoever
        began it commits, and must :meth:`InsertSession.add` the names of the parts.

        Raises ``NotFound``, ``Conflict`` for a session that has ended, ``InvalidArgument`` for one into another group.
        """
        return insert.join(self._connection, self.record, token)

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
        update; raises ``Conflict`` if somebody has changed the record since. Raises ``FeatureNotFound`` for descriptions of others.

        >>> group = store.feature_group("teams_features")
        >>> revision = group.update(owner="data team", tags={"season": "2020"})
        >>> group.owner, group.tags["season"]
        ('data team', '2020')
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

    def evolve(
        self, features: Mapping[str, str], *, descriptions: Mapping[str, str] | None = None, wait: bool = True
    ) -> Run | None:
        """Adds features, null in the rows that are there, or makes integers wider (`byte`, `short`, `integer`, `long`).

        ``features``: type of each, by name. ``descriptions``: of features, by name. Returns the run that writes the files anew
        with wider types, or None when nothing has to be written. ``wait``: False returns while it works; the record is as it was
        until :meth:`detail` is asked again. Raises ``SchemaMismatch`` for other changes of a type: they need a new version.

        >>> group = store.create_feature_group("stadiums", [{"stadium_id": 1}])
        >>> group.evolve({"seats": "integer"}, descriptions={"seats": "of all stands"})
        >>> group.types["seats"]
        'integer'
        >>> group.delete()
        """
        descriptions = descriptions or {}
        asked: list[dict[str, str]] = []
        for name in {**features, **descriptions}:
            feature = {"name": name, "type": features.get(name) or self.types.get(name, "")}
            if name in descriptions:
                feature["description"] = descriptions[name]
            asked.append(feature)
        answer = self._connection.call("mangonel.feature_group.evolve", {**self._ref(), "features": asked})
        run = Run(self._connection, answer["run"]) if "run" in answer else None
        if run is not None:
            if not wait:
                return run
            run.wait()
        self.record = self.detail()["featureGroup"]
        return run

    def compact(self, *, wait: bool = True) -> Run:
        """Writes the files anew as fewer ones, so that readers merge less; the server does it by itself after many small inserts.
        Rows and versions of before stay as they are. ``wait``: False returns while the run works.

        >>> store.feature_group("games_features").compact().state
        'committed'
        """
        run = Run(self._connection, self._connection.call("mangonel.feature_group.compact", self._ref()))
        return run.wait() if wait else run

    def delete(self) -> None:
        """Takes the version out of the catalog. Raises ``FeaturegroupNotFound`` when it is gone already."""
        self._connection.call("mangonel.feature_group.delete", self._ref())

    def __repr__(self) -> str:
        return f"<FeatureGroup {self.name}_{self.version}: {', '.join(self.features)}>"

    def _repr_html_(self) -> str:
        about = {
            "description": self.description,
            "primary key": self.primary_key,
            "event time": self.event_time,
            "owner": self.owner,
            "tags": self.tags,
        }
        rows = [(feature["name"], feature["type"], feature.get("description", "")) for feature in self.record.get("features", ())]
        return html.facts(f"Feature group {self.name}_{self.version}", about, ["feature", "type", "description"], rows)


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
