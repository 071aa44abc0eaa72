// mzcompose as a user has it: bin/mzcompose in a process of its own, with a home of its own, on the Docker of a test.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa, type Options } from "execa";
import { cacheDir } from "../../client/engine/host.ts";
import { testHost } from "./engine.ts";
import type { Outcome } from "./mzimage.ts";

const LAUNCHER = resolve("bin/mzcompose");

/** Variables that say what is built or where, which a developer may have set. */
const OWN_VARIABLES = /^(MZ_|MZBUILD_|CI$|CI_|BUILDKIT_|BUILDX_|DOCKER_|COMPOSE_|NO_COLOR$|FORCE_COLOR$|GIT_)/;

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
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name));
  const env = {
    ...Object.fromEntries(inherited.map(([name, value]) => [name, value ?? ""])),
    HOME: home,
    XDG_CACHE_HOME: dirname(cacheDir(testHost())),
    XDG_DATA_HOME: join(home, "data"),
    XDG_CONFIG_HOME: join(home, "config"),
    ...docker,
  };
  const launch = (cwd: string, args: readonly string[], { program = LAUNCHER, ...options }: ComposeOptions = {}) =>
    execa(program, args, {
      reject: false,
      stdin: "ignore",
      stripFinalNewline: false,
      extendEnv: false,
      ...options,
      cwd,
      env: { ...env, ...options.env },
    });
  const outcome = async (running: ReturnType<typeof launch>): Promise<Outcome> => {
    const { exitCode, stdout, stderr } = await running;
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  };
  return {
    home,
    run: (cwd, args, options) => outcome(launch(cwd, args, options)),
    start: (cwd, args) => {
      const running = launch(cwd, args, { all: true });
      const ended = outcome(running);
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
