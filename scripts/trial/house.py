"""A house apart on those machines: PostgreSQL, three brokers, and the services as 'premia cluster up' keeps them."""

import datetime
import glob
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import time
import urllib.request

from trial.machines import Machines, Server, run

CONTEXTS = [
    "party", "products", "policy", "billing", "payments", "claims", "ledger", "notices", "commissions", "exchange"]
START = "2026-12-01"


class Fault(Exception):
    """What should not have happened."""


class House:
    """Starts everything and knows how to reach it."""

    def __init__(self, premia: str, machines: Machines, port: int):
        self.premia, self.machines, self.port = premia, machines, port
        self.work = machines.work
        self.cluster = self.work / "cluster"
        self.servers: dict[str, Server] = {}
        self._programs = max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
        self._up: subprocess.Popen | None = None
        self._clock = self.work / "clock"

    def start(self):
        """Starts everything; answers when all services do."""
        self._start_database()
        self._start_brokers()
        self.environment = os.environ | self._settings()
        self._start_services()

    # Servers of others

    def _start_database(self):
        machine = self.machines.add("database", 2, 2_000)
        self.database = f"host={machine.address} port={self.port + 40} user=premia dbname=postgres sslmode=disable"
        data, user = machine.disk / "data", []
        # PostgreSQL does not run as root.
        if os.geteuid() == 0:
            user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            run("chown", "postgres:", machine.disk)
        run(*user, f"{self._programs}/initdb", f"--pgdata={data}", "--username=premia", "--auth=trust", "--locale=C",
            "--encoding=UTF8", "--no-sync", "--no-instructions")
        with (data / "pg_hba.conf").open("a") as access:
            access.write("host all all 10.77.0.0/24 trust\n")
        settings = {
            "listen_addresses": machine.address, "port": self.port + 40, "unix_socket_directories": "",
            "max_connections": 300, "max_locks_per_transaction": 256, "max_wal_size": "256MB"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.servers["database"] = self.machines.serve(
            machine, [*user, f"{self._programs}/postgres", "-D", str(data), *words])
        self.wait_for("the database", lambda: self.ask("SELECT 1") == ["1"])

    def _start_brokers(self):
        found = os.access(".venv/bin/nats-server", os.X_OK) and ".venv/bin/nats-server" or shutil.which("nats-server")
        if not found:
            raise Fault("there is no nats-server; 'make test' installs it")
        self.passwords = {}
        for user in ("premia", "system"):
            self.passwords[user] = self.work / f"password-{user}"
            self.passwords[user].write_text(secrets.token_hex(16))
        self.brokers = [self.machines.add(f"nats-{number}", 10 + number, 1_000) for number in (1, 2, 3)]
        for number, machine in enumerate(self.brokers):
            configuration = self.work / f"{machine.name}.conf"
            configuration.write_text(self._broker_text(number))
            words = [os.path.abspath(found), "-c", str(configuration)]
            self.servers[machine.name] = self.machines.serve(machine, words)

    def _doors(self, first: int):
        return [f"{machine.address}:{self.port + first + number}" for number, machine in enumerate(self.brokers)]

    def _broker_text(self, number: int) -> str:
        clients, routes = self._doors(50), self._doors(60)
        others = ", ".join(f"nats://{route}" for route in routes)
        premia, system = (self.passwords[user].read_text() for user in ("premia", "system"))
        return f"""
            server_name: "{self.brokers[number].name}"
            listen: "{clients[number]}"
            jetstream {{store_dir: "{self.brokers[number].disk}", sync_interval: always, max_file_store: 1TB}}
            cluster {{name: premia, listen: "{routes[number]}", routes: [{others}]}}
            accounts {{
              PREMIA {{jetstream: enabled, users: [{{user: premia, password: "{premia}"}}]}}
              SYSTEM {{users: [{{user: system, password: "{system}"}}]}}
            }}
            system_account: SYSTEM
            """

    # The services

    def _settings(self) -> dict[str, str]:
        """What goes before the settings of 'cluster up': where the database and the brokers are."""
        settings = {
            "STORAGE_KIND": "postgres", "STORAGE_CONNECTION": self.database, "STORAGE_POOL_SIZE": "4",
            "STORAGE_PARTITIONS": "2", "BROKER_KIND": "nats", "BROKER_REPLICAS": "3", "BROKER_PARTITIONS": "4",
            "BROKER_SERVERS": ",".join(f"nats://{door}" for door in self._doors(50)),
            "BROKER_USER": "premia", "BROKER_PASSWORD_FILE": str(self.passwords["premia"]),
            "BROKER_SYSTEM_USER": "system", "BROKER_SYSTEM_PASSWORD_FILE": str(self.passwords["system"])}
        return {f"PREMIA_{name}": value for name, value in settings.items()}

    def _start_services(self):
        environment = self.environment | self.machines.clock(self._clock)
        # Certificates are good for clocks that are late, too.
        self.set_clock(-172_800)
        words = [self.premia, "cluster", "up", "--local", "--data", str(self.cluster), "--port", str(self.port),
                 "--sandbox", START, "--storage", "sqlite", "--broker", "none"]
        with (self.work / "up.log").open("wb") as log:
            self._up = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
        self.wait_for("a certificate", (self.cluster / "certificates/operator.pem").exists)
        self.set_clock(0)
        self.wait_for("the services", lambda: "Ctrl-C" in (self.work / "up.log").read_text(), seconds=100)

    def stop(self):
        """Ends the services.

        Raises Fault where they do not end as they should.
        """
        self._up.terminate()
        if self._up.wait(120) != 0:
            raise Fault("the services did not end well")

    def close(self):
        """Ends whatever still runs."""
        if self._up and self._up.poll() is None:
            self._up.kill()
            self._up.wait()
        for server in self.servers.values():
            server.end(signal.SIGKILL)

    def set_clock(self, seconds: int):
        """What a process that is started from now on takes for the time, against the machine's."""
        self._clock.write_text(f"{seconds:+d}\n")

    def process_of(self, service: str) -> int | None:
        try:
            return int((self.cluster / f"run/{service}.pid").read_text())
        except (OSError, ValueError):
            return None

    def forget_leases(self, context: str):
        """What a killed service had on lease would be free after a minute; a sandbox has lived through days by then."""
        self.ask(f"DELETE FROM {context}.leases", check=False)

    def enrol(self, members: int):
        """Takes in a book and lives through its first month."""
        words = ["demo", "--headless", "--json", "--seed", 7, "--members", members, "--months", 1, "--only", "exchange"]
        if self.begin(*words, output="walk").wait() != 0:
            raise Fault("the book was not taken in")

    def move_clock(self, day: datetime.date):
        """Makes it another business day, without living through it."""
        clock = self.cluster / "data/clock.json"
        new = clock.with_suffix(".new")
        new.write_text(json.dumps({"sandbox": True, "today": day.isoformat()}))
        new.rename(clock)

    # Asking

    def wait_for(self, what: str, is_there, seconds: float = 60):
        end = time.monotonic() + seconds
        while not is_there():
            if self._up and self._up.poll() is not None:
                raise Fault(f"{what}: the cluster has ended with {self._up.returncode}")
            if time.monotonic() > end:
                raise Fault(f"{what}: not there in {seconds} s")
            time.sleep(0.1)

    def ask(self, sql: str, check: bool = True) -> list[str]:
        """The rows of an answer, their columns with | between them."""
        answer = subprocess.run(
            [f"{self._programs}/psql", self.database, "--no-align", "--tuples-only", "--quiet", "--command", sql],
            capture_output=True, text=True, check=False, env=os.environ | {"PGCONNECT_TIMEOUT": "3"})
        if answer.returncode != 0:
            if check and "SELECT 1" not in sql:
                raise Fault(f"{sql}: {answer.stderr}")
            return []
        return answer.stdout.split("\n")[:-1]

    def count(self, sql: str) -> int:
        return int(self.ask(sql)[0])

    def begin(self, *words, output: str = "by-hand") -> subprocess.Popen:
        """Starts a command of premia in this house; its answer goes to a file in the work folder."""
        settings = ["--settings", self.cluster / "cluster.yaml", "--data", self.cluster / "data"]
        words = [self.premia, *map(str, [*words, *settings])]
        with (self.work / f"{output}.out").open("wb") as out, (self.work / f"{output}.err").open("wb") as err:
            return subprocess.Popen(words, env=self.environment, stdout=out, stderr=err)

    def post(self, path: str, body: dict, key: str):
        """Asks the HTTP door of the edge."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def by_hand(self, *words, expect: int = 0) -> str:
        """Runs a command of premia to its end.

        Raises Fault where it ends with another status than is expected.
        """
        status = self.begin(*words, "--only", "edge").wait()
        out, err = ((self.work / f"by-hand.{kind}").read_text() for kind in ("out", "err"))
        if status != expect:
            raise Fault(f"premia {' '.join(map(str, words))} ended with {status}: {out}{err}")
        return out

    def by_hand_json(self, *words, expect: int = 0):
        return json.loads(self.by_hand(*words, "--json", expect=expect))

    def last_words(self) -> str:
        """The ends of all logs, for whoever looks into a failure."""
        logs = [*self.work.glob("*.log"), *self.work.glob("*.err"), *self.cluster.glob("log/*.log")]
        return "".join(f"--- {path.name}\n{''.join(_end(path))}" for path in sorted(logs))


def _end(path: pathlib.Path) -> list[str]:
    with path.open(errors="replace") as log:
        return log.readlines()[-5:]
