/** As much of JSON Schema (draft 7) as docs/mzbuild.schema.json uses. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly not?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

export function isRight(schema: Schema, value: unknown, root: Schema): boolean {
  const right = (inner: Schema, part: unknown) => isRight(inner, part, root);
  if (schema.$ref !== undefined) {
    const definition = root.definitions?.[schema.$ref.replace("#/definitions/", "")];
    if (definition === undefined) throw new Error(`the schema has no ${schema.$ref}`);
    return right(definition, value);
  }
  const entries = isMapping(value) ? Object.entries(value) : [];
  return (
    (schema.type === undefined || [schema.type].flat().includes(typeOf(value))) &&
    (schema.const === undefined || schema.const === value) &&
    (schema.enum === undefined || schema.enum.includes(value)) &&
    (schema.pattern === undefined || typeof value !== "string" || new RegExp(schema.pattern, "u").test(value)) &&
    (schema.required ?? []).every((key) => !isMapping(value) || Object.hasOwn(value, key)) &&
    entries.every(([key, part]) => {
      const inner = schema.properties?.[key] ?? schema.additionalProperties;
      return inner === undefined || right(inner, part);
    }) &&
    (!Array.isArray(value) || value.every((item) => schema.items === undefined || right(schema.items, item))) &&
    (schema.oneOf === undefined || schema.oneOf.filter((inner) => right(inner, value)).length === 1) &&
    (schema.anyOf === undefined || schema.anyOf.some((inner) => right(inner, value))) &&
    (schema.allOf ?? []).every((inner) => right(inner, value)) &&
    (schema.if === undefined || schema.then === undefined || !right(schema.if, value) || right(schema.then, value)) &&
    (schema.not === undefined || !right(schema.not, value))
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeOf(value) === "object";
}

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
