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
  | { readonly kind: "jump"; readonly to: number }
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

/** True for a text in which the expression is found starting at the first character. */
export function newMatcher(nodes: readonly RegexpNode[]): Matcher {
  const program: Instruction[] = [];
  emitAll(program, nodes);
  program.push({ kind: "match" });
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

function emitAll(program: Instruction[], nodes: readonly RegexpNode[]): void {
  for (const node of nodes) emit(program, node);
}

function emit(program: Instruction[], node: RegexpNode): void {
  switch (node.kind) {
    case "char":
    case "assert":
      program.push(node);
      return;
    case "group":
      emitAll(program, node.nodes);
      return;
    case "repeat":
      emitRepeat(program, node.node, node.operator);
  }
}

function emitRepeat(program: Instruction[], node: RegexpNode, operator: "*" | "+" | "?"): void {
  const start = program.length;
  if (operator === "+") {
    emit(program, node);
    program.push({ kind: "split", first: start, second: program.length + 1 });
    return;
  }
  const split: Instruction & { kind: "split" } = { kind: "split", first: start + 1, second: 0 };
  program.push(split);
  emit(program, node);
  if (operator === "*") program.push({ kind: "jump", to: start });
  split.second = program.length;
}
