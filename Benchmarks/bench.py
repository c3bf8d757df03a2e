"""What the benchmarks share: git with a fixed environment, synthetic repositories, honest packages, servers, medians."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent

GIT_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "C O Mitter",
    "GIT_COMMITTER_EMAIL": "committer@example.com",
    # Every repository here belongs to whoever runs the benchmark; a container's mounts may say otherwise.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}

def policy(command="true", workers=2):
    """A policy with one check."""
    return f"version: 1\nqueue: {{ workers: {workers} }}\nchecks:\n  only: {{ run: {json.dumps(command)} }}\n"


TRUE_POLICY = policy()


def run(*command, input=None, check=True, env=None, **more):
    """A command with captured output; `input` is bytes or text."""
    text = not isinstance(input, bytes)
    done = subprocess.run([str(part) for part in command], input=input, capture_output=True, text=text,
                          errors="replace" if text else None, env=GIT_ENVIRONMENT | (env or {}), **more)
    if check and done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def git(repository, *arguments, input=None, env=None):
    """The output of a git command, without the last line break."""
    out = run("git", "-C", repository, *arguments, input=input, env=env).stdout
    return out.removesuffix("\n") if isinstance(out, str) else out


class Scratch:
    """A temporary folder for one run; removed at the end unless it is to be kept."""

    def __init__(self, keep=None):
        self.kept = keep is not None
        self.path = Path(keep) if keep else Path(tempfile.mkdtemp(prefix="sluice-bench."))
        self.path.mkdir(parents=True, exist_ok=True)
        # Checks run as another user where the worker is root: the way down must be open.
        self.path.chmod(0o755)

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        if not self.kept:
            shutil.rmtree(self.path, ignore_errors=True)


class Sluice:
    """The installed or built programs that a benchmark measures."""

    def __init__(self, prefix=None):
        places = [Path(prefix) / "bin", Path(prefix)] if prefix else [PROJECT / ".build/release", PROJECT / ".build/debug"]
        found = [place / "sluice" for place in places if (place / "sluice").is_file()]
        if not found:
            raise SystemExit(f"no sluice in {', '.join(map(str, places))}: build it, or name it with --sluice PREFIX")
        self.program = found[0].resolve()
        libexec = self.program.parent.parent / "libexec/sluice"
        self.hooks = libexec if libexec.is_dir() else self.program.parent

    def __call__(self, repository, *arguments, check=True):
        return run(self.program, "-C", repository, *arguments, check=check)

    def install(self, repository, policy):
        """Installs into a bare repository, with a policy file beside it."""
        file = Path(f"{repository}.policy.yml")
        file.write_text(policy)
        run(self.program, "install", repository, "--policy", file)

    def wait_idle(self, repository, seconds=60):
        """Waits until no submission is in flight."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = json.loads(self(repository, "status", "--json").stdout)
            if not any(queue["items"] for queue in status["queues"]):
                return True
            time.sleep(0.05)
        return False

    def end_worker(self, repository):
        """Ends the repository's worker, where one runs."""
        for pid in worker_pids(repository):
            try:
                os.kill(pid, 15)
            except ProcessLookupError:
                continue
            deadline = time.monotonic() + 10
            while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
                time.sleep(0.01)


def worker_pids(repository):
    """Processes that hold the repository's worker lock open."""
    lock = os.path.realpath(f"{repository}/sluice/worker.lock")
    pids = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            command = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            if b"worker" not in command:
                continue
            descriptors = os.listdir(f"/proc/{entry}/fd")
            if any(os.path.realpath(f"/proc/{entry}/fd/{number}") == lock for number in descriptors):
                pids.append(int(entry))
        except OSError:
            continue
    return pids


class WorkerMemory:
    """Samples the peak resident size of a repository's workers while it is open."""

    def __init__(self, repository):
        self.repository, self.peak_kib = repository, 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._sample(worker_pids(self.repository))
        self._done.set()
        self._thread.join()

    def _watch(self):
        pids, looked = [], 0.0
        while not self._done.wait(0.25):
            if not pids or time.monotonic() - looked > 2:
                pids, looked = worker_pids(self.repository), time.monotonic()
            pids = self._sample(pids)

    def _sample(self, pids):
        alive = []
        for pid in pids:
            try:
                for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        self.peak_kib = max(self.peak_kib, int(line.split()[1]))
                        alive.append(pid)
            except OSError:
                continue
        return alive

    @property
    def mebibytes(self):
        return f"{self.peak_kib / 1024:.1f}" if self.peak_kib else "–"


