"""What is measured. Whatever is compared runs in turn, so that all of it sees the same machine."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time

from backend import Backend
from processes import AGENT, BINDINGS, BUILT, HOME, LAUNCHER, LOAD, Agent, Consumers, Failed, Limit, fill_store, outside_rule, own_rule

HOSTILE_USERS = 6  # an agent lets one user have 512 connections, and all of them 3,584, for the rest is for users who have hardly any
HOSTILE_UID = 61_001  # and following; no account needs to have them
CONNECTIONS = (1, 8, 64)
CROWD = 100  # launches at once

# How each is asked to run a command. What needs an account or a server does not run without; then that is said.
PEERS = {
    "tini": ["-s", "--"],
    "dumb-init": ["--"],
    "dotenvx": ["run", "--quiet", "-f", "peer.env", "--"],
    "chamber": ["exec", "bench", "--"],
    "op": ["run", "--env-file", "peer.env", "--"],
    "doppler": ["run", "--"],
    "fnox": ["exec", "--"],
    "bao": ["agent", "-config=peer.hcl", "-exec"],
    "vault": ["agent", "-config=peer.hcl", "-exec"],
}


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def bindings(count):
    """Options of a launcher for the first secrets."""
    return [word for n in range(1, count + 1) for word in ("--secret", f"BENCH_{n}=bench-{n:06d}")]


class Measuring:
    """All measurements of one run; each returns what goes into the results."""

    def __init__(self, bench, size):
        self.bench = bench
        self.size = size
        say("filling a store")
        self.few = fill_store(bench, "few", BINDINGS)
        self.limit = Limit(bench)
        self.agent = Agent(bench, "agent", self.few).start()
        self.agent.warm_up(size.warm_up)

    # --- launches

    def launches(self):
        say("launches")
        launcher = [LAUNCHER, "--socket", str(self.agent.socket)]
        candidates = {
            "/bin/true": ["/bin/true"],
            "exec-only shim": [str(BUILT / "exec-only"), "/bin/true"],
            "env X=y": [shutil.which("env"), "X=y", "/bin/true"],
            "launcher": [*launcher, "--", "/bin/true"],
            "launcher, 1 secret": [*launcher, *bindings(1), "--", "/bin/true"],
            f"launcher, {BINDINGS} secrets": [*launcher, *bindings(BINDINGS), "--", "/bin/true"],
        }
        peers, left_out = self._peers()
        return {"nanoseconds": self._interleaved(candidates | peers), "left_out": left_out}

    def _interleaved(self, candidates):
        lines = "".join("\t".join([name, *words]) + "\n" for name, words in candidates.items())
        return self.bench.load("launches", "--rounds", self.size.launches, "--warm-up", self.size.launches // 10, text=lines)

    def _peers(self):
        (self.bench.folder / "peer.env").write_text("PEER=value\n")
        (self.bench.folder / "peer.hcl").write_text("exit_after_auth = true\n")
        peers, left_out = {}, {}
        for name, words in PEERS.items():
            program = shutil.which(name)
            if not program:
                left_out[name] = "not installed"
                continue
            command = [program, *words, "/bin/true"]
            try:
                self.bench.run(command, seconds=30)
                peers[name] = command
            except Failed as failed:
                left_out[name] = f"installed, but did not run: {failed}"
        return peers, left_out

    # --- throughput and latency

    def throughput(self):
        """Closed loops against the limit and the agent in turn."""
        results = []
        for kept in (False, True):
            for connections in CONNECTIONS:
                say(f"throughput: {connections} connections{', kept' if kept else ''}")
                options = {"connections": connections, "seconds": self.size.slice} | ({"kept": "yes"} if kept else {})
                slices = self._in_turn({
                    "limit": lambda options=options: self.limit.exchanges(**options),
                    "agent": lambda options=options: self.agent.exchanges(**options),
                })
                rates = {name: [run["rate"] for run in runs] for name, runs in slices.items()}
                results.append({"connections": connections, "kept": kept, "rates": rates, "runs": middle_runs(slices)})
        return results

    def latency(self):
        """Open loops at given rates."""
        results = []
        for rate in self.size.rates:
            say(f"latency at {rate} a second")
            options = {"connections": CONNECTIONS[-1], "rate": rate, "seconds": 2 * self.size.slice, "threads": 1}
            variants = {
                "limit": lambda options=options: self.limit.exchanges(**options),
                "agent": lambda options=options: self.agent.exchanges(**options),
            }
            if os.getuid() == 0:
                variants["hostile"] = lambda options=options: self._under_attack(options)
            slices = self._in_turn(variants)
            results.append({
                "rate": rate,
                "p50": {name: [run["p50"] for run in runs] for name, runs in slices.items()},
                "p99": {name: [run["p99"] for run in runs] for name, runs in slices.items()},
                "unsent": {name: sum(run["unsent"] for run in runs) for name, runs in slices.items()},
                "rates": {name: [run["rate"] for run in runs] for name, runs in slices.items()},
                "crowds": [run["crowd"] for run in slices.get("hostile", [])],
                "runs": middle_runs(slices),
            })
        return results

    def _in_turn(self, variants):
        slices = {name: [] for name in variants}
        for number in range(self.size.rounds):
            order = list(variants) if number % 2 == 0 else list(reversed(variants))
            for name in order:
                slices[name].append(variants[name]())
        return slices

    def _under_attack(self, options):
        each = self.size.hostile // HOSTILE_USERS
        words = [LOAD, "hostile", "--socket", str(self.agent.socket), "--connections", str(each)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started = time.monotonic()
        users = [self.bench.start([*words, "--uid", str(HOSTILE_UID + n)], **pipes) for n in range(HOSTILE_USERS)]
        time.sleep(min(3.0, 5 * self.size.slice))
        measured = self.agent.exchanges(**options)
        crowd = self._dismiss(users)
        measured["crowd"] = crowd | {"seconds": time.monotonic() - started}
        return measured

    def _dismiss(self, users):
        total = {"open": 0, "turned_away": 0, "ended_by_deadline": 0}
        for user in users:
            output, _ = user.communicate("", timeout=30)
            self.bench.running.remove(user)
            if user.returncode != 0:
                raise Failed("a hostile user failed")
            said = json.loads(output)
            total = {name: total[name] + said[name] for name in total}
        return total

    # --- start, memory, growth

    def cold_starts(self):
        """From the start of its process to its first delivery, in turn with a JVM that only says its version."""
        say("cold starts")
        agent = Agent(self.bench, "cold", self.few)
        java = str(HOME / "runtime/bin/java")
        nanos = {"agent": [], "jvm": []}
        for _ in range(self.size.starts):
            started = self.bench.run(
                [LOAD, "cold", "--socket", str(agent.socket), "--", AGENT, "run"], agent.environment()
            )
            nanos["agent"].append(json.loads(started)["nanoseconds"])
            floor = f"jvm\t{java}\t-XX:+UseSerialGC\t-XX:TieredStopAtLevel=1\t-version\n"
            nanos["jvm"] += self.bench.load("launches", "--rounds", 1, "--warm-up", 0, text=floor)["jvm"]
        return nanos

    def memory(self):
        """Of an agent that was just started, and after many exchanges."""
        say("memory")
        agent = Agent(self.bench, "memory", self.few).start()
        time.sleep(2)
        results = [{"exchanges": 0} | agent.memory()]
        for count in self.size.exchanges:
            say(f"memory: {count} exchanges")
            agent.exchanges(connections=CONNECTIONS[-1], count=count - results[-1]["exchanges"])
            results.append({"exchanges": count} | agent.memory())
        agent.stop()
        # The one that had the closed and open loops and the hostile connections.
        return {"looks": results, "after_everything": self.agent.memory()}

    def growth(self):
        """Launches and exchanges against four agents in turn: few secrets, many, many bindings, and many consumers."""
        say(f"growth: {self.size.secrets} secrets, {self.size.bindings} bindings, {self.size.consumers} consumers")
        many = fill_store(self.bench, "many", self.size.secrets)
        # The first is a new one too: the compilers have done more for an agent that has served for longer.
        agents = {
            "few": Agent(self.bench, "few-secrets", self.few).start(),
            "secrets": Agent(self.bench, "secrets", many).start(),
            "bindings": Agent(self.bench, "bindings", self.few, many_rules(self.size.bindings)).start(),
            "consumers": Agent(self.bench, "consumers", self.few).start(),
        }
        for agent in agents.values():
            agent.warm_up(self.size.warm_up)
        consumers = Consumers(agents["consumers"], self.size.consumers)
        launches = self._interleaved({
            name: [LAUNCHER, "--socket", str(agent.socket), *bindings(BINDINGS), "--", "/bin/true"]
            for name, agent in agents.items()
        })
        options = {"connections": 1, "seconds": self.size.slice}
        slices = self._in_turn({
            "few": lambda: agents["few"].exchanges(**options),
            "secrets": lambda: agents["secrets"].exchanges(**options),
            "any of the secrets": lambda: agents["secrets"].exchanges(**options, of=self.size.secrets),
            "bindings": lambda: agents["bindings"].exchanges(**options),
            "consumers": lambda: agents["consumers"].exchanges(**options),
        })
        consumers.stop()
        for agent in agents.values():
            agent.stop()
        return {"launches": launches, "p50": {name: [run["p50"] for run in runs] for name, runs in slices.items()}}

    # --- outside systems

    def outside(self):
        """A backend behind the cache: how often it is asked, what a launch costs, what it costs to have one."""
        say("an outside system")
        with Backend(pause=0.2) as backend:
            workloads = backend.providers() + f"workloads:\n{outside_rule()}"
            agent = Agent(self.bench, "outside", self.few, workloads).start()
            agent.warm_up(self.size.warm_up)
            launcher = [LAUNCHER, "--socket", str(agent.socket)]
            calls = [self._crowd(launcher, backend, f"crowd-{number}") for number in range(self.size.rounds)]
            cached = [*launcher, "--secret", "BENCH=vault:cached", "--", "/bin/true"]
            self.bench.run(cached)
            launches = self._interleaved({
                "store": [*launcher, "--secret", "BENCH=bench-000001", "--", "/bin/true"],
                "outside": cached,
            })
            results = {"calls": calls, "launches": launches, "cached_calls": backend.asked["cached"]}
            agent.stop()
            return results | {"starts": self._starts(workloads), "rss": self._idle(workloads)}

    def _crowd(self, launcher, backend, name):
        """All at once; returns how often the backend was asked."""
        words = [*launcher, "--secret", f"BENCH=vault:{name}", "--", "/bin/true"]
        crowd = [self.bench.start(words) for _ in range(CROWD)]
        for process in crowd:
            if process.wait(60) != 0:
                raise Failed(f"a launch of the crowd ended with {process.returncode}")
            self.bench.running.remove(process)
        return backend.asked[name]

    def _starts(self, workloads):
        """To the first delivery of a secret of the store, without and with an outside system, in turn."""
        agents = {"none": Agent(self.bench, "none", self.few), "vault": Agent(self.bench, "vault", self.few, workloads)}
        nanos = {name: [] for name in agents}
        for _ in range(self.size.starts):
            for name, agent in agents.items():
                said = self.bench.run(
                    [LOAD, "cold", "--socket", str(agent.socket), "--", AGENT, "run"], agent.environment()
                )
                nanos[name].append(json.loads(said)["nanoseconds"])
        return nanos

    def _idle(self, workloads):
        """Resident bytes of agents that were just started."""
        rss = {}
        for name, rules in {"none": None, "vault": workloads}.items():
            agent = Agent(self.bench, f"idle-{name}", self.few, rules).start()
            time.sleep(2)
            rss[name] = agent.memory()["rss"]
            agent.stop()
        return rss

    def launcher(self):
        """What it is and does, whatever the load of the machine."""
        say("the launcher's size, instructions and memory")
        results = {"bytes": os.path.getsize(LAUNCHER)}
        for count in (0, 1, BINDINGS):
            words = [LAUNCHER, "--socket", str(self.agent.socket), *bindings(count), "--", "/bin/true"]
            runs = [self.bench.load("steps", "--", *words) for _ in range(3)]
            results[str(count)] = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        return results


def many_rules(count):
    """Half of the bindings in rules of other users, which are looked at before ours, half before the one in ours that allows."""
    others = [
        f"  - {{name: r{n}, match: {{uid: {100_000 + n}}}, allow: [{patterns('o', 10 * n, 10)}]}}\n"
        for n in range(count // 20)
    ]
    own = own_rule().replace("[", f"[{patterns('p', 0, count // 2)}, ")
    return "workloads:\n" + "".join(others) + own


def patterns(prefix, begin, count):
    return ", ".join(f'"store:{prefix}{n}"' for n in range(begin, begin + count))


def middle_runs(slices):
    """For plots: of each variant the run with the median p99."""
    return {name: sorted(runs, key=lambda run: run["p99"])[len(runs) // 2] for name, runs in slices.items()}
