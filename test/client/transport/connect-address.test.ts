import * as http from "node:http";
import * as net from "node:net";
import { describe, expect, test } from "vitest";
import { info, RpcClient } from "../../../client/index.ts";
import { ConnectError, connectAddress, connectCommand, parseAddress } from "../../../client/transport/index.ts";

function refusal(address: string): string {
  try {
    parseAddress(address);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectError);
    return `${(error as ConnectError).code}: ${(error as ConnectError).message}`;
  }
  return expect.fail(`${address} should be refused`);
}

describe("parseAddress", () => {
  test.each([
    ["unix:///run/buildkit/buildkitd.sock", { kind: "unix", path: "/run/buildkit/buildkitd.sock" }],
    ["unix:///tmp/a b?c#d", { kind: "unix", path: "/tmp/a b?c#d" }],
    ["tcp://buildkit.example:1234", { kind: "tcp", host: "buildkit.example", port: 1234 }],
    ["tcp://[::1]:1234", { kind: "tcp", host: "::1", port: 1234 }],
  ])("understands the socket %s", (address, target) => {
    expect(parseAddress(address)).toEqual({ kind: "socket", target });
  });

  // The commands are those of moby/buildkit v0.33.0: client/connhelper.
  test.each([
    ["docker-container://builder", "docker exec -i builder buildctl dial-stdio"],
    ["docker-container://builder?context=remote", "docker --context=remote exec -i builder buildctl dial-stdio"],
    ["podman-container://builder", "podman exec -i builder buildctl dial-stdio"],
    ["nerdctl-container://b?namespace=n", "nerdctl exec --namespace=n -i b buildctl dial-stdio"],
    [
      "kube-pod://pod?context=c&namespace=n&container=k",
      "kubectl --context=c --namespace=n exec --container=k -i pod -- buildctl dial-stdio",
    ],
    ["ssh://me@host:2222", "ssh -l me -p 2222 -- host buildctl dial-stdio"],
    ["ssh://host/run/bk.sock", "ssh -- host buildctl --addr unix:///run/bk.sock dial-stdio"],
  ])("understands %s", (address, command) => {
    const route = parseAddress(address);
    expect(route.kind === "command" && [route.file, ...route.args].join(" ")).toBe(command);
  });

  test("understands the BuildKit within a Docker daemon", () => {
    expect(parseAddress("docker:unix:///var/run/docker.sock")).toEqual({
      kind: "docker",
      daemon: { kind: "socket", target: { kind: "unix", path: "/var/run/docker.sock" } },
    });
    expect(parseAddress("docker:ssh://host")).toMatchObject({
      daemon: { file: "ssh", args: ["--", "host", "docker", "system", "dial-stdio"] },
    });
  });

  test.each([
    ["", 'bad-address: "" is not an address of a buildkitd'],
    ["/run/buildkitd.sock", 'bad-address: "/run/buildkitd.sock" is not an address of a buildkitd'],
    ["http://host:1", "bad-address: http://host:1 has a scheme that is not known here"],
    ["tcp://host", "bad-address: tcp://host lacks its port"],
    ["unix://", "bad-address: unix:// names no socket"],
    ["docker-container://", "bad-address: docker-container:// lacks the name of a container"],
    ["docker-container://-v", "bad-address: docker-container://-v lacks the name of a container"],
    ["ssh://me:secret@host", "bad-address: ssh://host: a password can't be given to ssh"],
    ["docker:http://host", "bad-address: docker:http://host has a scheme that is not known here"],
  ])("refuses %j", (address, message) => {
    expect(refusal(address)).toBe(message);
  });
});

describe("connectAddress", () => {
  test("says that a socket isn't there", async () => {
    await expect(connectAddress("unix:///no/such/socket")()).rejects.toMatchObject({
      code: "unreachable",
      message: "there is no socket unix:///no/such/socket",
    });
  });

  test("says that nothing listens at a port", async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(connectAddress(`tcp://127.0.0.1:${port}`)()).rejects.toMatchObject({
      code: "unreachable",
      message: `nothing listens at tcp://127.0.0.1:${port}`,
    });
  });

  test("says that a program isn't installed", async () => {
    await expect(connectAddress("docker-container://x", { env: { PATH: "/nowhere" } })()).rejects.toMatchObject({
      code: "command-failed",
      message: "docker is not installed",
    });
  });

  test("tells what a program said that failed, when the connection is used", async () => {
    const client = new RpcClient({ connect: () => connectCommand("sh", ["-c", "echo no such container >&2; exit 3"]) });
    const error = await info(client).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "UNAVAILABLE", connectionLost: true });
    expect((error as Error).message).toBe(
      "the connection to buildkitd was lost: sh failed with status 3: no such container",
    );
    await client.close();
  });

  test("says that a Docker daemon has no BuildKit", async () => {
    const server = http.createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    await expect(connectAddress(`docker:tcp://127.0.0.1:${port}`)()).rejects.toMatchObject({
      code: "no-buildkit",
      message: "the Docker daemon gives no access to BuildKit: HTTP status 404",
    });
    server.close();
  });
});
