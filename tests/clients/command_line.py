"""For clients that are programs: runs one in the test's folder and expects success."""

import os
import shutil
import socket
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

    def connect(self, **more):
        self.environment = {**sluice.ENVIRONMENT, "SLUICE_URL": self.url, **more}

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

    def test_addresses_buckets_by_host(self):
        # A driver that is told so knows that bucket.localhost is 127.0.0.1.
        self.connect(SLUICE_URL=self.url.replace("127.0.0.1", "localhost"), SLUICE_VIRTUAL_HOST="yes")
        self.run_it("extras", self.bucket)
        self.put("a b/é.csv", b"by host")
        self.assertIn("a b/é.csv", self.names())


class Conversation(Driver):
    """A driver that starts slowly runs once for all tests: a command is a line of tabbed words, its end `done` or `failed: why`."""

    process = None

    def connect(self, **more):
        self.hang_up()
        super().connect(SLUICE_FOLDER=self.folder, **more)
        self.process = subprocess.Popen(self.program, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.hang_up)

    def hang_up(self):
        """Its last words, if it has not said them yet."""
        if self.process and not self.process.stdin.closed:
            return self.process.communicate()[1]

    def run_it(self, *arguments):
        self.process.stdin.write("\t".join(arguments) + "\n")
        self.process.stdin.flush()
        said = []
        for line in self.process.stdout:
            if line == "done\n":
                return "".join(said)
            if line.startswith("failed: "):
                break
            said.append(line)
        self.fail((arguments, said[-20:], line, self.hang_up()[-6000:]))


class Java(Conversation):
    """A class of java/ with the jars that install puts in `folder`; `driver` is its name."""

    program = ["java", "javac"]  # for missing(); what is started follows

    @classmethod
    def missing(cls):
        made = os.path.join(sluice.folder_of(cls.folder_of_jars), "classes")
        return super().missing() or (None if os.path.isdir(made) else f"{made} is not there: ./dev clients makes it")

    def connect(self, **more):
        folder = sluice.folder_of(self.folder_of_jars)
        hosts = self.path("hosts", f"127.0.0.1 localhost {self.bucket}.localhost absent-bucket.localhost {socket.gethostname()}\n".encode())
        self.program = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", f"-Djdk.net.hosts.file={hosts}",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", f"{folder}/classes:{folder}/jars/*", self.driver]
        super().connect(**more)
