# Written by plinth at start; changes are lost. Serves the API that PLINTH_WSGI names, a module or a script, but to nobody who is gone.
import importlib
import os
import runpy
import select
import signal

import uwsgi

# uWSGI ends its workers with SIGHUP, and those that still load the application would not notice: they get a handler when it is loaded.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
name = os.environ["PLINTH_WSGI"]
api = runpy.run_path(name)["application"] if "/" in name else importlib.import_module(name).application
# Whoever has closed the connection, or its sending half, is gone.
def is_gone(): closed = select.poll(); closed.register(uwsgi.connection_fd(), select.POLLRDHUP); return closed.poll(0) != []
def leave(start_response): start_response("499 Client Closed Request", []); return []
def application(environ, start_response): return leave(start_response) if is_gone() else api(environ, start_response)
