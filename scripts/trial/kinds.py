"""What can go wrong: each kind does one thing to one victim, and knows how it is set right again."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from trial.house import CONTEXTS, House
from trial.machines import RATE, Machine, run

# Exchange walks with the demo.
SERVICES = CONTEXTS[:-1]

Heal = Callable[[], None]


@dataclass(frozen=True)
class Kind:
    """`strike` answers how it is set right again, or None where the victim was not there."""

    name: str
    weight: int
    needs: str | None
    strike: Callable[[House, Random], Heal | None]


def nothing() -> None:
    """It comes back by itself."""


def kill_service(house: House, random: Random) -> Heal | None:
    service = random.choice(SERVICES)
    process = house.process_of(service)
    if process is None:
        return None
    os.kill(process, signal.SIGKILL)
    house.forget_leases(service)
    return nothing


def stop_service(house: House, random: Random) -> Heal | None:
    process = house.process_of(random.choice(SERVICES))
    if process is None:
        return None
    os.kill(process, signal.SIGSTOP)
    return lambda: os.kill(process, signal.SIGCONT)


def skew_service(house: House, random: Random) -> Heal | None:
    """Killed, and started again with a clock that is wrong by up to a day, for as long as it lives."""
    service = random.choice(SERVICES)
    process = house.process_of(service)
    if process is None:
        return None
    house.set_clock(random.choice([-86_400, -3_600, -60, 60, 3_600, 86_400]))
    os.kill(process, signal.SIGKILL)
    house.forget_leases(service)
    end = time.monotonic() + 20
    while house.process_of(service) in (process, None) and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)
    house.set_clock(0)
    return nothing


def kill_broker(house: House, random: Random) -> Heal | None:
    return nothing if house.servers[random.choice(house.brokers).name].signal(signal.SIGKILL) else None


def stop_broker(house: House, random: Random) -> Heal | None:
    server = house.servers[random.choice(house.brokers).name]
    return (lambda: server.signal(signal.SIGCONT)) if server.signal(signal.SIGSTOP) else None


def kill_database(house: House, _: Random) -> Heal | None:
    return nothing if house.servers["database"].signal(signal.SIGKILL) else None


def cut_off(machine: Machine) -> Heal:
    run("ip", "link", "set", machine.name, "down")
    return lambda: run("ip", "link", "set", machine.name, "up") and None


def cut_off_database(house: House, _: Random) -> Heal:
    return cut_off(house.machines.all["database"])


def cut_off_broker(house: House, random: Random) -> Heal:
    return cut_off(random.choice(house.brokers))


def part_brokers(house: House, random: Random) -> Heal:
    """One broker, or each of them, is reached by everybody but the other brokers."""
    alone = random.choice([[random.choice(house.brokers)], house.brokers])
    cuts = [(machine, other) for machine in alone for other in house.brokers if other is not machine]
    for machine, other in cuts:
        run("ip", "-n", machine.name, "route", "add", "blackhole", f"{other.address}/32")

    def heal():
        for machine, other in cuts:
            run("ip", "-n", machine.name, "route", "delete", "blackhole", f"{other.address}/32")

    return heal


def slow_line(house: House, random: Random) -> Heal:
    """The line to the database or to a broker, or that between the services."""
    line = random.choice(["lo", "database", *(machine.name for machine in house.brokers)])
    run("tc", "qdisc", "add", "dev", line, "root", "tbf", *RATE)
    return lambda: run("tc", "qdisc", "delete", "dev", line, "root") and None


def slow_disk(house: House, random: Random) -> Heal | None:
    machine = random.choice(list(house.machines.all.values()))
    if machine.cgroup is None:
        return None
    throttle = machine.cgroup / "blkio.throttle.write_iops_device"
    throttle.write_text(f"{machine.device} 15")
    return lambda: throttle.write_text(f"{machine.device} 0") and None


def full_disk(house: House, random: Random) -> Heal:
    machine = random.choice([house.machines.all["database"], *house.brokers])
    ballast = machine.disk / "ballast"
    with ballast.open("wb") as file:
        try:
            while (free := os.statvfs(machine.disk)).f_bfree > 0:
                end = os.fstat(file.fileno()).st_size
                os.posix_fallocate(file.fileno(), end, free.f_bfree * free.f_frsize // 2 + 1)
        except OSError:
            pass  # Not one more block.

    def heal():
        ballast.unlink()
        # A broker that ran out of disk keeps no streams until it is started again, as its operator would.
        if machine in house.brokers:
            house.servers[machine.name].signal(signal.SIGTERM)

    return heal


KINDS = [
    Kind("service killed", 10, None, kill_service),
    Kind("service stood still", 4, None, stop_service),
    Kind("clock of a service wrong", 3, "clock", skew_service),
    Kind("broker killed", 4, None, kill_broker),
    Kind("broker stood still", 2, None, stop_broker),
    Kind("broker cut off", 3, "line", cut_off_broker),
    Kind("brokers parted", 3, "line", part_brokers),
    Kind("database killed", 2, None, kill_database),
    Kind("database cut off", 2, "line", cut_off_database),
    Kind("network slow", 3, "rate", slow_line),
    Kind("disk slow", 3, "throttle", slow_disk),
    Kind("disk full", 2, "disk", full_disk),
]
