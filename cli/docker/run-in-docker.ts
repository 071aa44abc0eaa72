/** Runs an image as `docker run` does, connected with the caller's terminal. */
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import { wantsTty } from "../run/attach.ts";
import { Interrupted, type Terminal } from "../terminal.ts";
import type { DockerCommand } from "./docker-command.ts";

export interface DockerRun {
  readonly terminal: Terminal;
  readonly docker: DockerCommand;
  /** An image that Docker has. */
  readonly reference: string;
  /** `linux/arm64` and the like. */
  readonly platform: string;
  /** Options of `docker run`: ports, variables, volumes. */
  readonly options: readonly string[];
  readonly args: readonly string[];
}

/** The exit code of `docker run`: the command's own, 125 where Docker can't, 126 and 127 where the command can't be started. */
export async function runInDocker(run: DockerRun): Promise<number> {
  const { terminal, docker, reference, platform, options, args } = run;
  const tty = wantsTty(terminal);
  const flags = ["--rm", "--init", "--interactive", ...(tty ? ["--tty"] : []), "--pull=never", "--platform", platform];
  const child = execa("docker", [...docker.connection, "run", ...flags, ...options, reference, ...args], {
    env: { ...docker.env },
    extendEnv: false,
    cwd: terminal.cwd,
    reject: false,
    buffer: false,
    stdin: way(terminal.stdin, 0),
    stdout: way(terminal.stdout, 1),
    stderr: way(terminal.stderr, 2),
    // With a terminal, docker takes the keys itself, Ctrl-C too. Without one it gets every signal from us, once.
    detached: !tty,
  });
  const stop = (): void => {
    const { reason } = terminal.signal;
    child.kill(reason instanceof Interrupted && reason.signalName !== "SIGPIPE" ? reason.signalName : "SIGTERM");
  };
  terminal.signal.addEventListener("abort", stop, { once: true });
  // Streams that are no files of this process: whatever ends first ends the copying.
  const copies = [
    child.stdin && pipeline(terminal.stdin, child.stdin).catch(() => {}),
    child.stdout && pipeline(child.stdout, terminal.stdout, { end: false }).catch(() => {}),
    child.stderr && pipeline(child.stderr, terminal.stderr, { end: false }).catch(() => {}),
  ];
  try {
    const { exitCode } = await child;
    await Promise.all(copies.slice(1));
    return exitCode ?? 128;
  } finally {
    terminal.signal.removeEventListener("abort", stop);
  }
}

/** This process's own streams are handed over as they are, others are copied. */
function way(stream: object, descriptor: number): "inherit" | "pipe" {
  return "fd" in stream && stream.fd === descriptor ? "inherit" : "pipe";
}
