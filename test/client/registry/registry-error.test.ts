import { expect, test } from "vitest";
import { answeredBadly } from "../../../client/registry/registry-error.ts";

const errors = (...codes: readonly string[]) =>
  JSON.stringify({ errors: codes.map((code) => ({ code, message: `about ${code}` })) });

test.each([
  { status: 429, body: errors("TOOMANYREQUESTS"), again: true },
  { status: 503, body: "upstream is away", again: true },
  { status: 400, body: errors("DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN"), again: true },
  { status: 400, body: errors("MANIFEST_INVALID"), again: false },
  { status: 401, body: errors("UNAUTHORIZED"), again: false },
  { status: 404, body: errors("NAME_UNKNOWN"), again: false },
])("an answer of $status with $body is worth another try: $again", async ({ status, body, again }) => {
  expect((await answeredBadly("writing a/b:1", new Response(body, { status }))).isTransient).toBe(again);
});

test("what the registry says is told, of each of its errors", async () => {
  const body = errors("DENIED", "UNSUPPORTED");
  const { message } = await answeredBadly(
    "writing a/b:1",
    new Response(body, { status: 403, statusText: "Forbidden" }),
  );
  expect(message).toBe("writing a/b:1: 403 Forbidden: DENIED about DENIED; UNSUPPORTED about UNSUPPORTED");
});
