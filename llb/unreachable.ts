/** Ends a `switch` over a union: a new member fails to compile until it is handled. Throws when types were lied to. */
export function unreachable(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`);
}
