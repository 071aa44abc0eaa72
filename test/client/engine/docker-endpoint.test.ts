import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { currentDockerEndpoint } from "../../../client/engine/docker-endpoint.ts";
import { emptyHost, writeHome } from "./test-host.ts";

// sha256 of "colima", as `printf colima | sha256sum` prints it.
const colima = "f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16";

describe("the Docker endpoint", () => {
  test("is the default socket on a machine where nothing was configured", async () => {
    expect(await currentDockerEndpoint(await emptyHost())).toEqual({
      context: "default",
      host: "unix:///var/run/docker.sock",
      tls: undefined,
    });
  });

  test("is that of the current context, with the certificates kept for it", async () => {
    const host = await emptyHost();
    await writeHome(host, {
      ".docker/config.json": { currentContext: "colima" },
      [`.docker/contexts/meta/${colima}/meta.json`]: {
        Name: "colima",
        Endpoints: { docker: { Host: "tcp://10.0.0.1:2376", SkipTLSVerify: false } },
      },
      [`.docker/contexts/tls/${colima}/docker/ca.pem`]: "ca",
      [`.docker/contexts/tls/${colima}/docker/key.pem`]: "key",
    });
    const directory = join(host.homeDir, ".docker/contexts/tls", colima, "docker");
    expect(await currentDockerEndpoint(host)).toEqual({
      context: "colima",
      host: "tcp://10.0.0.1:2376",
      tls: { ca: join(directory, "ca.pem"), key: join(directory, "key.pem") },
    });
  });

  test("DOCKER_HOST goes before DOCKER_CONTEXT, and that before the configured context", async () => {
    const host = await emptyHost();
    await writeHome(host, { ".docker/config.json": { currentContext: "elsewhere" } });
    const env = { DOCKER_CONTEXT: "default", DOCKER_HOST: "tcp://127.0.0.1:2375" };
    expect((await currentDockerEndpoint({ ...host, env }))?.host).toBe("tcp://127.0.0.1:2375");
    expect((await currentDockerEndpoint({ ...host, env: { DOCKER_CONTEXT: "default" } }))?.context).toBe("default");
    expect(await currentDockerEndpoint(host)).toBeUndefined();
  });

  test("DOCKER_TLS_VERIFY takes the certificates of DOCKER_CERT_PATH", async () => {
    const host = await emptyHost();
    await writeHome(host, { "certs/ca.pem": "ca" });
    const certs = join(host.homeDir, "certs");
    const env = { DOCKER_HOST: "tcp://h:2376", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certs };
    expect((await currentDockerEndpoint({ ...host, env }))?.tls).toEqual({ ca: join(certs, "ca.pem") });
  });

  test("a damaged configuration is the same as none", async () => {
    const host = await emptyHost();
    await writeHome(host, { ".docker/config.json": "{" });
    expect((await currentDockerEndpoint(host))?.context).toBe("default");
  });
});
