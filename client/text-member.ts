/** The text that an answer in JSON has under a key; empty where it is no object, or has none there. */
export function textMember(value: unknown, key: string): string {
  if (typeof value !== "object" || value === null) return "";
  const member = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof member === "string" ? member : "";
}
