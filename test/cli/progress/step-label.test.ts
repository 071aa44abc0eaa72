import { expect, it } from "vitest";
import { bracketLabel } from "../../../cli/progress/index.ts";

it.each([
  ["[billing-demo] cargo build", "billing-demo", "cargo build", "work"],
  ["[billing-demo 2/3] RUN a [b] c", "billing-demo", "[2/3] RUN a [b] c", "work"],
  ["[billing-demo build 2/3] RUN make\n  all", "billing-demo", "[build 2/3] RUN make\n  all", "work"],
  ["[ubuntu-base 1/2] FROM docker.io/library/debian", "ubuntu-base", "[1/2] FROM docker.io/library/debian", "source"],
  [
    "[ubuntu-base] pull registry.test/ubuntu-base:mzbuild-X",
    "ubuntu-base",
    "pull registry.test/ubuntu-base:mzbuild-X",
    "source",
  ],
  ["[app] look for registry.test/app:1", "app", "look for registry.test/app:1", "source"],
  ["[internal] load build context", undefined, "load build context", "source"],
  ["[context debian:13] load metadata for x", undefined, "[context debian:13] load metadata for x", "source"],
  ["[auth] library/debian:pull token", undefined, "[auth] library/debian:pull token", "source"],
  ["[2/3] RUN make", undefined, "[2/3] RUN make", "work"],
  ["exporting to image", undefined, "exporting to image", "work"],
  ["docker-image://docker.io/library/rust:1", undefined, "docker-image://docker.io/library/rust:1", "source"],
  ["[] odd", undefined, "[] odd", "work"],
])("%s belongs to %s", (name, image, step, role) => {
  expect(bracketLabel(name)).toEqual({ image, step, role });
});
