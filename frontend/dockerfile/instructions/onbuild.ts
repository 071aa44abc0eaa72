/**
 * ONBUILD.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go (parseOnBuild).
 */
import type { InstructionBase, OnbuildInstruction } from "../instruction.ts";
import type { Statement } from "../parser/statement.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { toUpper, trimSpace } from "../text/unicode.ts";
import { needsOneArgument } from "./context.ts";
import { checkFlags } from "./flags.ts";

export function readOnbuild(statement: Statement, base: InstructionBase): OnbuildInstruction {
  const trigger = statement.body.kind === "trigger" ? statement.body.keyword : undefined;
  if (trigger === undefined) throw needsOneArgument("ONBUILD");
  checkFlags(base.flags, {});
  checkTrigger(toUpper(trimSpace(trigger.text)));
  const text = statement.line.text.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i, "");
  const documents = statement.heredocs.map(({ content, name }) => `\n${content}${name}`);
  return { kind: "onbuild", expression: text + documents.join(""), ...base };
}

function checkTrigger(trigger: string): void {
  switch (trigger) {
    case "ONBUILD":
      throw syntaxError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    case "MAINTAINER":
    case "FROM":
    case "MZFROM":
      throw syntaxError(`${trigger} isn't allowed as an ONBUILD trigger`);
  }
}
