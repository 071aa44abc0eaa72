// That the Docker that other tests rely on is a whole one, and leaves nothing behind.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dockerMissing, startDocker } from "./docker-engine.ts";

const missing = await dockerMissing();

describe.skipIf(missing !== undefined)(`Docker${missing === undefined ? "" : ` (${missing})`}`, () => {
  test.each(["classic", "containerd"] as const)(
    "runs, builds and composes, and leaves nothing (%s store)",
    async (store) => {
      const bridges: string[] = [];
      let directory: string;
      {
        await using docker = await startDocker({ store });
        directory = docker.env.DOCKER_CONFIG;
        await docker.loadBusybox();
        expect(await docker.docker(["run", "--rm", "busybox", "echo", "it runs"])).toBe("it runs");
        await docker.docker(["build", "--tag", "built", "-"], {
          stdin: "pipe",
          input: "FROM busybox\nRUN echo x >/y\n",
        });
        expect(await docker.docker(["run", "--rm", "built", "cat", "/y"])).toBe("x");
        const compose = ["compose", "--file", "-", "--project-name", "p"];
        const file = JSON.stringify({ services: { web: { image: "busybox", command: "sleep 1000" } } });
        await docker.docker([...compose, "up", "--detach"], { stdin: "pipe", input: file });
        expect(await docker.docker(["ps", "--format", "{{.Names}}"])).toBe("p-web-1");
        const name = '{{or (index .Options "com.docker.network.bridge.name") (printf "br-%.12s" .Id)}}';
        for (const network of ["bridge", "p_default"]) {
          bridges.push(await docker.docker(["network", "inspect", "--format", name, network]));
        }
        expect(bridges.map(isThere)).toEqual([true, true]);
      }
      expect(bridges.map(isThere)).toEqual([false, false]);
      expect(existsSync(directory)).toBe(false);
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(directory);
    },
  );
});

function isThere(link: string): boolean {
  return existsSync(`/sys/class/net/${link}`);
}
