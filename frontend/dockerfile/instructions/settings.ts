/**
 * The instructions that set one thing: EXPOSE, MAINTAINER, STOPSIGNAL, USER, VOLUME, WORKDIR.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go.
 */
import { compareBytes } from "../../../llb/index.ts";
import type {
  ExposeInstruction,
  InstructionBase,
  MaintainerInstruction,
  StopsignalInstruction,
  UserInstruction,
  VolumeInstruction,
  WorkdirInstruction,
} from "../instruction.ts";
import { rangeOf } from "../parser/logical-line.ts";
import type { Statement } from "../parser/statement.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { trimSpace } from "../text/unicode.ts";
import { needsOneArgument, onlyWord, toWord, wordsOf } from "./context.ts";
import { checkFlags } from "./flags.ts";

export function readExpose(statement: Statement, base: InstructionBase): ExposeInstruction {
  const words = wordsOf(statement);
  if (words.length === 0) throw needsOneArgument("EXPOSE");
  checkFlags(base.flags, {});
  const ports = words.map((token) => toWord(statement, token)).sort((a, b) => compareBytes(a.text, b.text));
  return { kind: "expose", ports, ...base };
}

export function readMaintainer(statement: Statement, base: InstructionBase): MaintainerInstruction {
  const maintainer = onlyWord(statement, "MAINTAINER");
  checkFlags(base.flags, {});
  return { kind: "maintainer", maintainer, ...base };
}

/** Flags are ignored, as the original does. */
export function readStopsignal(statement: Statement, base: InstructionBase): StopsignalInstruction {
  return { kind: "stopsignal", signal: onlyWord(statement, "STOPSIGNAL"), ...base };
}

export function readUser(statement: Statement, base: InstructionBase): UserInstruction {
  const user = onlyWord(statement, "USER");
  checkFlags(base.flags, {});
  return { kind: "user", user, ...base };
}

export function readVolume(statement: Statement, base: InstructionBase): VolumeInstruction {
  const words = wordsOf(statement);
  if (words.length === 0) throw needsOneArgument("VOLUME");
  checkFlags(base.flags, {});
  const volumes = words.map((word) => {
    const volume = trimSpace(word.text);
    if (volume !== "") return volume;
    throw syntaxError("VOLUME specified can not be an empty string", rangeOf(statement.line, word));
  });
  return { kind: "volume", volumes, ...base };
}

export function readWorkdir(statement: Statement, base: InstructionBase): WorkdirInstruction {
  const path = onlyWord(statement, "WORKDIR");
  checkFlags(base.flags, {});
  return { kind: "workdir", path, ...base };
}
