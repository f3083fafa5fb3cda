"""Random SQL on real servers, from the first row to the merged table: full load and changes to files in S3, the files merged, and the output beside what the
server's SELECT gives (expect_equal). Every column type; seeds are fixed, so a failure can be repeated.

  SLUICE=build/release/sluice tests/differential/live.py [SEED...]
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

sluice = os.path.abspath(os.environ["SLUICE"])
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
path = os.environ.get("PATH", "") + ":/usr/sbin"
servers = {"mariadb": shutil.which("mariadbd", path=path), "mysql": os.environ.get("SLUICE_MYSQLD")}
WORDS = ["", "a", "Ada", "x,y", 'say \\"hi\\"', "it''s", "line\\nbreak", "tab\\t", "caf\u00e9", "\u00df\u00fc", "  blank  ", "NULL", "\\\\N", "0", "-1"]
WIDE = WORDS + ["\u20ac", "\U0001f600", "\u65e5\u672c\u8a9e"]


def integer(bits, signed=True):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return lambda r: str(r.choice([low, high, 0, 1, r.randint(low, high)]))


def text(words, longest):
    return lambda r: "'" + r.choice(words) + "'" if r.random() < 0.8 else f"REPEAT('{r.choice('xyz')}', {r.randint(0, longest)})"


def binary(longest):
    return lambda r: "x'" + r.randbytes(r.randint(0, longest)).hex() + "'"


def date(r):
    return r.choice(["'0000-00-00'", "'1000-01-01'", "'9999-12-31'", f"'{r.randint(1900, 2100)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}'"])


def moment(r, first=1000, last=9999):
    day = f"{r.randint(first, last):04}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    return f"'{day} {r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}.{r.randint(0, 999999):06}'"


def decimal(whole, fraction):
    return lambda r: r.choice("+-") + str(r.randint(0, 10 ** r.randint(0, whole) - 1)) + "." + str(r.randint(0, 10**fraction - 1)).zfill(fraction)


def document(r, depth=0):
    kind = r.randint(0, 7 if depth < 3 else 5)
    if kind < 6:
        return ["null", "true", str(r.randint(-(1 << 40), 1 << 40)), repr(r.uniform(-1e9, 1e9)), '"\u00e9\\\\""', '"plain"'][kind]
    parts = [document(r, depth + 1) for _ in range(r.randint(0, 4))]
    return "[" + ", ".join(parts) + "]" if kind == 6 else "{" + ", ".join(f'"k{i}": {part}' for i, part in enumerate(parts)) + "}"


TYPES = [("TINYINT", integer(8)), ("SMALLINT UNSIGNED", integer(16, False)), ("MEDIUMINT", integer(24)), ("INT UNSIGNED ZEROFILL", integer(32, False)),
         ("BIGINT", integer(64)), ("BIGINT UNSIGNED", integer(64, False)), ("FLOAT", lambda r: repr(r.uniform(-1e5, 1e5))),
         ("DOUBLE", lambda r: repr(r.uniform(-1, 1) * 10 ** r.randint(-200, 200))), ("FLOAT(10,3)", decimal(6, 3)), ("DOUBLE(12,4)", decimal(7, 4)),
         ("DECIMAL(10,2)", decimal(8, 2)), ("DECIMAL(65,30)", decimal(35, 30)), ("DECIMAL(5,5)", lambda r: f"0.{r.randint(0, 99999):05}"),
         ("BIT(1)", lambda r: r.choice("01")), ("BIT(12)", lambda r: str(r.randint(0, 4095))), ("BIT(64)", integer(64, False)), ("YEAR", lambda r: str(r.randint(1901, 2155))),
         ("DATE", date), ("TIME", lambda r: f"'{r.choice(['', '-'])}{r.randint(0, 838)}:{r.randint(0, 59):02}:{r.randint(0, 59):02}'"),
         ("TIME(3)", lambda r: f"'-{r.randint(0, 99)}:00:00.{r.randint(0, 999):03}'"), ("DATETIME", moment), ("DATETIME(6)", moment), ("DATETIME(1)", moment),
         ("TIMESTAMP NULL", lambda r: moment(r, 1971, 2037)), ("TIMESTAMP(5) NULL", lambda r: moment(r, 1971, 2037)), ("CHAR(40)", text(WIDE, 40)),
         ("CHAR(255) CHARACTER SET latin1", text(WORDS, 255)), ("VARCHAR(60)", text(WIDE, 60)), ("VARCHAR(3000) CHARACTER SET latin1", text(WORDS, 3000)),
         ("VARCHAR(40) CHARACTER SET utf16", text(WIDE, 40)), ("TINYTEXT", text(WIDE, 200)), ("TEXT", text(WIDE, 5000)), ("MEDIUMTEXT", text(WIDE, 30000)),
         ("LONGTEXT CHARACTER SET utf8mb3", text(WORDS + ["\u20ac"], 20000)), ("BINARY(9)", binary(9)), ("VARBINARY(300)", binary(300)), ("TINYBLOB", binary(50)),
         ("BLOB", binary(900)), ("LONGBLOB", binary(2000)), ("ENUM('a','b''s','\u00e9')", lambda r: r.choice(["'a'", "'b''s'", "'\u00e9'", "'none of them'"])),
         ("SET('x','y','z')", lambda r: r.choice(["''", "'x'", "'y,z'", "'x,y,z'"])), ("GEOMETRY", lambda r: f"ST_GeomFromText('POINT({r.randint(-99, 99)} {r.randint(-80, 80)})')"),
         ("JSON", lambda r: "'" + document(r) + "'")]
KEYS = [("INT", integer(16)), ("BIGINT UNSIGNED", integer(16, False)), ("VARCHAR(20)", lambda r: f"'k{r.randint(0, 400)}'"), ("DECIMAL(12,3)", decimal(2, 3)),
        ("BINARY(4)", lambda r: f"x'{r.randint(0, 400):08x}'"), ("DATETIME(2)", lambda r: f"'2024-01-01 00:{r.randint(0, 59):02}:00.{r.randint(0, 9)}0'")]


class Table:
    def __init__(self, r, name):
        self.name = name
        self.columns = [r.choice(KEYS)] + r.sample(TYPES, r.randint(3, 12))

    def create(self):
        columns = ", ".join(f"c{i} {kind}" for i, (kind, _) in enumerate(self.columns))
        return f"CREATE TABLE {self.name} ({columns}, PRIMARY KEY (c0)) DEFAULT CHARSET=utf8mb4"

    def row(self, r):
        return "(" + ", ".join("NULL" if i > 0 and r.random() < 0.15 else value(r) for i, (_, value) in enumerate(self.columns)) + ")"

    def change(self, r):
        kind = r.randint(0, 9)
        if kind < 5:
            rows = ", ".join(self.row(r) for _ in range(r.randint(1, 8)))
            return f"{r.choice(['INSERT IGNORE', 'REPLACE', 'REPLACE'])} INTO {self.name} VALUES {rows}"
        i = r.randrange(1, len(self.columns))
        if kind < 8:
            return f"UPDATE IGNORE {self.name} SET c{i} = {self.columns[i][1](r)} ORDER BY c0 LIMIT {r.randint(1, 9)}"
        if kind < 9:
            return f"DELETE FROM {self.name} ORDER BY c0 {r.choice(['ASC', 'DESC'])} LIMIT {r.randint(1, 4)}"
        return f"BEGIN; UPDATE IGNORE {self.name} SET c{i} = {self.columns[i][1](r)}; {r.choice(['COMMIT', 'ROLLBACK'])}"


def scenario(seed, program):
    r = random.Random(seed)
    tables = [Table(r, f"t{i}") for i in range(3)]
    changes = lambda count: ";\n".join(r.choice(tables).change(r) for _ in range(count))
    mode = "SET SESSION sql_mode='', time_zone='+05:30'"
    out = [f'title = "Random SQL, seed {seed}"', f"seed = {seed}", 'buckets = ["cdc-in", "cdc-out"]', "[database]", 'engine = "mysqld"', f'program = "{program}"',
           'schema = "d"', 'parameters = { binlog_format = "ROW", sql_mode = "", max_allowed_packet = "64M" }', 'sql_file = "setup.sql"',
           "[task]", 'include = ["d.%"]', 'target = { BucketName = "cdc-in" }', "[function]", 'bucket = "cdc-in"',
           "[job]", 'script = "merge"', 'output = "s3://cdc-out/merged"', 'primary_key = "1"', 'schedule = "15m"', "max_concurrent_runs = 10",
           "[[step]]", 'run_until = "idle"']
    for _ in range(4):
        script = changes(25).replace("\\", "\\\\").replace('"', '\\"')
        out += ["[[step]]", f'sql = """\n{script}"""', "[[step]]", 'run_until = "idle"']
    for table in tables:
        out += ["[[step]]", f'expect_equal = {{ table = "d.{table.name}", output = "s3://cdc-out/merged/d/{table.name}" }}']
    setup = "CREATE DATABASE d;\nUSE d;\n" + mode + ";\n" + ";\n".join(table.create() for table in tables) + ";\n" + changes(40) + ";\n"
    return "\n".join(out) + "\n", setup


def main():
    seeds = [int(word) for word in sys.argv[1:]] or [1, 2, 3]
    programs = {name: program for name, program in servers.items() if program}
    if not programs:
        print("SKIPPED: neither mariadbd (Debian: mariadb-server-core) nor SLUICE_MYSQLD is there")
        sys.exit(77)
    failed = 0
    for name, program in programs.items():
        for seed in seeds:
            text_of_scenario, setup = scenario(seed, program)
            with tempfile.TemporaryDirectory() as folder:
                open(os.path.join(folder, "setup.sql"), "w", encoding="utf-8").write(setup)
                open(os.path.join(folder, "scenario.toml"), "w", encoding="utf-8").write(text_of_scenario)
                run = subprocess.run([sluice, "run", os.path.join(folder, "scenario.toml")], capture_output=True, text=True, timeout=240)
                print(f"{name}, seed {seed}: exit {run.returncode}\n{run.stdout}{run.stderr}", flush=True)
                if run.returncode != 0 and os.environ.get("KEEP"):
                    shutil.copytree(folder, os.environ["KEEP"], dirs_exist_ok=True)
            failed += run.returncode != 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
