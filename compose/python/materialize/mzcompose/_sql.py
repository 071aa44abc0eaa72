"""SQL for services that speak PostgreSQL's protocol. Needs psycopg or pg8000, which the user's Python may have."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Optional

from materialize.ui import UIError


class Sql:
    def port(self, service: str, private_port: Any = None) -> int:
        raise NotImplementedError

    def sql_connection(
        self,
        service: Optional[str] = None,
        user: str = "materialize",
        database: str = "materialize",
        port: Optional[int] = None,
        password: Optional[str] = None,
        sslmode: str = "disable",
        startup_params: Optional[Dict[str, str]] = None,
    ) -> Any:
        """A connection that commits every statement by itself."""
        reached = self.port(service or "materialized", port)
        where: Dict[str, Any] = {"host": "localhost", "port": reached, "user": user, "password": password}
        psycopg = _module("psycopg")
        if psycopg is not None:
            options = " ".join(f"-c {name}={value}" for name, value in (startup_params or {}).items())
            connection = psycopg.connect(**where, dbname=database, sslmode=sslmode, options=options)
        else:
            pg8000 = _module("pg8000")
            if pg8000 is None:
                raise UIError("SQL needs a Python package that can speak it", hint="pip install psycopg[binary]")
            connection = pg8000.connect(**where, database=database)
        connection.autocommit = True
        return connection

    def sql_cursor(self, service: Optional[str] = None, **connection: Any) -> Any:
        return self.sql_connection(service, **connection).cursor()

    def sql(self, sql: str, service: Optional[str] = None, print_statement: bool = True, **connection: Any) -> None:
        """Runs statements, one after the other."""
        cursor = self.sql_cursor(service, **connection)
        for statement in _statements(sql):
            if print_statement:
                print(f"> {statement}", flush=True)
            cursor.execute(statement)
        cursor.connection.close()

    def sql_query(self, sql: str, service: Optional[str] = None, **connection: Any) -> Any:
        """The rows that a query gives."""
        cursor = self.sql_cursor(service, **connection)
        cursor.execute(sql)
        rows = cursor.fetchall()
        cursor.connection.close()
        return rows


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _statements(sql: str) -> List[str]:
    """One by one where sqlparse is there to tell them apart; the server takes several at once, too."""
    sqlparse = _module("sqlparse")
    return [sql] if sqlparse is None else [statement for statement in sqlparse.split(sql) if statement]
