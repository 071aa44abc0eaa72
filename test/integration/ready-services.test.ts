// Ready services: all of them as Compose takes them, and those whose programs Debian has in earnest, behind images that keep to what the
// official ones offer. (The official images come from registries that tests can't reach.)
import { beforeAll, expect, test } from "vitest";
import type { TestDocker } from "./docker-engine.ts";
import { describeOnDocker } from "./tour-on-docker.ts";

interface Rendered {
  readonly services: Readonly<
    Record<
      string,
      { readonly image: string; readonly ports?: readonly { readonly target: number }[]; readonly healthcheck?: object }
    >
  >;
}

const load = (docker: TestDocker) =>
  docker.loadDebianWith(["postgresql", "redis-server", "prometheus", "wget"], "debian-services");

describeOnDocker({ name: "ready services", load }, ({ run, write }) => {
  beforeAll(() => {
    write("misc/images/stores/mzbuild.yml", "name: stores\npublish: false\n");
    write(
      "misc/images/stores/Dockerfile",
      "FROM debian-services\nCOPY postgres-entry /usr/local/bin/\nRUN chmod +x /usr/local/bin/postgres-entry && mkdir -m 777 /data\n",
    );
    write("misc/images/stores/postgres-entry", POSTGRES_ENTRY);
    for (const [name, lines] of Object.entries(IMAGES)) {
      write(`misc/images/${name}/mzbuild.yml`, `name: ${name}\npublish: false\n`);
      write(`misc/images/${name}/Dockerfile`, `MZFROM stores\n${lines}`);
    }
  });

  test.each([
    ["mzcompose.ts", ALL_TYPESCRIPT, ["jaeger"]],
    // As Materialize's library has them.
    ["mzcompose.py", ALL_PYTHON, ["grafana", "prometheus", "toxiproxy"]],
  ])("of %s are what Compose takes, with versions, ports and checks", async (file, text, unchecked) => {
    write(`test/all-${file.slice(-2)}/${file}`, text);
    const { exitCode, stdout, stderr } = await run(`test/all-${file.slice(-2)}`, ["config", "--format", "json"]);
    expect(exitCode, stderr).toBe(0);
    // Written by Compose.
    const { services } = JSON.parse(stdout) as Rendered;
    expect(Object.keys(services).length).toBeGreaterThan(10);
    for (const [name, { image, ports, healthcheck }] of Object.entries(services)) {
      expect(image, name).toMatch(/:[\w.-]*\d[\w.-]*$/);
      expect(
        ports?.every(({ target }) => target > 1024),
        name,
      ).toBe(true);
      if (!unchecked.includes(name)) expect(healthcheck, name).toBeDefined();
    }
  });

  test("get healthy, and are reached as they promise", async () => {
    write("test/stores/mzcompose.ts", STORES);
    const stores = await run("test/stores", ["run", "default"]);
    expect(stores.exitCode, stores.stderr).toBe(0);
    expect(stores.stdout.split("\n")).toEqual(["redis: kept", "postgres: 42 as shop in shop", "prometheus: ready", ""]);
    write("test/stores-py/mzcompose.py", STORES_PYTHON);
    const python = await run("test/stores-py", ["run", "default"]);
    expect(python.exitCode, python.stderr).toBe(0);
    expect(python.stdout).toBe("logical PONG\n");
  });
});

/** What the official image does with its variables, as far as these compositions need it. */
const POSTGRES_ENTRY = `#!/bin/sh
set -e
[ "$1" = postgres ] || exec "$@"
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
export PGDATA=/data/pg
user=\${POSTGRES_USER:-postgres}
if [ ! -e $PGDATA ]; then
  echo "$POSTGRES_PASSWORD" >/tmp/password
  initdb --username="$user" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256
  echo "host all all all scram-sha-256" >>$PGDATA/pg_hba.conf
  pg_ctl start --wait -o "-c listen_addresses= -k /tmp"
  [ "\${POSTGRES_DB:-$user}" = postgres ] || createdb --host=/tmp --username="$user" "\${POSTGRES_DB:-$user}"
  pg_ctl stop
fi
exec "$@" -c listen_addresses='*' -k /tmp
`;

const IMAGES = {
  "store-postgres": 'USER postgres\nENTRYPOINT ["postgres-entry"]\nCMD ["postgres"]\n',
  "store-redis": 'CMD ["redis-server", "--protected-mode", "no"]\n',
  "store-prometheus":
    'USER 65534\nENTRYPOINT ["prometheus"]\nCMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/data"]\n',
};

const STORES = `import { type Composition, Postgres, Prometheus, Redis } from "mzbuild/compose";
export const services = [
  Postgres({ mzbuild: "store-postgres", user: "shop", password: "secret" }),
  Redis({ mzbuild: "store-redis" }),
  Prometheus({ mzbuild: "store-prometheus" }),
];
export async function workflowDefault(c: Composition): Promise<void> {
  await c.up();
  await c.exec("redis", ["redis-cli", "set", "key", "kept"], { capture: true });
  const redis = await c.exec("redis", ["redis-cli", "get", "key"], { capture: true });
  console.log("redis:", redis.stdout.trim());
  const address = "postgres://shop:secret@127.0.0.1/shop";
  const sql = "select 42 || ' as ' || current_user || ' in ' || current_database()";
  const postgres = await c.exec("postgres", ["psql", address, "-Atc", sql], { capture: true });
  console.log("postgres:", postgres.stdout.trim());
  const response = await fetch(\`http://localhost:\${await c.port("prometheus")}/-/ready\`);
  console.log("prometheus:", response.ok ? "ready" : response.status);
  await c.down();
}
`;

const STORES_PYTHON = `from materialize.mzcompose.composition import Composition
from materialize.mzcompose.service import Service
from materialize.mzcompose.services.postgres import Postgres
from materialize.mzcompose.services.redis import Redis

redis = Redis()
redis.config = {**{key: value for key, value in redis.config.items() if key != "image"}, "mzbuild": "store-redis"}
SERVICES = [Postgres(mzbuild="store-postgres"), redis]

def workflow_default(c: Composition) -> None:
    c.up("postgres", Service("redis"))
    address = "postgres://postgres:postgres@127.0.0.1/postgres"
    level = c.exec("postgres", "psql", address, "-Atc", "show wal_level", capture=True).stdout.strip()
    print(level, c.exec("redis", "redis-cli", "ping", capture=True).stdout.strip())
    c.down()
`;

const ALL_TYPESCRIPT = `import * as ready from "mzbuild/compose";
export const services = [
  ready.Postgres(), ready.MySql({ user: "shop" }), ready.Redis(), ready.Minio({ buckets: ["a", "b"] }),
  ready.Redpanda(), ready.Kafka({ partitions: 3 }), ready.SchemaRegistry(), ready.Zookeeper(),
  ready.Prometheus(), ready.Grafana(), ready.Jaeger(),
];
`;

const ALL_PYTHON = `from materialize.mzcompose.services import (
    Azurite, Grafana, Kafka, Minio, MySql, Postgres, Prometheus, Redis, Redpanda, SchemaRegistry, Toxiproxy, Zookeeper,
)
SERVICES = [
    Azurite(), Grafana(), Kafka(), Minio(), MySql(), Postgres(), Prometheus(), Redis(), Redpanda(name="panda", aliases=["panda"]), SchemaRegistry(),
    Toxiproxy(), Zookeeper(),
]
`;
