/** Certificates of the machine's own, which programs are told of by environment variables. */
import { access } from "node:fs/promises";

/** Variables that name a file of certificates, the most particular first. */
const VARIABLES = ["CARGO_HTTP_CAINFO", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] as const;

/** The file that this machine's programs take their trusted certificates from, if it has been told to them. */
export async function certificateFile(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  for (const variable of VARIABLES) {
    const path = env[variable];
    if (path === undefined || path === "") continue;
    const readable = await access(path).then(
      () => true,
      () => false,
    );
    if (readable) return path;
  }
  return undefined;
}
