// mzcompose as a user has it: bin/mzcompose in a process of its own, with a home of its own, on the Docker of a test.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Options } from "execa";
import { environmentIn, type Outcome, outcomeOf, startProgram } from "./own-home.ts";

const LAUNCHER = resolve("bin/mzcompose");

export interface ComposeOptions extends Options {
  /** Run instead of the project's launcher. */
  readonly program?: string;
}

export interface StartedCommand {
  /** Until it has written this, on either output; fails where it ends before. */
  untilSaid(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

export interface ComposeLine extends Disposable {
  /** A directory for whatever a test writes. */
  readonly home: string;
  run(cwd: string, args: readonly string[], options?: ComposeOptions): Promise<Outcome>;
  start(cwd: string, args: readonly string[]): StartedCommand;
}

export function composeLine(docker: Readonly<Record<string, string>>): ComposeLine {
  const home = mkdtempSync(join(tmpdir(), "mzbuild-home-"));
  const env = environmentIn(home, docker);
  const launch = (cwd: string, args: readonly string[], { program = LAUNCHER, ...options }: ComposeOptions = {}) =>
    startProgram(program, args, { cwd, env }, options);
  return {
    home,
    run: (cwd, args, options) => outcomeOf(launch(cwd, args, options)),
    start: (cwd, args) => {
      const running = launch(cwd, args, { all: true });
      const ended = outcomeOf(running);
      return {
        ended,
        kill: (signal) => void running.kill(signal),
        untilSaid: (text) =>
          new Promise((resolve, reject) => {
            let said = "";
            running.all?.on("data", (chunk: Buffer) => {
              said += chunk.toString();
              if (said.includes(text)) resolve();
            });
            ended.then(() => reject(new Error(`it ended without saying ${text}:\n${said}`)), reject);
          }),
      };
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
