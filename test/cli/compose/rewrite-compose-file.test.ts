import { describe, expect, it } from "vitest";
import { filesTakenIn, rewriteComposeFile } from "../../../cli/compose/rewrite-compose-file.ts";

const rewrite = (text: string) => rewriteComposeFile(text, (name) => `r/${name}`);

describe("a Compose file with keys of ours", () => {
  it("keeps every line, and everything that isn't ours", () => {
    const text = `# mzbuild
services:
  web: # first
    mzbuild:   "web"   # ours
    publish: false
    propagate_uid_gid: true
    ports: ["8080:80"]
  db: {image: postgres, x: &a [1, 2]}
  two: !reset null
x-mzbuild: {mzbuild: not a service}
`;
    expect(rewrite(text)).toBe(`# mzbuild
services:
  web: # first
    image:   "r/web"   # ours
    x-mzbuild-publish: false
    x-mzbuild-propagate-uid-gid: true
    ports: ["8080:80"]
  db: {image: postgres, x: &a [1, 2]}
  two: !reset null
x-mzbuild: {mzbuild: not a service}
`);
  });

  it("may have them in what is merged into a service, in flow style, and spelt so that Compose alone ignores them", () => {
    const text = `x-base: &base {mzbuild: web, init: true}
services:
  one: {<<: *base}
  two:
    <<: [*base, {publish: true}]
    x-mzbuild: \${NAME:-other}
`;
    expect(rewrite(text)).toBe(`x-base: &base {image: "r/web", init: true}
services:
  one: {<<: *base}
  two:
    <<: [*base, {x-mzbuild-publish: true}]
    image: "r/\${NAME:-other}"
`);
  });

  it("may have an image besides, for Compose alone", () => {
    expect(rewrite("services: {web: {image: nginx, x-mzbuild: web}}\n")).toBe(
      'services: {web: {x-mzbuild-image: nginx, image: "r/web"}}\n',
    );
  });

  it("is left to Compose where it is no YAML", () => {
    const text = "services: {web: {mzbuild: x\n";
    expect(() => rewrite(text)).not.toThrow();
  });
});

it("the files that a Compose file takes in are found in all forms that Compose has", () => {
  const text = `include: [a.yml, {path: [b.yml, c.yml]}, {path: d.yml}]
services:
  web: {extends: {file: e.yml, service: web}}
  db: {extends: web}
`;
  expect(filesTakenIn(text)).toEqual({ included: ["a.yml", "b.yml", "c.yml", "d.yml"], extended: ["e.yml"] });
});
