"""Reads a YAML text with PyYAML, as OpenStack's services do: the text as JSON in, its value as JSON out."""
import json
import sys

import yaml

json.dump(yaml.safe_load(json.load(sys.stdin)), sys.stdout)
