"""10,000 idle connections, half of them in the middle of a header, and some that stop reading: what the 10,001st waits and what each
connection holds of memory. The clients are processes of 2,000 connections each, so that the usual limits of descriptors do."""

import os
import resource
import socket
import subprocess
import sys
import time

CHILD_CONNECTIONS = 2000


def memory_mib(pid, field="VmRSS"):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def ask(port):
    """Milliseconds to an answer on a new connection."""
    started = time.monotonic()
    with connect(port) as client:
        client.sendall(b"GET /_sluice/health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    if not answer.startswith(b"HTTP/1.1 200 "):
        sys.exit(f"no answer: {answer[:100]!r}")
    return (time.monotonic() - started) * 1000


def hold(port, count):
    """A child: opens connections, says so, and holds them until its input ends."""
    held = [connect(port) for _ in range(count)]
    for client in held[::2]:
        client.sendall(b"GET / HTTP/1.1\r\nHost: h")
    print("held", flush=True)
    sys.stdin.read()


def main():
    sluice, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + 100:
        print(f"the hard limit is {hard} descriptors: the server will shed the oldest idle connections", file=sys.stderr)
    server = subprocess.Popen([sluice, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    children = []
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        print(f"with no connection: {min(ask(port) for _ in range(20)):.2f} ms to an answer, {memory_mib(server.pid):.1f} MiB")
        before = memory_mib(server.pid)
        for _ in range(0, count, CHILD_CONNECTIONS):
            child = subprocess.Popen([sys.executable, __file__, "--hold", str(port), str(min(count, CHILD_CONNECTIONS))], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
            children.append(child)
            child.stdout.readline()
        open_now = len(os.listdir(f"/proc/{server.pid}/fd"))
        held = memory_mib(server.pid)
        print(f"with {open_now:,} descriptors open: {min(ask(port) for _ in range(20)):.2f} ms to an answer, {held:.1f} MiB: "
              f"{(held - before) * 1024 / count:.2f} KiB a connection")
    finally:
        for child in children:
            child.stdin.close()
            child.wait(30)
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    if sys.argv[1] == "--hold":
        hold(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
