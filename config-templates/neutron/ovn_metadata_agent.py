# Written by plinth at start; changes are lost. The metadata agent, whose privileged processes are forks of it. It starts as root.
import gc
import os
import pwd
import sys

# The collector would look through the modules again and again while they are loaded, a seventh of the time.
gc.disable()

from neutron import privileged
from neutron.agent.linux import utils
from neutron.cmd.agents import ovn_metadata
from neutron.conf.agent.ovn.metadata import config
from neutron.privileged.agent.linux import utils as as_root
from oslo_privsep.priv_context import Method
from setproctitle import getproctitle, setproctitle

CONTEXTS = (privileged.default, privileged.namespace_cmd, privileged.link_cmd)

start_by_sudo = config.setup_privsep


def fork(context):
    title = getproctitle()
    setproctitle(context.pypath)
    context.start(Method.FORK)
    setproctitle(title)


def become(account):
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def setup_privsep():
    """The agent calls this when it has read its configuration, and has no thread yet."""
    # Others would still be started by sudo, each when it is first needed.
    start_by_sudo()
    # Modules are never garbage, and a helper's collector would copy what it looks at.
    gc.freeze()
    gc.enable()
    if os.geteuid() == 0:
        for context in CONTEXTS:
            fork(context)
        # It starts proxies by rootwrap's daemon, another two starts of Python.
        utils.execute_rootwrap_daemon = as_root.execute_process
        become(pwd.getpwnam("neutron"))


config.setup_privsep = setup_privsep
sys.exit(ovn_metadata.main())
