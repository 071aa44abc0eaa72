/**
 * `frontend.subrequests.describe`: which sub-requests there are.
 * Contract: moby/buildkit v0.33.0: frontend/subrequests/describe.go, frontend/dockerui/requests.go.
 */
import { columns, indentedJson } from "./go-text.ts";

interface Named {
  readonly name: string;
  readonly description: string;
}

interface Request {
  readonly name: string;
  readonly description: string;
  readonly opts: readonly Named[] | null;
}

const version = "1.0.0";

const REQUESTS: readonly Request[] = [
  {
    name: "frontend.outline",
    description: "List all parameters current build target supports",
    opts: [{ name: "target", description: "Target build stage" }],
  },
  { name: "frontend.targets", description: "List all targets current build supports", opts: [] },
  { name: "frontend.subrequests.describe", description: "List available subrequest types", opts: null },
];

export function describe(): Map<string, string> {
  const described = REQUESTS.map(({ name, description, opts }) => ({
    name,
    version,
    type: "rpc",
    description,
    opts,
    inputs: null,
    metadata: [
      { name: "result.json", description: "" },
      { name: "result.txt", description: "" },
    ],
    refs: null,
  }));
  const rows = REQUESTS.map(({ name, description }) => [name.replace(/^frontend\./, ""), version, description]);
  return new Map([
    ["result.json", indentedJson(described)],
    ["result.txt", columns([["NAME", "VERSION", "DESCRIPTION"], ...rows], 1)],
    ["version", version],
  ]);
}
