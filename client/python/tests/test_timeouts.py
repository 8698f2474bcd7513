"""A server that is silent, and runs that take long: the caller says how long to wait."""

from __future__ import annotations

import socket
import time

import pandas as pd
import pytest

import mangonel
from mangonel.errors import TimedOut, Unavailable


def test_a_server_that_never_answers_is_not_waited_for_longer_than_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(TimedOut, match="silent for too long"):
            mangonel.connect(f"grpc://127.0.0.1:{silent.getsockname()[1]}", timeout=0.5)
        # Once: trying again would make the wait longer than was asked for.
        assert time.monotonic() - began < 3
    assert issubclass(TimedOut, Unavailable) and issubclass(TimedOut, TimeoutError)


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_limit_that_is_none_is_refused(timeout: float) -> None:
    with pytest.raises(ValueError, match="more than 0 seconds"):
        mangonel.connect("grpc://127.0.0.1:1", timeout=timeout)


def test_a_run_that_takes_longer_goes_on(store: mangonel.FeatureStore) -> None:
    rows = range(20_000)
    for side in ("a", "b"):
        frame = pd.DataFrame({"k": [row % 10 for row in rows], f"{side}_id": rows, side: rows})
        store.create_feature_group(f"side_{side}", frame, primary_key=["k", f"{side}_id"])
    # 40 million rows.
    request = store.features(["side_a.a", "side_b.b"], join_key="k", root="side_a")
    store.create_training_dataset("large", request, shards=4, wait=False)
    run = store.runs()[0]
    assert run.step
    began = time.monotonic()
    with pytest.raises(TimedOut, match=f"{run.id} has not ended within 0.5 s .* goes on.*cancel"):
        run.wait(timeout=0.5)
    assert time.monotonic() - began < 3
    assert run.refresh().state == "prepared"
    assert run.cancel().state == "cancelled"
    assert run.step == ""
