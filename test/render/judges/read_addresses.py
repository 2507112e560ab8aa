"""Reads rendered files, commands and environments as those will for whom they are, and tells which IPv6 address any of them
does not take for one. In: {"files": [{"path", "text"}], "words": [[name, word]]}; out: complaints, and how many values hold one."""
import configparser
import ipaddress
import json
import os
import re
import socket
import sys
import tempfile
from urllib.parse import urlsplit

import memcache
import pymemcache.client.base
from django.http.request import validate_host
from oslo_config import cfg
from oslo_messaging.transport import TransportURL
from oslo_utils import netutils
from ovs import socket_util
from sqlalchemy.engine import make_url

complaints = []
found = []


def address(text):
    return ipaddress.IPv6Address(text)


def url(text):
    parts = urlsplit(text)
    address(parts.hostname)
    return parts.port


def one_of_memcached(text):
    host = memcache._Host(text)
    assert host.family == socket.AF_INET6, "python-memcached takes it for IPv4"
    address(host.address[0])


def one_of_pymemcache(text):
    host, port = pymemcache.client.base.normalize_server_spec(text)
    address(host)
    assert isinstance(port, int)


def host_port(text):
    host, port = netutils.parse_host_port(text)
    address(host)
    assert port


def active(text):
    """What OVS' clients connect to (ovsdb(7), "Active")."""
    name, rest = text.split(":", 1)
    assert name in ("tcp", "ssl"), name
    host, port = socket_util.inet_parse_active(rest, None)[:2]
    address(host)
    assert port


def passive(text):
    """What OVS' servers listen on (ovsdb(7), "Passive"): the port first, an IPv6 address in brackets."""
    _, port, host = re.fullmatch(r"(ptcp|pssl):(\d+):\[(.*)\]", text).groups()
    address(host)


def broker(text):
    for host in TransportURL.parse(cfg.ConfigOpts(), text).hosts:
        address(host.hostname)
        assert host.port


def database(text):
    parts = make_url(text)
    address(parts.host)
    assert parts.port


def each(read):
    return lambda text: [read(part.strip()) for part in text.split(",")]


readers = {"connection": database, "transport_url": broker, "memcached_servers": each(one_of_memcached),
           "memcache_servers": each(one_of_memcached), "servers": each(one_of_memcached), "rabbit_hosts": each(host_port),
           "http-socket": host_port}


def is_about_one(text):
    # nova's catalog_info has colons of its own: volumev3::internalURL.
    return "fd00" in text or ("::" in text and "internalURL" not in text)


def read(where, key, text):
    """Holds one value against its reader; without one of its own it is a URL, an address of OVS, or an address."""
    if not isinstance(text, str) or not is_about_one(text):
        return
    found.append(text)
    if key in readers:
        reader = readers[key]
    elif "://" in text:
        reader = url
    elif re.match(r"(tcp|ssl):", text):
        reader = active
    elif re.match(r"(ptcp|pssl):", text):
        reader = passive
    else:
        reader = address
    try:
        reader(text)
    except Exception as error:
        complaints.append(f"{where} {key}: {text}: {error!r}")


def oslo(path, text):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        sections = {}
        cfg.ConfigParser(file.name, sections).parse()
    for section, options in sections.items():
        for key, values in options.items():
            for value in values:
                read(f"{path} [{section}]", key, value.replace("$$", "$"))


def ini(path, text):
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    for section in parser.sections():
        for key, value in parser.items(section):
            read(f"{path} [{section}]", key, value)


def documents(path, value, key=""):
    if isinstance(value, dict):
        for name, item in value.items():
            documents(path, item, name)
    elif isinstance(value, list):
        for item in value:
            documents(path, item, key)
    else:
        read(path, key, value)


def horizon(path, text):
    scope = {"__file__": path}
    exec(compile(text, path, "exec"), scope)
    cache = scope["CACHES"]["default"]
    modern = "PyMemcache" in cache["BACKEND"]
    for server in cache["LOCATION"]:
        read_as = one_of_pymemcache if modern else one_of_memcached
        try:
            read_as(server)
        except Exception as error:
            complaints.append(f"{path} {cache['BACKEND']}: {server}: {error!r}")
    for name in ("OPENSTACK_HOST", "OPENSTACK_KEYSTONE_URL"):
        read(path, name, scope[name])
    for host in ("[::1]", "127.0.0.1", "[fd00::d]"):
        if not validate_host(host, scope["ALLOWED_HOSTS"]):
            complaints.append(f"{path}: {host} may not call it")


def rabbitmq(path, text):
    """cuttlefish splits at the last colon, and takes no brackets."""
    for line in text.splitlines():
        key, _, value = line.partition(" = ")
        if key.startswith("listeners."):
            value = value.rpartition(":")[0]
        read(path, key, value)


def plain(path, text):
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        for word in re.split(r"[\s\"'=]+", line):
            if is_about_one(word):
                read(path, "http-socket" if word.startswith("[") else "", word)


def program(_path, text):
    """Python that takes what it needs from its environment: it has to be a program, and names nothing."""
    compile(text, "program", "exec")


by_name = {"local_settings.py": horizon, "rabbitmq.conf": rabbitmq, "my.cnf": ini}


def file(path, text):
    name = os.path.basename(path)
    if name in by_name:
        return by_name[name](path, text)
    if name.endswith(".py"):
        return program(path, text)
    if name.endswith(".json"):
        return documents(path, json.loads(text))
    if name.endswith("-uwsgi.ini"):
        return ini(path, text)
    if re.match(r"/etc/(keystone|nova|neutron|glance|cinder|heat|placement)/", path):
        return oslo(path, text)
    return plain(path, text)


question = json.load(sys.stdin)
for one in question["files"]:
    try:
        file(one["path"], one["text"])
    except Exception as error:
        complaints.append(f"{one['path']}: {error!r}")
for name, word in question["words"]:
    read(name, name, word.partition("=")[2] if word.startswith("--") else word)
json.dump({"complaints": complaints, "found": len(found)}, sys.stdout)
