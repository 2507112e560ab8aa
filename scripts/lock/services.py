"""Runs a component's migrations on an empty database of a real MariaDB, then asks its API, served by its own WSGI module.

services.py COMPONENT: in the container that a lock is tried in. Prints what was seen; ends with 1, and why, where something fails.
"""
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

WORK = "/tmp/services"
SOCKET = f"{WORK}/socket"
DATABASES = {"nova": ("nova", "nova_api", "nova_cell0")}


def url(name):
    return f"mysql+pymysql://root@localhost/{name}?unix_socket={SOCKET}"


# For each: its configuration, the commands that make its schema, and the request, with the status that is right. Where the service
# can do without keystone (noauth), the request reads a table; nova and heat cannot, and say which versions of their API there are.
NO_BROKER = "[DEFAULT]\ntransport_url = fake:///\n"
ROWS = {
    "keystone": {
        "configuration": f"[database]\nconnection = {url('keystone')}\n",
        "migrate": [
            "keystone-manage db_sync",
            "keystone-manage fernet_setup --keystone-user root --keystone-group root",
            "keystone-manage bootstrap --bootstrap-password secret --bootstrap-public-url http://localhost/v3",
        ],
        "api": ("keystone.wsgi.api", "POST", "/v3/auth/tokens", 201),
    },
    "glance": {
        "configuration": f"[DEFAULT]\nenabled_backends = one:file\n[glance_store]\ndefault_backend = one\n[one]\n"
        f"filesystem_store_datadir = {WORK}\n[oslo_policy]\npolicy_file = /etc/glance/policy.yaml\n[database]\nconnection = {url('glance')}\n",
        "file": "glance-api.conf",
        # Who has no keystone has no role.
        "more": {"policy.yaml": '"get_images": ""\n'},
        "migrate": ["glance-manage db_sync"],
        "api": (("glance.wsgi.api", "glance.common.wsgi_app:init_app"), "GET", "/v2/images", 200),
    },
    "placement": {
        "configuration": f"[api]\nauth_strategy = noauth2\n[placement_database]\nconnection = {url('placement')}\n",
        "migrate": ["placement-manage db sync"],
        "api": ("placement.wsgi.api", "GET", "/resource_providers", 200),
    },
    "nova": {
        "configuration": f"{NO_BROKER}[database]\nconnection = {url('nova')}\n"
        f"[api_database]\nconnection = {url('nova_api')}\n",
        "migrate": [
            "nova-manage api_db sync",
            f"nova-manage cell_v2 map_cell0 --database_connection {url('nova_cell0')}",
            "nova-manage db sync",
            "nova-manage cell_v2 create_cell --name one",
        ],
        "api": ("nova.wsgi.osapi_compute", "GET", "/", 200),
    },
    "neutron": {
        "configuration": f"{NO_BROKER}auth_strategy = noauth\ncore_plugin = ml2\n[ml2]\nmechanism_drivers =\ntype_drivers = geneve\n"
        f"project_network_types =\ntenant_network_types =\n[database]\nconnection = {url('neutron')}\n",
        # The API reads this file, too.
        "more": {"plugins/ml2/ml2_conf.ini": ""},
        "migrate": ["neutron-db-manage upgrade head"],
        "api": ("neutron.wsgi.api", "GET", "/v2.0/networks", 200),
    },
    "cinder": {
        "configuration": f"{NO_BROKER}auth_strategy = noauth\n[database]\nconnection = {url('cinder')}\n",
        "migrate": ["cinder-manage db sync"],
        "api": ("cinder.wsgi.api", "GET", "/v3/f00d/volumes", 200),
    },
    "heat": {
        "configuration": f"{NO_BROKER}[database]\nconnection = {url('heat')}\n",
        "migrate": ["heat-manage db_sync"],
        "api": ("heat.wsgi.api", "GET", "/", 300),
    },
    "horizon": {
        "settings": "SECRET_KEY = 'secret'\nALLOWED_HOSTS = ['*']\nCOMPRESS_ENABLED = False\nCOMPRESS_OFFLINE = False\n"
        "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n"
        "SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'\n",
        "migrate": [],
        "api": ("openstack_dashboard.wsgi", "GET", "/auth/login/", 200),
    },
}

