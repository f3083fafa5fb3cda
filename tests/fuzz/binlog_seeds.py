#!/usr/bin/env python3
"""Cuts recorded binlogs into the smallest logs that still say something: the FORMAT_DESCRIPTION and one event, or one statement's TABLE_MAPs and rows.

    binlog_seeds.py OUT_DIR [LOG...]    without logs: those of fixtures/

A fuzzer that starts from these reaches every event and column type at once, and runs many more inputs a second than from whole files.
"""

import gzip
import hashlib
import pathlib
import struct
import sys

MAGIC = b"\xfebin"
FORMAT_DESCRIPTION, XID, TABLE_MAP = 15, 16, 19
ROWS = {23, 24, 25, 30, 31, 32, 39, 166, 167, 168}
EVENT_MAX = 700  # larger ones say the same, slower
STATEMENT_END = 1


def events(log):
    at = len(MAGIC)
    while at + 19 <= len(log):
        size = struct.unpack_from("<I", log, at + 9)[0]
        if size < 19 or at + size > len(log):
            return
        yield log[at + 4], log[at : at + size]
        at += size


def xid(checksum):
    return struct.pack("<IBIIIH", 0, XID, 1, 27 + checksum, 0, 0) + bytes(8 + checksum)


def seeds(log):
    head, maps, rows, checksum = b"", b"", b"", 4
    for kind, event in events(log):
        if kind == FORMAT_DESCRIPTION:
            head = MAGIC + event
            checksum = 4 if event[-5] == 1 else 0
            yield (kind,), head
        elif kind == TABLE_MAP:
            maps += event
        elif kind in ROWS:
            rows += event
            if struct.unpack_from("<H", event, 25)[0] & STATEMENT_END:
                if len(maps) + len(rows) <= EVENT_MAX:
                    # Two of the same table say nothing new, but its NULLs and its images may.
                    yield (kind, maps[27:], len(rows) // 32), head + maps + rows + xid(checksum)
                maps = rows = b""
        elif len(event) <= EVENT_MAX:
            yield (kind, len(event) // 64), head + event


def fixtures():
    root = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
    return sorted(str(path) for path in root.rglob("*") if path.suffix == ".binlog" or path.name.startswith("binlog.0"))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    seen = set()
    for path in sys.argv[2:] or fixtures():
        log = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
        if log[:4] != MAGIC:
            sys.exit(f"{path} is not a binlog")
        for key, seed in seeds(log):
            if key in seen:
                continue
            seen.add(key)
            (out / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    print(f"{len(list(out.iterdir()))} seeds in {out}")


if __name__ == "__main__":
    main()
