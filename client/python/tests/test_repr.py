"""How things look in a notebook: useful, and without asking the server, which may be gone."""

from __future__ import annotations

import tour

import mangonel
from mangonel import FeatureStore, errors
from mangonel.connection import Connection


def test_things_say_what_they_are(store: FeatureStore) -> None:
    tour.create()
    group = store.feature_group("teams_features")
    assert repr(store) == f"<FeatureStore {store.name} at {store.connection.url}>"
    assert repr(group) == "<FeatureGroup teams_features_1: team_id, team_budget, team_position>"
    request = store.features(["team_budget", "sum_attendance"], versions={"teams_features": 1})
    dataset = store.create_training_dataset("d", request, labels=["team_budget"], shards=2)
    run = dataset.run
    assert run is not None and repr(run) == f"<Run {run.id} committed>"
    for thing, words in [
        (store, ["Feature store", store.connection.url]),
        (group, ["teams_features_1", "primary key: team_id", "<td>team_budget</td><td>float</td>"]),
        (request, ["team_budget, sum_attendance", "versions: teams_features=1", "join key: inferred"]),
        (dataset, ["Training dataset d_1", "format: tfrecords", "rows: 50", "<td>label</td>"]),
        (run, ["state: committed", "target: d_1", "rows: 50"]),
        (group.read(), ["Rows of teams_features_1"]),
        (store.sql("SELECT 1 < 2"), ["SELECT 1 &lt; 2"]),
    ]:
        html = thing._repr_html_()
        assert [word for word in words if word not in html] == []


def test_nothing_asks_the_server() -> None:
    gone = FeatureStore(Connection("grpc://127.0.0.1:1", "football"))
    record = {"name": "teams", "version": 2, "features": [{"name": "id", "type": "long", "description": "<b>key</b>"}]}
    things = [
        gone,
        gone.features("x"),
        gone.sql("SELECT 1"),
        mangonel.FeatureGroup(gone.connection, record),
        mangonel.FeatureGroup(gone.connection, {"name": "teams", "version": 1}),
        mangonel.TrainingDataset(gone.connection, record),
        mangonel.TrainingDataset(gone.connection, {"name": "d", "version": 1}),
        mangonel.Run(gone.connection, {"id": "r"}),
    ]
    for thing in things:
        assert repr(thing).startswith("<") and thing._repr_html_().startswith("<div>")
    assert "&lt;b&gt;key&lt;/b&gt;" in things[3]._repr_html_()
    assert errors.MangonelError("text").problems == []
