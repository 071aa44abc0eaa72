/** Databases and stores. */
import type { Service } from "../model.ts";
import { type ReadyOptions, readyService } from "./ready-service.ts";

export interface DatabaseOptions extends ReadyOptions {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

/** PostgreSQL on 5432. Default: user, password and database `postgres`. */
export function Postgres(options: DatabaseOptions = {}): Service {
  const { user = "postgres", password = "postgres", database = user } = options;
  return readyService(
    {
      name: "postgres",
      image: "postgres:17",
      ports: [5432],
      environment: { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database },
      test: `pg_isready --host=127.0.0.1 --username=${user} --dbname=${database}`,
      config: { init: true },
    },
    options,
  );
}

/** MySQL on 3306. Default: user `root` with password `root`, database `test`. */
export function MySql(options: DatabaseOptions = {}): Service {
  const { user = "root", password = "root", database = "test" } = options;
  const other = user === "root" ? {} : { MYSQL_USER: user, MYSQL_PASSWORD: password };
  return readyService(
    {
      name: "mysql",
      image: "mysql:8.4",
      ports: [3306],
      environment: { MYSQL_ROOT_PASSWORD: password, MYSQL_DATABASE: database, ...other },
      test: `mysqladmin ping --host=127.0.0.1 --user=root --password=${password} --silent`,
      config: { init: true },
    },
    options,
  );
}

/** Redis on 6379. */
export function Redis(options: ReadyOptions = {}): Service {
  return readyService(
    { name: "redis", image: "redis:7", ports: [6379], test: 'test "$$(redis-cli ping)" = PONG' },
    options,
  );
}

export interface MinioOptions extends ReadyOptions {
  readonly user?: string;
  /** At least eight characters. */
  readonly password?: string;
  /** Buckets that are there from the beginning. */
  readonly buckets?: readonly string[];
}

/** MinIO, a store with S3's interface, on 9000, its console on 9001. Default: user and password `minioadmin`. */
export function Minio(options: MinioOptions = {}): Service {
  const { user = "minioadmin", password = "minioadmin", buckets = [] } = options;
  const make = buckets.map((bucket) => `mkdir -p /data/${bucket} && `).join("");
  return readyService(
    {
      name: "minio",
      image: "minio/minio:RELEASE.2025-09-07T16-13-09Z",
      ports: [9000, 9001],
      environment: { MINIO_ROOT_USER: user, MINIO_ROOT_PASSWORD: password },
      test: "curl --fail --silent http://127.0.0.1:9000/minio/health/live",
      config: {
        entrypoint: ["sh", "-c"],
        command: [`${make}exec minio server /data --console-address :9001`],
      },
    },
    options,
  );
}
