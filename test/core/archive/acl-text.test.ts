import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAclText } from "../../../core/archive/acl-text.ts";
import { bytesOf } from "../../../core/archive/bytes.ts";
import { readFileXattrBytes } from "../../support/file-xattr.ts";

const PLACE = { path: bytesOf("f"), offset: 512 };
const BASE = "user::rw-,group::r--,other::r--";

/** Tag, rights and id of each entry. */
function parsed(text: string): string[] {
  const value = Buffer.from(parseAclText(bytesOf(text), "access", PLACE));
  expect(value.readUInt32LE(0)).toBe(2);
  const entries = [];
  for (let at = 4; at < value.length; at += 8) {
    const id = value.readUInt32LE(at + 4);
    entries.push(`${value.readUInt16LE(at)} ${value.readUInt16LE(at + 2)} ${id === 0xffffffff ? "-" : id}`);
  }
  return entries;
}

describe("parseAclText", () => {
  test("reads GNU tar's lines, bsdtar's list with numbers behind names, and acl(5)'s short form, in the kernel's order", () => {
    const expected = ["1 6 -", "2 6 4", "2 4 1234", "4 4 -", "8 5 9", "16 7 -", "32 4 -"];
    const texts = [
      "user::rw-\nuser:1234:r--\nuser:4:rw-\ngroup::r--\ngroup:9:r-x\nmask::rwx\nother::r--\n",
      "user::rw-,group::r--,other::r--,user:1234:r--,user:sync:rw-:4,group:kmem:r-x:9,mask::rwx",
      " o::r-- , m::rwx , g:9:r-x #effective:r-x\n g::r-- , u:1234:r-- , u:4:rw- , u::rw- ",
    ];
    for (const text of texts) expect(parsed(text)).toEqual(expected);
  });

  test("gives the bytes that the kernel keeps after setfacl", () => {
    const home = mkdtempSync(join(tmpdir(), "imgstore-acl-"));
    try {
      const rights = fc.constantFrom("---", "r--", "-w-", "--x", "rw-", "r-x", "-wx", "rwx");
      const named = fc.uniqueArray(fc.tuple(fc.constantFrom("user", "group"), fc.nat({ max: 70_000 }), rights), {
        selector: ([tag, id]) => `${tag} ${id}`,
        minLength: 1,
        maxLength: 6,
      });
      fc.assert(
        fc.property(rights, rights, rights, rights, named, (owner, group, mask, other, entries) => {
          const file = join(home, "file");
          writeFileSync(file, "");
          const names = entries.map(([tag, id, given]) => `${tag}:${id}:${given}`);
          const text = [`user::${owner}`, ...names, `group::${group}`, `mask::${mask}`, `other::${other}`].join(",");
          execFileSync("setfacl", ["--set", text, file]);
          expect(Buffer.from(parseAclText(bytesOf(text), "access", PLACE))).toEqual(
            readFileXattrBytes(file, "system.posix_acl_access"),
          );
        }),
        { numRuns: 40 },
      );
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test.each([
    ["nothing", ""],
    ["no owner", "group::r--,other::r--"],
    ["no others", "user::rw-,group::r--"],
    ["a name, but no mask", `${BASE},user:5:r--`],
    ["two owners", `${BASE},user::r--`],
    ["one user twice", `${BASE},mask::r--,user:5:r--,user:5:rw-`],
    ["one user twice, by a name and a number", `${BASE},mask::r--,user:root:r--,user:0:rw-`],
    ["rights that are none", "user::rwz,group::r--,other::r--"],
    ["rights in another order", "user::xwr,group::r--,other::r--"],
    ["a tag that is none", `${BASE},class::r--`],
    ["a mask with a name", `${BASE},mask:5:r--`],
    ["two numbers of one user", `${BASE},mask::r--,user:5:r--:6`],
    ["a number beyond 32 bits", `${BASE},mask::r--,user:4294967296:r--`],
    ["the number that means none", `${BASE},mask::r--,user:4294967295:r--`],
    ["a number behind the owner", "user::rw-:5,group::r--,other::r--"],
    ["a NUL", `${BASE}\0`],
  ])("refuses a list with %s", (_, text) => {
    expect(() => parseAclText(bytesOf(text), "default", PLACE)).toThrow(
      /^cannot unpack "f" \(at byte 512 of the archive\): its default access control list is malformed$/,
    );
  });

  test("leaves out an entry of a name without a number where that only takes rights away", () => {
    expect(parsed(`${BASE},mask::rwx,user:nobody:rw-,group:adm:r-x`)).toEqual(["1 6 -", "4 4 -", "16 7 -", "32 4 -"]);
    expect(parsed(`${BASE},mask::rwx,user:root:rw-`)).toContain("2 6 0");
  });

  test.each([
    ["user::rw-,group::r--,other::r--,mask::rwx,user:mallory:---", "mallory"],
    ["user::rw-,group::r--,other::---,mask::rwx,user:mallory:-w-", "mallory"],
    ["user::rw-,group::---,other::---,mask::rwx,group:9:rw-,user:mallory:r--", "mallory"],
    ["user::rw-,group::rw-,other::r--,mask::-w-,group:guests:r--", "guests"],
    ["user::rw-,group::---,other::r--,mask::rwx,group:guests:---", "guests"],
  ])("refuses to leave out what withholds rights: %s", (text, name) => {
    expect(() => parseAclText(bytesOf(text), "access", PLACE)).toThrow(
      expect.objectContaining({ code: "UNSAFE_ARCHIVE", message: expect.stringContaining(`restricts "${name}"`) }),
    );
  });
});
