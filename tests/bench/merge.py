"""The sound merge beside Polars and DuckDB: the same base, the same changes, three rounds in turn, each a process of its own."""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

POLARS = """
import polars as pl, sys
base, changes, out = sys.argv[1:]
b = pl.scan_csv(base, has_header=False, new_columns=["id", "n", "c"],
                schema_overrides={"column_1": pl.Int64, "column_2": pl.String, "column_3": pl.String})
c = pl.scan_csv(changes, has_header=False, new_columns=["op", "id", "n", "c"], schema_overrides={"column_2": pl.Int64})
c = c.group_by("id").last()
kept = c.filter(pl.col("op") != "D").select("id", "n", "c")
pl.concat([b.join(c, on="id", how="anti"), kept]).sink_csv(out, include_header=False)
"""

DUCKDB = """
import duckdb, sys
base, changes, out = sys.argv[1:]
duckdb.execute(f'''COPY (
  WITH c AS (SELECT op, id, n, city FROM (
      SELECT *, row_number() OVER () AS rn FROM read_csv('{changes}', header=false, names=['op','id','n','city'], parallel=false))
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY rn DESC) = 1)
  SELECT b.* FROM read_csv('{base}', header=false, names=['id','n','city'], quote='"', escape='"') b ANTI JOIN c USING (id)
  UNION ALL SELECT id, n, city FROM c WHERE op <> 'D') TO '{out}' (HEADER false)''')
"""

FIRST = ["Ada", "Bob", "Chloé", "Dmitri", "Eve", "Farid", "Grace", "Heidi"]
LAST = ["Lovelace", "Smith", "Müller", "O'Neil", "García", "Nguyen"]
CITY = ["London", "Paris", '"Washington, D.C."', "Berlin", '"the ""Big"" Apple"', "São Paulo", '"two\nlines"', ""]


def city(i):
    """Mostly plain, one row in eight with something to quote."""
    return CITY[i % 8] if i % 64 < 8 else CITY[(0, 1, 3, 5)[i % 4]]


def write_base(path, rows):
    with open(path, "w", newline="") as file:
        for start in range(0, rows, 100_000):
            file.write("".join(f"{i},{FIRST[i % 8]} {LAST[i * 7 % 6]} {i},{city(i * 13)}\n" for i in range(start, min(rows, start + 100_000))))


def write_changes(path, rows, changes):
    chance = random.Random(5)
    with open(path, "w", newline="") as file:
        for j in range(changes):
            kind = chance.random()
            key = chance.randrange(rows)
            if kind < 0.6:
                file.write(f"U,{key},New Name {j},{city(j)}\n")
            elif kind < 0.8:
                file.write(f"I,{rows + j},Inserted {j},{city(j)}\n")
            else:
                file.write(f"D,{key},Old,{city(j)}\n")


def measure(command):
    """(wall s, CPU s, peak MiB) of one process."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {command[:2]}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    sluice = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    changes = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        base, change_file, out = (os.path.join(folder, name) for name in ("base.csv", "changes.csv", "out.csv"))
        print(f"base {rows:,} rows, {changes:,} changes", file=sys.stderr)
        write_base(base, rows)
        write_changes(change_file, rows, changes)
        commands = {
            "sluice": [sluice, "merge", "--key", "1", "--out", out, base, change_file],
            "polars": [sys.executable, "-c", POLARS, base, change_file, out],
            "duckdb": [sys.executable, "-c", DUCKDB, base, change_file, out],
            "cp": ["cp", base, out],
        }
        figures = {name: [] for name in commands}
        lines = {}
        for round_number in range(3):
            for name, command in commands.items():
                print(f"round {round_number + 1}: {name}", file=sys.stderr)
                if os.path.exists(out):
                    os.remove(out)
                figures[name].append(measure(command))
                with open(out, "rb") as file:
                    lines[name] = sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
        if len({lines[name] for name in ("sluice", "polars", "duckdb")}) != 1:
            sys.exit(f"the outputs differ in their number of lines: {lines}")
        medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in figures.items()}
        print(f"{'':8} {'wall s':>8} {'CPU s':>8} {'MiB':>8}   wall, CPU as a ratio to polars")
        for name, (wall, cpu, memory) in medians.items():
            print(f"{name:8} {wall:8.2f} {cpu:8.2f} {memory:8.0f}   {wall / medians['polars'][0]:.2f} {cpu / medians['polars'][1]:.2f}")


if __name__ == "__main__":
    main()
