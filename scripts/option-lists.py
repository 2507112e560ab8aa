"""Prints, as JSON, the options that the services named as arguments can read, as this machine's packages have them
(see option-lists.ts)."""
import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys

from keystoneauth1 import loading

LIBRARIES = ("oslo.", "keystonemiddleware.auth_token", "keystonemiddleware.audit", "osprofiler", "cotyledon")
# The namespaces of each service and of the libraries that it alone reads, with those below them.
OWN = {
    "nova": ("nova.conf", "os_vif", "os_brick", "castellan.config"),
    "keystone": ("keystone",),
    "glance": ("glance", "castellan.config", "os_brick"),
    "placement": ("placement.conf",),
    "neutron": ("neutron", "nova.auth", "placement.auth", "ironic.auth", "designate.auth"),
    "cinder": ("cinder", "os_brick", "castellan.config"),
    "heat": ("heat",),
}
# Groups whose options stand in the section of any back end, which the file itself names.
OF_BACK_ENDS = {"cinder": r"backend_defaults", "glance": r"cinder|file|glance\.store\..*"}
# Sections with an authentication plugin (register_auth_conf_options) whose auth_type the service's own list leaves out.
AUTH_SECTIONS = {"cinder": ("service_user",)}
AUTH_TYPES = ("password", "v3applicationcredential")
LONGEST_HELP = 400
PACKAGES = ("oslo.messaging", "oslo.db", "oslo.log", "oslo.cache", "oslo.middleware", "keystonemiddleware", "keystoneauth1")
# The distributions that are not named as their service is.
NAMES = {"placement": "openstack-placement", "heat": "openstack-heat"}

known = sorted(entry.name for entry in importlib.metadata.entry_points(group="oslo.config.opts"))
libraries = [name for name in known if name.startswith(LIBRARIES) and name != "oslo.config"]
# keystone has no auth_token: its middleware's section would be read by nobody.
WITHOUT = {"keystone": "keystonemiddleware"}


def namespaces(service):
    own = [name for top in OWN[service] for name in known if f"{name}.".startswith(f"{top}.")]
    return [*own, *(name for name in libraries if not name.startswith(WITHOUT.get(service, "no library")))]


TYPES = {
    "string value": "Str", "boolean value": "Bool", "integer value": "Int", "floating point value": "Float",
    "list value": "List", "multi valued": "MultiStr", "dict value": "Dict", "port value": "Port", "IP address value": "IP",
    "host address value": "HostAddress", "hostname value": "Hostname", "host domain value": "HostDomain",
    "uri value": "URI", "unknown value": "Str", "port": "Port",
}


def key(name):
    return name.replace("-", "_")


def first_paragraph(text):
    """The first paragraph of a help text, in one line. All of it would make the lists three times as large."""
    paragraph = re.split(r"\n\s*\n", (text or "").strip(), maxsplit=1)[0]
    line = " ".join(paragraph.split())
    return line if len(line) <= LONGEST_HELP else line[: LONGEST_HELP - 3].rsplit(" ", 1)[0] + "..."


# What a machine has whose options are read: a limit or default of this many is the reading machine's own (cinder's backup_workers).
PROCESSORS = 7919


def of_release(number):
    return None if number == PROCESSORS else number


def default_of(opt):
    """What upstream's sample files show: `sample_default` stands for what would be this machine's own name, address or path."""
    shown = opt.get("sample_default")
    return of_release(opt.get("default") if shown is None else shown)


def filled(row):
    return {field: value for field, value in row.items() if value is not None}


def limits(of):
    """What a value must be, of an option or of the items of one."""
    return {
        "choices": [choice[0] for choice in of.get("choices") or []] or None,
        "ignore_case": bool(of.get("choices") and of.get("ignore_case")) or None,
        "min": of.get("min"),
        "max": of_release(of.get("max")),
        "regex": of.get("regex"),
        "max_length": of.get("max_length") or None,
    }


def item_of(opt):
    """What the items of a list, or the values of a dict, must be, where they are more than texts."""
    item = opt.get("item")
    row = item and filled({"type": TYPES.get(item["type"], item["type"]), **limits(item)})
    return None if row == {"type": "Str"} else row


