"""What needs no server."""

from __future__ import annotations

import json
import subprocess
import sys

import pyarrow as pa
import pytest

from mangonel import errors, frames, tf_schema
from mangonel.types import arrow_type


def test_only_pyarrow_is_needed() -> None:
    code = """
import sys
for module in ("pandas", "numpy", "polars", "tqdm", "tensorflow", "pyspark"):
    sys.modules[module] = None
import mangonel.featurestore
from mangonel import frames, sources
table = sources.to_reader([[1, "a"], [2, "b"]]).read_all()
assert frames.to_python(table) == [[1, "a"], [2, "b"]]
try:
    frames.to_pandas(table)
except ImportError as error:
    assert "pip install pandas" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_errors_become_classes_with_names_and_problems() -> None:
    message = {
        "code": "ERROR_CODE_NOT_FOUND",
        "message": "feature `x` not found",
        "reason": "FeatureNotFound",
        "names": ["teams_1.y"],
        "problems": [{"code": "ERROR_CODE_AMBIGUOUS", "message": "two", "reason": "FeatureNameCollisionError"}],
    }
    error = errors.from_flight(pa.ArrowKeyError("?"), json.dumps(message).encode())
    assert isinstance(error, errors.FeatureNotFound) and isinstance(error, errors.NotFound)
    assert (error.code, error.names) == ("not_found", ["teams_1.y"])
    assert isinstance(error.problems[0], errors.FeatureNameCollisionError)
    assert str(error) == "2 problems:\n  1. feature `x` not found\n  2. two"


def test_a_status_of_somebody_else_becomes_the_nearest_class() -> None:
    text = "Flight returned invalid argument error, with message: no such thing. gRPC client debug context: more"
    error = errors.from_flight(pa.ArrowInvalid(text), None)
    assert type(error) is errors.InvalidArgument
    assert str(error) == "no such thing"
    # A reason that this client does not know yet falls back to the code.
    newer = errors.from_message({"code": "ERROR_CODE_CONFLICT", "message": "m", "reason": "SomethingNew"})
    assert type(newer) is errors.Conflict


def test_types_are_read_in_the_catalogs_spelling() -> None:
    assert arrow_type("decimal(10,2)") == pa.decimal128(10, 2)
    assert arrow_type("array<array<long>>").value_type.value_type == pa.int64()
    nested = arrow_type("struct<a:string,b:struct<c:decimal(3,1),d:array<date>>>")
    assert nested.field("b").type.field("d").type.value_type == pa.date32()
    with pytest.raises(errors.InvalidArgument, match="geometry"):
        arrow_type("geometry")


def test_schemas_are_inferred_with_every_problem() -> None:
    table = pa.table({"id": [1], "pair": [{"x": 1.0}], "ages": [[1, 2]]})
    assert tf_schema.infer(table) == {
        "ages": {"feature": "fixed_len", "type": "int", "shape": [2]},
        "id": {"feature": "fixed_len", "type": "int"},
        "pair.x": {"feature": "fixed_len", "type": "float"},
    }
    assert tf_schema.infer(table, fixed=False)["ages"] == {"feature": "var_len", "type": "int"}
    wrong = pa.table({"a": pa.array([None], pa.null()), "b": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))})
    with pytest.raises(errors.InferTFRecordSchemaError, match="`a`.*`b`"):
        tf_schema.infer(wrong)


def test_numpy_arrays_keep_lists_as_values() -> None:
    array = frames.to_numpy(pa.table({"id": [1, 2], "ages": [[1, 2], [3, 4]]}))
    assert array.shape == (2, 2)
    assert list(array[1, 1]) == [3, 4]
