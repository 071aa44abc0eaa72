/**
 * `RUN --device`.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/commands_rundevice.go.
 */
import { BuildError } from "../../../llb/index.ts";
import type { Device } from "../instruction.ts";
import { csvFields } from "../text/csv.ts";
import { parseBool } from "../text/number.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { toLower } from "../text/unicode.ts";

/** Reads `NAME`, `name=NAME`, with `required` or `required=BOOL`. Throws `BuildError`. */
export function readDevice(text: string): Device {
  let name = "";
  let required = false;
  for (const field of readFields(text)) {
    const equals = field.indexOf("=");
    const key = toLower(equals < 0 ? field : field.slice(0, equals));
    const value = field.slice(equals + 1);
    if (key === "required") {
      required = equals < 0 || readRequired(value);
    } else if (key === "name" && equals >= 0) {
      if (name !== "") throw syntaxError(`device name already set to ${name}`);
      name = value;
    } else if (name === "") {
      name = field;
    } else if (equals < 0) {
      throw syntaxError(`invalid field '${field}' must be a key=value pair`);
    } else {
      const suggestion = suggest(key, ["name", "required"]);
      throw syntaxError(withSuggestion(`unexpected key '${key}' in '${field}'`, suggestion));
    }
  }
  return { name, required };
}

function readFields(text: string): readonly string[] {
  try {
    return csvFields(text);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw syntaxError(`failed to parse csv devices: ${error.message}`);
  }
}

function readRequired(value: string): boolean {
  const required = parseBool(value);
  if (required === undefined) throw syntaxError(`invalid value for required: ${value}`);
  return required;
}
