/**
 * What a YAML file may consist of: characters in UTF-8, hardly any control characters.
 * Source: gopkg.in/yaml.v3 v3.0.1: readerc.go (`yaml_parser_update_buffer`); messages as there.
 */

const NOT_ALLOWED = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** The text, or what is wrong with it and after how much of it. */
export function readCharacters(
  bytes: Uint8Array,
):
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "wrong"; readonly what: string; readonly before: string } {
  const wrong = firstWrongSequence(bytes);
  const text = new TextDecoder().decode(bytes.subarray(0, wrong?.offset));
  const control = text.search(NOT_ALLOWED);
  if (control >= 0)
    return { kind: "wrong", what: "control characters are not allowed", before: text.slice(0, control) };
  return wrong === undefined ? { kind: "text", text } : { kind: "wrong", what: wrong.what, before: text };
}

function firstWrongSequence(bytes: Uint8Array): { readonly what: string; readonly offset: number } | undefined {
  for (let offset = 0; offset < bytes.length; ) {
    const lead = bytes[offset] ?? 0;
    const length = sequenceLength(lead);
    if (length === 0) return { what: "invalid leading UTF-8 octet", offset };
    if (offset + length > bytes.length) return { what: "incomplete UTF-8 octet sequence", offset };
    const trailing = bytes.subarray(offset + 1, offset + length);
    if (trailing.some((octet) => (octet & 0xc0) !== 0x80)) return { what: "invalid trailing UTF-8 octet", offset };
    const value = trailing.reduce(
      (sum, octet) => sum * 64 + (octet & 0x3f),
      length === 1 ? lead : lead & (0xff >> (length + 1)),
    );
    if (length > 1 && value < (SMALLEST[length] ?? 0)) return { what: "invalid length of a UTF-8 sequence", offset };
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return { what: "invalid Unicode character", offset };
    offset += length;
  }
  return undefined;
}

/** Of a sequence of that many octets. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

/** 0 for what begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if ((lead & 0xe0) === 0xc0) return 2;
  if ((lead & 0xf0) === 0xe0) return 3;
  return (lead & 0xf8) === 0xf0 ? 4 : 0;
}
