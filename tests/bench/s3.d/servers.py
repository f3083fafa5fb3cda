"""The servers that are compared: how each is started, and what the system tells of it while it runs."""

import os
import shutil
import signal
import socket
import subprocess
import time

from client import Connection

NGINX = """daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; {sendfile} keepalive_requests 1000000000; root {folder}/root;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4;
  scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; }} }}
"""
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One that runs. command(port, folder) gives what is executed."""

    def __init__(self, name, command, folder, keys=("test", "test"), environment=None):
        self.name, self.folder, self.keys, self.port = name, folder, keys, free_port()
        os.makedirs(folder)
        started = time.monotonic()
        with open(os.path.join(folder, "..", f"{name}.log".replace(" ", "_")), "w") as log:
            self.process = subprocess.Popen(command(self.port, folder), stdout=log, stderr=log, env={**os.environ, **(environment or {})},
                                            start_new_session=True)
        self.await_answer(started + 30)
        self.start_ms = (time.monotonic() - started) * 1000

    def await_answer(self, until):
        while True:
            try:
                Connection(self.port).ask(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > until:
                    self.stop()
                    raise RuntimeError(f"{self.name} does not answer: {error}") from error
                time.sleep(0.0005)

    def memory_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def nginx(folder, files, sendfile):
    """As it ships it reads a file and writes it; with sendfile, as distributions set it up, the system sends it from the cache."""
    name = "nginx with sendfile" if sendfile else "nginx"
    root = os.path.join(folder, name.replace(" ", "-"))

    def command(port, _):
        os.makedirs(os.path.join(root, "root"))
        for name, content in files.items():
            with open(os.path.join(root, "root", name), "wb") as file:
                file.write(content)
        with open(os.path.join(root, "nginx.conf"), "w") as file:
            file.write(NGINX.format(folder=root, port=port, sendfile="sendfile on; tcp_nopush on;" if sendfile else ""))
        return ["/usr/sbin/nginx", "-p", root, "-c", os.path.join(root, "nginx.conf")]

    return Server(name, command, root)


def candidates(sluice, peers):
    """name -> (the program that must be there, what starts it in a folder)"""
    serve = [sluice, "serve", "--verify-signatures", "--port"]
    go, moto = (os.path.join(peers, *path) for path in (("go",), ("moto", "bin", "moto_server")))
    s3s, s3rver = os.path.join(peers, "cargo", "bin", "s3s-fs"), os.path.join(peers, "node", "node_modules", ".bin", "s3rver")
    versitygw, minio = os.path.join(go, "versitygw"), os.path.join(go, "minio")
    secret = ("testtest", "testtest")
    minio_keys = {"MINIO_ROOT_USER": secret[0], "MINIO_ROOT_PASSWORD": secret[1], "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}
    return {
        "sluice": (sluice, lambda name, folder: Server(name, lambda port, _: [*serve, str(port)], folder)),
        "sluice --data": (sluice, lambda name, folder: Server(
            name, lambda port, data: [*serve, str(port), "--data", os.path.join(data, "data"), "--sync", "normal"], folder)),
        "versitygw": (versitygw, lambda name, folder: Server(
            name, lambda port, data: [versitygw, "--access", "test", "--secret", "test", "--quiet", "--keep-alive", "--port", f"127.0.0.1:{port}",
                                      "posix", data],
            folder)),
        "minio": (minio, lambda name, folder: Server(
            name, lambda port, data: [minio, "server", "--quiet", "--address", f"127.0.0.1:{port}", data], folder, secret, minio_keys)),
        "s3s-fs": (s3s, lambda name, folder: Server(
            name, lambda port, data: [s3s, "--host", "127.0.0.1", "--port", str(port), "--access-key", "test", "--secret-key", "test", data],
            folder, environment={"RUST_LOG": "off"})),
        "moto": (moto, lambda name, folder: Server(name, lambda port, _: [moto, "-H", "127.0.0.1", "-p", str(port)], folder)),
        "s3rver": (s3rver, lambda name, folder: Server(
            name, lambda port, data: [s3rver, "-d", data, "-a", "127.0.0.1", "-p", str(port), "--silent"], folder, ("S3RVER", "S3RVER"))),
    }
