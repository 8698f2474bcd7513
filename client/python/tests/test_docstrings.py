"""Everything public says what it is, and the examples do what they show."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import uuid
from types import ModuleType
from typing import Iterator

import pytest
import tour

import mangonel
from mangonel import FeatureStore, featurestore

MODULES = [importlib.import_module(f"mangonel.{found.name}") for found in pkgutil.iter_modules(mangonel.__path__)]


@pytest.fixture(scope="module")
def toured(url: str) -> FeatureStore:
    """The tour's schema with its training dataset, once for all examples: those that write use names of their own."""
    store = featurestore.connect(url, f"p{uuid.uuid4().hex[:12]}x")
    tour.create()
    store.create_training_dataset(
        "team_position_prediction", ["team_budget", "team_position"], labels=["team_position"], shards=2
    )
    return store


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_run(toured: FeatureStore, monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    monkeypatch.setattr(featurestore, "_default", toured)
    names = {"store": toured, "featurestore": featurestore}
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    for example in doctest.DocTestFinder().find(module, extraglobs=names):
        runner.run(example, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Public functions and classes of a module, and public methods and properties of the classes."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value) or inspect.isclass(value):
            yield f"{module.__name__}.{name}", value
        if inspect.isclass(value):
            for member, of in vars(value).items():
                if not member.startswith("_") and (inspect.isfunction(of) or isinstance(of, (property, classmethod, staticmethod))):
                    yield f"{module.__name__}.{name}.{member}", of


def test_everything_public_has_a_docstring() -> None:
    silent = [name for module in MODULES for name, value in public(module) if not (getattr(value, "__doc__", None) or "").strip()]
    assert silent == []


def test_functions_and_objects_have_examples() -> None:
    # What refuses has nothing to show.
    functions = [value for name, value in public(featurestore) if inspect.isfunction(value)]
    without = [value.__name__ for value in functions if ">>>" not in value.__doc__]
    # Those of tags are shown together, where a tag is set.
    assert [name for name in without if not name.endswith(("_tag", "_tags")) and name != "connect"] == []
    objects = ["FeatureGroup", "FeatureRequest", "FeatureStore", "InsertSession", "Rows", "Run", "TrainingDataset"]
    assert [name for name in objects if ">>>" not in getattr(mangonel, name).__doc__] == []
