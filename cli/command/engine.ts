/** `mzimage engine`: the BuildKit engine that mzimage provides where there is none. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { embeddedEngine } from "../../client/index.ts";
import { engineHost } from "../engine-host.ts";
import type { Terminal } from "../terminal.ts";

export type EngineVerb = "status" | "start" | "stop" | "log";

/** Exit code of `status` when the engine does not run, as that of `systemctl is-active`. */
const NOT_RUNNING = 3;

/** The exit code. Throws `EngineError`. */
export async function engineCommand(
  terminal: Terminal,
  verb: EngineVerb,
  options: { readonly install?: boolean; readonly json?: boolean },
): Promise<number> {
  const engine = embeddedEngine(engineHost(terminal), { install: options.install });
  const print = (line: string): unknown => terminal.stdout.write(`${line}\n`);
  switch (verb) {
    case "start": {
      const { address, version } = await engine.start(
        ({ text }) => terminal.stderr.write(`${text}\n`),
        terminal.signal,
      );
      print(`BuildKit ${version} runs at ${address}`);
      return 0;
    }
    case "stop":
      print(
        (await engine.stop(terminal.signal)) ? "the engine is stopped; its cache is kept" : "the engine does not run",
      );
      return 0;
    case "log":
      return printLog(terminal, engine.logFile);
    case "status": {
      const status = await engine.status();
      if (options.json) {
        const { address, logFile } = engine;
        const facts = status.kind === "running" ? { pid: status.pid, answers: status.answers } : {};
        print(JSON.stringify({ status: status.kind, ...facts, address, logFile }, undefined, 2));
        return status.kind === "running" ? 0 : NOT_RUNNING;
      }
      if (status.kind === "stopped") {
        print("the engine does not run");
        return NOT_RUNNING;
      }
      print(`${status.answers ? "running" : "running, but not answering"}: pid ${status.pid}, ${engine.address}`);
      print(`log: ${status.logFile}`);
      return 0;
    }
  }
}

async function printLog(terminal: Terminal, file: string): Promise<number> {
  try {
    await pipeline(createReadStream(file), terminal.stdout, { end: false });
    return 0;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    terminal.stderr.write("there is no log: the engine has never run\n");
    return NOT_RUNNING;
  }
}
