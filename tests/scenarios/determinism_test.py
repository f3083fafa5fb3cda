"""Runs all scenarios under two seeds, two time zones, two locales and two working folders: the trace hashes must be equal."""
import json
import os
import subprocess
import sys
import tempfile

sluice = os.path.abspath(os.environ["SLUICE"])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def hashes(folder, scenarios, seed, **environment):
    run = subprocess.run([sluice, "run", scenarios, "--json", "--seed", str(seed)], cwd=folder, capture_output=True, text=True,
                         env={**os.environ, **environment})
    if run.returncode not in (0, 1):
        sys.exit(f"exit {run.returncode}: {run.stderr}")
    return [json.loads(line)["trace_hash"] for line in run.stdout.splitlines()]


with tempfile.TemporaryDirectory() as elsewhere:
    seen = {}
    for seed in (1, 2):
        here = hashes(root, "scenarios", seed, TZ="UTC", LC_ALL="C")
        there = hashes(elsewhere, os.path.join(root, "scenarios"), seed, TZ="Asia/Kathmandu", LC_ALL="C.UTF-8", LANG="de_DE.UTF-8")
        if here != there:
            sys.exit(f"seed {seed}: the traces depend on time zone, locale or folder\n{here}\n{there}")
        seen[seed] = here
    if seen[1] == seen[2]:
        sys.exit("two seeds gave the same traces: the seed is not used")
    print(f"{len(seen[1])} scenarios, 2 seeds, 2 time zones, 2 folders: equal hashes")
