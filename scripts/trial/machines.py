"""Machines for servers: each with a line to a common switch and a disk of its own, where this machine allows it.

The whole trial runs in namespaces of its own (network, mounts, processes), so that nothing of it is left behind,
however it ends. Where the machine does not allow that all servers run on loopback and on one disk, and what cannot be
broken then is named with the reason.
"""

import _multiprocessing
import contextlib
import glob
import os
import pathlib
import signal
import struct
import subprocess
import sys
import threading
import time

CGROUPS = pathlib.Path("/sys/fs/cgroup/blkio")
CLOCKS = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


def run(*words, check=True):
    """Runs a program to its end; what it said is in the exception where it failed."""
    words = [str(word) for word in words]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        done = subprocess.CompletedProcess(words, 127, "", str(error))
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done


def go_apart():
    """Goes on in namespaces of its own; comes back where the machine does not allow it."""
    words = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.environ.get("PREMIA_APART") or run(*words, "true", check=False).returncode != 0:
        return
    os.execvpe(words[0], [*words, sys.executable, *sys.argv], os.environ | {"PREMIA_APART": "yes"})


class Server:
    """A program that is kept running until the trial ends."""

    def __init__(self, words: list[str], log: pathlib.Path):
        self.process: subprocess.Popen | None = None
        self._words, self._log, self._ends = words, log, threading.Event()
        threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self):
        while not self._ends.is_set():
            with self._log.open("ab") as log:
                self.process = subprocess.Popen(
                    self._words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            self.process.wait()
            self._ends.wait(0.3)

    def signal(self, number: int) -> bool:
        """False where it does not run at this moment."""
        if self.process is None or self.process.poll() is not None:
            return False
        self.process.send_signal(number)
        return True

    def end(self, number: int):
        """Answers when it has ended, which it gets half a minute for."""
        self._ends.set()
        if self.signal(number):
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Machine:
    """Where a server runs: what it is reached at, and what can be broken about it."""

    def __init__(self, name: str, address: str, prefix: list[str], disk: pathlib.Path, device: str | None):
        self.name, self.address, self.prefix, self.disk, self.device = name, address, prefix, disk, device
        self.cgroup = None


class Machines:
    """A switch, and the machines on it. `missing` says why something cannot be broken here, by what it is."""

    def __init__(self, work: pathlib.Path):
        self.work = work
        self.missing: dict[str, str] = {}
        self.all: dict[str, Machine] = {}
        self._find_out()

    def _find_out(self):
        apart = bool(os.environ.get("PREMIA_APART"))
        no_namespaces = "this user may not make namespaces of network, mounts and processes"
        if apart:
            run("ip", "link", "set", "lo", "up")
            for folder in ("/run", "/dev/shm"):
                run("mount", "-t", "tmpfs", "tmpfs", folder)
            self._try("line", "ip", "link", "add", "switch", "type", "bridge")
            self._try("rate", "tc", "qdisc", "add", "dev", "lo", "root", "tbf", *RATE)
            run("tc", "qdisc", "del", "dev", "lo", "root", check=False)
        else:
            self.missing |= {"line": no_namespaces, "rate": no_namespaces, "disk": no_namespaces}
        if "line" not in self.missing:
            run("ip", "address", "add", "10.77.0.1/24", "dev", "switch")
            run("ip", "link", "set", "switch", "up")
        if not os.access(CGROUPS / "blkio.throttle.write_iops_device", os.F_OK) and not CGROUPS.is_dir():
            self.missing["throttle"] = "there is no block throttle of cgroups (v1) at " + str(CGROUPS)
        if not apart:
            self.missing["clock"] = no_namespaces
        elif not CLOCKS:
            self.missing["clock"] = "there is no libfaketime (Debian's libfaketime)"
        else:
            source = pathlib.Path(__file__).with_name("timers.c")
            self._try("clock", "clang", "-shared", "-fPIC", "-o", str(self.work / "timers.so"), str(source))

    def _try(self, what: str, *words: str):
        done = run(*words, check=False)
        if done.returncode != 0:
            self.missing[what] = f"'{' '.join(words)}' says: {done.stderr.strip()}"

    def add(self, name: str, number: int, megabytes: int) -> Machine:
        """A machine with a line and a disk, or as much of it as there can be."""
        address, prefix = "127.0.0.1", []
        if "line" not in self.missing:
            address, prefix = f"10.77.0.{number}", ["ip", "netns", "exec", name]
            run("ip", "netns", "add", name)
            run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "link", "set", name, "master", "switch", "up")
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                run("ip", "-n", name, "link", "set", device, "up")
        disk = self.work / name
        disk.mkdir()
        machine = Machine(name, address, prefix, disk, None)
        if "disk" not in self.missing:
            self._mount(machine, megabytes)
        self.all[name] = machine
        return machine

    def _mount(self, machine: Machine, megabytes: int):
        image = self.work / f"{machine.name}.img"
        run("truncate", "--size", f"{megabytes}M", image)
        run("mkfs.ext4", "-q", "-m", "0", image)
        # A loop device may be taken by somebody else between finding and using it.
        for _ in range(3):
            mounted = run("mount", "-o", "loop", image, machine.disk, check=False)
            if mounted.returncode == 0:
                break
        else:
            self.missing["disk"] = f"no image is mounted as a disk ({mounted.returncode}): {mounted.stderr.strip()}"
            return
        run("rmdir", machine.disk / "lost+found")
        status = os.stat(machine.disk)
        machine.device = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
        if "throttle" in self.missing:
            return
        try:
            machine.cgroup = CGROUPS / f"premia-{os.getpid()}-{os.stat(self.work).st_ino}-{machine.name}"
            machine.cgroup.mkdir()
        except OSError as error:
            machine.cgroup = None
            self.missing["throttle"] = str(error)

    def clock(self, path: pathlib.Path) -> dict[str, str]:
        """The environment of programs that keep the time with which they were started: by as many seconds off the
        machine's as the file said then."""
        if "clock" in self.missing:
            return {}
        # What libfaketime would make by itself. It would then change the environment, in which Swift looks for the
        # arguments of the program.
        name = "/premia-clock"
        _multiprocessing.SemLock(1, 1, 1, name, False)
        pathlib.Path(f"/dev/shm{name}").write_bytes(struct.pack("QQ8q", 0, 0, *[0, -1] * 4).ljust(4_096, b"\0"))
        return {
            "LD_PRELOAD": f"{self.work}/timers.so:{CLOCKS[0]}", "FAKETIME_SHARED": f"{name} {name}",
            "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1000000"}

    def serve(self, machine: Machine, words: list[str]) -> Server:
        """Runs a server there."""
        into = ["sh", "-c", f'echo $$ >{machine.cgroup}/cgroup.procs; exec "$@"', "sh"] if machine.cgroup else []
        return Server([*into, *machine.prefix, *words], self.work / f"{machine.name}.log")

    def close(self):
        """Ends whatever still runs on the machines, and removes what namespaces do not end with."""
        for cgroup in filter(None, (machine.cgroup for machine in self.all.values())):
            for _ in range(50):
                left = (cgroup / "cgroup.procs").read_text().split()
                if not left:
                    break
                for process in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(process), signal.SIGKILL)
                time.sleep(0.1)
            cgroup.rmdir()


# Half a megabit a second, with up to three seconds in the queue; what comes on top is lost and sent again.
RATE = ["rate", "512kbit", "burst", "16kb", "latency", "3s"]
