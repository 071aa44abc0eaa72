// The suite takes a few images from Docker Hub, through a mirror that it fills itself. Here the mirror has them already: made
// of one busybox, with what the tests look at in the real ones. What needs more (apk, particular digests) fails with every frontend.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { directoryTree, fileSyncService, openSession, type RpcClient, solve } from "../../client/index.ts";
import { startRegistry } from "../integration/registry.ts";

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`;
const group = "root:x:0:\ndaemon:x:1:\nwheel:x:10:root\nusers:x:100:\nnobody:x:65534:\n";

/** Debian's busybox leaves it out: `adduser -D NAME`. */
const adduser = `#!/bin/sh
for name; do :; done
echo "$name:x:1000:1000::/home/$name:/bin/sh" >>/etc/passwd
echo "$name:x:1000:" >>/etc/group
mkdir -p "/home/$name"
chown 1000:1000 "/home/$name"
`;

const common = { "etc/passwd": passwd, "etc/group": group, "etc/shadow": "root:*:::::::\n", "bin/adduser": adduser };
const alpine = { ...common, "etc/alpine-release": "3.18.0\n", "etc/os-release": 'NAME="Alpine Linux"\nID=alpine\n' };

const images = {
  "library/busybox:latest": common,
  "library/busybox:stable": common,
  "library/busybox:stable-musl": common,
  "library/alpine:latest": alpine,
  "amd64/debian:bullseye-20230109-slim": common,
  "tonistiigi/hellofs:latest": common,
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

const directories = [
  "dev",
  "etc",
  "home",
  "mnt",
  "opt",
  "proc",
  "root",
  "run",
  "sys",
  "tmp",
  "usr/bin",
  "usr/sbin",
  "var",
];

/** Fills the storage of a registry, built by the engine behind `client`. */
export async function fillMirror(client: RpcClient, busybox: string, storage: string): Promise<void> {
  await using registry = await startRegistry({ storage });
  for (const [name, files] of Object.entries(images)) {
    const directory = mkdtempSync(join(tmpdir(), "mzbuild-suite-"));
    try {
      writeRoot(join(directory, "root"), busybox, files);
      await push(client, directory, `${registry.host}/${name}`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}

function writeRoot(root: string, busybox: string, files: Readonly<Record<string, string>>): void {
  for (const directory of ["bin", ...directories]) mkdirSync(join(root, directory), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  chmodSync(join(root, "root"), 0o700);
  copyFileSync(busybox, join(root, "bin/busybox"));
  chmodSync(join(root, "bin/busybox"), 0o755);
  for (const name of execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n")) {
    if (name !== "" && name !== "busybox") symlinkSync("busybox", join(root, "bin", name));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: path.startsWith("bin/") ? 0o755 : 0o644 });
  }
}

async function push(client: RpcClient, directory: string, name: string): Promise<void> {
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  writeFileSync(join(directory, "Dockerfile"), `FROM scratch\nCOPY root /\nENV PATH=${path}\nCMD ["sh"]\n`);
  const tree = directoryTree(directory);
  const trees = new Map([
    ["context", tree],
    ["dockerfile", tree],
  ]);
  const session = await openSession(client, { services: fileSyncService(trees) });
  try {
    const result = await solve(client, {
      work: { kind: "frontend", frontend: "dockerfile.v0", attrs: {} },
      session,
      exporters: [{ Type: "image", Attrs: { name, push: "true" } }],
    });
    if (result.kind === "failed") throw result.failure.error;
  } finally {
    await session.close();
  }
}
