"""Runs every command that README.md shows and compares what it prints; real times and trace hashes may differ."""
import os
import re
import shlex
import subprocess
import sys

sluice = os.path.abspath(os.environ["SLUICE"])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
readme = open(os.path.join(root, "README.md"), encoding="utf-8").read()


def same(text):
    return re.sub(r"\b[0-9a-f]{16}\b", "HASH", re.sub(r" *[0-9.]+ ms", " # ms", text)).strip()


checked = 0
for block in re.findall(r"^```\n(.*?)^```", readme, re.M | re.S):
    for shown in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, output = shown.partition("\n")
        words = shlex.split(command)
        if words[:2] == ["./dev", "demo"]:
            words = ["sluice", "run", "scenarios/02-insert-update-delete.toml", "--story"]
        if words[0] != "sluice":
            continue
        run = subprocess.run([sluice] + words[1:], cwd=root, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"$ {command}\nexit {run.returncode}\n{run.stderr}")
        if "..." not in output and same(run.stdout) != same(output):
            sys.exit(f"$ {command}\nREADME.md shows:\n{output}\nit prints:\n{run.stdout}")
        checked += 1
if checked == 0:
    sys.exit("README.md shows no command")
print(f"{checked} commands of README.md do what it says")
