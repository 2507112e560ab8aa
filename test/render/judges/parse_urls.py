"""Takes URLs apart with those who will: SQLAlchemy for databases, oslo.messaging for brokers."""
import json
import sys

from oslo_config import cfg
from oslo_messaging.transport import TransportURL
from sqlalchemy.engine import make_url

question = json.load(sys.stdin)


def database(text):
    url = make_url(text)
    return {"driver": url.drivername, "user": url.username, "password": url.password, "host": url.host,
            "port": url.port, "name": url.database}


def transport(text):
    url = TransportURL.parse(cfg.ConfigOpts(), text)
    return {"transport": url.transport, "virtual_host": url.virtual_host,
            "hosts": [[host.username, host.password, host.hostname, host.port] for host in url.hosts]}


json.dump({"databases": [database(text) for text in question["databases"]],
           "transports": [transport(text) for text in question["transports"]]}, sys.stdout)