def record(group, name, type_, opt):
    """One option in the shape of the lists: what is empty is left out."""
    deprecated = [{"group": old.get("group") or group, "name": key(old.get("name") or name)}
                  for old in opt.get("deprecated_opts") or []]
    row = {
        "group": group,
        "name": name,
        "type": type_,
        "default": default_of(opt),
        **limits(opt),
        "item": item_of(opt),
        "bounds": bool(opt.get("bounds")) or None,
        "deprecated": [old for old in deprecated if (old["group"], old["name"]) != (group, name)] or None,
        "deprecated_for_removal": bool(opt.get("deprecated_for_removal")) or None,
        "secret": bool(opt.get("secret")) or None,
        "mutable": bool(opt.get("mutable")) or None,
        "help": first_paragraph(opt.get("help")) or None,
    }
    return filled(row)


ABSENT_CLIENTS = (pathlib.Path(__file__).parent / "absent-clients.py").read_text()
GENERATOR = f"""{ABSENT_CLIENTS}
import multiprocessing, os
os.cpu_count = multiprocessing.cpu_count = lambda: {PROCESSORS}
from oslo_config import generator, types

def details(of):
    regex = getattr(of, "regex", None)
    choices = getattr(of, "choices", None)
    inner = getattr(of, "item_type", None) or getattr(of, "value_type", None)
    return {{
        "type": generator._format_type_name(of),
        "choices": [[choice] for choice in choices] if choices else None,
        "min": getattr(of, "min", None),
        "max": getattr(of, "max", None),
        "ignore_case": getattr(of, "ignore_case", None),
        "regex": getattr(regex, "pattern", None),
        "max_length": getattr(of, "max_length", None),
        "bounds": getattr(of, "bounds", None),
        "item": details(inner) if inner else None,
    }}

def with_details(build_entry):
    # The generator tells only the smallest part of an option's type.
    def build(opt, *rest):
        entry = build_entry(opt, *rest)
        entry.update({{key: value for key, value in details(opt.type).items() if key != "type"}})
        if opt.multi and entry["type"] != "multi valued":
            entry.update(item=details(opt.type), type="multi valued", choices=[], min=None, max=None, regex=None, max_length=None)
        return entry
    return build

generator._build_entry = with_details(generator._build_entry)
generator.main(sys.argv[1:])
"""


def generated(service):
    command = [sys.executable, "-W", "ignore", "-c", GENERATOR, "--format", "json"]
    for namespace in namespaces(service):
        command += ["--namespace", namespace]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["options"]


def options(service):
    rows = {}
    for group, content in generated(service).items():
        for opt in content["opts"]:
            name = key(opt.get("dest") or opt["name"])
            rows[group, name] = record(group, name, TYPES.get(opt["type"], opt["type"]), opt)
            if re.fullmatch(OF_BACK_ENDS.get(service, ""), group):
                rows[group, name]["backend_section"] = True
    for group in AUTH_SECTIONS.get(service, ()):
        for opt in loading.get_auth_common_conf_options():
            name = key(opt.dest)
            rows.setdefault((group, name), record(group, name, "Str", {
                "deprecated_opts": [{"group": old.group, "name": old.name} for old in opt.deprecated_opts],
                "help": opt.help,
            }))
    # Options of authentication plugins exist wherever `auth_type` does, once a plugin is chosen; generators leave them out.
    for group in sorted({group for group, name in rows if name == "auth_type"}):
        for auth_type in AUTH_TYPES:
            for opt in loading.get_auth_plugin_conf_options(auth_type):
                name = key(opt.dest)
                row = rows.setdefault((group, name), record(group, name, "Str", {
                    "deprecated_opts": [{"group": old.group, "name": old.name} for old in opt.deprecated_opts],
                    "secret": opt.secret,
                    "help": opt.help,
                }))
                row.setdefault("auth_types", []).append(auth_type)
    return [rows[at] for at in sorted(rows)]


def version(package):
    try:
        return re.sub(r"[+~-].*", "", importlib.metadata.version(NAMES.get(package, package)))
    except importlib.metadata.PackageNotFoundError:
        return None


def source():
    versions = {package: version(package) for package in (*sys.argv[1:], *PACKAGES)}
    return {package: value for package, value in versions.items() if value}


json.dump({service: {"source": source(), "options": options(service)} for service in sys.argv[1:]}, sys.stdout)
