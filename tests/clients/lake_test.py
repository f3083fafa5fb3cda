"""What reads and writes tables in a lake: DuckDB's httpfs, delta-rs and Polars (object_store). They bring their own S3 clients."""

import importlib.resources
import itertools
import threading
import unittest

import sluice

sluice.python_of("arrow")
import deltalake
import duckdb
import polars
import pyarrow
from deltalake.exceptions import CommitFailedError
from pyarrow import fs

OPTIONS = {
    "aws_access_key_id": sluice.KEY,
    "aws_secret_access_key": sluice.SECRET,
    "aws_region": "us-east-1",
    "aws_allow_http": "true",
    "aws_conditional_put": "etag",  # If-None-Match: * on the log entry of a commit
}
CITIES = ["London", "Paris", "São Paulo", "a/b=c"]


def table(first, rows):
    return pyarrow.table({"id": range(first, first + rows), "city": [CITIES[number % 4] for number in range(rows)]})


class Lake:
    numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        cls.server = sluice.Server(*cls.server_options)
        cls.addClassCleanup(cls.server.__exit__)
        cls.host = cls.server.url.removeprefix("http://")
        cls.options = {**OPTIONS, "aws_endpoint": cls.server.url}

    def setUp(self):
        self.bucket = f"lake-{next(self.numbers)}"
        self.arrow = fs.S3FileSystem(access_key=sluice.KEY, secret_key=sluice.SECRET, region="us-east-1", scheme="http",
                                     endpoint_override=self.host, allow_bucket_creation=True)
        self.arrow.create_dir(self.bucket)
        self.place = f"s3://{self.bucket}/table"

    def names(self, folder=""):
        return [entry.path for entry in self.arrow.get_file_info(fs.FileSelector(f"{self.bucket}/{folder}", recursive=True))
                if entry.type == fs.FileType.File]

    def commit(self, writer, count, errors):
        try:
            for number in range(count):
                deltalake.write_deltalake(self.place, table(writer * 1000 + number * 10, 10), mode="append",
                                          storage_options=self.options)
        except Exception as error:  # for the thread that waits
            errors.append(error)

    def test_delta_loses_no_commit_of_two_writers(self):
        deltalake.write_deltalake(self.place, table(0, 10), storage_options=self.options)
        errors = []
        writers = [threading.Thread(target=self.commit, args=(writer, 8, errors)) for writer in (1, 2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.assertEqual(errors, [])
        found = deltalake.DeltaTable(self.place, storage_options=self.options)
        self.assertEqual(found.version(), 16)
        ids = [10 * number + row for number in range(8) for row in range(10)]
        self.assertEqual(sorted(found.to_pyarrow_table()["id"].to_pylist()),
                         [*range(10), *(1000 + row for row in ids), *(2000 + row for row in ids)])

    def test_delta_refuses_the_second_of_two_that_change_the_same(self):
        deltalake.write_deltalake(self.place, table(0, 10), storage_options=self.options)
        first, second = (deltalake.DeltaTable(self.place, storage_options=self.options) for _ in range(2))
        first.delete("id < 5")
        with self.assertRaises(CommitFailedError):
            second.update(updates={"city": "'Rome'"}, predicate="id < 5")
        read = deltalake.DeltaTable(self.place, storage_options=self.options)
        self.assertEqual(read.to_pyarrow_table()["id"].to_pylist(), [5, 6, 7, 8, 9])

    def test_delta_merges_optimizes_and_vacuums(self):
        for first in (0, 10, 20):
            deltalake.write_deltalake(self.place, table(first, 10), mode="append", storage_options=self.options)
        lake = deltalake.DeltaTable(self.place, storage_options=self.options)
        changes = pyarrow.table({"id": [5, 100], "city": ["Rome", "Oslo"]})
        (lake.merge(changes, "old.id = new.id", source_alias="new", target_alias="old")
         .when_matched_update_all().when_not_matched_insert_all().execute())
        lake.optimize.compact()
        removed = lake.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
        self.assertGreater(len(removed), 2)
        read = {row["id"]: row["city"] for row in lake.to_pyarrow_table().to_pylist()}
        self.assertEqual((len(read), read[5], read[100]), (31, "Rome", "Oslo"))

    def duck(self):
        """With the extension out of its wheel, since DuckDB would fetch it from its own site."""
        package = importlib.resources.files("duckdb_extension_httpfs")
        connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        connection.load_extension(str(next(iter(package.glob("extensions/*/httpfs.duckdb_extension")))))
        connection.execute(f"""CREATE SECRET (TYPE s3, KEY_ID '{sluice.KEY}', SECRET '{sluice.SECRET}', REGION 'us-east-1',
                                              ENDPOINT '{self.host}', URL_STYLE 'path', USE_SSL false)""")
        self.addCleanup(connection.close)
        return connection

    def test_duckdb_writes_parquet_and_reads_ranges_of_it(self):
        duck = self.duck()
        duck.execute(f"""COPY (SELECT range AS id, hash(range) AS mixed, range % 7 AS part FROM range(3_000_000))
                         TO 's3://{self.bucket}/numbers.parquet' (FORMAT parquet, COMPRESSION uncompressed)""")
        size = self.arrow.get_file_info(f"{self.bucket}/numbers.parquet").size
        self.assertGreater(size, 24_000_000)
        answer = duck.execute(f"SELECT count(*), sum(part), bit_xor(mixed) FROM 's3://{self.bucket}/numbers.parquet'").fetchone()
        expected = duck.execute("SELECT count(*), sum(range % 7), bit_xor(hash(range)) FROM range(3_000_000)").fetchone()
        self.assertEqual(answer, expected)
        chosen = f"SELECT mixed = hash(id) FROM 's3://{self.bucket}/numbers.parquet' WHERE id = 2_345_678"
        self.assertEqual(duck.execute(chosen).fetchall(), [(True,)])

    def test_duckdb_globs_partitions_and_csv(self):
        duck = self.duck()
        duck.register("cities", table(0, 1000))
        duck.execute(f"COPY cities TO '{self.place}' (FORMAT parquet, PARTITION_BY (city))")
        self.assertEqual(len(self.names("table")), 4)
        read = f"read_parquet('{self.place}/*/*.parquet', hive_partitioning = true)"
        self.assertEqual(duck.execute(f"SELECT city, count(*) FROM {read} GROUP BY city ORDER BY city").fetchall(),
                         [(city, 250) for city in sorted(CITIES)])
        for number in range(1, 4):
            duck.execute(f"COPY (SELECT {number} AS n) TO 's3://{self.bucket}/csv/a b+{number}.csv' (HEADER)")
        self.assertEqual(duck.execute(f"SELECT sum(n) FROM 's3://{self.bucket}/csv/*+[12].csv'").fetchone(), (3,))
        self.assertEqual(duck.execute(f"SELECT count(*) FROM glob('s3://{self.bucket}/**')").fetchone(), (7,))

    def test_polars_writes_and_scans(self):
        frame = polars.DataFrame({"id": range(1000), "city": CITIES * 250})
        frame.write_parquet(f"s3://{self.bucket}/frame.parquet", storage_options=self.options)
        scanned = polars.scan_parquet(f"s3://{self.bucket}/*.parquet", storage_options=self.options)
        self.assertTrue(scanned.filter(polars.col("id") >= 990).collect().equals(frame.tail(10)))
        frame.lazy().sink_csv(f"s3://{self.bucket}/out/frame.csv", storage_options=self.options)
        self.assertTrue(polars.read_csv(f"s3://{self.bucket}/out/frame.csv", storage_options=self.options).equals(frame))


for mode, options in (("AnyKey", ()), ("Verified", sluice.VERIFY)):
    globals()[mode] = type(mode, (Lake, unittest.TestCase), {"server_options": options})

if __name__ == "__main__":
    sluice.main()
