"""`sdgplan push`: the graphs of the current release into a remote SPARQL 1.1 store.

Only graphs that changed are written. Of each in turn, in this order, so that a break at any moment
leaves a store that says it is half loaded, and a second push that goes on where the first stopped:

1. the note about it says that it is being written (for a batch of graphs at once);
2. in the merge of all graphs, what no graph has any more is taken out and what is new put in;
3. the graph is written;
4. what the store has is read back: as many triples, the same RDFC-1.0 hash, all in the merge;
5. the note says which graph it is.

At the end the merge is counted and the store says that it is complete; what it says so with is
read by `server/engine_remote.py` around each answer.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from kg.carry_over import store_parts
from kg.dumps import listed_checksums
from kg.errors import ReleaseError, StoreFailed
from kg.release import DUMPS_FOLDER, Release
from kg.remote.answers import lines_of_graph
from kg.remote.asking import RemoteStore
from kg.remote.state import COMPLETE, LOADING, WRITING, Loaded, note_line
from kg.remote.writing import Update, Writer
from kg.store import Store, open_release

_SPLIT = "/plan.nq.gz"
"""A dump of two graphs, each of which has one of its own."""
_PARTS_OF_PLAN = ("/source.nq.gz", "/links.nq.gz")

BATCH_BYTES = 1 << 20
BATCH_GRAPHS = 50
"""How much is written between two notes: compressed dumps, and graphs. After a break so much is
written again at most."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class GraphFiles:
    """A graph of a release: the dumps that make it up, and one hash over their checksums."""

    name: str
    files: tuple[Path, ...]
    fingerprint: str

    def lines(self) -> set[str]:
        """Its triples as canonical lines of N-Triples."""
        found: set[str] = set()
        for path in self.files:
            found |= lines_of_graph(gzip.decompress(path.read_bytes()), self.name)
        return found


@dataclass(slots=True)
class Pushed:
    """What a push did: graphs by what became of them, and the triples that were written."""

    loaded: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    unchanged: int = 0
    triples: int = 0
    protocol: str = ""


def graphs_of(release: Release) -> dict[str, GraphFiles]:
    """The named graphs of a release, by name. Raises ReleaseError if its dumps cannot be read."""
    parts = store_parts(release.path, release.manifest["plans"])
    listed = listed_checksums(release.path / DUMPS_FOLDER)
    found: dict[str, list[tuple[str, str]]] = {}
    for name, digest in parts.digests.items():
        if not name.endswith(_SPLIT):
            pieces = [(name, digest)]
        else:
            names = [name.removesuffix(_SPLIT) + end for end in _PARTS_OF_PLAN]
            pieces = [(n, listed[n.removeprefix(f"{DUMPS_FOLDER}/")]) for n in names]
        for piece in pieces:
            graph = _graph_of(release.path / piece[0])
            if graph:
                found.setdefault(graph, []).append(piece)
    return {graph: _files(release.path, graph, pieces) for graph, pieces in sorted(found.items())}


def _files(folder: Path, graph: str, pieces: Iterable[tuple[str, str]]) -> GraphFiles:
    ordered = sorted(pieces)
    text = "".join(f"{digest}  {name}\n" for name, digest in ordered)
    paths = tuple(folder / name for name, _ in ordered)
    return GraphFiles(graph, paths, hashlib.sha256(text.encode()).hexdigest())


