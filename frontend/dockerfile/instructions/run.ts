/**
 * RUN, and the command lines that CMD, ENTRYPOINT and SHELL have too.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go and commands_run*.go.
 */
import { BuildError, type SourceRange } from "../../../llb/index.ts";
import type {
  CmdInstruction,
  CommandLine,
  EntrypointInstruction,
  InstructionBase,
  MountFlag,
  RunInstruction,
  ShellInstruction,
} from "../instruction.ts";
import type { Statement } from "../parser/statement.ts";
import { quote } from "../text/quote.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { isJson, needsOneArgument, wordsOf } from "./context.ts";
import { readDevice } from "./device.ts";
import { checkFlags, type FlagKinds, type FlagText } from "./flags.ts";
import { readMountFrom } from "./mount.ts";

const RUN_FLAGS = { device: "texts", mount: "texts", network: "text", security: "text" } as const satisfies FlagKinds;

export function readRun(statement: Statement, base: InstructionBase): RunInstruction {
  const flags = checkFlags(base.flags, RUN_FLAGS);
  const command = commandLine(statement);
  const devices = flags.all("device").map((flag) => at(flag.range, () => readDevice(flag.text)));
  const mounts = flags.all("mount").map(readMountFlag);
  const network = flags.text("network") ?? "default";
  if (network !== "default" && network !== "none" && network !== "host") {
    throw syntaxError(`invalid network mode ${quote(network)}`, flags.all("network")[0]?.range);
  }
  const security = flags.text("security") ?? "sandbox";
  if (security !== "sandbox" && security !== "insecure") {
    throw syntaxError(`security ${quote(security)} is not valid`, flags.all("security")[0]?.range);
  }
  return { kind: "run", command, heredocs: statement.heredocs, mounts, network, security, devices, ...base };
}

export function readCmd(statement: Statement, base: InstructionBase): CmdInstruction {
  checkFlags(base.flags, {});
  return { kind: "cmd", command: commandLine(statement), ...base };
}

export function readEntrypoint(statement: Statement, base: InstructionBase): EntrypointInstruction {
  checkFlags(base.flags, {});
  return { kind: "entrypoint", command: commandLine(statement), ...base };
}

export function readShell(statement: Statement, base: InstructionBase): ShellInstruction {
  checkFlags(base.flags, {});
  const shell = commandLine(statement);
  if (shell.args.length === 0) throw needsOneArgument("SHELL");
  if (shell.form !== "exec") throw syntaxError("SHELL requires the arguments to be in JSON form");
  return { kind: "shell", shell: shell.args, ...base };
}

function commandLine(statement: Statement): CommandLine {
  return { form: isJson(statement) ? "exec" : "shell", args: wordsOf(statement).map((word) => word.text) };
}

function readMountFlag({ text, range }: FlagText): MountFlag {
  return { text, range, from: at(range, () => readMountFrom(text)) };
}

/** Adds the place to an error that has none. */
function at<Value>(range: SourceRange, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw syntaxError(error.message, range);
  }
}
