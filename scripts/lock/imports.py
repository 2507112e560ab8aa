"""Imports every console script of this virtual environment in a process of its own, as the script does it.

imports.py: prints a line for each that fails, with the last line of its traceback, and ends with 1 then. In a process of its own:
many imports in one give false alarms, and hide what one module has imported for another.
"""
import concurrent.futures
import importlib.metadata
import subprocess
import sys

# Commands that want what their package does not depend on, and that no service, job or agent runs.
UNUSED = {
    "glance_store": ("glance-rootwrap",),  # of the store in cinder
    "pecan": ("pecan", "gunicorn_pecan"),  # for who writes an application
    "python-subunit": ("subunit-notify", "subunit2gtk", "subunit2junitxml"),
}

scripts = {
    entry.name: entry
    for entry in importlib.metadata.entry_points(group="console_scripts")
    if entry.name not in UNUSED.get(entry.dist.name, ())
}


def tried(entry):
    code = f"import importlib; value = importlib.import_module({entry.module!r})" + "".join(
        f"; value = getattr(value, {part!r})" for part in (entry.attr or "").split(".") if part
    )
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return run.returncode, (run.stderr.strip().splitlines() or ["no output"])[-1]


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    outcomes = zip(scripts.values(), pool.map(tried, scripts.values()))
    failed = [f"{entry.dist.name}: {entry.name}: {why}" for entry, (status, why) in outcomes if status != 0]
print("\n".join(failed or [f"{len(scripts)} console scripts"]))
sys.exit(1 if failed else 0)
