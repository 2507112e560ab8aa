"""Reads a configuration file with oslo.config itself: {"file", "options": [{group, name, type}]} in, values out."""
import json
import sys

from oslo_config import cfg

TYPES = {"string": cfg.StrOpt, "list": cfg.ListOpt, "integer": cfg.IntOpt, "number": cfg.FloatOpt,
         "boolean": cfg.BoolOpt, "multi": cfg.MultiStrOpt}

question = json.load(sys.stdin)
conf = cfg.ConfigOpts()
for option in question["options"]:
    group = None if option["group"] == "DEFAULT" else option["group"]
    conf.register_opt(TYPES[option["type"]](option["name"]), group=group)
conf(["--config-file", question["file"]], project="judge")


def value(option):
    holder = conf if option["group"] == "DEFAULT" else conf[option["group"]]
    return holder[option["name"]]


json.dump([value(option) for option in question["options"]], sys.stdout)
