/** The settings for what Cargo may reach while it runs: private registries, git over ssh, sccache's storage. docs/cargo.md. */
import type { YamlNode } from "../yaml/yaml-node.ts";
import type { CargoAccess } from "./settings.ts";
import type { ValueReader } from "./value-reader.ts";

/** `fields` are those of the section `cargo`. */
export function readAccess(reader: ValueReader, fields: ReadonlyMap<string, YamlNode>): CargoAccess {
  const ssh = reader.string(fields.get("ssh"), "ssh");
  if (ssh?.value === "") reader.problem("ssh is empty", ssh.at, "name an agent, as --ssh does: `ssh: default`");
  const sccache = reader.fields(fields.get("sccache"), "sccache", ["env", "secrets"]);
  const env = reader.texts(sccache.get("env"), "sccache env");
  const secrets = readSecrets(reader, sccache.get("secrets"), "sccache secrets");
  return {
    secrets: readSecrets(reader, fields.get("secrets"), "secrets"),
    ssh: ssh?.value,
    sccache: fields.has("sccache") ? { env, secrets } : undefined,
  };
}

/** Ids by variables. A value where an id belongs is caught if it can be: it would be in the repository. */
function readSecrets(reader: ValueReader, node: YamlNode | undefined, what: string): ReadonlyMap<string, string> {
  for (const [name, value] of reader.entries(node, what)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name.value)) {
      const hint = "such as CARGO_REGISTRIES_ACME_TOKEN";
      reader.problem(`${what} has ${JSON.stringify(name.value)}, which is no name of a variable`, name.at, hint);
    }
    if (value.kind === "string" && !/^[\w./-]{1,64}$/.test(value.value)) {
      const hint = "the value is the id of a secret, never the secret: the build gets it by --secret id=ID,…";
      reader.problem(`${what} ${name.value} is no id of a secret`, value.at, hint);
    }
  }
  return reader.texts(node, what);
}
