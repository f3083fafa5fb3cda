"""rclone: Debian's 1.60 and PyPI's current one, configured by environment as its documentation says for "any other" S3."""

import os

import command_line
import every_client
import sluice

class Client(command_line.CommandLine):
    def connect(self):
        self.environment = {
            **sluice.ENVIRONMENT,
            "RCLONE_CONFIG": os.path.join(self.folder, "none.conf"),
            "RCLONE_CONFIG_S3_TYPE": "s3",
            "RCLONE_CONFIG_S3_PROVIDER": "Other",
            "RCLONE_CONFIG_S3_ACCESS_KEY_ID": sluice.KEY,
            "RCLONE_CONFIG_S3_SECRET_ACCESS_KEY": sluice.SECRET,
            "RCLONE_CONFIG_S3_ENDPOINT": self.url,
            "RCLONE_S3_UPLOAD_CUTOFF": "16Mi",
            "RCLONE_S3_COPY_CUTOFF": "16Mi",
            "RCLONE_RETRIES": "1",
            "RCLONE_LOW_LEVEL_RETRIES": "1",
            "RCLONE_TRANSFERS": "16",
            "RCLONE_CHECKERS": "16",
        }
        self.to = f"s3:{self.bucket}"

    def connect_by_host(self):
        Client.connect(self)
        self.environment = {**self.environment, **every_client.proxied(self.url), "RCLONE_CONFIG_S3_ENDPOINT": f"http://{every_client.HOST}",
                            "RCLONE_CONFIG_S3_FORCE_PATH_STYLE": "false"}

    def create_bucket(self):
        self.run_it("mkdir", self.to)

    def put(self, key, body):
        self.run_it("copyto", self.path("file", body), f"{self.to}/{key}")

    def get(self, key):
        return self.bytes_of("cat", f"{self.to}/{key}")

    def get_range(self, key, first, last):
        return self.bytes_of("cat", "--offset", str(first), "--count", str(last + 1 - first), f"{self.to}/{key}")

    def put_many(self, keys):
        self.run_it("copy", self.files(keys), self.to)

    def names(self):
        return self.run_it("lsf", "-R", "--files-only", self.to).splitlines()

    def copy(self, source, target):
        self.run_it("copyto", f"{self.to}/{source}", f"{self.to}/{target}")

    def delete_many(self, keys):
        listed = self.path("keys", "\n".join(keys).encode())
        self.run_it("delete", "--files-from", listed, self.to)

    def test_checks_and_syncs_a_folder(self):
        self.files(["a.csv", "sub/b c.csv", "sub/é.csv"])
        self.path("tree/large", every_client.LARGE)
        self.run_it("sync", "tree", self.to)
        self.run_it("check", "tree", self.to)
        self.run_it("check", "--download", "tree", self.to)
        self.assertNotIn("Copied", self.start("sync", "-v", "tree", self.to).stderr.decode())
        self.path("tree/a.csv", b"other")
        self.assertNotEqual(self.start("check", "tree", self.to).returncode, 0)
        os.remove(self.path("tree/large"))
        self.run_it("sync", "tree", self.to)
        self.assertEqual(sorted(self.names()), ["a.csv", "sub/b c.csv", "sub/é.csv"])
        self.run_it("moveto", f"{self.to}/a.csv", f"{self.to}/moved.csv")
        self.assertEqual(self.get("moved.csv"), b"other")
        self.run_it("purge", self.to)
        self.assertNotIn(self.bucket, self.run_it("lsf", "s3:").split("/\n"))


class PyPI(Client):
    program = sluice.program("rclone", "rclone")


class Debian(Client):
    program = ["/usr/bin/rclone"]


PyPIAnyKey, PyPIVerified = every_client.tests(PyPI)
DebianAnyKey, DebianVerified = every_client.tests(Debian)
PyPIVirtualHost, DebianVirtualHost = every_client.virtual_host(PyPI), every_client.virtual_host(Debian)

if __name__ == "__main__":
    sluice.main()
