"""Python client of Mangonel, a distributed feature store.

    import mangonel

    store = mangonel.connect()
    store.create_feature_group("teams", teams_df, primary_key="team_id")
    store.features(["budget", "average_age"]).to_pandas()
    store.create_training_dataset("team_position", ["budget", "average_age", "position"])

`mangonel.featurestore` has the same as plain functions, with the names and defaults of `hops.featurestore`.
"""

from .errors import MangonelError
from .feature_group import FeatureGroup
from .insert import InsertParts, InsertSession
from .rows import FeatureRequest, Query, Rows
from .run import Run
from .store import FeatureStore, connect, statistics
from .training_dataset import TrainingDataset

__version__ = "0.1.0"

__all__ = [
    "FeatureGroup",
    "FeatureRequest",
    "FeatureStore",
    "InsertParts",
    "InsertSession",
    "MangonelError",
    "Query",
    "Rows",
    "Run",
    "TrainingDataset",
    "connect",
    "statistics",
]