# The module's `application`, or that of the function, asked as a server would ask it.
ASK = r"""
import importlib, io, json, os, sys
from wsgiref.util import setup_testing_defaults
modules, method, path = json.loads(os.environ["REQUEST"])
for name in [modules] if isinstance(modules, str) else modules:
    module, _, function = name.partition(":")
    try:
        application = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in module:
            raise
        continue
    application = getattr(application, function)() if function else application.application
    break
body = json.dumps({"auth": {"identity": {"methods": ["password"], "password": {"user": {
    "name": "admin", "domain": {"id": "default"}, "password": "secret"}}}}}).encode() if method == "POST" else b""
environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1",
    "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json",
    "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "HTTP_X_AUTH_TOKEN": "admin:f00d"}
setup_testing_defaults(environ)
seen = []
answer = b"".join(application(environ, lambda status, headers, problem=None: seen.append(status)))
# horizon makes sys.stdout its standard error.
print("answer:", seen[-1], "from", name, method, path, file=sys.__stdout__)
print(answer[:2000].decode(errors="replace"), file=sys.__stdout__, flush=True)
# Threads of the service do not keep this process.
os._exit(0)
"""


def start_database(names):
    import pymysql

    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(f"{WORK}/data")
    common = ["mariadbd", "--no-defaults", "--user=root", f"--datadir={WORK}/data"]
    [script] = glob.glob("/usr/share/m*/m*_system_tables.sql")
    tables = f"CREATE DATABASE mysql;\nUSE mysql;\n{pathlib.Path(script).read_text()}"
    subprocess.run([*common, "--bootstrap", "--log-warnings=0"], input=tables, text=True, check=True, stderr=subprocess.DEVNULL)
    options = [f"--socket={SOCKET}", f"--pid-file={WORK}/pid", "--skip-networking", "--skip-grant-tables", "--log-warnings=0"]
    server = subprocess.Popen([*common, *options, "--innodb-flush-log-at-trx-commit=0"], stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            with pymysql.connect(unix_socket=SOCKET, user="root") as connection, connection.cursor() as cursor:
                for name in names:
                    cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb3")
            return server
        except pymysql.err.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    sys.exit("MariaDB did not start")


def run(words, environment):
    done = subprocess.run(words, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=600)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)[:80]} failed with {done.returncode}:\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
    return done


def configure(component, row):
    """Writes what the component reads by itself: its package's files, and the configuration above."""
    directory = pathlib.Path("/etc", component)
    shipped = pathlib.Path("/opt/venv/etc", component)
    if shipped.is_dir():
        shutil.copytree(shipped, directory, dirs_exist_ok=True)
    directory.mkdir(exist_ok=True)
    (directory / row.get("file", f"{component}.conf")).write_text(row.get("configuration", ""))
    for name, text in row.get("more", {}).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if "settings" in row:
        [local] = glob.glob("/opt/venv/lib/python3*/site-packages/openstack_dashboard/local")
        pathlib.Path(local, "local_settings.py").write_text(row["settings"])


def main(component):
    row = ROWS[component]
    environment = {**os.environ, "PATH": f"/opt/venv/bin:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
    configure(component, row)
    server = start_database(DATABASES.get(component, (component,))) if "configuration" in row else None
    try:
        for command in row["migrate"]:
            run(command.split(), environment)
        if row["migrate"]:
            print("migrations:", ", ".join(row["migrate"]))
        *request, expected = row["api"]
        done = run([sys.executable, "-c", ASK], {**environment, "REQUEST": json.dumps(request)})
        found = re.search(r"answer: (\d+) .*", done.stdout)
        if found is None or found[1] != str(expected):
            sys.exit(f"{request}: {found[0] if found else 'no answer'}, not {expected}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        print(found[0])
    finally:
        if server:
            server.kill()
            server.wait()


main(*sys.argv[1:])
