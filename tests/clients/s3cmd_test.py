"""s3cmd: Debian's 2.3 and PyPI's current one (its own signer, multipart at 15 MiB, Content-MD5 checks)."""

import command_line
import every_client
import sluice


class Client(command_line.CommandLine):
    def connect(self):
        host = self.url.removeprefix("http://")
        self.program = [*self.program[:1], "--config", self.path("s3cfg", f"""[default]
access_key = {sluice.KEY}
secret_key = {sluice.SECRET}
host_base = {host}
host_bucket = {host}
use_https = False
max_retries = 0
""".encode()), "--no-progress"]
        self.to = f"s3://{self.bucket}"

    def connect_by_host(self):
        Client.connect(self)
        port = self.url.rsplit(":", 1)[1]
        with open(self.program[2], encoding="utf-8") as file:
            config = file.read()
        host = self.url.removeprefix("http://")
        config = config.replace(f"host_base = {host}", f"host_base = {every_client.HOST}")
        config = config.replace(f"host_bucket = {host}", f"host_bucket = %(bucket)s.{every_client.HOST}")
        self.path("s3cfg", f"{config}proxy_host = 127.0.0.1\nproxy_port = {port}\n".encode())

    def create_bucket(self):
        self.run_it("mb", self.to)

    def put(self, key, body):
        self.run_it("put", self.path("file", body), f"{self.to}/{key}")

    def get(self, key):
        self.run_it("get", "--force", f"{self.to}/{key}", self.path("back"))
        return self.content("back")

    def get_range(self, key, first, last):
        """What it has for ranges is to go on with a file that was cut off."""
        self.path("back", every_client.LARGE[:first])
        self.run_it("get", "--continue", f"{self.to}/{key}", self.path("back"))
        return self.content("back")[first:last + 1]

    def put_many(self, keys):
        self.run_it("put", "--recursive", self.files(keys) + "/", f"{self.to}/")

    def names(self):
        listed = self.run_it("ls", "--recursive", self.to).splitlines()
        return [line.split(maxsplit=3)[3].removeprefix(self.to + "/") for line in listed]

    def copy(self, source, target):
        self.run_it("cp", f"{self.to}/{source}", f"{self.to}/{target}")

    def delete_many(self, keys):
        for at in range(0, len(keys), 1000):
            self.run_it("del", *(f"{self.to}/{key}" for key in keys[at:at + 1000]))

    def test_syncs_signs_and_tells(self):
        self.files(["a.csv", "sub/b.csv"])
        self.assertIn("upload:", self.run_it("sync", "tree/", self.to + "/"))
        self.assertNotIn("upload:", self.run_it("sync", "tree/", self.to + "/"))
        self.run_it("sync", self.to + "/sub/", self.path("back/"))
        self.assertEqual(self.content("back/b.csv"), b"sub/b.csv")
        self.run_it("mv", self.to + "/a.csv", self.to + "/moved.csv")
        self.assertEqual(sorted(self.names()), ["moved.csv", "sub/b.csv"])
        told = self.run_it("info", self.to + "/moved.csv")
        self.assertIn("File size: 5", told)
        self.assertEqual(sluice.read(self.run_it("signurl", self.to + "/moved.csv", "+600").strip()), b"a.csv")
        self.run_it("modify", "--add-header=Cache-Control: no-cache", self.to + "/moved.csv")
        self.run_it("rb", "--recursive", "--force", self.to)


class PyPI(Client):
    program = sluice.program("s3cmd", "s3cmd")


class Debian(Client):
    program = ["/usr/bin/s3cmd"]


PyPIAnyKey, PyPIVerified = every_client.tests(PyPI)
DebianAnyKey, DebianVerified = every_client.tests(Debian)
PyPIVirtualHost, DebianVirtualHost = every_client.virtual_host(PyPI), every_client.virtual_host(Debian)

if __name__ == "__main__":
    sluice.main()
