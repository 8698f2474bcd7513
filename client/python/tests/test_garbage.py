"""Garbage is listed and removed from Python; what is young is protected."""

from __future__ import annotations

import pytest

import mangonel
from mangonel.errors import InvalidArgument


def test_what_is_young_is_protected(store: mangonel.FeatureStore) -> None:
    group = store.create_feature_group("teams", [{"id": 1}])
    begun = store.connection.call("mangonel.insert.begin", {"featureGroup": "teams", "mode": "INSERT_MODE_APPEND"})
    listed = store.garbage(paths=5)
    assert int(listed["olderThanS"]) == 86400
    assert "abandoned" not in str(listed.get("classes", ()))
    with pytest.raises(InvalidArgument, match="younger than an hour"):
        store.delete_garbage(older_than=60)
    young = store.garbage(0, even_young=True)
    kinds = {entry["kind"] for entry in young["classes"]}
    assert "GARBAGE_KIND_ABANDONED_UPLOAD" in kinds
    assert store.run(begun["run"]["id"]).state == "prepared"
    assert group.rows == 1


def test_what_was_given_up_goes(store: mangonel.FeatureStore) -> None:
    store.create_feature_group("teams", [{"id": 1}])
    begun = store.connection.call("mangonel.insert.begin", {"featureGroup": "teams", "mode": "INSERT_MODE_APPEND"})
    removed = store.delete_garbage(0, even_young=True, paths=5)
    assert removed["deleted"]
    run = store.run(begun["run"]["id"])
    assert run.state == "cancelled"
    assert run.record["error"].startswith("abandoned")
    assert store.feature_group("teams").rows == 1
