"""For clients that are programs: runs one in the test's folder and expects success."""

import os
import shutil
import subprocess

import sluice


class CommandLine:
    """A class has `program`: the words that a command line begins with."""

    environment = sluice.ENVIRONMENT

    @classmethod
    def missing(cls):
        for word in cls.program:
            if not (shutil.which(word) or os.path.exists(word)):
                return f"{word} is not there: ./dev clients installs what it can and sets SLUICE_CLIENTS"
        return None

    def start(self, *arguments):
        return subprocess.run([*self.program, *arguments], env=self.environment, cwd=self.folder, capture_output=True, timeout=280)

    def bytes_of(self, *arguments):
        done = self.start(*arguments)
        self.assertEqual(done.returncode, 0, (arguments, done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout

    def run_it(self, *arguments):
        return self.bytes_of(*arguments).decode()

    def files(self, keys):
        """A folder with a file per key, its name as its content; its name."""
        for key in keys:
            self.path(f"tree/{key}", key.encode())
        return "tree"


class Driver(CommandLine):
    """A library in another language: a small program of ours has a command for each call of every_client.py.

    create BUCKET, put|get BUCKET KEY FILE, range BUCKET KEY FILE FIRST LAST, put-many|delete-many BUCKET FILE (a key a line),
    names BUCKET, copy BUCKET SOURCE TARGET, and `extras BUCKET`: what is typical of this client, which it checks by itself.
    """

    def connect(self):
        self.environment = {**sluice.ENVIRONMENT, "SLUICE_URL": self.url}

    def create_bucket(self):
        self.run_it("create", self.bucket)

    def put(self, key, body):
        self.run_it("put", self.bucket, key, self.path("file", body))

    def get(self, key):
        self.run_it("get", self.bucket, key, self.path("back"))
        return self.content("back")

    def get_range(self, key, first, last):
        self.run_it("range", self.bucket, key, self.path("back"), str(first), str(last))
        return self.content("back")

    def put_many(self, keys):
        self.run_it("put-many", self.bucket, self.path("keys", "\n".join(keys).encode()))

    def names(self):
        return self.run_it("names", self.bucket).splitlines()

    def copy(self, source, target):
        self.run_it("copy", self.bucket, source, target)

    def delete_many(self, keys):
        self.run_it("delete-many", self.bucket, self.path("keys", "\n".join(keys).encode()))

    def test_does_what_is_typical_of_it(self):
        self.run_it("extras", self.bucket)
