"""Functions of `hops.featurestore` that this release does not offer: they are here so that old code is told what to do instead.
Statistics come later, with these signatures. The others take any arguments, since versions of the old client differ in them."""

from __future__ import annotations

from typing import Any, NoReturn, Sequence

from .errors import NotSupported


def _not_yet(what: str) -> NotSupported:
    return NotSupported(
        f"{what}: statistics come with a later release; their settings are kept already. Until then, compute them on what "
        "get_featuregroup or sql gives back"
    )


def _no_connectors(what: str) -> NotSupported:
    return NotSupported(f"{what}: there are no connectors; the server is started with the warehouse that it writes to")


def get_featuregroup_statistics(
    featuregroup_name: str, featurestore: str | None = None, featuregroup_version: int = 1
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("get_featuregroup_statistics")


def get_training_dataset_statistics(
    training_dataset_name: str, featurestore: str | None = None, training_dataset_version: int = 1
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("get_training_dataset_statistics")


def update_featuregroup_stats(
    featuregroup: str,
    featuregroup_version: int = 1,
    featurestore: str | None = None,
    descriptive_statistics: bool = True,
    feature_correlation: bool = True,
    feature_histograms: bool = True,
    cluster_analysis: bool = True,
    stat_columns: Sequence[str] | None = None,
    num_bins: int = 20,
    num_clusters: int = 5,
    corr_method: str = "pearson",
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("update_featuregroup_stats")


def update_training_dataset_stats(
    training_dataset: str,
    training_dataset_version: int = 1,
    featurestore: str | None = None,
    descriptive_statistics: bool = True,
    feature_correlation: bool = True,
    feature_histograms: bool = True,
    cluster_analysis: bool = True,
    stat_columns: Sequence[str] | None = None,
    num_bins: int = 20,
    num_clusters: int = 5,
    corr_method: str = "pearson",
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("update_training_dataset_stats")


def visualize_featuregroup_distributions(
    featuregroup_name: str,
    featurestore: str | None = None,
    featuregroup_version: int = 1,
    figsize: tuple[int, int] = (16, 12),
    color: str = "lightblue",
    log: bool = False,
    align: str = "center",
    plot: bool = True,
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_featuregroup_distributions")


def visualize_featuregroup_correlations(
    featuregroup_name: str,
    featurestore: str | None = None,
    featuregroup_version: int = 1,
    figsize: tuple[int, int] = (16, 12),
    cmap: str = "coolwarm",
    annot: bool = True,
    fmt: str = ".2f",
    linewidths: float = 0.05,
    plot: bool = True,
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_featuregroup_correlations")


def visualize_featuregroup_clusters(
    featuregroup_name: str,
    featurestore: str | None = None,
    featuregroup_version: int = 1,
    figsize: tuple[int, int] = (16, 12),
    plot: bool = True,
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_featuregroup_clusters")


def visualize_featuregroup_descriptive_stats(
    featuregroup_name: str, featurestore: str | None = None, featuregroup_version: int = 1
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_featuregroup_descriptive_stats")


def visualize_training_dataset_distributions(
    training_dataset_name: str,
    featurestore: str | None = None,
    training_dataset_version: int = 1,
    figsize: tuple[int, int] = (16, 12),
    color: str = "lightblue",
    log: bool = False,
    align: str = "center",
    plot: bool = True,
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_training_dataset_distributions")


def visualize_training_dataset_correlations(
    training_dataset_name: str,
    featurestore: str | None = None,
    training_dataset_version: int = 1,
    figsize: tuple[int, int] = (16, 12),
    cmap: str = "coolwarm",
    annot: bool = True,
    fmt: str = ".2f",
    linewidths: float = 0.05,
    plot: bool = True,
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_training_dataset_correlations")


def visualize_training_dataset_clusters(
    training_dataset_name: str,
    featurestore: str | None = None,
    training_dataset_version: int = 1,
    figsize: tuple[int, int] = (16, 12),
    plot: bool = True,
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_training_dataset_clusters")


def visualize_training_dataset_descriptive_stats(
    training_dataset_name: str, featurestore: str | None = None, training_dataset_version: int = 1
) -> NoReturn:
    """Not yet: raises ``NotSupported``."""
    raise _not_yet("visualize_training_dataset_descriptive_stats")


def create_on_demand_featuregroup(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: raises ``NotSupported``."""
    raise NotSupported(
        "create_on_demand_featuregroup: groups over JDBC are not offered, since a dataset could not be built again from them; "
        "insert the rows that the query gives into a feature group"
    )


def get_storage_connectors(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: raises ``NotSupported``."""
    raise _no_connectors("get_storage_connectors")


def get_storage_connector(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: raises ``NotSupported``."""
    raise _no_connectors("get_storage_connector")


def import_featuregroup_s3(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: raises ``NotSupported``."""
    raise NotSupported(
        "import_featuregroup_s3: there are no connectors; read the files with pyarrow.dataset or polars and pass what comes to "
        "create_featuregroup, which takes streams"
    )


def import_featuregroup_redshift(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: raises ``NotSupported``."""
    raise NotSupported(
        "import_featuregroup_redshift: there are no connectors; run the query with a driver that gives Arrow and pass what comes "
        "to create_featuregroup, which takes streams"
    )


def sync_hive_table_with_featurestore(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: raises ``NotSupported``."""
    raise NotSupported(
        "sync_hive_table_with_featurestore: tables of others are not adopted, since their files are not laid out by key; "
        "pass their rows to create_featuregroup"
    )
