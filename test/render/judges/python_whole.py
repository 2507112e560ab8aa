"""Parses whole Python files: a list of texts in, for each a list of [place, value] (every node, every literal) out."""
import ast
import json
import sys


def walk(node, place):
    if isinstance(node, ast.AST):
        yield [place, type(node).__name__]
        for name, value in ast.iter_fields(node):
            yield from walk(value, "%s.%s" % (place, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, "%s.%d" % (place, index))
    else:
        yield [place, node if isinstance(node, str) else repr(node)]


def read(text):
    try:
        return list(walk(ast.parse(text), ""))
    except (SyntaxError, ValueError) as error:
        return {"error": str(error)}


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
