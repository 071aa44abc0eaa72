/**
 * Matches regular expressions in linear time: an automaton over sets of positions in the expression, each set made when
 * it is first reached and then kept. JavaScript's own engine backtracks, which an ignore file must not be able to abuse.
 */
import type { CharTest, RegexpNode } from "./regexp-syntax.ts";

export type Matcher = (text: string) => boolean;

type Instruction =
  | { readonly kind: "char"; readonly accepts: CharTest }
  /** Goes on at both places. */
  | { readonly kind: "split"; readonly first: number; second: number }
  | { readonly kind: "jump"; to: number }
  | { readonly kind: "assert"; readonly what: (RegexpNode & { kind: "assert" })["what"] }
  | { readonly kind: "match" };

/** Positions, and what kind of character came before: that is all that the future depends on. */
interface State {
  readonly positions: readonly number[];
  readonly before: Neighbour;
  readonly next: Map<number, State | "match" | "dead">;
}

type Neighbour = "edge" | "word" | "other";

/** More than that and the states are forgotten, so that no input can fill the memory. */
const MAX_STATES = 2_000;

/** True for a text in which the expression is found, wherever that is. */
export function newMatcher(expression: RegexpNode & { readonly kind: "choice" }): Matcher {
  const program = compile(expression);
  const states = new Map<string, State>();
  const stateOf = (positions: readonly number[], before: Neighbour): State => {
    const key = `${before} ${positions.join(" ")}`;
    let state = states.get(key);
    if (state === undefined) {
      if (states.size >= MAX_STATES) states.clear();
      state = { positions, before, next: new Map() };
      states.set(key, state);
    }
    return state;
  };
  const start = stateOf([0], "edge");

  return (text) => {
    let state = start;
    for (const char of text) {
      const code = char.codePointAt(0) ?? 0;
      let next = state.next.get(code);
      if (next === undefined) {
        next = step(program, state, code, stateOf);
        state.next.set(code, next);
      }
      if (next === "match") return true;
      if (next === "dead") return false;
      state = next;
    }
    return closure(program, state, "edge").matched;
  };
}

function step(
  program: readonly Instruction[],
  state: State,
  code: number,
  stateOf: (positions: readonly number[], before: Neighbour) => State,
): State | "match" | "dead" {
  const neighbour = neighbourOf(code);
  const { positions, matched } = closure(program, state, neighbour);
  if (matched) return "match";
  const next: number[] = [];
  for (const position of positions) {
    const instruction = program[position];
    if (instruction?.kind === "char" && instruction.accepts(code)) next.push(position + 1);
  }
  return next.length === 0 ? "dead" : stateOf(next, neighbour);
}

/** All that is reached without a character. */
function closure(program: readonly Instruction[], state: State, after: Neighbour) {
  const seen = new Set<number>();
  const open = [...state.positions];
  let matched = false;
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    if (seen.has(position)) continue;
    seen.add(position);
    const instruction = program[position];
    if (instruction?.kind === "split") open.push(instruction.first, instruction.second);
    else if (instruction?.kind === "jump") open.push(instruction.to);
    else if (instruction?.kind === "match") matched = true;
    else if (instruction?.kind === "assert" && holds(instruction.what, state.before, after)) open.push(position + 1);
  }
  return { positions: [...seen].sort((a, b) => a - b), matched };
}

function holds(what: (RegexpNode & { kind: "assert" })["what"], before: Neighbour, after: Neighbour): boolean {
  switch (what) {
    case "start":
      return before === "edge";
    case "end":
      return after === "edge";
    case "boundary":
      return (before === "word") !== (after === "word");
    case "no-boundary":
      return (before === "word") === (after === "word");
  }
}

function neighbourOf(code: number): Neighbour {
  return code < 0x80 && /[0-9A-Za-z_]/.test(String.fromCharCode(code)) ? "word" : "other";
}

function compile(expression: RegexpNode & { readonly kind: "choice" }): readonly Instruction[] {
  const program: Instruction[] = [];
  const anchored = expression.branches.every(([first]) => first?.kind === "assert" && first.what === "start");
  if (!anchored) emit(program, { kind: "repeat", node: { kind: "char", accepts: () => true }, min: 0, max: undefined });
  emit(program, expression);
  program.push({ kind: "match" });
  return program;
}

function emit(program: Instruction[], node: RegexpNode): void {
  switch (node.kind) {
    case "char":
    case "assert":
      program.push(node);
      return;
    case "choice":
      emitChoice(program, node.branches);
      return;
    case "repeat":
      emitRepeat(program, node.node, node.min, node.max);
  }
}

function emitChoice(program: Instruction[], branches: readonly (readonly RegexpNode[])[]): void {
  const jumps: (Instruction & { kind: "jump" })[] = [];
  for (const [index, branch] of branches.entries()) {
    const last = index === branches.length - 1;
    const split = last ? undefined : pushSplit(program);
    for (const node of branch) emit(program, node);
    if (split === undefined) continue;
    const jump: Instruction & { kind: "jump" } = { kind: "jump", to: 0 };
    program.push(jump);
    jumps.push(jump);
    split.second = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
}

function emitRepeat(program: Instruction[], node: RegexpNode, min: number, max: number | undefined): void {
  for (let count = 0; count < min; count++) emit(program, node);
  if (max === undefined) {
    const start = program.length;
    const split = pushSplit(program);
    emit(program, node);
    program.push({ kind: "jump", to: start });
    split.second = program.length;
    return;
  }
  const splits: (Instruction & { kind: "split" })[] = [];
  for (let count = min; count < max; count++) {
    splits.push(pushSplit(program));
    emit(program, node);
  }
  for (const split of splits) split.second = program.length;
}

/** A place where the program goes on both right here and at `second`, which is still to be set. */
function pushSplit(program: Instruction[]): Instruction & { kind: "split" } {
  const split: Instruction & { kind: "split" } = { kind: "split", first: program.length + 1, second: 0 };
  program.push(split);
  return split;
}
