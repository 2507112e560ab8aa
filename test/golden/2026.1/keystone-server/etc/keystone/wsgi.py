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
# That handler runs in the main thread and waits for the other threads. In the middle of a request it would keep Python's lock from them, or the
# lock's condition variable, and wait for ever. So the signal waits for the end of the main thread's request (other threads block it anyway). ctypes
# lets go of the lock, so the others can end while the handler waits.
libc.pthread_self.restype = ctypes.c_ulong
main, ending = libc.pthread_self(), ctypes.create_string_buffer(128)
libc.sigemptyset(ending)
libc.sigaddset(ending, signal.SIGHUP)
block, unblock = 0, 1
def mask(how): return libc.pthread_self() == main and libc.pthread_sigmask(how, ending, None)
uwsgi.after_req_hook = lambda: mask(unblock)
# Whoever has closed the connection, or its sending half, is gone.
def is_gone(): closed = select.poll(); closed.register(uwsgi.connection_fd(), select.POLLRDHUP); return closed.poll(0) != []
def leave(start_response): start_response("499 Client Closed Request", []); return []
def application(environ, start_response): mask(block); return leave(start_response) if is_gone() else api(environ, start_response)
