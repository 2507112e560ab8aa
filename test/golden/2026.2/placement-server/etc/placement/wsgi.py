# Written by plinth at start; changes are lost. Serves the API that PLINTH_WSGI names, a module or a script, but to nobody who is gone.
import ctypes
import importlib
import os
import runpy
import select
import signal

import uwsgi

# uWSGI asks its workers to end by SIGHUP. Those that still load the application would not, so there the signal ends them; then uWSGI's own
# handler is back, which Python's signal module cannot put back.
libc = ctypes.CDLL(None)
libc.signal.argtypes, libc.signal.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
graceful = libc.signal(signal.SIGHUP, None)
name = os.environ["PLINTH_WSGI"]
api = runpy.run_path(name)["application"] if "/" in name else importlib.import_module(name).application
libc.signal(signal.SIGHUP, graceful)
# Whoever has closed the connection, or its sending half, is gone.
def is_gone(): closed = select.poll(); closed.register(uwsgi.connection_fd(), select.POLLRDHUP); return closed.poll(0) != []
def leave(start_response): start_response("499 Client Closed Request", []); return []
def application(environ, start_response): return leave(start_response) if is_gone() else api(environ, start_response)
