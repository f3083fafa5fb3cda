"""The scenarios of scenarios/live on the servers of this machine: MariaDB, and the MySQL that SLUICE_MYSQLD names. SKIPPED without one."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

sluice = os.path.abspath(os.environ["SLUICE"])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
path = os.environ.get("PATH", "") + ":/usr/sbin"
programs = [program for program in (shutil.which("mariadbd", path=path), os.environ.get("SLUICE_MYSQLD")) if program]
if not programs:
    print("SKIPPED: neither mariadbd (Debian: mariadb-server-core) nor SLUICE_MYSQLD is there")
    sys.exit(77)

failed = 0
for program in programs:
    for scenario in sorted(glob.glob(os.path.join(root, "scenarios/live/*.toml"))):
        text = open(scenario, encoding="utf-8").read()
        if program == programs[-1] and len(programs) > 1:
            text = text.replace("RESET MASTER", "RESET BINARY LOGS AND GTIDS")
        text = text.replace('engine = "mysqld"', f'engine = "mysqld"\nprogram = "{program}"')
        text = text.replace('use = "../', f'use = "{root}/scenarios/')
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, os.path.basename(scenario))
            open(file, "w", encoding="utf-8").write(text)
            run = subprocess.run([sluice, "run", file], capture_output=True, text=True, timeout=240)
        print(run.stdout, run.stderr, sep="", flush=True)
        failed += run.returncode != 0
sys.exit(1 if failed else 0)
