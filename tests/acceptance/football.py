"""Reads the training dataset that `mangonel demo --data FOLDER` built from the football results with TensorFlow, by the
managed schema, and compares its sums with what pandas makes of the CSV files.

    football.py FOLDER_OF_CSV DATA_DIR_OF_DEMO
"""

import glob
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd  # noqa: E402
import tensorflow as tf  # noqa: E402

COLUMNS = ["minute", "own_goal", "penalty", "home_score", "away_score", "neutral"]


def from_shards(data_dir: str) -> tuple[int, dict[str, int]]:
    """Rows and sums over all shards of the committed generation."""
    dataset = f"{data_dir}/warehouse/football/football_Training_Datasets/goal_by_penalty_1"
    with open(f"{dataset}/_manifest.json", encoding="utf8") as file:
        manifest = json.load(file)
    with open(f"{dataset}/tf_record_schema.txt", encoding="utf8") as file:
        schema = json.load(file)
    types = {"int": tf.int64, "float": tf.float32, "string": tf.string}
    spec = {
        name: tf.io.FixedLenFeature(feature.get("shape", []), types[feature["type"]])
        if feature["feature"] == "fixed_len"
        else tf.io.VarLenFeature(types[feature["type"]])
        for name, feature in schema.items()
    }
    shards = sorted(glob.glob(f"{dataset}/{manifest['run_id']}/part-r-*"))
    assert len(shards) == manifest["totals"]["shards"], shards
    rows, sums = 0, dict.fromkeys(COLUMNS, 0)
    for batch in tf.data.TFRecordDataset(shards).batch(4096):
        parsed = tf.io.parse_example(batch, spec)
        rows += int(batch.shape[0])
        for name in COLUMNS:
            values = parsed[name].values if isinstance(parsed[name], tf.SparseTensor) else parsed[name]
            sums[name] += int(tf.reduce_sum(values))
    return rows, sums


def from_csv(folder: str) -> tuple[int, dict[str, int]]:
    """The same by pandas: every goal with its match."""
    goals = pd.read_csv(f"{folder}/goalscorers.csv")
    matches = pd.read_csv(f"{folder}/results.csv")
    joined = goals.merge(matches, on=["date", "home_team", "away_team"], how="left")
    return len(joined), {name: int(joined[name].astype("float64").sum()) for name in COLUMNS}


def main() -> None:
    folder, data_dir = sys.argv[1:]
    shards, csv = from_shards(data_dir), from_csv(folder)
    assert shards == csv, f"TensorFlow reads {shards}, pandas makes {csv}"
    print(f"TensorFlow reads what pandas makes of the CSV: {shards[0]} rows, sums {shards[1]}")


if __name__ == "__main__":
    main()
