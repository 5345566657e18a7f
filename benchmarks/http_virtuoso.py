"""Virtuoso as a peer: a server and database of its own, loaded over its SQL port."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from http_client import HOST
from http_servers import START_S, Server, first_line, free_port

MERGE = "urn:merge"


class Virtuoso(Server):
    """Virtuoso with a database of its own."""

    name = "virtuoso"
    extra = f"default-graph-uri={MERGE.replace(':', '%3A')}&"
    PACKAGE = "virtuoso-opensource"

    def __init__(self, work: Path, files: Mapping[str, Path]) -> None:
        super().__init__(work)
        self._files = files

    @staticmethod
    def is_installed() -> bool:
        return shutil.which("virtuoso-t") is not None and shutil.which("isql-vt") is not None

    def version(self) -> str:
        return " ".join(first_line(["virtuoso-t", "-?"], line=1).split()[:2])

    def start(self) -> None:
        sql = free_port()
        self.work.mkdir(parents=True, exist_ok=True)
        for file in self.work.glob("virtuoso.*"):
            file.unlink()
        ini = VIRTUOSO_INI.format(
            sql=sql, http=self.port, host=HOST, data=self._files["quads"].parent
        )
        (self.work / "virtuoso.ini").write_text(ini)
        self._run(["virtuoso-t", "-f", "+configfile", "virtuoso.ini"], cwd=self.work)
        self._wait()
        loads = [f"ld_dir('{f.parent}', '{f.name}', '{MERGE}')" for f in self._files.values()]
        script = "; ".join([*loads, "rdf_loader_run()", "checkpoint"]) + ";"
        subprocess.run(
            ["isql-vt", f"{HOST}:{sql}", "dba", "dba", f"exec={script}"],
            check=True,
            capture_output=True,
            timeout=START_S,
        )


VIRTUOSO_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso.tdb
TransactionFile = virtuoso.ttr
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = {host}:{sql}
DisableUnixSocket = 1
MaxClientConnections = 20
CheckpointInterval = 0
CaseMode = 2
DirsAllowed = {data}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxQueryMem = 2G
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = {host}:{http}
ServerRoot = .
MaxClientConnections = 20
ServerThreads = 20
MaxKeepAlives = 20
KeepAliveTimeout = 60
[SPARQL]
ResultSetMaxRows = 1000000
MaxConstructTriples = 1000000
"""
