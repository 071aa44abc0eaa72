/** A process for commands to run in that is none: what they write is kept. */
import { homedir } from "node:os";
import { PassThrough } from "node:stream";
import type { Terminal } from "../../cli/terminal.ts";
import { GIT_ENV } from "../mzbuild/sample.ts";

export interface TestTerminal {
  readonly terminal: Terminal;
  /** All that was written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export function testTerminal(
  cwd = "/",
  env: Readonly<Record<string, string | undefined>> = {},
  signal: AbortSignal = new AbortController().signal,
): TestTerminal {
  const [stdout, stderr] = [collector(), collector()];
  const ours: Terminal["env"] = GIT_ENV;
  const { CI: _ci, CI_LTO: _lto, CI_SANITIZER: _sanitizer, MZ_ROOT: _root, ...inherited } = ours;
  const terminal: Terminal = {
    env: { ...inherited, ...env },
    cwd,
    stdin: new PassThrough(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    platform: process.platform,
    arch: process.arch,
    homeDir: homedir(),
    uid: process.getuid?.(),
    signal,
    now: () => Date.now(),
  };
  return { terminal, stdout: stdout.text, stderr: stderr.text };
}

function collector() {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
