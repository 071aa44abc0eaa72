// Asks what answers at an address whether it is a buildkitd: Control.Info with a deadline, over a connection of its own.

import { request } from "node:http";
import { connect as http2Connect } from "node:http2";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { control } from "../../proto/index.ts";
import type { TlsFiles } from "./docker-endpoint.ts";

export type ProbeResult =
  | { readonly kind: "answers"; readonly version: string }
  | { readonly kind: "silent"; readonly reason: string };

export interface ProbeOptions {
  readonly tls?: TlsFiles;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type Probe = (address: string, options: ProbeOptions) => Promise<ProbeResult>;

export const probe: Probe = async (address, options) => {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  try {
    return { kind: "answers", version: await info(address, signal) };
  } catch (error) {
    options.signal?.throwIfAborted();
    const reason = deadline.aborted ? `no answer within ${options.timeoutMs} ms` : messageOf(error);
    return { kind: "silent", reason };
  }
};

async function info(address: string, signal: AbortSignal): Promise<string> {
  const socket = await open(address, signal);
  const session = http2Connect("http://localhost", { createConnection: () => socket });
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (error: unknown) => reject(error);
      session.once("error", fail);
      signal.addEventListener("abort", () => fail(signal.reason), { once: true });
      const call = session.request({
        ":method": "POST",
        ":path": "/moby.buildkit.v1.Control/Info",
        "content-type": "application/grpc",
        te: "trailers",
      });
      const chunks: Uint8Array[] = [];
      let status = "";
      call.on("response", (headers) => {
        status = String(headers["grpc-status"] ?? "");
      });
      call.on("trailers", (trailers) => {
        status = String(trailers["grpc-status"] ?? status);
      });
      call.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      call.once("error", fail);
      call.once("end", () => {
        const body = Buffer.concat(chunks);
        if (status !== "0" || body.length < 5) fail(new Error(`what answers there is no buildkitd`));
        else resolve(control.InfoResponse.decode(body.subarray(5)).buildkitVersion?.version ?? "");
      });
      call.end(Buffer.alloc(5));
    });
  } finally {
    session.destroy();
    socket.destroy();
  }
}

function open(address: string, signal: AbortSignal): Promise<Duplex> {
  const url = new URL(address);
  if (url.protocol === "docker:") return upgrade(new URL(address.slice("docker:".length)), signal);
  return new Promise((resolve, reject) => {
    const socket = url.protocol === "unix:" ? connect(url.pathname) : connect(Number(url.port), url.hostname);
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

function upgrade(url: URL, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const where = url.protocol === "unix:" ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
    const headers = { Connection: "Upgrade", Upgrade: "h2c", Host: "docker" };
    const asked = request({ ...where, method: "POST", path: "/grpc", headers, signal });
    asked.once("upgrade", (_response, socket) => resolve(socket));
    asked.once("response", (response) => {
      response.destroy();
      reject(new Error(`no BuildKit behind it (HTTP ${response.statusCode})`));
    });
    asked.once("error", reject);
    asked.end();
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
