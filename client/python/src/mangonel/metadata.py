"""What people say of feature groups and training datasets: description, owner, tags, descriptions of features."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .connection import Connection


def message(
    target: Mapping[str, Any],
    description: str | None,
    owner: str | None,
    tags: Mapping[str, str] | None,
    remove_tags: Sequence[str],
    descriptions: Mapping[str, str] | None,
    expected_revision: int | None,
) -> dict[str, Any]:
    """`UpdateMetadata` as JSON. ``target``: kind, name and version. What is None stays as it is."""
    changed = {"description": description, "owner": owner}
    return {
        **target,
        **{field: value for field, value in changed.items() if value is not None},
        "setTags": dict(tags or {}),
        "removeTags": list(remove_tags),
        "featureDescriptions": dict(descriptions or {}),
        "expectedRevision": str(expected_revision or 0),
    }


def update(connection: Connection, message: dict[str, Any]) -> int:
    """Sends the change; the revision of the record after it."""
    return int(connection.call("mangonel.metadata.update", message).get("revision", 0))
