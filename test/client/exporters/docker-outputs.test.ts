import { describe, expect, test } from "vitest";
import { outputsForDocker } from "../../../client/exporters/docker-outputs.ts";
import { parseOutput } from "../../../client/exporters/output-option.ts";

const adapted = (store: "classic" | "containerd", ...outputs: string[]) =>
  outputsForDocker(outputs.map(parseOutput), store);
const moby = (attrs: object) => ({ kind: "daemon", type: "moby", attrs });

describe("where Docker's own BuildKit is the engine", () => {
  test.each(["classic", "containerd"] as const)(
    "images are put into Docker by its own exporter (%s store)",
    (store) => {
      expect(adapted(store, "type=docker,name=a:1", "type=image,name=b:1,compression=zstd")).toEqual({
        outputs: [moby({ name: "a:1" }), moby({ name: "b:1", compression: "zstd" })],
        push: [],
      });
    },
  );

  test("the classic store leaves every name of a pushed image to docker push", () => {
    expect(adapted("classic", 'type=registry,"name=r/a:1,r/b:1"', "type=image,push=true,name=r/c")).toEqual({
      outputs: [moby({ name: "r/a:1,r/b:1" }), moby({ name: "r/c" })],
      push: ["r/a:1", "r/b:1", "r/c"],
    });
  });

  test("containerd's store pushes by itself, and keeps the image ready to be run", () => {
    expect(adapted("containerd", "type=registry,name=r/a:1")).toEqual({
      outputs: [{ kind: "daemon", type: "image", attrs: { name: "r/a:1", push: "true", unpack: "true" } }],
      push: [],
    });
  });

  test("files and directories are written as by any engine", () => {
    const outputs = ["type=local,dest=out", "type=tar,dest=out.tar"];
    for (const store of ["classic", "containerd"] as const) {
      expect(adapted(store, ...outputs)).toEqual({ outputs: outputs.map(parseOutput), push: [] });
    }
    expect(adapted("containerd", "type=oci,dest=x.tar").outputs).toEqual([parseOutput("type=oci,dest=x.tar")]);
  });

  test.each([
    "type=oci,dest=x.tar",
    "type=docker,dest=x.tar",
    "type=oci,tar=false,dest=x",
    "type=image,name=a,push=true,push-by-digest=true",
  ])("what the classic store can't export is refused: %s", (output) => {
    expect(() => adapted("classic", output)).toThrow(/Docker's own BuildKit has no type=/);
  });
});
