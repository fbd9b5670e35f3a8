"""Messages that a consumer cannot read, or that it refuses for ever."""

from random import Random

from trial import proof
from trial.house import CONTEXTS, Fault, House

# A second `data` of the envelope, which goes before the first, and is no message of protobuf.
GARBAGE = r"'\x6a03ffffff'::bytea"


def run(house: House, _: Random):
    house.enrol(members=20)
    pairs = house.ask("SELECT DISTINCT subject, about FROM billing.outbox WHERE about <> '' ORDER BY 1 LIMIT 2")
    (unread, _), (_, refused) = (pair.split("|") for pair in pairs)
    _poison(house, unread, refused)
    house.by_hand("clock", "advance", "--days", "33")
    letters = _look_at(house, unread)
    house.by_hand("reconcile", expect=3)
    _repair(house)
    for context in sorted({letter["context"] for letter in letters}):
        answer = house.by_hand_json("events", "redrive", context)
        print(f"faults: repaired, {answer['redriven']} messages took effect in {context}")
    house.by_hand("events", "dead")
    proof.all_of_it(house)


def _poison(house: House, unread: str, refused: str):
    """The next invoice of one account cannot be read by anybody; of one policy the ledger can write nothing."""
    house.ask(f"""
        CREATE SCHEMA trial;
        CREATE SEQUENCE trial.invoices;
        CREATE FUNCTION trial.spoil() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('trial.invoices') = 1 THEN NEW.envelope = NEW.envelope || {GARBAGE}; END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER spoil BEFORE INSERT ON billing.outbox FOR EACH ROW
          WHEN (NEW.subject = '{unread}' AND position('Invoice.Issued'::bytea IN NEW.envelope) > 0)
          EXECUTE FUNCTION trial.spoil();
        CREATE FUNCTION trial.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'poisoned' USING ERRCODE = '23514';
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON ledger.events FOR EACH ROW
          WHEN (position('{refused}'::bytea IN NEW.data) > 0) EXECUTE FUNCTION trial.refuse();""")


def _look_at(house: House, unread: str) -> list[dict]:
    """What was set aside, and that it was all that had to be."""
    letters = house.by_hand_json("events", "dead", expect=3)
    if unread not in {letter["subject"] for letter in letters}:
        raise Fault(f"nothing of {unread} is set aside")
    places = sorted({(letter["context"], letter["source"]) for letter in letters})
    for context, source in places:
        dead = [letter for letter in letters if (letter["context"], letter["source"]) == (context, source)]
        first = [letter for letter in dead if letter["attempts"] > 0]
        subjects = {letter["subject"] for letter in dead}
        behind = [letter for letter in dead if letter not in first]
        if len(first) != len(subjects) or any("waits behind" not in letter["reason"] for letter in behind):
            raise Fault(f"{context} set aside otherwise than the first of each subject and what is behind it: {dead}")
        # All others went on.
        answer = house.by_hand_json("events", "replay", context, "--source", source, "--dry-run")
        if answer["applied"] != len(dead):
            raise Fault(f"{context} lacks {answer['applied']} events of {source} and has set aside {len(dead)}")
        print(f"faults: {context} set aside {len(first)} events of {source} and {len(behind)} behind them; "
              f"{answer['skipped']} others took effect")
    if ("ledger", "billing") not in places:
        raise Fault(f"the ledger set nothing of billing aside: {places}")
    return letters


def _repair(house: House):
    house.ask("DROP TRIGGER spoil ON billing.outbox; DROP TRIGGER refuse ON ledger.events")
    length = len(GARBAGE.split("x")[1].split("'")[0]) // 2
    for table in ["billing.outbox", *(f"{context}.dead_letters" for context in CONTEXTS)]:
        house.ask(f"""
            UPDATE {table} SET envelope = substr(envelope, 1, length(envelope) - {length})
            WHERE substr(envelope, length(envelope) - {length - 1}) = {GARBAGE}""")
