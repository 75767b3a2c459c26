"""Programs that are started, and that none of them is left behind."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
HOME = ROOT / "target/latchkey"
BUILT = ROOT / "target/bench"
AGENT = str(HOME / "bin/agent")
LAUNCHER = str(HOME / "bin/launcher")
LOAD = str(BUILT / "load")
PROCESSORS = os.cpu_count() or 1
BINDINGS = 8  # as in load/src/protocol.rs
VALUE_BYTES = 32


class Failed(Exception):
    """Something could not be measured; the text says why."""


class Bench:
    """A folder for everything that is written, and all that runs. Each program leads a group of its own, so that what it starts ends too."""

    def __init__(self):
        # Short, because a socket's path holds 107 bytes. Others may pass through, for hostile users; state folders are private.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-bench.", dir="/tmp"))
        self.folder.chmod(0o711)
        self.environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            self._signal(process, signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                pass
            # What it started, too.
            self._signal(process, signal.SIGKILL)
            process.wait()
        shutil.rmtree(self.folder)

    @staticmethod
    def _signal(process, number):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass

    def start(self, words, environment=None, **streams):
        """A program in the background."""
        process = subprocess.Popen(
            words, env=self.environment | (environment or {}), start_new_session=True, cwd=self.folder, **streams
        )
        self.running.append(process)
        return process

    def stop(self, process):
        """Ends what is in the background; that it ended badly is a failure."""
        process.terminate()
        status = process.wait(30)
        self.running.remove(process)
        if status not in (0, -signal.SIGTERM):
            raise Failed(f"{process.args[0]} ended with {status}")

    def run(self, words, environment=None, text="", seconds=900):
        """What a program prints that has to end well."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = self.start(words, environment, **pipes)
        try:
            output, errors = process.communicate(text, timeout=seconds)
        except subprocess.TimeoutExpired:
            # The group is ended with everything else.
            raise Failed(f"{words[0]} did not end within {seconds} s") from None
        self.running.remove(process)
        if process.returncode != 0:
            lines = errors.strip().splitlines()
            raise Failed("\n".join(lines[-8:]) if lines else f"{words[0]} ended with {process.returncode}")
        return output

    def load(self, *words, text=""):
        """The object that the load generator prints."""
        return json.loads(self.run([LOAD, *map(str, words)], text=text))


class Agent:
    """An agent with a state folder of its own, a copy of one with secrets."""

    def __init__(self, bench, name, state, workloads=None):
        self.bench = bench
        self.socket = bench.folder / f"{name}.sock"
        self.configuration = bench.folder / f"{name}.yaml"
        self.log = bench.folder / f"{name}.log"
        self.state = bench.folder / f"{name}.state"
        shutil.copytree(state, self.state)
        mode = f'sockets: [{{name: main, path: "{self.socket}", mode: "0666"}}]\n'
        self.configuration.write_text(mode + (workloads or f"workloads:\n{own_rule()}"))
        self.configuration.chmod(0o600)
        self.process = None

    def environment(self):
        """With which it starts, and with which commands find it."""
        return {
            "LATCHKEY_STATE": str(self.state),
            "LATCHKEY_SOCKET": str(self.socket),
            "LATCHKEY_CONFIG": str(self.configuration),
        }

    def start(self, program=AGENT):
        """Returns when it is ready."""
        with self.log.open("wb") as log:
            self.process = self.bench.start([program, "run"], self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.bench.run([LAUNCHER, "--wait", "30s", "--check"], self.environment())
        except Failed as failed:
            raise Failed(f"{failed}; the agent said: {self.log.read_text()[-500:]}") from None
        return self

    def stop(self):
        """Ends it and removes its state."""
        self.bench.stop(self.process)
        shutil.rmtree(self.state)

    def exchanges(self, **options):
        """Requests of the load generator, by default on new connections."""
        return exchanges(self.bench, self.socket, **options)

    def warm_up(self, count):
        """The JVM's compilers take a method over after some thousand calls."""
        self.exchanges(connections=BINDINGS, count=count)

    def memory(self):
        """Resident bytes, and open descriptors."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        return {"rss": kib * 1024, "descriptors": len(os.listdir(f"/proc/{self.process.pid}/fd"))}


class Consumers:
    """Live processes that hold secrets of an agent, for as long as this is open."""

    def __init__(self, agent, count):
        self.bench = agent.bench
        words = [LOAD, "consumers", "--socket", str(agent.socket), "--count", str(count)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = self.bench.start(words, **pipes)
        if not self.process.stdout.readline():
            raise Failed("the consumers did not get what they asked for")
        status = json.loads(self.bench.run([AGENT, "status", "--format", "json"], agent.environment()))
        if status["consumers"] < count:
            raise Failed(f"the agent follows {status['consumers']} of {count} consumers: is 'ulimit -n' too low?")

    def stop(self):
        self.process.communicate("", timeout=120)
        self.bench.running.remove(self.process)


def own_rule():
    """Whoever measures may have everything."""
    return f'  - {{name: bench, match: {{uid: {os.getuid()}}}, allow: ["store:**"]}}\n'


def outside_rule():
    """The same, with what a backend has."""
    return own_rule().replace("]", ', "vault:**"]')


def exchanges(bench, socket, connections, **options):
    """The same for any server. As many threads as processors, where there are connections for them."""
    options = {"threads": min(PROCESSORS, connections)} | options
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return bench.load("exchanges", "--socket", socket, "--connections", connections, *words)


class Limit:
    """The server that does nothing but answer."""

    def __init__(self, bench):
        self.bench = bench
        self.socket = bench.folder / "limit.sock"
        words = [BUILT / "epoll-server", self.socket, PROCESSORS, BINDINGS, VALUE_BYTES]
        self.process = bench.start([str(word) for word in words], stdin=subprocess.DEVNULL)
        bench.load("exchanges", "--socket", await_file(self.socket), "--connections", 1, "--count", 100)

    def exchanges(self, **options):
        return exchanges(self.bench, self.socket, **options)

    def stop(self):
        self.bench.stop(self.process)


def await_file(path):
    """The path, once something is there."""
    for _ in range(1_000):
        if path.exists():
            return path
        time.sleep(0.01)
    raise Failed(f"{path.name} did not appear")


def fill_store(bench, name, count):
    """A state folder with so many secrets."""
    state = bench.folder / name
    library = HOME / "lib"
    words = [
        pathlib.Path(os.environ["JAVA_HOME"]) / "bin/java",
        "--enable-native-access=ALL-UNNAMED",
        "-XX:-UsePerfData",
        f"-Dlatchkey.native={library}/liblatchkey_sys.so",
        f"-Dorg.sqlite.lib.path={library}",
        "-Dorg.sqlite.lib.name=libsqlitejdbc.so",
        "-cp",
        f"{library}/*",
        ROOT / "integration-tests/bench/FillStore.java",
        state,
        count,
        VALUE_BYTES,
    ]
    bench.run([str(word) for word in words])
    return state
