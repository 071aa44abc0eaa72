import { expect, test } from "vitest";
import { fullImageName } from "../../llb/index.ts";

test("a name without a host is Docker Hub's, and has a tag", () => {
  expect(fullImageName("rust")).toBe("docker.io/library/rust:latest");
  expect(fullImageName("acme/app:1")).toBe("docker.io/acme/app:1");
  expect(fullImageName("localhost/app:1")).toBe("localhost/app:1");
  expect(fullImageName("127.0.0.1:5000/acme/app:1")).toBe("127.0.0.1:5000/acme/app:1");
});

test("a name with a digest gets no tag", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  expect(fullImageName(`acme/app@${digest}`)).toBe(`docker.io/acme/app@${digest}`);
});

test("what is no name stays as it is", () => {
  expect(fullImageName("acme/App")).toBe("acme/App");
});
