import { describe, expect, test } from "vitest";
import { agentMessages, frame, isAllowedRequest, refusal } from "../../../client/ssh/agent-filter.ts";

/** Request numbers of the agent protocol. */
const REQUESTS = {
  list: 11,
  sign: 13,
  add: 17,
  remove: 18,
  removeAll: 19,
  addSmartcard: 20,
  lock: 22,
  unlock: 23,
  addConstrained: 25,
  extension: 27,
};

describe("a forwarded agent", () => {
  test.each(Object.entries(REQUESTS))("%s is passed on only if it can't change the agent", (name, number) => {
    expect(isAllowedRequest(Uint8Array.of(number))).toBe(name === "list" || name === "sign");
  });

  test("refuses in the protocol's terms", () => {
    expect([...refusal(Uint8Array.of(REQUESTS.removeAll))]).toEqual([0, 0, 0, 1, 5]);
    expect([...refusal(Uint8Array.of(REQUESTS.extension))]).toEqual([0, 0, 0, 1, 28]);
  });
});

async function messagesOf(...chunks: readonly (readonly number[])[]): Promise<number[][]> {
  async function* bytes() {
    for (const chunk of chunks) yield Uint8Array.from(chunk);
  }
  const messages: number[][] = [];
  for await (const message of agentMessages(bytes())) messages.push([...message]);
  return messages;
}

describe("agent messages", () => {
  test("come apart wherever the stream was cut", async () => {
    const stream = [...frame(Uint8Array.of(11)), ...frame(Uint8Array.of(13, 1, 2, 3))];
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(await messagesOf(stream.slice(0, cut), stream.slice(cut))).toEqual([[11], [13, 1, 2, 3]]);
    }
  });

  test("of absurd length end the conversation", async () => {
    await expect(messagesOf([0xff, 0xff, 0xff, 0xff])).rejects.toThrow(RangeError);
  });

  test("that are cut off are dropped", async () => {
    expect(await messagesOf([0, 0, 0, 2, 11])).toEqual([]);
  });
});