def synthetic(files, out):
    """A bare repository with one commit of `files` files of about 2.2 KiB, 14 to a folder, three levels deep."""
    out = Path(out)
    if out.is_dir():
        return out
    part = Path(f"{out}.part")
    shutil.rmtree(part, ignore_errors=True)
    run("git", "init", "-q", "--bare", "-b", "main", part)
    fast = subprocess.Popen(["git", "-C", part, "fast-import", "--quiet"], stdin=subprocess.PIPE, env=GIT_ENVIRONMENT)
    write = fast.stdin.write
    write(b"commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 4\nroot\n")
    folders = max(1, -(-files // 14))
    width = max(1, round(folders ** (1 / 3)))
    for index in range(files):
        folder, leaf = divmod(index, 14)
        path = f"src/m{folder % width:03d}/p{folder // width % width:03d}/d{folder // width**2:03d}/f{leaf:02d}.swift"
        seed = (index + 1) * 0x9E3779B97F4A7C15
        body = "".join(f"let v{line}_{seed >> line & 0xFFFF:04x} = compute({index}, {line}) // {seed * (line + 1) & (1 << 44) - 1:011x}\n"
                       for line in range(44)).encode()
        write(f"M 100644 inline {path}\ndata {len(body)}\n".encode() + body + b"\n")
    write(b"\n")
    fast.stdin.close()
    if fast.wait() != 0:
        raise SystemExit("git fast-import failed")
    git(part, "-c", "pack.threads=2", "repack", "-adq")
    part.rename(out)
    return out


def linked_copy(source, out):
    """A copy of a bare repository whose packs are hard links; everything that changes is its own."""
    source, out = Path(source), Path(out)
    out.mkdir(parents=True)
    for name in ["HEAD", "config", "packed-refs", "refs"]:
        entry = source / name
        if entry.is_dir():
            shutil.copytree(entry, out / name)
        elif entry.exists():
            shutil.copy2(entry, out / name)
    (out / "refs").mkdir(exist_ok=True)
    (out / "hooks").mkdir()
    shutil.copytree(source / "objects", out / "objects", copy_function=os.link)
    return out


def package(task, added=(), modified=(), deleted=(), description="A change made for a measurement", **more):
    """A work package that says the truth about a change."""
    return {
        "metadata": {"agent_id": "bench-agent", "task_id": task, "timestamp": "2024-01-01T12:00:00Z",
                     "submission_version": "1.0.0", **more},
        "status": "success",
        "changes": {"files_modified": sorted(modified), "files_added": sorted(added), "files_deleted": sorted(deleted)},
        "validation_results": {"tests_passed": True, "test_count": 1, "test_failures": 0},
        "documentation": {"feature_description": description},
    }


def file_list(repository, commit):
    """Paths that a submission may change: plain ones."""
    out = git(repository, "ls-tree", "-r", "--name-only", "-z", commit)
    return [path for path in out.split("\0") if path and not set(path) & set(' "\n') and not path.startswith(".")]


def submissions(source, client, count, start=0, only_modify=False):
    """Makes `count` independent submissions on the source's main: tags `s<i>` whose message is the package.

    Each modifies one file of its own while there are files, and adds one. The client borrows the source's objects.
    """
    client = Path(client)
    if not client.is_dir():
        run("git", "init", "-q", "--bare", "-b", "main", client)
        (client / "objects/info/alternates").write_text(f"{Path(source).resolve()}/objects\n")
    main = git(source, "rev-parse", "refs/heads/main")
    git(client, "update-ref", "refs/heads/main", main)
    files = file_list(source, main)
    step = max(1, len(files) // max(count, 1))
    fast = subprocess.Popen(["git", "-C", client, "fast-import", "--quiet", "--force"], stdin=subprocess.PIPE, env=GIT_ENVIRONMENT)
    write = fast.stdin.write
    names = []
    for index in range(count):
        name = f"s{start + index}"
        modified = [files[index * step]] if index * step < len(files) else []
        added = [] if only_modify else [f"bench/new/{index % 16:02d}/n{start + index}.txt"]
        message = json.dumps(package(f"bench-{name}", added, modified), indent=1).encode()
        when = 1700000001 + start + index
        write(f"commit refs/heads/work\nmark :1\ncommitter A <a@example.com> {when} +0000\ndata {len(name)}\n{name}\nfrom {main}\n".encode())
        for path, body in [(path, f"changed {start + index}\n" * 30) for path in modified] + [(path, f"new {start + index}\n" * 10) for path in added]:
            write(f"M 100644 inline {path}\ndata {len(body)}\n{body}\n".encode())
        write(f"\ntag {name}\nfrom :1\ntagger A <a@example.com> {when} +0000\ndata {len(message)}\n".encode() + message + b"\n")
        names.append(name)
    fast.stdin.close()
    if fast.wait() != 0:
        raise SystemExit("git fast-import failed")
    return names


def push(client, url, names, *options, env=None):
    """One push of a submission or of several: seconds, exit status and what git said."""
    names = [names] if isinstance(names, str) else names
    command = ["git", "-C", str(client), "push", str(url)] + [f"refs/tags/{name}:refs/submit/{name}" for name in names]
    command += [part for option in options for part in ("-o", option)]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=GIT_ENVIRONMENT | (env or {}))
    return time.monotonic() - began, done.returncode, done.stderr


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def median(values):
    return statistics.median(values) if values else float("nan")


def table(heading, rows):
    """Prints rows under a heading in aligned columns."""
    rows = [list(map(str, heading))] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heading))]
    for number, row in enumerate(rows):
        print("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))), flush=True)
        if number == 0:
            print("  ".join("-" * width for width in widths), flush=True)


def note(text):
    print(text, file=sys.stderr, flush=True)
