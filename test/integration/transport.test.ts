import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import * as http from "node:http";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectOptions, connectAddress, info, RpcClient } from "../../client/index.ts";
import { buildkitdProgram, testEngine } from "./engine.ts";
import { answers, tlsDaemon } from "./tls-daemon.ts";

const run = promisify(execFile);

let directory: string;
/** Path of the engine's socket. */
let socket: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mzbuild-transport-"));
  socket = (await testEngine()).address.replace(/^unix:\/\//, "");
});
afterAll(() => rm(directory, { recursive: true }));

async function versionAt(address: string, options?: ConnectOptions): Promise<string | undefined> {
  await using client = new RpcClient({ connect: connectAddress(address, options) });
  return (await info(client))?.version;
}

test("a program's standard streams lead to the daemon", async () => {
  const through = `require("net").connect(${JSON.stringify(socket)}, function () { process.stdin.pipe(this).pipe(process.stdout) })`;
  const expected = "exec -i builder buildctl dial-stdio";
  const docker = `#!/bin/sh\n[ "$*" = "${expected}" ] || exit 1\nexec ${process.execPath} -e '${through}'\n`;
  await writeFile(join(directory, "docker"), docker);
  await chmod(join(directory, "docker"), 0o755);
  const env = { PATH: `${directory}:${process.env["PATH"]}` };
  expect(await versionAt("docker-container://builder", { env })).toBe(await versionAt(`unix://${socket}`));
});

test("Docker's way to its BuildKit is an upgraded request", async () => {
  const docker = http.createServer().on("upgrade", (request, client, head) => {
    expect([request.method, request.url, request.headers.upgrade]).toEqual(["POST", "/grpc", "h2c"]);
    client.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    const buildkit = net.connect(socket);
    buildkit.write(head);
    client.pipe(buildkit).pipe(client);
  });
  const path = join(directory, "docker.sock");
  await new Promise<void>((resolve) => docker.listen(path, resolve));
  expect(await versionAt(`docker:unix://${path}`)).toBe(await versionAt(`unix://${socket}`));
  docker.close();
});

describe("TLS", () => {
  const files = (name: string) => ({ cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) });

  /** Makes an authority, and certificates of it for a server called buildkit.test and for a client. */
  async function makeCertificates(): Promise<void> {
    const openssl = (...args: string[]) => run("openssl", args, { cwd: directory });
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2");
    await writeFile(join(directory, "names"), "subjectAltName=DNS:buildkit.test");
    for (const name of ["server", "client"]) {
      await openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
      const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
      await openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`, ...signed);
    }
  }

  test("shows our certificate and checks the daemon's", async () => {
    const program = await buildkitdProgram();
    if (program === undefined) expect.fail("the test engine has no buildkitd");
    await makeCertificates();
    const ca = join(directory, "ca.pem");
    await using daemon = await tlsDaemon(program, { ca, ...files("server") });
    const good = { ca, ...files("client"), serverName: "buildkit.test" };
    await answers(connectAddress(daemon.address, { tls: good }));

    expect(await versionAt(daemon.address, { tls: good })).not.toBe("");
    const failing = (tls: ConnectOptions["tls"]) => versionAt(daemon.address, { tls }).catch((error: unknown) => error);
    expect(await failing({ ...good, serverName: "other.test" })).toMatchObject({
      name: "ConnectError",
      code: "bad-tls",
    });
    expect(await failing({ ...good, ca: undefined })).toMatchObject({ name: "ConnectError", code: "bad-tls" });
    expect(await failing({ ca, serverName: "buildkit.test" })).toMatchObject({
      code: "UNAVAILABLE",
      message: "the connection to buildkitd was lost: tlsv13 alert certificate required",
    });
    expect(await failing({ ...good, ca: join(directory, "none") })).toMatchObject({ code: "bad-tls" });
    expect(await failing(undefined)).toMatchObject({ code: "UNAVAILABLE", connectionLost: true });
  });
});
