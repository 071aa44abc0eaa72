/**
 * The instructions of a Dockerfile as typed values: what the language half hands to the compiler.
 *
 * Every value is plain and readonly. Texts are those of the file, before any expansion; `expandInstruction` (instructions/expand.ts)
 * gives a copy with the variables replaced. Facts about each instruction: moby/buildkit v0.33.0
 * frontend/dockerfile/instructions/commands.go.
 */
import type { SourceRange } from "../../llb/index.ts";

/** A piece of text and where it stands. After expansion the range is still that of the original text. */
export interface Word {
  readonly text: string;
  readonly range: SourceRange;
}

/** A builder flag as written. `name` has no dashes; `value` is undefined when there is no "=". */
export interface Flag {
  readonly name: string;
  readonly value: string | undefined;
  readonly range: SourceRange;
}

/** Whole lines, both ends included, counted from 1 (a few errors of directives are on line 0). */
export interface LineSpan {
  readonly first: number;
  readonly last: number;
}

/** A here-document that follows its instruction. */
export interface Heredoc {
  /** The end word without quotes. */
  readonly name: string;
  /** The lines between, with their line ends; leading tabs are still there when `chomp` is set. */
  readonly content: string;
  /** False when a part of the end word is quoted: variables in the content stay. */
  readonly expand: boolean;
  /** `<<-`: tabs at the start of lines go. */
  readonly chomp: boolean;
  readonly fileDescriptor: number;
  /** From the first line of the content to the end of the terminating line. */
  readonly range: SourceRange;
}

/** An assignment of ENV or LABEL. `legacy`: the form `KEY value`, without "=". */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly legacy: boolean;
  readonly range: SourceRange;
}

/** One name of an ARG. `description` is the comment `# NAME text` above the instruction, or "". */
export interface ArgDefinition {
  readonly key: string;
  readonly value: string | undefined;
  readonly description: string;
  readonly range: SourceRange;
}

/** `exec`: the JSON form, one element a word. `shell`: at most one element, all the text (none for an empty command). */
export interface CommandLine {
  readonly form: "exec" | "shell";
  readonly args: readonly string[];
}

/** A here-document used as a source of COPY or ADD; `data` has lost its leading tabs already if it was `<<-`. */
export interface SourceContent {
  readonly path: string;
  readonly data: string;
  readonly expand: boolean;
  readonly range: SourceRange;
}

/** What all instructions have. */
export interface InstructionBase {
  /** The keyword as written: "RUN", "run". */
  readonly keyword: Word;
  /** The logical line (continuations joined, comments in between gone), without white space around it: the text of history and names. */
  readonly original: string;
  /** From the keyword to the end of the text, or of the last here-document. */
  readonly range: SourceRange;
  /** The same as whole lines: locations and errors of BuildKit have one range per line of it . */
  readonly lines: LineSpan;
  /** The comments above, without "#" and white space around them. An empty comment starts the list anew. */
  readonly comments: readonly string[];
  readonly flags: readonly Flag[];
}

/** FROM, or MZFROM (`baseKind: "mzimage"`). */
export interface FromInstruction extends InstructionBase {
  readonly kind: "from";
  readonly baseKind: "image" | "mzimage";
  readonly base: Word;
  /** The word between base and name, as written ("AS"). */
  readonly as: Word | undefined;
  /** The stage name as written; `Stage.name` has it in lower case. */
  readonly name: Word | undefined;
  /** The text of --platform; BuildKit makes no difference between "" and none. */
  readonly platform: string | undefined;
}

export interface ArgInstruction extends InstructionBase {
  readonly kind: "arg";
  readonly args: readonly ArgDefinition[];
}

export interface EnvInstruction extends InstructionBase {
  readonly kind: "env";
  readonly env: readonly KeyValue[];
}

export interface LabelInstruction extends InstructionBase {
  readonly kind: "label";
  readonly labels: readonly KeyValue[];
}

