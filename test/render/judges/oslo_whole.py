"""Reads whole files with oslo.config itself: a list of texts in, for each a list of [place, value] or {"error"} out."""
import json
import os
import sys
import tempfile

from oslo_config import cfg


def read(text):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".conf", delete=False) as file:
        file.write(text)
    try:
        sections = {}
        cfg.ConfigParser(file.name, sections).parse()
        conf = cfg.ConfigOpts()
        for section, options in sections.items():
            for option in options:
                conf.register_opt(cfg.MultiStrOpt(option), group=None if section == "DEFAULT" else section)
        conf(["--config-file", file.name], project="judge")
        return [["%s %s %d" % (section, option, index), value]
                for section, options in sections.items() for option in options
                for index, value in enumerate((conf if section == "DEFAULT" else conf[section])[option])]
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}
    finally:
        os.unlink(file.name)


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
