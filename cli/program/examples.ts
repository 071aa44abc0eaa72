/** What `mzimage COMMAND --help` shows at its end. */
export const commandExamples: Readonly<Record<string, readonly string[]>> = {
  list: ["mzimage list", "mzimage list --json | jq '.[] | select(.publish) | .spec'"],
  fingerprint: ["mzimage fingerprint app", "mzimage fingerprint --all --arch=aarch64 --json"],
  spec: ["docker pull $(mzimage spec app)", "mzimage spec 'billing-*'"],
  describe: ["mzimage describe app", "mzimage describe --transitive app"],
  plan: ["mzimage plan app", "mzimage plan --since origin/main --json | jq .levels"],
  graph: ["mzimage graph", "mzimage graph --dot app | dot -Tsvg > app.svg", "mzimage graph --html images.html"],
  why: ["mzimage why app --against origin/main", "mzimage why app --against $(ssh other mzimage fingerprint app)"],
  check: ["mzimage check app", "mzimage check"],
  acquire: ["mzimage acquire app", "mzimage acquire 'billing-*' --load", "mzimage acquire --all --cache-from type=gha"],
  ensure: ["mzimage ensure --all", "mzimage ensure app --platform linux/amd64,linux/arm64 --metadata-file pushed.json"],
  publish: [
    "mzimage publish --dry-run",
    "mzimage publish --to acme --to ghcr.io/acme",
    "mzimage publish --no-build --tag-release v1.2.3",
  ],
  build: ["mzimage build app", "mzimage build app -o type=local,dest=out"],
  run: ["mzimage run app --help-of-the-program", "mzimage run --dev app"],
};