export interface MaintainerInstruction extends InstructionBase {
  readonly kind: "maintainer";
  readonly maintainer: string;
}

interface SourcesAndDest extends InstructionBase {
  /** File, URL or git sources, in order, without the here-documents. */
  readonly sources: readonly Word[];
  /** The here-documents among the sources, in order. */
  readonly contents: readonly SourceContent[];
  readonly dest: Word;
  readonly heredocs: readonly Heredoc[];
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly link: boolean;
  readonly exclude: readonly string[];
}

export interface AddInstruction extends SourcesAndDest {
  readonly kind: "add";
  /** Undefined when the flag is not there, which is not the same as false. */
  readonly keepGitDir: boolean | undefined;
  readonly checksum: string | undefined;
  /** Undefined when the flag is not there, which is not the same as false. */
  readonly unpack: boolean | undefined;
}

export interface CopyInstruction extends SourcesAndDest {
  readonly kind: "copy";
  readonly from: string | undefined;
  readonly parents: boolean;
}

/**
 * The text of one --mount. What it means depends on variables, so `readMount` (instructions/mount.ts) reads it once more with an
 * expander; `from` is the only part that is known without (it must not have variables).
 */
export interface MountFlag {
  readonly text: string;
  readonly from: string | undefined;
  readonly range: SourceRange;
}

/** One --device. */
export interface Device {
  readonly name: string;
  readonly required: boolean;
}

export interface RunInstruction extends InstructionBase {
  readonly kind: "run";
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  readonly mounts: readonly MountFlag[];
  readonly network: "default" | "none" | "host";
  readonly security: "sandbox" | "insecure";
  readonly devices: readonly Device[];
}

export interface CmdInstruction extends InstructionBase {
  readonly kind: "cmd";
  readonly command: CommandLine;
}

export interface EntrypointInstruction extends InstructionBase {
  readonly kind: "entrypoint";
  readonly command: CommandLine;
}

/** Durations in nanoseconds, 0 when not set. `test` starts with "NONE", "CMD" or "CMD-SHELL". */
export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: "healthcheck";
  readonly test: readonly string[];
  readonly intervalNs: bigint;
  readonly timeoutNs: bigint;
  readonly startPeriodNs: bigint;
  readonly startIntervalNs: bigint;
  readonly retries: number;
}

/** `expression` is the trigger's text with its here-documents: what the image config keeps, what `parseTrigger` reads. */
export interface OnbuildInstruction extends InstructionBase {
  readonly kind: "onbuild";
  readonly expression: string;
}

export interface ExposeInstruction extends InstructionBase {
  readonly kind: "expose";
  /** Sorted as bytes, as the original does; not checked yet (they may have variables). */
  readonly ports: readonly Word[];
}

export interface ShellInstruction extends InstructionBase {
  readonly kind: "shell";
  readonly shell: readonly string[];
}

export interface StopsignalInstruction extends InstructionBase {
  readonly kind: "stopsignal";
  readonly signal: string;
}

export interface UserInstruction extends InstructionBase {
  readonly kind: "user";
  readonly user: string;
}

export interface VolumeInstruction extends InstructionBase {
  readonly kind: "volume";
  readonly volumes: readonly string[];
}

export interface WorkdirInstruction extends InstructionBase {
  readonly kind: "workdir";
  readonly path: string;
}

/** What may stand in a stage: all instructions but FROM. */
export type Command =
  | AddInstruction
  | ArgInstruction
  | CmdInstruction
  | CopyInstruction
  | EntrypointInstruction
  | EnvInstruction
  | ExposeInstruction
  | HealthcheckInstruction
  | LabelInstruction
  | MaintainerInstruction
  | OnbuildInstruction
  | RunInstruction
  | ShellInstruction
  | StopsignalInstruction
  | UserInstruction
  | VolumeInstruction
  | WorkdirInstruction;

export type Instruction = FromInstruction | Command;
