"""Sums a TFRecord dataset with TensorFlow, by its managed schema, and the CSV that it was made of with pandas.
Arguments: the CSV, the folder of the dataset."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

csv, folder = sys.argv[1:]
types = {"int": tf.int64, "float": tf.float32, "string": tf.string}
parse = {
    name: tf.io.FixedLenFeature(spec.get("shape", []), types[spec["type"]])
    if spec["feature"] == "fixed_len"
    else tf.io.VarLenFeature(types[spec["type"]])
    for name, spec in json.loads(Path(folder, "tf_record_schema.txt").read_text()).items()
}
shards = sorted(str(path) for path in Path(folder).glob("part-r-*"))
rows = []
for record in tf.data.TFRecordDataset(shards).map(lambda record: tf.io.parse_single_example(record, parse)):
    values = {name: tf.sparse.to_dense(v) if isinstance(v, tf.SparseTensor) else tf.reshape(v, [-1]) for name, v in record.items()}
    rows.append({name: value.numpy()[0] if value.shape[0] else None for name, value in values.items()})
found = pd.DataFrame(rows)

wanted = pd.read_csv(csv, na_values=["NA"])
codes = {"Örgryte": 46, "São Paulo": 55, "京都": 81, "Łódź": 48, "Kalmar, FF": 46}
wanted["code"] = wanted["home"].map(codes)
assert len(found) == len(wanted)
for name in ["match_id", "home_goals", "away_goals", "attendance", "code"]:
    ours, theirs = found[name].astype("float64"), wanted[name].astype("float64")
    assert ours.count() == theirs.count(), f"{name}: {ours.count()} values, not {theirs.count()}"
    assert np.isclose(ours.sum(), theirs.sum(), rtol=1e-9), f"{name}: {ours.sum()}, not {theirs.sum()}"
homes = found["home"].map(lambda name: name.decode())
assert homes.value_counts().to_dict() == wanted["home"].value_counts().to_dict()
goals = found.assign(home=homes).groupby("home")["home_goals"].sum().astype(int).to_dict()
assert goals == wanted.groupby("home")["home_goals"].sum().astype(int).to_dict()
print(f"{len(found)} rows in {len(shards)} shards, sums agree")
