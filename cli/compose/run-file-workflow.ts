/** Runs a workflow of Compose files, step by step. */
import { spawn } from "node:child_process";
import { type CompositionOperations, WorkflowError } from "../../compose/index.ts";
import { didYouMean } from "../../mzbuild/index.ts";
import { Interrupted, type Terminal } from "../terminal.ts";
import { composeCommand, composeCommandNames, firstPositional } from "./compose-commands.ts";
import type { FileWorkflow, WorkflowStep } from "./file-workflows.ts";
import { shellWords } from "./shell-words.ts";

export interface WorkflowPlace {
  readonly terminal: Terminal;
  /** Where scripts run. */
  readonly directory: string;
  /** Options by which mzcompose finds the composition from there. */
  readonly options: readonly string[];
  /** All of the composition. */
  readonly workflows: readonly FileWorkflow[];
}

interface Run extends WorkflowPlace {
  readonly args: readonly string[];
  readonly operations: CompositionOperations;
}

/** Throws `WorkflowError` with the step that failed; steps behind it are left out, apart from those of `finally`. */
export async function runFileWorkflow(
  workflow: FileWorkflow,
  args: readonly string[],
  operations: CompositionOperations,
  place: WorkflowPlace,
): Promise<void> {
  const run: Run = { ...place, args, operations };
  if (["--help", "-h"].includes(args[0] ?? "")) {
    place.terminal.stdout.write(`${workflow.description ?? `workflow ${workflow.name}`}\n`);
    return;
  }
  try {
    await runSteps(workflow.steps, run);
  } finally {
    await runSteps(workflow.finally, run);
  }
}

async function runSteps(steps: readonly WorkflowStep[], run: Run): Promise<void> {
  for (const step of steps) {
    run.terminal.signal.throwIfAborted();
    if (step.kind === "command") await runCommand(step.command, run);
    else if (step.kind === "script") await runScript(step.script, run);
    else await runTest(step.name, step.steps, run);
  }
}

async function runTest(name: string, steps: readonly WorkflowStep[], run: Run): Promise<void> {
  const { operations, terminal } = run;
  await operations.beginTest({ name });
  try {
    await runSteps(steps, run);
    await operations.endTest({ name });
  } catch (error) {
    terminal.signal.throwIfAborted();
    await operations.endTest({ name, error: { message: error instanceof Error ? error.message : String(error) } });
  }
}

async function runCommand(given: string | readonly string[], { args, operations, workflows }: Run): Promise<void> {
  const text = typeof given === "string" ? given : given.join(" ");
  const words = typeof given === "string" ? shellWords(given, args) : given;
  if (words === undefined) throw new WorkflowError(`a quote in a step has no end: ${text}`);
  const [command = "", ...rest] = words;
  if (composeCommand(command) === undefined) {
    const hint = didYouMean(command, composeCommandNames()) ?? "commands of this machine are steps with `sh`";
    throw new WorkflowError(`a step is no command of mzcompose: ${text}`, { hint });
  }
  if (command === "run") {
    const at = firstPositional(command, rest);
    const name = (rest[at] ?? "").replaceAll("_", "-");
    if (at === 0 && workflows.some((each) => each.name === name)) {
      return operations.workflow({ name, args: rest.slice(1) });
    }
  }
  if (command === "down") {
    await operations.invoke({ args: ["down", "--timeout", "0", ...rest, "--volumes", "--remove-orphans"] });
    return;
  }
  // No step has a keyboard.
  const noTerminal = command === "run" || command === "exec" ? ["-T"] : [];
  await operations.invoke({ args: [command, ...noTerminal, ...rest] });
}

/** Ends with the first command that fails; `mzcompose` is this program, on this composition. */
async function runScript(script: string, { terminal, directory, options, args, operations }: Run): Promise<void> {
  const [shown = "", ...more] = script.trim().split("\n");
  await operations.say({ text: `$ ${shown}${more.length > 0 ? " …" : ""}` });
  const launch = [process.execPath, process.argv[1] ?? "", ...options].map(quoted).join(" ");
  // On the first line of the script, so that its numbers of lines stay right.
  const whole = `mzcompose() { ${launch} "$@"; }; ${script}`;
  const child = spawn("sh", ["-e", "-c", whole, "sh", ...args], {
    cwd: directory,
    env: { ...terminal.env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const { signal } = terminal;
  const stop = (): void => {
    const { reason } = signal;
    child.kill(reason instanceof Interrupted && reason.signalName !== "SIGPIPE" ? reason.signalName : "SIGTERM");
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const how = await new Promise<string | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, by) => resolve(code === 0 ? undefined : by === null ? `exit status ${code}` : by));
    });
    signal.throwIfAborted();
    if (how !== undefined) throw new WorkflowError(`a script failed (${how}): ${shown}`);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
