"""For clients that are programs: runs one in the test's folder and expects success."""

import shutil
import subprocess

import sluice


class CommandLine:
    """A class has `program`: the words that a command line begins with."""

    environment = sluice.ENVIRONMENT

    @classmethod
    def missing(cls):
        return None if shutil.which(cls.program[0]) else f"{cls.program[0]} is not there"

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
