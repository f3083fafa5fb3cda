"""`aws s3` moves files: version 2 as Debian has it and a current one, version 1 from PyPI. (aws_cli_test.py: the tutorial's commands.)"""

import json
import os

import command_line
import every_client
import sluice


class Client(command_line.CommandLine):
    def connect(self):
        self.program = [self.program[0], "--endpoint-url", self.url]
        self.to = f"s3://{self.bucket}"

    def connect_by_host(self):
        self.environment = {**self.environment, **every_client.proxied(self.url)}
        self.program = [self.program[0], "--endpoint-url", f"http://{every_client.HOST}"]
        self.to = f"s3://{self.bucket}"

    def create_bucket(self):
        self.run_it("s3", "mb", self.to)

    def put(self, key, body):
        self.run_it("s3", "cp", self.path("file", body), f"{self.to}/{key}")

    def get(self, key):
        return self.bytes_of("s3", "cp", f"{self.to}/{key}", "-")

    def get_range(self, key, first, last):
        self.run_it("s3api", "get-object", "--bucket", self.bucket, "--key", key, "--range", f"bytes={first}-{last}", "back")
        return self.content("back")

    def put_many(self, keys):
        self.run_it("s3", "cp", "--quiet", "--recursive", self.files(keys), self.to)

    def names(self):
        return [line.split(maxsplit=3)[3] for line in self.run_it("s3", "ls", "--recursive", self.to).splitlines()]

    def copy(self, source, target):
        self.run_it("s3", "cp", f"{self.to}/{source}", f"{self.to}/{target}")

    def delete_many(self, keys):
        kept = set(self.names()) - set(keys)
        for at in range(0, len(keys), 1000):
            chosen = self.path("chosen", json.dumps({"Objects": [{"Key": key} for key in keys[at:at + 1000]], "Quiet": True}).encode())
            self.run_it("s3api", "delete-objects", "--bucket", self.bucket, "--delete", "file://" + chosen)
        self.assertEqual(set(self.names()), kept)

    def test_syncs_moves_and_presigns(self):
        for name in ("a.csv", "sub/b c.csv", "sub/é.log"):
            # S3 tells whole seconds: a file of this very second would look newer than its upload.
            os.utime(self.path("tree/" + name, name.encode()), (1_700_000_000, 1_700_000_000))
        self.run_it("s3", "sync", "tree", self.to, "--exclude", "*.log")
        self.assertEqual(self.names(), ["a.csv", "sub/b c.csv"])
        self.assertEqual(self.run_it("s3", "sync", "tree", self.to, "--exclude", "*.log"), "")
        self.run_it("s3", "sync", self.to, "back")
        self.assertEqual(self.content("back/sub/b c.csv"), b"sub/b c.csv")
        self.run_it("s3", "mv", self.to + "/a.csv", self.to + "/moved.csv")
        os.remove(self.path("tree/a.csv"))
        self.run_it("s3", "sync", "tree", self.to, "--delete")
        self.assertEqual(self.names(), ["sub/b c.csv", "sub/é.log"])
        link = self.run_it("s3", "presign", self.to + "/sub/b c.csv", "--expires-in", "60").strip()
        self.assertEqual(sluice.read(link), b"sub/b c.csv")
        self.run_it("s3", "rb", "--force", self.to)
        self.assertNotIn(self.bucket + "\n", self.run_it("s3", "ls"))


class Version2(Client):
    program = ["/usr/bin/aws"]


class Current2(Client):
    program = sluice.program("awscli2", "aws")


class Version1(Client):
    program = sluice.program("awscli", "aws")


# Each command starts a Python anew, so the half that a server of any key would see again is left to aws_cli_test.py.
_, Version1Verified = every_client.tests(Version1, verified_many=2500)
_, Version2Verified = every_client.tests(Version2, verified_many=2500)
_, Current2Verified = every_client.tests(Current2, verified_many=2500)
Version1VirtualHost = every_client.virtual_host(Version1, many=30)
Current2VirtualHost = every_client.virtual_host(Current2, many=30)

if __name__ == "__main__":
    sluice.main()
