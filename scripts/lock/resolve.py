"""Resolves requirements with uv, and prints what a lock is written from: [{"name", "version", "hashes", "built"}, ...].

resolve.py PYTHON CONSTRAINTS BUILD_CONSTRAINTS REQUIREMENT...: hashes are those of every wheel that fits the Python on Linux x86_64.
`built` is a package that has none, of which the hash is that of its sources.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

python, constraints, build, *requirements = sys.argv[1:]
# glibc 2.40: the newest that uv knows by name. Debian 13 has 2.41.
PLATFORM = "x86_64-manylinux_2_40"


def resolve():
    """The packages that uv's resolution has, as a lock file of PEP 751 lists them."""
    with tempfile.TemporaryDirectory() as directory:
        asked = pathlib.Path(directory, "asked.txt")
        asked.write_text("".join(f"{line}\n" for line in requirements))
        done = pathlib.Path(directory, "pylock.toml")
        options = ["--quiet", "--no-config", "--python", "/usr/bin/python3", "--python-version", python, "--python-platform", PLATFORM]
        limits = ["--constraints", constraints, *(["--build-constraints", build] if build else [])]
        subprocess.run(["uv", "pip", "compile", *options, *limits, "--generate-hashes", "--output-file", done, asked], check=True)
        return tomllib.loads(done.read_text())["packages"]


def row(package):
    wheels = package.get("wheels", [])
    hashes = sorted({file["hashes"]["sha256"] for file in wheels or [package["sdist"]]})
    return {"name": package["name"], "version": package["version"], "hashes": hashes, "built": not wheels}


json.dump([row(package) for package in sorted(resolve(), key=lambda one: one["name"])], sys.stdout)
