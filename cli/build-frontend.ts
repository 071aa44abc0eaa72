/** `build-frontend ROOT [options]`: builds the frontend image from its Dockerfile, with our own compiler and client. */
import { parseArgs } from "node:util";
import { planExports } from "../client/index.ts";
import { buildFrontendImage } from "./build/frontend-image.ts";
import { prepareBuild } from "./build/prepare.ts";
import { reportFailure } from "./report-failure.ts";
import { tellFailure } from "./tell-failure.ts";
import { processTerminal, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

const USAGE = `usage: build-frontend --output FILE.tar [options]

  --output FILE       the OCI archive to write
  --platform LIST     default: linux/amd64,linux/arm64
  --buildkit ADDRESS  the engine
  --no-install        install nothing into the system
  --progress MODE     auto, tty, plain, rawjson or quiet
`;

async function main(terminal: Terminal, [root = "", ...args]: readonly string[]): Promise<void> {
  const { values } = parse(args);
  if (values.help) {
    terminal.stdout.write(USAGE);
    return;
  }
  if (values.output === undefined) throw new UsageError("--output is missing", "name the OCI archive to write");
  const exports = planExports([{ kind: "file", type: "oci", path: values.output, attrs: {} }], {
    directory: terminal.cwd,
    stdout: undefined,
    dockerLoad: { environment: terminal.env },
  });
  const { buildkit, progress: mode, platform } = values;
  const install = !values["no-install"];
  const flags = {
    install,
    ...(buildkit === undefined ? {} : { buildkit }),
    ...(mode === undefined ? {} : { progress: mode }),
  };
  const { progress, connected } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  const platforms = platform.split(",");
  await tellFailure(terminal, progress, () =>
    buildFrontendImage({ terminal, connected, root, platforms, install, exports, progress }),
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        output: { type: "string", short: "o" },
        platform: { type: "string", default: "linux/amd64,linux/arm64" },
        buildkit: { type: "string" },
        "no-install": { type: "boolean", default: false },
        progress: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), "--help lists the options");
  }
}

const terminal = processTerminal();
// Not awaited, which the CommonJS file that becomes of this can't do.
void main(terminal, process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = reportFailure(terminal, error, { debug: false, root: undefined });
});
