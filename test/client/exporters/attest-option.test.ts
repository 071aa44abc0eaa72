import { expect, test } from "vitest";
import { parseAttests } from "../../../client/index.ts";

test.each([
  [["type=provenance,mode=max"], { "attest:provenance": "mode=max" }],
  [["type=sbom", "type=provenance"], { "attest:sbom": "", "attest:provenance": "" }],
  [['type=sbom,"generator=a,b"'], { "attest:sbom": '"generator=a,b"' }],
  [["type=provenance,disabled=true"], {}],
])("%j is %j", (texts, attributes) => {
  expect(parseAttests(texts)).toEqual(attributes);
});

test.each([
  [["mode=max"], "provenance or sbom"],
  [["type=licence"], "provenance or sbom"],
  [["type=sbom", "type=sbom"], "twice"],
  [["type=sbom,disabled=perhaps"], "true or false"],
])("%j is refused: %s", (texts, message) => {
  expect(() => parseAttests(texts)).toThrow(message);
});
