// The original: gitpod-io/dazzle v0.1.17, built from its Go module, runner and all, once for the user's cache directory.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { findProgram } from "../../client/engine/command.ts";
import { cacheDir } from "../../client/engine/host.ts";
import { say, testHost } from "./engine.ts";

const VERSION = "v0.1.17";

// Its runner is packed into the program as a resource, which is what `go generate` would do.
const BUILD = `
set -eu
export GOFLAGS=-mod=mod CGO_ENABLED=0 GOWORK=off
go mod init reference
go get github.com/gitpod-io/dazzle@${VERSION} github.com/GeertJohan/go.rice/rice@v1.0.2
source=$(go list -m -f '{{.Dir}}' github.com/gitpod-io/dazzle)
cp -R "$source" source
chmod -R u+w source
go build -o rice github.com/GeertJohan/go.rice/rice
cd source
(cd pkg/test/runner && go build -tags runner -trimpath -ldflags '-s -w' -o bin/runner_linux_amd64 main.go)
go build -trimpath -ldflags '-s -w -X github.com/gitpod-io/dazzle/cmd/core.version=${VERSION}' -o ../dazzle .
../rice append -i github.com/gitpod-io/dazzle/pkg/test/runner --exec ../dazzle
`;

/** The program; undefined after a line that says why there is none. */
export async function dazzleReference(): Promise<string | undefined> {
  const host = testHost();
  const directory = join(cacheDir(host), "test-dazzle");
  const program = join(directory, `dazzle-${VERSION}`);
  if (existsSync(program)) return program;
  const go = findProgram(host, "go", ["/usr/local/go/bin"]);
  if (go === undefined) return missing("there is no Go to build it with");
  say({ kind: "setup", text: `building dazzle ${VERSION}, the original, with Go: some three minutes, once` });
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, ".build-"));
  try {
    const env = { PATH: `${go.slice(0, go.lastIndexOf("/"))}:${process.env["PATH"] ?? ""}` };
    const built = await execa("sh", ["-c", BUILD], { cwd: work, env, reject: false, all: true });
    if (built.exitCode !== 0) return missing(`it can't be built: ${built.all.split("\n").slice(-3).join(" ")}`);
    await rename(join(work, "dazzle"), program);
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function missing(reason: string): undefined {
  say({ kind: "setup", text: `tests that compare with dazzle itself are skipped: ${reason}` });
}
