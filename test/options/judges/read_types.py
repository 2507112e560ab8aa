"""Reads values with oslo.config's own types: [record, text] pairs on standard input, for each whether it is one."""
import json
import sys

from oslo_config import types


def scalar(of):
    kind, choices = of["type"], of.get("choices")
    limits = {name: of[name] for name in ("min", "max") if name in of}
    if kind == "Str":
        return types.String(choices=choices, ignore_case=of.get("ignore_case", False), regex=of.get("regex"),
                            max_length=of.get("max_length"))
    if kind in ("Int", "Port"):
        return {"Int": types.Integer, "Port": types.Port}[kind](choices=choices, **limits)
    if kind == "Float":
        return types.Float(**limits)
    simple = {"Bool": types.Boolean, "IP": types.IPAddress, "HostAddress": types.HostAddress, "Hostname": types.Hostname,
              "HostDomain": types.HostDomain, "URI": types.URI, "Dict": types.Dict}
    return simple[kind]()


def type_of(of):
    item = scalar(of["item"]) if "item" in of else None
    if of["type"] == "List":
        return types.List(item, bounds=of.get("bounds", False))
    if of["type"] == "Dict":
        return types.Dict(item)
    return item or scalar(of)


def takes(of, text):
    try:
        type_of(of)(text)
        return True
    except (ValueError, TypeError):
        return False


json.dump([takes(of, text) for of, text in json.load(sys.stdin)], sys.stdout)
