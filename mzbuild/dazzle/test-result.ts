/**
 * The result of tests that passed, as an image without layers. docs/dazzle.md, "Results".
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/registry.go (`pushTestResult`).
 */
import { digestOfBytes } from "../../llb/index.ts";
import { MANIFEST_TYPE } from "./oci-image.ts";

const CONFIG = new TextEncoder().encode('{"passed":true}');

/** Of every result: its digests are always the same. */
export const PASSED = {
  configBytes: CONFIG,
  manifestBytes: new TextEncoder().encode(
    `{"schemaVersion":2,"config":{"mediaType":"application/vnd.gitpod.dazzle.tests.v1+json","digest":"${digestOfBytes(CONFIG)}","size":${CONFIG.length}},"layers":null}`,
  ),
  mediaType: MANIFEST_TYPE,
} as const;
