/**
 * The program of the frontend image. Standard input and output are the connection to the daemon, so nothing may print;
 * whatever goes wrong is told to the daemon by `Return`, which shows it to the person who builds. With `list-context` as its
 * argument it is the program of a build step instead, and with `warm-up` one that the making of the image runs.
 */
import process from "node:process";
import { connectStdio, frontendGateway, type Gateway, RpcClient, RpcError } from "../../client/index.ts";
import { buildDockerfile } from "./build.ts";
import { readEnvironment } from "./environment.ts";
import { listContext } from "./list-context.ts";
import { warmUp } from "./warm-up.ts";

/** The exit code: an error that the daemon knows of is no failure of this program. */
async function main(gateway: Gateway, signal: AbortSignal): Promise<number> {
  try {
    await gateway.return(await buildDockerfile(gateway, readEnvironment(process.env), signal), { signal });
    return 0;
  } catch (error) {
    return tell(gateway, RpcError.from(error), signal);
  }
}

async function tell(gateway: Gateway, error: RpcError, signal: AbortSignal): Promise<number> {
  try {
    await gateway.fail(error, { signal });
    return 0;
  } catch (cause) {
    // The daemon is gone; its log is the only place left.
    process.stderr.write(`${error.message}\n${RpcError.from(cause).message}\n`);
    return 1;
  }
}

const [command, ...args] = process.argv.slice(2);
if (command === "list-context") {
  listContext(args);
} else if (command === "warm-up") {
  void warmUp();
} else {
  const client = new RpcClient({ connect: connectStdio });
  // Not a top-level await: the image's bundle is CommonJS, which starts faster. The open connection keeps the process alive.
  void main(frontendGateway(client), new AbortController().signal).then((code) => process.exit(code));
}
