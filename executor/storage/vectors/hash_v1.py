"""Entity key hash and row digest, version 1, written from docs/layout.md alone; `python hash_v1.py` (with PyPI `xxhash`)
checks hash_v1.json, `--write` renews it. A value is [kind, value]; None is null."""

import json
import struct
import sys
from decimal import Decimal
from pathlib import Path

import xxhash

VECTORS = Path(__file__).with_name("hash_v1.json")
SPECIFICATION = Path(__file__).parents[3] / "docs" / "layout.md"


def integer(value: int) -> bytes:
    if -(2**63) <= value < 2**63:
        return b"\x01" + struct.pack("<q", value)
    return b"\x07" + value.to_bytes(16, "little", signed=True) + b"\x00"


def decimal(text: str) -> bytes:
    sign, digits, exponent = Decimal(text).as_tuple()
    unscaled, scale = int("".join(map(str, digits))) * (-1 if sign else 1), -exponent
    while scale < 0:
        unscaled, scale = unscaled * 10, scale + 1
    while scale > 0 and unscaled % 10 == 0:
        unscaled, scale = unscaled // 10, scale - 1
    if scale == 0:
        return integer(unscaled)
    return b"\x07" + unscaled.to_bytes(16, "little", signed=True) + struct.pack("<b", scale)


def sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def members(values: dict) -> list[tuple[bytes, object]]:
    return sorted((name.encode(), value) for name, value in values.items() if value is not None)


def encoded(value) -> bytes:
    if value is None:
        return b"\x00"
    kind, content = value
    match kind:
        case "integer":
            return integer(int(content))
        case "boolean":
            return b"\x02" + bytes([content])
        case "string":
            return b"\x03" + sized(content.encode())
        case "binary":
            return b"\x04" + sized(bytes.fromhex(content))
        case "date":
            return b"\x05" + struct.pack("<q", content)
        case "timestamp":
            return b"\x06" + struct.pack("<q", content)
        case "decimal":
            return decimal(content)
        case "float_bits":
            return b"\x08" + bytes.fromhex(content)[::-1]
        case "list":
            return b"\x09" + struct.pack("<I", len(content)) + b"".join(map(encoded, content))
        case "struct":
            present = members(content)
            return b"\x0a" + struct.pack("<I", len(present)) + b"".join(sized(n) + encoded(v) for n, v in present)
    raise ValueError(kind)


def key_bytes(values: list) -> bytes:
    return b"".join(map(encoded, values))


def row_bytes(columns: dict) -> bytes:
    own = (n for n in columns if not n.startswith("_mangonel"))
    return b"".join(sized(n) + encoded(v) for n, v in members({n: columns[n] for n in own}))


def vectors() -> dict:
    keys = {
        "integer 0": [["integer", "0"]],
        "integer 1": [["integer", "1"]],
        "integer -1": [["integer", "-1"]],
        "integer 42": [["integer", "42"]],
        "integer max": [["integer", str(2**63 - 1)]],
        "integer min": [["integer", str(-(2**63))]],
        "integer 2^63": [["integer", str(2**63)]],
        "boolean true": [["boolean", True]],
        "string empty": [["string", ""]],
        "string ascii": [["string", "team"]],
        "string utf8": [["string", "Göteborg"]],
        "string long": [["string", "x" * 1000]],
        "binary": [["binary", "00ff"]],
        "date": [["date", 18519]],
        "date before 1970": [["date", -1]],
        "timestamp": [["timestamp", 1600000000123456]],
        "decimal 1.5": [["decimal", "1.500"]],
        "decimal -0.05": [["decimal", "-0.05"]],
        "decimal large": [["decimal", "1" + "0" * 28 + ".00"]],
        "null": [None],
        "composite": [["integer", "7"], ["string", "a"], ["date", 1]],
    }
    point = ["struct", {"x": ["integer", "3"], "y": None, "b": ["string", "t"]}]
    floats = ["list", [["float_bits", "3ff0000000000000"], None, ["float_bits", "c004000000000000"]]]
    rows = {
        "all null": {"a": None},
        "one integer": {"a": ["integer", "1"]},
        "two columns": {"b": ["string", "x"], "a": ["integer", "1"]},
        "float 0.5": {"f": ["float_bits", "3fe0000000000000"]},
        "float 0.0": {"f": ["float_bits", "0000000000000000"]},
        "float -0.0": {"f": ["float_bits", "8000000000000000"]},
        "float nan": {"f": ["float_bits", "7ff8000000000000"]},
        "wide": {f"c{i:03}": ["integer", str(i)] for i in range(100)},
        "list": {"l": floats},
        "empty list": {"l": ["list", []]},
        "struct": {"p": point},
        "row": {
            "id": ["integer", "7"],
            "name": ["string", "Göteborg"],
            "budget": ["decimal", "123.4500"],
            "active": ["boolean", False],
            "since": ["date", 18519],
            "seen": ["timestamp", 1600000000123456],
            "raw": ["binary", "0102"],
            "missing": None,
            "_mangonel_run": ["string", "r1"],
            "embedding": floats,
            "point": point,
        },
    }
    return {
        "hash_version": 1,
        "digest_version": 1,
        "hash": [
            {"name": n, "key": v, "bytes": key_bytes(v).hex(), "xxh3_64": xxhash.xxh3_64_hexdigest(key_bytes(v))}
            for n, v in keys.items()
        ],
        "digest": [
            {"name": n, "row": v, "bytes": row_bytes(v).hex(), "xxh3_128": xxhash.xxh3_128_hexdigest(row_bytes(v))}
            for n, v in rows.items()
        ],
    }


if __name__ == "__main__":
    if "--write" in sys.argv:
        VECTORS.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n")
    assert json.loads(VECTORS.read_text()) == vectors(), "hash_v1.json differs from this implementation"
    specification = SPECIFICATION.read_text()
    missing = [v["name"] for v in vectors()["hash"] if v["xxh3_64"] not in specification]
    missing += [v["name"] for v in vectors()["digest"] if v["xxh3_128"] not in specification]
    assert not missing, f"{SPECIFICATION.name} lacks {missing}"
    print(f"{VECTORS.name} and {SPECIFICATION.name} agree")
