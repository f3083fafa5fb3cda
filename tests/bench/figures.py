"""Start-up, memory and the course: medians of ten processes each, with the goals beside them."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 10
TUTORIAL = "scenarios/02-insert-update-delete.toml"
STACK = "scenarios/tutorial.toml"


def run_once(command):
    """(wall ms, peak MiB) of one process."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return (time.monotonic() - started) * 1000, usage.ru_maxrss / 1024


def serve_once(command):
    """(ms from exec to the ready line, MiB while idle) of one server, which is then told to stop."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if not process.stdout.readline().startswith("ready "):
        sys.exit(f"not ready: {' '.join(command)}")
    elapsed = (time.monotonic() - started) * 1000
    with open(f"/proc/{process.pid}/status") as status:
        memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    process.terminate()
    process.wait()
    return elapsed, memory


def row(name, measure, command, goal):
    wall, memory = zip(*(measure(command) for _ in range(RUNS)))
    print(f"{name:44} {statistics.median(wall):8.1f} ms {statistics.median(memory):8.1f} MiB   goal {goal}")


def main():
    sluice = sys.argv[1]
    row("the tutorial's scenario, whole process", run_once, [sluice, "run", TUTORIAL], "50 ms, 30 MB")
    course = sorted(os.path.join("scenarios", name) for name in os.listdir("scenarios") if name[:2].isdigit())[:20]
    row("20 scenarios in one process", run_once, [sluice, "run", *course], "1 s")
    row("serve, in memory: exec to ready, idle", serve_once, [sluice, "serve", "--port", "0"], "30 ms, 25 MB")
    row("serve with the tutorial's stack", serve_once, [sluice, "serve", "--port", "0", "--stack", STACK], "")
    with tempfile.TemporaryDirectory() as folder:
        command = [sluice, "serve", "--port", "0", "--stack", STACK, "--data", os.path.join(folder, "data")]
        serve_once(command)  # the first start sets the database up
        row("serve with the stack on an earlier folder", serve_once, command, "")


if __name__ == "__main__":
    main()
