import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import {
  type CompositionData,
  type JsonObject,
  PortError,
  renderComposition,
  type ServiceConfig,
} from "../../compose/index.ts";
import { MATERIALIZE_VOLUMES } from "../../mzbuild/index.ts";
import { goldens, makeSample, type Sample } from "../mzbuild/sample.ts";

/** test/smoke/mzcompose.py of the sample repository. */
const smoke: CompositionData = {
  services: [
    { name: "top", config: { mzbuild: "top", ports: [8080, "127.0.0.1::9090"], environment: ["A=1"] } },
    {
      name: "helper",
      config: { mzbuild: "sidecar", publish: false, propagate_uid_gid: true, volumes: ["smokedata:/data"] },
    },
    { name: "plain", config: { image: "busybox:1.36", platform: "linux/amd64", networks: ["inner"] } },
    { name: "outside", config: { mzbuild: "base", ports: ["5432:5432", 6000], allow_host_ports: true } },
  ],
  volumes: { smokedata: null },
  networks: { inner: null },
  others: {},
  workflows: [],
  description: undefined,
};

const options = {
  user: "UID:GID",
  ports: { style: "guarded", preserve: false },
  unconfined: true,
  hostNetwork: false,
  coverage: false,
  defaultVolumes: MATERIALIZE_VOLUMES,
} as const;

describe("the composition of the sample repository is rendered as the reference renders it", () => {
  let sample: Sample;
  beforeAll(() => {
    sample = makeSample("clean");
  });
  afterAll(() => sample[Symbol.dispose]());

  test.each([
    ["default", {}],
    ["preserve_ports", { ports: { style: "guarded", preserve: true } }],
    ["host_network", { hostNetwork: true }],
    ["coverage", { coverage: true }],
    ["unresolved", {}],
  ] as const)("%s", async (mode, changes) => {
    const repository = await sample.open();
    const variant = {
      profile: "optimized",
      architecture: "x86_64",
      coverage: mode === "coverage",
      sanitizer: "none",
    } as const;
    const fingerprints = await repository.fingerprints(["top", "sidecar", "base"], variant);
    const imageOf = (name: string): string =>
      mode === "unresolved" ? `materialize/${name}` : `materialize/${name}:mzbuild-${fingerprints.get(name)}`;
    const rendered = renderComposition(smoke, { ...options, ...changes, imageOf });
    expect(rendered).toEqual(goldens.compose[mode]?.compose);
  });
});

/** The one service of a composition, rendered. */
function rendered(config: ServiceConfig, changes: Partial<typeof options> | JsonObject = {}): unknown {
  const data = { services: [{ name: "s", config }], volumes: {}, networks: {}, others: {} };
  const all = { ...options, defaultVolumes: {}, imageOf: (name: string) => `r/${name}:t`, ...changes };
  return renderComposition(data, all)["services"];
}

describe("ports", () => {
  it.each([
    // entry, allow_host_ports, preserved: what Compose gets
    [8080, false, false, "127.0.0.1::8080"],
    ["8080", false, true, "127.0.0.1:8080:8080"],
    ["127.0.0.1::8080", false, true, "127.0.0.1::8080"],
    ["80:8080", true, false, "127.0.0.1:80:8080"],
    ["127.0.0.1:80:8080", true, false, "127.0.0.1:80:8080"],
    [{ target: 80 }, false, false, { target: 80, host_ip: "127.0.0.1" }],
    [{ target: 80 }, false, true, { target: 80, host_ip: "127.0.0.1", published: "80" }],
    [{ target: 80, published: "8080" }, true, false, { target: 80, published: "8080", host_ip: "127.0.0.1" }],
  ])("%j, with allow_host_ports %s and --preserve-ports %s, becomes %j", (entry, allowed, preserve, expected) => {
    const service = rendered({ ports: [entry], allow_host_ports: allowed }, { ports: { style: "guarded", preserve } });
    expect(service).toMatchObject({ s: { ports: [expected] } });
  });

  it.each(["80:8080", "127.0.0.1:80:8080", "0.0.0.0:80:8080"])("of the host need to be allowed: %s", (entry) => {
    expect(() => rendered({ ports: [entry] })).toThrow(PortError);
  });

  it("stay as a Compose file has them", () => {
    const ports = ["80:8080", { target: 80, published: "8080" }];
    expect(rendered({ ports }, { ports: { style: "as-written", preserve: false } })).toMatchObject({ s: { ports } });
  });
});

it("a service that has moved to an image of the repository is no longer built by Compose", () => {
  const service = rendered({ mzbuild: "web", build: { context: "." } }, { unconfined: false });
  expect(service).toEqual({ s: { image: "r/web:t", ports: [] } });
});

it("coverage replaces an existing LLVM_PROFILE_FILE, whatever form the environment has", () => {
  const file = "/coverage/s-%p-%9m%c.profraw";
  expect(rendered({ environment: ["LLVM_PROFILE_FILE=x", "A"] }, { coverage: true })).toMatchObject({
    s: { environment: ["A", `LLVM_PROFILE_FILE=${file}`] },
  });
  expect(rendered({ environment: { A: "1", LLVM_PROFILE_FILE: "x" } }, { coverage: true })).toMatchObject({
    s: { environment: { A: "1", LLVM_PROFILE_FILE: file } },
  });
});
