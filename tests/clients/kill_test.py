"""kill -9 in the midst of a live stack: what was acknowledged is there after a restart on the same folder, and goes on to the output."""

import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error

import sluice

OUTPUT = "/cdc-ouput-pyspark/output/kaustubh_schema/Persons/"


def get_or_none(server, path):
    try:
        return server.get(path)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def output(server):
    """The published table by id; {} before the first publication.

    A publication removes the data of the one before, so whoever finds no data behind a manifest reads the manifest again.
    """
    while manifest := get_or_none(server, OUTPUT + "_manifest.json"):
        data = get_or_none(server, OUTPUT + json.loads(manifest)["data"])
        if data is not None:
            return {row[0]: row[1:] for row in csv.reader(io.StringIO(data.decode()))}
        if get_or_none(server, OUTPUT + "_manifest.json") == manifest:
            raise AssertionError(f"the manifest names data that is not there: {manifest}")
    return {}


def table(server):
    return {row[0]: row[1:] for row in server.sql("SELECT * FROM Persons")}


class Kill(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sluice-kill-")
        self.addCleanup(shutil.rmtree, self.folder)

    def serve(self):
        return sluice.Server("--stack", os.path.join(sluice.HERE, "live_stack.toml"), "--data", self.folder)

    def wait_for_equal(self, server):
        sluice.wait_until(lambda: output(server) == table(server), "output = table")

    def test_goes_on_where_it_was(self):
        with self.serve() as server:
            self.wait_for_equal(server)
        acknowledged = 101
        # At another moment each time: at once, while DMS collects, while the file, the event and the job run are under way.
        for pause in (0, 0.4, 0.9, 1.1, 1.3, 1.6):
            server = self.serve()
            for _ in range(5):
                server.sql(f"INSERT INTO Persons VALUES ({acknowledged}, 'Name, \"{acknowledged}\"', 'City')")
                acknowledged += 1
            server.sql(f"UPDATE Persons SET City = 'Moved' WHERE PersonID = {acknowledged - 1}")
            server.sql(f"DELETE FROM Persons WHERE PersonID = {acknowledged - 2}")
            time.sleep(pause)
            server.kill()
            server.__exit__()
        with self.serve() as server:
            self.assertEqual(len(table(server)), acknowledged - 6)
            self.assertEqual(table(server)[str(acknowledged - 1)][1], "Moved")
            self.wait_for_equal(server)
            server.sql("INSERT INTO Persons VALUES (9000, 'After', 'All')")
            sluice.wait_until(lambda: "9000" in output(server), "a change after the restarts")
            self.wait_for_equal(server)

    def test_a_second_server_on_the_folder_is_refused(self):
        with self.serve():
            second = subprocess.run([sluice.BINARY, "serve", "--port", "0", "--data", self.folder], capture_output=True, text=True,
                                    timeout=60)
            self.assertEqual(second.returncode, 4)
            self.assertIn("in use by another process", second.stderr)

    def test_a_taken_port_is_refused_with_a_hint(self):
        with sluice.Server() as server:
            second = subprocess.run([sluice.BINARY, "serve", "--port", server.port], capture_output=True, text=True, timeout=60)
            self.assertEqual(second.returncode, 4)
            self.assertEqual(second.stdout, "")
            self.assertIn("--port", second.stderr)

    def test_sql_command_talks_to_it(self):
        with self.serve() as server:
            def sql(*arguments, **more):
                return subprocess.run([sluice.BINARY, "sql", "--port", server.port, *arguments], capture_output=True, text=True,
                                      timeout=60, **more)
            self.assertEqual(sql("SELECT COUNT(*) AS n FROM Persons").stdout, "n\n101\n")
            self.assertEqual(sql(input="SELECT 1 AS a;\nSELECT 'x;y' AS b").stdout, "a\n1\nb\nx;y\n")
            wrong = sql("SELEKT 1")
            self.assertEqual(wrong.returncode, 1)
            self.assertTrue(wrong.stderr.startswith("ERROR 1064 (42000): "), wrong.stderr)
            self.assertEqual(json.loads(sql("--json", "SELECT 1 AS a").stdout)["results"][0]["rows"], [["1"]])
            trace = [json.loads(line) for line in server.get("/_sluice/trace?after=0").splitlines()]
            self.assertIn("rds", {line["actor"] for line in trace})
            self.assertTrue(server.get("/_sluice/binlog/binlog.000001").startswith(b"\xfebin"))
        gone = sql("SELECT 1")
        self.assertEqual(gone.returncode, 4)
        self.assertIn("sluice serve", gone.stderr)


if __name__ == "__main__":
    sluice.main()
