"""Reads files as reclass does (open() as text, PyYAML's CSafeLoader): a JSON list of base64 in, one of answers out.

An answer is {"error": text} or {"value": tree}. In a tree, every value is a list whose first item says what it is.
"""
import base64
import datetime
import io
import json
import sys

import yaml

sys.setrecursionlimit(10000)


def tree(value):
    if value is None or isinstance(value, bool):
        return ["word", str(value)]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", str(value)]
    if isinstance(value, str):
        return ["str", value]
    if isinstance(value, bytes):
        raise TypeError("reclass cannot print bytes")
    if isinstance(value, (datetime.date, datetime.datetime)):
        return ["stamp", str(value)]
    if isinstance(value, set):
        return ["map", [[tree(item), ["word", "None"]] for item in value]]
    if isinstance(value, dict):
        return ["map", [[tree(key), tree(item)] for key, item in value.items()]]
    return ["list", [tree(item) for item in value]]


def answer(document):
    try:
        stream = io.TextIOWrapper(io.BytesIO(base64.b64decode(document)), encoding="utf-8")
        return {"value": tree(yaml.load(stream, Loader=yaml.CSafeLoader))}
    except RecursionError:
        return {"error": "recursion"}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(document) for document in json.load(sys.stdin)], sys.stdout)
