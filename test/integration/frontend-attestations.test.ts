import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  directoryTree,
  fileSyncService,
  openSession,
  type ProgressEvent,
  type SolveResult,
  solve,
} from "../../client/index.ts";
import { type FrontendClient, frontendClient } from "./frontend-request.ts";
import { hostRootfs } from "./host-rootfs.ts";
import { type TestRegistry, testRegistry } from "./registry.ts";

/** Says what it was shown, as a scanner says what it has found. */
const scan = `#!/bin/sh
for name in $(ls "$BUILDKIT_SCAN_SOURCE_EXTRAS"); do extras="$extras $name:"$(echo $(ls "$BUILDKIT_SCAN_SOURCE_EXTRAS/$name")); done
cat > "$BUILDKIT_SCAN_DESTINATION/found.spdx.json" <<END
{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":
{"core":"$(echo $(ls "$BUILDKIT_SCAN_SOURCE"))","extras":"$extras","level":"$BUILDKIT_SCAN_level"}}
END
`;

let frontend: FrontendClient;
let registry: TestRegistry | undefined;
let directory: string;
beforeAll(async () => {
  registry = await testRegistry();
  frontend = await frontendClient();
  directory = mkdtempSync(join(tmpdir(), "frontend-attestations-"));
  mkdirSync(join(directory, "rootfs"));
  await hostRootfs(join(directory, "rootfs"), ["sh", "cat", "ls"]);
});
afterAll(async () => {
  await frontend[Symbol.asyncDispose]();
  await registry?.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => rmSync(join(directory, "context"), { recursive: true, force: true }));

async function ask(
  attrs: Readonly<Record<string, string>>,
  push: string,
): Promise<{ readonly result: SolveResult; readonly steps: readonly string[] }> {
  const context = join(directory, "context");
  const places = { context, dockerfile: context, rootfs: join(directory, "rootfs") };
  const trees = new Map(Object.entries(places).map(([name, path]) => [name, directoryTree(path)]));
  const { client, image } = frontend;
  const session = await openSession(client, { services: [...fileSyncService(trees), ...image.services] });
  const steps = new Set<string>();
  const onProgress = (event: ProgressEvent) => void (event.kind === "vertex" && steps.add(event.name));
  try {
    const result = await solve(client, {
      work: { kind: "frontend", frontend: "dockerfile.v0", attrs: { "context:base": "local:rootfs", ...attrs } },
      session,
      exporters: [{ Type: "image", Attrs: { name: push, push: "true" } }],
      onProgress,
    });
    return { result, steps: [...steps] };
  } finally {
    await session.close();
  }
}

function files(contents: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(contents)) {
    const file = join(directory, "context", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
  }
}

describe("a bill of materials", () => {
  test("covers the stages and the context that are named, as that of BuildKit's own frontend does", async ({
    skip,
  }) => {
    if (registry === undefined) return skip("there is no registry");
    const generator = `${registry.host}/scanner:latest`;
    files({ Dockerfile: 'FROM base\nENV PATH=/bin\nCOPY scan /bin/\nENTRYPOINT ["/bin/scan"]\n', scan });
    expect((await ask({}, generator)).result).toMatchObject({ kind: "done" });
    files({
      Dockerfile: `ARG BUILDKIT_SBOM_SCAN_STAGE=middle,last
FROM base AS first
FROM scratch AS middle
COPY a /in-middle
FROM scratch AS last
ARG BUILDKIT_SBOM_SCAN_CONTEXT=true
COPY --from=first /bin/ls /in-last
COPY --from=middle / /
`,
      a: "a",
    });
    const attrs = {
      "attest:sbom": `generator=${generator},level=high`,
      "build-arg:SOURCE_DATE_EPOCH": "1700000000",
    };
    const { image } = frontend;
    const name = `${registry.host}/scanned:latest`;
    const theirs = await ask(attrs, name);
    const ours = await ask({ ...attrs, ...image.attrs, "build-arg:BUILDKIT_SYNTAX": "mzbuild-frontend" }, name);
    if (theirs.result.kind !== "done" || ours.result.kind !== "done") {
      return expect.fail(JSON.stringify([theirs.result, ours.result]));
    }
    const digestOf = ({ exporterResponse }: typeof ours.result) => exporterResponse["containerimage.digest"] ?? "";
    const found = await attested(registry, "scanned", digestOf(ours.result));
    expect(found).toEqual(await attested(registry, "scanned", digestOf(theirs.result)));
    expect(digestOf(ours.result)).toBe(digestOf(theirs.result));
    const scanning = (step: string) => step.includes("generating sbom using");
    expect(ours.steps.filter(scanning)).toEqual(theirs.steps.filter(scanning));
    expect(found).toEqual([
      { core: "in-last in-middle", extras: " sbom-context:a sbom-middle:in-middle", level: "high" },
    ]);
  });

  test("fails with the original's words without a scanner", async ({ skip }) => {
    if (registry === undefined) return skip("there is no registry");
    files({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "a" });
    const name = `${registry.host}/failed:latest`;
    for (const sbom of ["generator=", `generator=${registry.host}/nothing:latest`]) {
      const attrs = { "attest:sbom": sbom };
      const theirs = (await ask(attrs, name)).result;
      const asked = { ...attrs, ...frontend.image.attrs, "build-arg:BUILDKIT_SYNTAX": "mzbuild-frontend" };
      const ours = (await ask(asked, name)).result;
      if (theirs.kind !== "failed" || ours.kind !== "failed") return expect.fail("expected failures");
      expect(ours.failure.message).toContain(theirs.failure.message);
    }
  });
});

/** The predicates of an image's attestations. */
async function attested({ host }: TestRegistry, name: string, digest: string): Promise<readonly unknown[]> {
  const get = async (path: string): Promise<Json> =>
    (await (await fetch(`http://${host}/v2/${name}/${path}`, { headers })).json()) as Json;
  const { manifests = [] } = await get(`manifests/${digest}`);
  const isAttestation = ({ annotations }: Json) =>
    annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
  const { layers = [] } = await get(`manifests/${manifests.find(isAttestation)?.digest}`);
  const statements = await Promise.all(layers.map((layer) => get(`blobs/${layer.digest}`)));
  return statements.map(({ predicate }) => predicate);
}

/** Of a registry's answers, what is looked at. */
interface Json {
  readonly digest?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests?: readonly Json[];
  readonly layers?: readonly Json[];
  readonly predicate?: unknown;
}

const headers = {
  accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, */*",
};
