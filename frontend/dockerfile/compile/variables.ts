/**
 * ENV, ARG and LABEL.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`dispatchEnv`, `dispatchArg`,
 * `dispatchLabel`), validations.go (`validateNoSecretKey`).
 */
import type {
  ArgDefinition,
  ArgInstruction,
  EnvInstruction,
  InstructionBase,
  KeyValue,
  LabelInstruction,
} from "../instruction.ts";
import { messages } from "../lint/rules.ts";
import { setConfigEnv } from "./config-draft.ts";
import { setVariable } from "./environment.ts";
import { addHistory, expandWord, type Scope, scannerArgs } from "./instruction-scope.ts";

const SECRET_WORDS = "apikey|auth|credential|credentials|key|password|pword|passwd|secret|token";
const SECRET_NAME = new RegExp(`(?:_|^)(?:${SECRET_WORDS})(?:_|$)`, "i");
const PUBLIC_NAME = /(?:_|^)(?:public|file|version)(?:_|$)/i;

export function compileEnv(scope: Scope, instruction: EnvInstruction): void {
  const { env, image } = scope.stage.work;
  for (const { key, value, legacy } of instruction.env) {
    if (legacy) lintLegacy(scope, instruction);
    lintSecret(scope, "ENV", key);
    setVariable(env, key, value);
    setConfigEnv(image.env, key, value);
  }
  addHistory(scope, `ENV${assignments(instruction.env)}`);
}

export function compileLabel(scope: Scope, instruction: LabelInstruction): void {
  const { image } = scope.stage.work;
  for (const { key, value, legacy } of instruction.labels) {
    if (legacy) lintLegacy(scope, instruction);
    image.labels.set(key, value);
  }
  addHistory(scope, `LABEL${assignments(instruction.labels)}`);
}

export function compileArg(scope: Scope, instruction: ArgInstruction): void {
  const shown = instruction.args.map((definition) => {
    lintSecret(scope, "ARG", definition.key);
    const value = argValue(scope, definition);
    return value === undefined ? definition.key : `${definition.key}=${value}`;
  });
  addHistory(scope, `ARG ${shown.join(" ")}`);
}

/** A build arg wins, then the default, then the global value. */
function argValue(scope: Scope, definition: ArgDefinition): string | undefined {
  const { session, stage } = scope;
  const { key } = definition;
  const { outline, work } = stage;
  const given = session.buildArgs.get(key);
  const inherited = given === undefined && definition.value === undefined ? session.globalArgs.get(key) : undefined;
  const value = given ?? (definition.value === undefined ? inherited : expandWord(scope, definition.value));
  if (value !== undefined && !scannerArgs.has(key)) setVariable(work.env, key, value);
  if (inherited === undefined) {
    outline.args.set(key, { definition, value: value ?? "", lines: scope.place.lines, uses: new Set() });
  }
  outline.used.add(key);
  work.args.set(key, value);
  return value;
}

function assignments(pairs: readonly KeyValue[]): string {
  return pairs.map(({ key, value }) => ` ${key}=${value}`).join("");
}

function lintLegacy(scope: Scope, { keyword }: InstructionBase): void {
  scope.linter.report("LegacyKeyValueFormat", messages.legacyKeyValueFormat(keyword.text), scope.place.lines);
}

function lintSecret(scope: Scope, instruction: "ARG" | "ENV", key: string): void {
  if (!SECRET_NAME.test(key) || PUBLIC_NAME.test(key)) return;
  scope.linter.report("SecretsUsedInArgOrEnv", messages.secretsUsedInArgOrEnv(instruction, key), scope.place.lines);
}
