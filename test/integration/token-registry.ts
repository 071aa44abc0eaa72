// A registry that wants tokens, and the service that gives them, as Docker Hub, GHCR and GitLab have it.
// Contract: https://distribution.github.io/distribution/spec/auth/{token,jwt}/
import { execFileSync } from "node:child_process";
import { createSign, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRegistry, type TestRegistry } from "./registry.ts";

const SERVICE = "test-registry";
const ISSUER = "test-tokens";

export interface TokenRegistry extends TestRegistry {
  /** What tokens were asked for: `repository:a/b:pull,push` of whom. */
  readonly asked: readonly { readonly user: string; readonly scopes: readonly string[] }[];
}

/** This user may do everything, nobody else anything. */
export async function startTokenRegistry(login: {
  readonly username: string;
  readonly password: string;
}): Promise<TokenRegistry> {
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-tokens-"));
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const subject = ["-subj", `/CN=${ISSUER}`, "-days", "2", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject], { stdio: "ignore" });
  const asked: { readonly user: string; readonly scopes: readonly string[] }[] = [];
  const server = createServer(async (request, response) => {
    const { user, password, scopes } = await readRequest(request);
    asked.push({ user, scopes });
    if (user !== "" && (user !== login.username || password !== login.password)) {
      response.writeHead(401).end();
      return;
    }
    const token = signed(readFileSync(key), readFileSync(certificate), user === "" ? [] : scopes);
    response.end(JSON.stringify({ token, access_token: token, expires_in: 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const token = { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: certificate };
  const registry = await startRegistry({ auth: { token } });
  const close = async () => {
    await registry.close();
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true });
  };
  return { host: registry.host, asked, close, [Symbol.asyncDispose]: close };
}

interface Asked {
  readonly user: string;
  readonly password: string;
  readonly scopes: readonly string[];
}

/** By form (OAuth), or by query and basic authentication. */
async function readRequest(request: IncomingMessage): Promise<Asked> {
  let body = "";
  for await (const piece of request) body += piece;
  const form = request.method === "POST" ? new URLSearchParams(body) : new URL(`http://x${request.url}`).searchParams;
  const scopes = form.getAll("scope").flatMap((scope) => scope.split(" "));
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const [user = "", password = ""] = Buffer.from(basic, "base64").toString().split(":");
  return { user: form.get("username") ?? user, password: form.get("password") ?? password, scopes };
}

function signed(key: Buffer, certificate: Buffer, scopes: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type, name, actions = ""] = scope.split(":");
    return { type, name, actions: actions.split(",") };
  });
  const header = { typ: "JWT", alg: "RS256", x5c: [new X509Certificate(certificate).raw.toString("base64")] };
  const claims = { iss: ISSUER, sub: "", aud: SERVICE, exp: now + 300, nbf: now - 60, iat: now, jti: `${now}`, access };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}
