"""A consumer that stood still for a day, and then has a long way to go."""

import datetime
import os
import pathlib
import signal
import time
from random import Random

from trial import proof
from trial.house import START, Fault, House

# Of what is published for a policy in a month at least its invoice, the charge, the payment, and what it pays.
EVENTS_PER_POLICY_AND_MONTH = 4
MONTHS = 10
# A page of a log, what is in flight of each partition, and the program itself.
MOST_MEGABYTES = 512


def run(house: House, _: Random):
    events = int(os.environ.get("EVENTS") or 1_000_000)
    house.enrol(members=max(50, events // (EVENTS_PER_POLICY_AND_MONTH * MONTHS)))
    before = _published(house)
    keeper = _stop(house, "ledger")
    began = time.monotonic()
    day = datetime.date.fromisoformat(START) + datetime.timedelta(days=31)
    while (behind := _published(house) - before) < events:
        day += datetime.timedelta(days=1)
        if day.month == 12:
            raise Fault(f"the year came to {behind} events only")
        _live_through(house, day)
    print(f"faults: the ledger stood still for {(day - datetime.date.fromisoformat(START)).days - 31} days, in which "
          f"{behind} events were published, in {time.monotonic() - began:.0f} s")
    os.kill(keeper, signal.SIGCONT)
    _watch(house)
    proof.all_of_it(house)


def _published(house: House) -> int:
    """To the ledger, by those it listens to."""
    sources = ("billing", "payments", "claims", "commissions")
    return sum(house.count(f"SELECT count(*) FROM {source}.outbox") for source in sources)


def _stop(house: House, service: str) -> int:
    """Kills a service and stops whoever would start it again, who is returned."""
    process = house.process_of(service)
    if process is None:
        raise Fault(f"{service} does not run")
    keeper = int(pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(keeper, signal.SIGSTOP)
    os.kill(process, signal.SIGKILL)
    return keeper


def _live_through(house: House, day: datetime.date):
    """What the house does in a day, asked one by one: a whole day waits for all contexts."""
    house.move_clock(day)
    for work in ("billing", "payments"):
        house.post(f"/v1/{work}/run", {"asOf": day.isoformat()}, key=f"lag/{work}/{day}")
        published = -1
        while published != (published := _published(house)):
            time.sleep(0.5)


def _watch(house: House):
    """Waits until the ledger has caught up; prints how fast, and how much memory it took."""
    house.wait_for("the ledger", lambda: house.process_of("ledger") is not None)
    began, start = time.monotonic(), house.count("SELECT count(*) FROM ledger.inbox")
    taken, since, peak = start, began, 0
    while time.monotonic() - since < 40:
        time.sleep(1)
        peak = max(peak, _megabytes(house.process_of("ledger")))
        now = house.count("SELECT count(*) FROM ledger.inbox")
        if now != taken:
            taken, since = now, time.monotonic()
    seconds = max(since - began, 1)
    print(f"faults: it took in {taken - start} events that it listens for in {seconds:.0f} s, "
          f"{(taken - start) / seconds:.0f} a second, with {peak} MB at most")
    if peak > MOST_MEGABYTES:
        raise Fault(f"the ledger took {peak} MB to catch up; {MOST_MEGABYTES} MB are the most")


def _megabytes(process: int | None) -> int:
    """The most memory that a process ever had."""
    try:
        lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1_024 for line in lines if line.startswith("VmHWM")), 0)
