"""Compiles nodes with reclass itself: a line of JSON in, a line of JSON out, until standard input ends.

Question: {"files": {path: text}, "node": name}. Answer: {"ok": true, "json": what `reclass -o json` printed} or
{"ok": false, "error": the exception's name, "message": its text}; both with "warnings". reclass keeps parsers and values between
runs and can run for ever, so each question is answered by a child of its own, with bounded time and memory.
"""
import collections
import collections.abc
import contextlib
import gc
import io
import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time

collections.Iterable = collections.abc.Iterable

import reclass.cli
import reclass.defaults
import reclass.errors
# What the command would load when it first needs it.
import reclass.output.json_outputter
import reclass.storage.yaml_fs

SECONDS = 20
MEMORY = 1 << 30

# As a user would see the model's directory in every answer, whatever directory it was put into.
SHOWN = "/model"


# reclass asks nodes in the order in which the file system lists them. Here that is the order of their names.
listed = os.walk


def walk(*words, **options):
    for directory, directories, files in listed(*words, **options):
        directories.sort()
        files.sort()
        yield directory, directories, files


os.walk = walk


def write(base, files):
    for directory in ("nodes", "classes"):
        os.makedirs(os.path.join(base, directory), exist_ok=True)
    for path, text in files.items():
        full = os.path.join(base, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(text)


def ask(base, node):
    """Runs the command's own main, in this process. The model's directory is the only place of a configuration file."""
    reclass.defaults.CONFIG_FILE_SEARCH_PATH[:] = [base]
    sys.argv = ["reclass", "-b", base, "-o", "json", "--nodeinfo", node]
    out, err = io.StringIO(), io.StringIO()
    failed = []
    told = reclass.errors.ReclassException.exit_with_message

    def tell(self, stream=sys.stderr):
        failed.append({"error": type(self).__name__, "message": self.message})
        told(self, stream)

    reclass.errors.ReclassException.exit_with_message = tell
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            reclass.cli.main()
    except SystemExit as end:
        if end.code and not failed:
            failed.append({"error": "SystemExit", "message": err.getvalue()})
    except BaseException as error:
        failed.append({"error": type(error).__name__, "message": str(error)})
    warnings = [line for line in err.getvalue().split("\n") if line.startswith("[WARNING]")]
    answer = {"ok": False, **failed[0]} if failed else {"ok": True, "json": out.getvalue()}
    return json.dumps({**answer, "warnings": warnings}).replace(base, SHOWN)


def child(base, question, pipe):
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        answer = ask(base, question["node"])
    except BaseException as error:
        answer = json.dumps({"ok": False, "error": type(error).__name__, "message": str(error), "warnings": []})
    with os.fdopen(pipe, "wb") as stream:
        stream.write(answer.encode())
    os._exit(0)


def answer(base, question):
    shutil.rmtree(base, ignore_errors=True)
    write(base, question["files"])
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        child(base, question, writer)
    os.close(writer)
    parts = []
    end = time.monotonic() + 2 * SECONDS
    while select.select([reader], [], [], max(0, end - time.monotonic()))[0]:
        part = os.read(reader, 1 << 16)
        if not part:
            break
        parts.append(part)
    else:
        os.kill(process, signal.SIGKILL)
    os.close(reader)
    _, status = os.waitpid(process, 0)
    if status != 0:
        return json.dumps({"ok": False, "error": "Killed", "message": f"ended with {status}", "warnings": []})
    return b"".join(parts).decode()


if __name__ == "__main__":
    work = tempfile.mkdtemp(prefix="plinth-judge-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    gc.freeze()
    try:
        for line in sys.stdin:
            print(answer(os.path.join(work, "model"), json.loads(line)), flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
