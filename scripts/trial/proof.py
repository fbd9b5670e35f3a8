"""The proof: what was published and what it did are compared log by log, in the database itself."""

import subprocess
import sys

from trial.house import CONTEXTS, Fault, House


def settle(house: House):
    """Everybody reads to the end of all logs; the books and what is stored are checked by premia itself."""
    house.by_hand("reconcile")
    house.by_hand("verify")


def every_event_took_effect_once(house: House):
    """Every event is in the inbox of each context that listens for it, and did there what it did in one transaction."""
    events = effects = 0
    for context in CONTEXTS:
        sources = f"SELECT substr(name, 6) FROM {context}.cursors WHERE name ~ '^feed/[a-z]+$' ORDER BY 1"
        for source in house.ask(sources):
            wanted, marks = _compare(house, context, source)
            events, effects = events + wanted, effects + marks
        # A message's mark and what it did are written by one transaction: twice would be two.
        twice = house.count(f"""
            SELECT count(*) FROM {context}.inbox AS taken
            JOIN {context}.events AS done ON done.causation = taken.message_id
            WHERE done.xmin <> taken.xmin""")
        if twice:
            raise Fault(f"{twice} events of {context} were written beside the message that caused them")
    print(f"faults: {events} events were to take effect at their listeners, {effects} did, none twice")


def _compare(house: House, context: str, source: str) -> tuple[int, int]:
    # The context itself says which of the source's events it listens for, and how many of them are not in its inbox.
    answer = house.by_hand_json("events", "replay", context, "--source", source, "--dry-run")
    wanted, missing, known = answer["read"], answer["applied"], answer["skipped"]
    if missing:
        raise Fault(f"{context} lacks {missing} of {wanted} events of {source}")
    # The inbox has a row for each event, by its key at most one. All are events that the source published.
    marks = house.count(f"SELECT count(*) FROM {context}.inbox WHERE source = '{source}'")
    strangers = house.count(f"""
        SELECT count(*) FROM {context}.inbox AS taken
        LEFT JOIN {source}.outbox AS published ON published.id = taken.message_id
        WHERE taken.source = '{source}' AND published.id IS NULL""")
    # Of one subject they took effect in the order of the log: transactions are numbered as they begin.
    disorder = house.count(f"""
        SELECT count(*) FROM (
          SELECT taken.xmin::text::bigint - lag(taken.xmin::text::bigint) OVER (
            PARTITION BY published.subject ORDER BY published.position) AS step
          FROM {context}.inbox AS taken JOIN {source}.outbox AS published ON published.id = taken.message_id
          WHERE taken.source = '{source}') AS steps
        WHERE step < 0""")
    if disorder:
        raise Fault(f"{context} took {disorder} events of {source} out of order")
    if marks != known:
        raise Fault(f"{context} took {marks} events of {source} and knows {known}")
    if strangers:
        raise Fault(f"{context} took {strangers} events that {source} never published")
    return wanted, marks


def no_charge_twice(house: House):
    """An invoice is charged once for each attempt, and never collected again once it was."""
    charged = house.count("""
        SELECT count(*) FROM (SELECT invoice_id FROM payments.payments WHERE status = 'posted'
          GROUP BY invoice_id, attempt, amount_cents, requested_on HAVING count(*) > 1) AS twice""")
    if charged:
        raise Fault(f"{charged} invoices were charged twice")
    balance = house.count("SELECT coalesce(sum(debit_cents), 0) - coalesce(sum(credit_cents), 0) FROM ledger.postings")
    if balance:
        raise Fault(f"the ledger is out of balance by {balance} cents")
    print("faults: no charge twice, the ledger balances")


def summary(house: House, walk: str):
    """The walk's own summary is what it must be."""
    done = subprocess.run([sys.executable, "scripts/check-summary", str(house.work / f"{walk}.out")], check=False)
    if done.returncode != 0:
        raise Fault("the walk's summary is not what it must be")


def all_of_it(house: House):
    settle(house)
    every_event_took_effect_once(house)
    no_charge_twice(house)
    print("faults: verify and reconcile find nothing")
