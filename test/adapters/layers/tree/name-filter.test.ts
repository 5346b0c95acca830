import { describe, expect, test } from "vitest";
import { NameFilter } from "../../../../adapters/layers/tree/name-filter.ts";

const name = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

describe("NameFilter.add", () => {
  test("never takes a name that was added for a new one", () => {
    const filter = new NameFilter();
    for (let i = 0; i < 20_000; i++) filter.add(i % 7, name(`file-${i}`));
    for (let i = 0; i < 20_000; i++) expect(filter.add(i % 7, name(`file-${i}`))).toBe(false);
  });

  test("takes nearly every new name for new, among many in few directories with names that are alike", () => {
    const filter = new NameFilter();
    let mistaken = 0;
    for (let i = 0; i < 200_000; i++) if (!filter.add(1000 + (i % 50), name(`lib${i}.so`))) mistaken++;
    expect(mistaken).toBeLessThan(1000);
  });

  test("tells directories and names apart", () => {
    const filter = new NameFilter();
    expect(filter.add(1, name("a"))).toBe(true);
    expect(filter.add(2, name("a"))).toBe(true);
    expect(filter.add(1, name("b"))).toBe(true);
    expect(filter.add(1, name("a"))).toBe(false);
  });
});
