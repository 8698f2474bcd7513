"""Tables as the kind of frame that is asked for. Everything but Arrow is imported only when it is asked for."""

from __future__ import annotations

import sys
from typing import Any, Callable

import pyarrow as pa

DATAFRAME_TYPES = ("pandas", "numpy", "python", "arrow", "polars", "reader", "spark")


def default_dataframe_type() -> str:
    """`spark` where a Spark session is active, else `pandas`."""
    return "spark" if _spark_session() else "pandas"


def check_dataframe_type(dataframe_type: str | None) -> str:
    """The type asked for, or the default. Raises ``ValueError`` for others, so that they are refused before anything is read.

    >>> check_dataframe_type("numpy")
    'numpy'
    """
    dataframe_type = dataframe_type or default_dataframe_type()
    if dataframe_type not in DATAFRAME_TYPES:
        raise ValueError(f"dataframe_type is `{dataframe_type}`: it must be one of {', '.join(DATAFRAME_TYPES)}")
    if dataframe_type == "spark" and _spark_session() is None:
        raise ValueError("dataframe_type is `spark`, but no Spark session is active")
    return dataframe_type


def from_arrow(table: pa.Table, dataframe_type: str | None = None) -> Any:
    """A table as the kind of frame asked for."""
    return _TO[check_dataframe_type(dataframe_type)](table)


def to_pandas(table: pa.Table) -> Any:
    """A pandas frame. Integers and booleans with nulls become pandas' nullable types, so that no value changes on the way."""
    pandas = _need("pandas")
    nullable = {
        pa.int8(): pandas.Int8Dtype(),
        pa.int16(): pandas.Int16Dtype(),
        pa.int32(): pandas.Int32Dtype(),
        pa.int64(): pandas.Int64Dtype(),
        pa.bool_(): pandas.BooleanDtype(),
    }
    frame = table.to_pandas()
    for name, column in zip(table.column_names, table.columns):
        if column.null_count and column.type in nullable:
            frame[name] = column.to_pandas(types_mapper=nullable.get)
    return frame


def to_polars(table: pa.Table) -> Any:
    """A polars frame; most columns share the memory of the table."""
    return _need("polars").from_arrow(table)


def to_numpy(table: pa.Table) -> Any:
    """A 2-D array, rows by columns; of one numeric type when all columns are numbers or booleans, else of objects. Nulls among
    numbers are NaN, as numpy has no others, so that integers beside them become floats."""
    numpy = _need("numpy")
    columns = [column.to_numpy() for column in table.columns]
    if not columns:
        return numpy.empty((table.num_rows, 0))
    if all(column.dtype.kind in "biuf" for column in columns):
        return numpy.column_stack(columns)
    rows = numpy.empty((table.num_rows, len(columns)), dtype=object)
    for index, column in enumerate(columns):
        # One by one, since lists of one length would be taken for further dimensions.
        for row, value in enumerate(column):
            rows[row, index] = value
    return rows


def to_python(table: pa.Table) -> list[list[Any]]:
    """A list of rows, each a list of values of Python's own types; nulls are None.

    >>> import pyarrow as pa
    >>> to_python(pa.table({"team_id": [1, 2], "name": ["a", None]}))
    [[1, 'a'], [2, None]]
    """
    columns = [column.to_pylist() for column in table.columns]
    return [list(row) for row in zip(*columns)]


def to_spark(table: pa.Table) -> Any:
    """A frame of the active Spark session, by way of pandas."""
    return _spark_session().createDataFrame(to_pandas(table))


_TO: dict[str, Callable[[pa.Table], Any]] = {
    "arrow": lambda table: table,
    "pandas": to_pandas,
    "polars": to_polars,
    "numpy": to_numpy,
    "python": to_python,
    "reader": lambda table: table.to_reader(),
    "spark": to_spark,
}


def _spark_session() -> Any:
    # A session can only be active where pyspark is imported already.
    sql = sys.modules.get("pyspark.sql")
    return sql.SparkSession.getActiveSession() if sql else None


def _need(module: str) -> Any:
    try:
        return __import__(module)
    except ImportError as error:
        raise ImportError(f"this needs {module}: pip install {module}, or ask for dataframe_type='arrow'") from error
