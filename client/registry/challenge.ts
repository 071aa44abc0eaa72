/** What a registry asks for that wants a login: the header `WWW-Authenticate`. Contract: RFC 9110, 11.6.1; RFC 6750, 3. */

export type Challenge =
  | { readonly scheme: "bearer"; readonly realm: string; readonly service: string }
  | { readonly scheme: "basic" }
  | { readonly scheme: "none" };

/** Bearer before Basic where both are offered. */
export function parseChallenge(header: string): Challenge {
  const bearer = /\bbearer\s+(.*)/i.exec(header)?.[1];
  if (bearer !== undefined) {
    const parameters = new Map(
      [...bearer.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, name = "", quoted, plain]) => [
        name.toLowerCase(),
        quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "",
      ]),
    );
    const realm = parameters.get("realm") ?? "";
    if (realm !== "") return { scheme: "bearer", realm, service: parameters.get("service") ?? "" };
  }
  return /\bbasic\b/i.test(header) ? { scheme: "basic" } : { scheme: "none" };
}
