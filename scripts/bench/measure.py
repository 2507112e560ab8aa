"""Runs commands in turn, many times, and prints what each run cost.

Reads JSON from standard input: {"rounds": n, "warmup": n, "commands": {name: {"argv": [...], "env": {...},
"fresh": directory}}}; the directory is removed before each run, so that every run writes its files as a new container does.
Prints JSON: {name: [{"wall": s, "cpu": s, "rss": KiB}, ...]}. Commands take turns within a round, so that whatever else
the machine does falls on all alike. wait4(2) gives CPU time and peak memory of each process itself; peak memory
is kept across execve(2), so it is plinth's, not /bin/true's.
"""
import json
import os
import shutil
import sys
import time

spec = json.load(sys.stdin)
quiet = os.open(os.devnull, os.O_RDWR)
actions = [(os.POSIX_SPAWN_DUP2, quiet, number) for number in (0, 1, 2)]


def once(name, command):
    if "fresh" in command:
        shutil.rmtree(command["fresh"], ignore_errors=True)
    begin = time.perf_counter()
    process = os.posix_spawn(command["argv"][0], command["argv"], command["env"], file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - begin
    if status != 0:
        sys.exit(f"{name} ended with {os.waitstatus_to_exitcode(status)}: {' '.join(command['argv'])}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss}


runs = {name: [] for name in spec["commands"]}
for number in range(spec["warmup"] + spec["rounds"]):
    for name, command in spec["commands"].items():
        run = once(name, command)
        if number >= spec["warmup"]:
            runs[name].append(run)
print(json.dumps(runs))
