"""The tour's feature groups: five small groups about football teams, and one training dataset over four of them."""

from __future__ import annotations

import pandas as pd

from mangonel import featurestore

TEAMS = 50
TRAINING_FEATURES = [
    "team_budget", "team_position",
    "average_attendance", "sum_attendance",
    "average_player_age", "sum_player_age", "average_player_rating", "sum_player_rating",
    "average_player_worth", "sum_player_worth",
    "average_position", "sum_position",
]  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    team = pd.Series(range(1, TEAMS + 1), dtype="int32")
    ratio = team.astype("float32")
    return {
        "games_features": pd.DataFrame(
            {"home_team_id": team, "away_team_id": team[::-1].reset_index(drop=True), "score": (team * 7 % 5).astype("int32")}
        ),
        "season_scores_features": pd.DataFrame(
            {"team_id": team, "average_position": ratio / 20, "sum_position": ratio}
        ),
        "attendances_features": pd.DataFrame(
            {"team_id": team, "average_attendance": ratio * 100, "sum_attendance": ratio * 2000}
        ),
        "players_features": pd.DataFrame(
            {
                "team_id": team,
                "average_player_age": ratio / 4 + 20, "sum_player_age": ratio * 5,
                "average_player_rating": ratio * 3, "sum_player_rating": ratio * 60,
                "average_player_worth": ratio * 11, "sum_player_worth": ratio * 220,
            }
        ),
        "teams_features": pd.DataFrame({"team_id": team, "team_budget": ratio * 1000, "team_position": team}),
    }  # fmt: skip


def create() -> dict[str, pd.DataFrame]:
    """Creates the groups; the primary key is the first column."""
    created = frames()
    for name, frame in created.items():
        featurestore.create_featuregroup(frame, name, description=f"{name} of a season")
    return created
