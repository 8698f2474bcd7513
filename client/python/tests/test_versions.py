"""Which version is meant when none is given, and inserts that may be repeated."""

from __future__ import annotations

import pandas as pd
import pytest

from mangonel import FeatureStore, errors, featurestore, statistics


def teams(factor: float) -> pd.DataFrame:
    return pd.DataFrame({"team_id": [1, 2], "budget": [1.0 * factor, 2.0 * factor]})


def total(frame: pd.DataFrame) -> float:
    return frame["budget"].sum()


def test_functions_mean_version_1_and_requests_the_latest(store: FeatureStore) -> None:
    featurestore.create_featuregroup(teams(1), "teams")
    featurestore.create_featuregroup(teams(10), "teams", featuregroup_version=2)
    assert featurestore.get_featuregroups() == ["teams_1", "teams_2"]
    assert featurestore.get_latest_featuregroup_version("teams") == 2
    assert total(featurestore.get_featuregroup("teams")) == 3
    assert total(featurestore.get_featuregroup("teams", featuregroup_version=2)) == 30
    assert total(featurestore.get_feature("budget")) == 30
    assert total(featurestore.get_feature("budget", featuregroup_version=1)) == 3
    assert total(featurestore.get_feature("budget", featuregroup="teams")) == 3
    assert total(featurestore.get_features(["budget"])) == 30
    assert total(featurestore.get_features(["budget"], featuregroups_version_dict={"teams": 1})) == 3
    assert total(featurestore.get_features(["teams_1.budget"])) == 3
    assert total(store.feature_group("teams").read().to_pandas()) == 30
    assert total(store.features("budget", versions={"teams": 1}).to_pandas()) == 3
    featurestore.insert_into_featuregroup(teams(1), "teams")
    assert store.feature_group("teams", 1).rows == 4
    assert store.feature_group("teams", 2).rows == 2
    assert store.create_feature_group("teams", teams(100)).version == 3


def test_append_adds_and_overwrite_replaces(store: FeatureStore) -> None:
    featurestore.create_featuregroup(teams(1), "teams")
    featurestore.insert_into_featuregroup(teams(10), "teams")
    assert total(featurestore.get_featuregroup("teams")) == 33
    featurestore.insert_into_featuregroup(teams(100), "teams", mode="overwrite")
    assert total(featurestore.get_featuregroup("teams")) == 300


def test_an_insert_with_a_known_run_id_counts_once(store: FeatureStore) -> None:
    group = store.create_feature_group("teams", teams(1))
    runs = [group.insert(teams(10), run_id="monday") for _ in range(3)]
    assert {run.id for run in runs} == {"monday"}
    assert total(group.read().to_pandas()) == 33
    assert store.run("monday").state == "committed"
    assert "monday" in [run.id for run in store.runs()]


def test_a_group_with_an_event_time_gives_its_latest_rows(store: FeatureStore) -> None:
    frame = pd.DataFrame(
        {"team_id": [1, 1, 2], "at": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-01"]), "budget": [1.0, 2.0, 5.0]}
    )
    featurestore.create_featuregroup(frame, "teams", primary_key=["team_id"], event_time="at")
    assert store.feature_group("teams").event_time == "at"
    assert len(featurestore.get_featuregroup("teams")) == 3
    assert total(featurestore.get_features(["budget"])) == 7


def test_what_the_signatures_carry_is_stored(store: FeatureStore) -> None:
    featurestore.create_featuregroup(
        teams(1),
        "teams",
        primary_key="team_id",
        description="all teams",
        job_name="nightly",
        dependencies=["Resources/teams.csv"],
        feature_correlation=False,
        stat_columns=["budget"],
        num_bins=7,
        corr_method="spearman",
        num_clusters=3,
        descriptions={"budget": "in euros"},
    )
    record = store.feature_group("teams").record
    assert (record["description"], record["jobName"]) == ("all teams", "nightly")
    assert [(made["kind"], made["name"]) for made in record["dependencies"]] == [("DEPENDENCY_KIND_PATH", "Resources/teams.csv")]
    assert record["features"][1]["description"] == "in euros"
    settings = statistics(True, False, True, True, ["budget"], 7, "spearman", 3)
    assert {key: record["statistics"].get(key, False) for key in settings} == settings
    featurestore.create_training_dataset(
        ["team_id", "budget"], "budgets", "money", job_name="build", dependencies=[store.feature_group("teams")], num_bins=9
    )
    record = store.training_dataset("budgets").record
    assert (record["description"], record["jobName"], record["statistics"]["numBins"]) == ("money", "build", 9)
    assert record["dependencies"][0]["name"] == "teams"
    with pytest.warns(UserWarning, match="num_bins"):
        featurestore.insert_into_featuregroup(teams(1), "teams", num_bins=9)


def test_deleted_versions_are_gone(store: FeatureStore) -> None:
    group = store.create_feature_group("teams", teams(1))
    group.delete()
    with pytest.raises(errors.FeaturegroupNotFound):
        store.feature_group("teams", 1)


def test_another_projects_store_goes_by_name(store: FeatureStore, url: str) -> None:
    featurestore.create_featuregroup(teams(1), "teams")
    here = featurestore.project_featurestore()
    featurestore.connect(url, "elsewhere")
    assert "teams_1" not in featurestore.get_featuregroups()
    assert featurestore.get_featuregroups(here) == ["teams_1"]
    assert total(featurestore.get_featuregroup("teams", featurestore=here)) == 3
    assert here in featurestore.get_project_featurestores()