def _graph_of(path: Path) -> str:
    """The graph of a dump's first line; empty for an empty dump."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            first = file.readline()
    except (OSError, EOFError) as error:
        raise ReleaseError(f"{path} is not readable: {error}") from error
    return first.rstrip(" .\n").rpartition(" ")[2][1:-1]


def _batches(
    names: Iterable[str], graphs: Mapping[str, GraphFiles], size: int
) -> Iterator[list[str]]:
    batch: list[str] = []
    total = 0
    for name in names:
        of_name = sum(f.stat().st_size for f in graphs[name].files) if name in graphs else 0
        if batch and (total + of_name > size or len(batch) == BATCH_GRAPHS):
            yield batch
            batch, total = [], 0
        batch.append(name)
        total += of_name
    if batch:
        yield batch


def rdfc10(lines: Iterable[str]) -> str:
    """The hash that `kg.writers.canonical_hash` gives, of canonical lines."""
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


class Push:
    """A push of one release into one store; `run` does it."""

    def __init__(
        self,
        release: Release,
        store: RemoteStore,
        push_id: str,
        say: Say,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        """`push_id` is never twice the same: by it, a push sees that another one has taken over."""
        self._batch_bytes = batch_bytes
        self._release = release
        self._store = store
        self._names = store.names
        self._id = push_id
        self._say = say
        self._done = Pushed()
        self._merge_is_stale = False

    @cached_property
    def _local(self) -> Store:
        return open_release(self._release.path)

    @cached_property
    def _graphs(self) -> Mapping[str, GraphFiles]:
        return graphs_of(self._release)

    def check(self) -> list[str]:
        """A sentence for all that the store has otherwise than this release; nothing is written."""
        loaded, notes = self._store.loaded(), self._store.notes()
        why = loaded.why_not(self._release.id)
        found = [] if why is None else [f"{why[0]}: {why[1]}"]
        found += [f"<{name}> is no graph of this release." for name in notes.keys() - self._graphs]
        for name, graph in self._graphs.items():
            try:
                self._compare(name, graph.lines())
            except StoreFailed as error:
                found.append(str(error))
        found += self._merge_faults()
        return sorted(found)

    def run(self, writers: Iterable[Writer]) -> Pushed:
        """Load the release; `writers` are tried in turn. Raises StoreFailed at the first fault."""
        loaded, notes = self._store.loaded(), self._store.notes()
        graphs = self._graphs
        gone = sorted(notes.keys() - graphs)
        changed = [name for name in graphs if notes.get(name) != graphs[name].fingerprint]
        self._done.unchanged = len(graphs) - len(changed)
        if not (gone or changed) and loaded.why_not(self._release.id) is None:
            return self._done
        state = Loaded(self._release.id, LOADING, self._id, loaded.most_rows, notes)
        writer = self._begin(writers, state)
        self._done.protocol = writer.protocol
        if not notes:  # whatever a merge holds of which nothing is noted
            writer.drop(self._names.merged)
        for batch in _batches([*gone, *changed], graphs, self._batch_bytes):
            self._check_mine()
            state = self._noted(writer, state, dict.fromkeys(batch, WRITING))
            for name in batch:
                if name in graphs:
                    self._load(writer, graphs[name])
                else:
                    self._drop(writer, name)
            after = {n: graphs[n].fingerprint if n in graphs else None for n in batch}
            state = self._noted(writer, state, after)
            done = len(self._done.loaded) + len(self._done.dropped)
            self._say(f"{done} of {len(gone) + len(changed)} graphs")
        self._mend_merge(writer)
        self._check_mine()
        state = replace(state, phase=COMPLETE, most_rows=self._store.most_rows())
        self._tell(writer, state)
        if self._store.loaded() != replace(state, graphs={}):
            raise StoreFailed("The remote store does not say that it is loaded. Push again.")
        return self._done

    def _begin(self, writers: Iterable[Writer], state: Loaded) -> Writer:
        """The first writer by which the store says what it was told to say."""
        failures = []
        for writer in writers:
            try:
                self._tell(writer, state)
            except StoreFailed as error:
                failures.append(str(error))
                continue
            if self._store.loaded() == replace(state, graphs={}):
                return writer
            failures.append(f"What was written to {writer.url} is not what {self._store.url} has.")
        raise StoreFailed(
            "The remote store takes no writing. "
            + " ".join(failures)
            + " Fix: name where it does with --graph-store or --update, and who may with "
            "SDGPLAN_STORE_USER and SDGPLAN_STORE_PASSWORD."
        )

    def _tell(self, writer: Writer, state: Loaded) -> None:
        """Let the store say this of itself. What it says of its graphs outlives a break in this."""
        names = self._names
        if isinstance(writer, Update):
            writer.forget(names.loaded, names.loaded)
            writer.add(names.loaded, state.own_lines(names))
        else:
            writer.put(names.loaded, state.lines(names))

    def _check_mine(self) -> None:
        if self._store.loaded().push != self._id:
            raise StoreFailed("Another push into this store has begun; this one ends here.")

    def _load(self, writer: Writer, graph: GraphFiles) -> None:
        name, lines = graph.name, graph.lines()
        before = self._store.lines(name)
        self._change_merge(writer, before - lines, lines)
        # few changes are sent alone, all else replaces what is there
        if isinstance(writer, Update) and len(before ^ lines) < len(lines) // 2:
            writer.remove(name, sorted(before - lines))
            writer.add(name, sorted(lines - before))
            sent = len(before ^ lines)
        else:
            writer.put(name, sorted(lines))
            sent = len(lines)
        self._compare(name, lines)
        self._done.loaded.append(name)
        self._done.triples += sent

    def _drop(self, writer: Writer, name: str) -> None:
        self._change_merge(writer, self._store.lines(name), set())
        writer.drop(name)
        if self._store.count(name):
            raise StoreFailed(f"<{name}> was dropped, but the remote store still has it.")
        self._done.dropped.append(name)

    def _noted(self, writer: Writer, state: Loaded, notes: Mapping[str, str | None]) -> Loaded:
        """The state after the notes, which the store says too."""
        after = state.with_notes(notes)
        if isinstance(writer, Update):
            was = {n: state.graphs[n] for n in notes if n in state.graphs}
            now = {n: note for n, note in notes.items() if note is not None}
            writer.remove(self._names.loaded, [note_line(*note) for note in was.items()])
            writer.add(self._names.loaded, [note_line(*note) for note in now.items()])
        else:
            writer.put(self._names.loaded, after.lines(self._names))
        return after

    def _change_merge(self, writer: Writer, gone: set[str], now: set[str]) -> None:
        leaving = self._local.not_merged(gone) if gone else []
        if leaving and isinstance(writer, Update):
            writer.remove(self._names.merged, sorted(leaving))
        elif leaving:
            self._merge_is_stale = True  # it is written anew at the end
        if not self._merge_is_stale:
            writer.add(self._names.merged, sorted(now))

    def _compare(self, name: str, lines: set[str]) -> None:
        """Raise StoreFailed unless the store has exactly these lines in the graph."""
        found = self._store.lines(name)
        if rdfc10(found) != rdfc10(lines):
            examples = [*sorted(lines - found)[:1], *sorted(found - lines)[:1]]
            shown = " It has " + " in place of ".join(line.strip() for line in reversed(examples))
            raise StoreFailed(
                f"<{name}> came back otherwise than it was written: {len(lines - found)} triples "
                f"are missing, {len(found - lines)} are others.{shown}"
            )
        if not self._merge_is_stale and self._store.count(name, self._names.merged) != len(lines):
            raise StoreFailed(f"The merge of the remote store lacks triples of <{name}>.")

    def _merge_faults(self) -> list[str]:
        has, expected = self._store.count(self._names.merged), self._local.merged_count()
        if has == expected:
            return []
        return [f"The merge of the remote store has {has} triples; expected {expected}."]

    def _mend_merge(self, writer: Writer) -> None:
        """Write the merge as a whole if it could not be kept up, or is not what it should be."""
        if not self._merge_is_stale and not self._merge_faults():
            return
        self._say("The merge of all graphs is written anew.")
        self._check_mine()
        writer.put(self._names.merged, self._local.merged_lines())
        faults = self._merge_faults()
        faults += [
            f"The merge of the remote store lacks triples of <{name}>."
            for name in self._graphs
            if self._store.count(name, self._names.merged) != self._store.count(name)
        ]
        if faults:
            raise StoreFailed(" ".join(faults))
