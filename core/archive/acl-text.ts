import { bytesOf, latin1, shown } from "./bytes.ts";
import { parseDecimal } from "./numbers.ts";
import { type Place, refusal } from "./refusal.ts";

/** Which of a file's access control lists it is: its own, or what is passed on to what is made in a directory. */
export type AclKind = "access" | "default";

/** The attribute that an access control list of either kind is. */
export const ACL_XATTRS = { access: "system.posix_acl_access", default: "system.posix_acl_default" } as const;

/**
 * A POSIX access control list in the text form of archives, as the value of its attribute. Ids are numbers, in place of
 * names or behind them; "root" is 0. What other names mean in the image is not known (GNU tar asks this machine, whose
 * users are none of the image's): an entry of such a name is left out where that only takes rights away.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE where it is malformed; UNSAFE_ARCHIVE where an entry of such a name withholds
 *   what others have, so that leaving it out would grant that
 * @see acl(5), "ACL TEXT FORMS"; star(5), SCHILY.acl.access; posix_acl_xattr.h of the kernel
 */
export function parseAclText(text: Uint8Array, kind: AclKind, place: Place): Uint8Array {
  const entries = latin1(text).split(/[\n,]/).map(withoutComment).filter(Boolean).map(parseEntry);
  const parsed = entries.filter((entry) => entry !== null);
  if (parsed.length !== entries.length || !isComplete(parsed) || hasDuplicates(parsed)) {
    throw refusal("CORRUPT_ARCHIVE", place, `${LISTS[kind]} is malformed`);
  }
  const restriction = restrictionIn(parsed);
  if (restriction === null) return encode(parsed.filter((entry) => entry.id !== null));
  const problem = `${LISTS[kind]} restricts "${shown(bytesOf(restriction.name))}", a name without a number`;
  throw refusal("UNSAFE_ARCHIVE", place, problem);
}

const LISTS = { access: "its access control list", default: "its default access control list" } as const;

/** In the order that the kernel wants them in. */
const TAGS = { owner: 0x01, user: 0x02, "owning-group": 0x04, group: 0x08, mask: 0x10, other: 0x20 } as const;

type Tag = keyof typeof TAGS;

interface AclEntry {
  readonly tag: Tag;
  /** Of a user or a group; empty otherwise. */
  readonly name: string;
  /** `NO_ID` where the tag has none; null where the name does not tell it. */
  readonly id: number | null;
  /** Read 4, write 2, execute 1. */
  readonly rights: number;
}

const NO_ID = 0xffff_ffff;
const ALL_RIGHTS = 7;

/** Some writers note the rights that the mask leaves. */
function withoutComment(line: string): string {
  return line.replace(/#.*/, "").trim();
}

const ENTRY = /^(u|user|g|group|m|mask|o|other):([^:]*):([r-][w-][x-])(?::(\d+))?$/;

function parseEntry(text: string): AclEntry | null {
  const [, type = "", name = "", rights = "", number] = ENTRY.exec(text) ?? [];
  const tag = tagOf(type.charAt(0), name !== "");
  if (tag === null) return null;
  const bits = (rights.startsWith("r") ? 4 : 0) | (rights.includes("w") ? 2 : 0) | (rights.endsWith("x") ? 1 : 0);
  if (tag !== "user" && tag !== "group") return number === undefined ? { tag, name, id: NO_ID, rights: bits } : null;
  const id = idOf(name, number);
  return id === "malformed" ? null : { tag, name, id, rights: bits };
}

/** Null where only a name is given. */
function idOf(name: string, number: string | undefined): number | null | "malformed" {
  const isNumber = /^\d+$/.test(name);
  if (number === undefined && !isNumber) return name === "root" ? 0 : null;
  if (number !== undefined && isNumber && number !== name) return "malformed";
  const id = parseDecimal(bytesOf(number ?? name));
  return id === null || id >= NO_ID ? "malformed" : id;
}

function tagOf(initial: string, isNamed: boolean): Tag | null {
  if (initial === "u") return isNamed ? "user" : "owner";
  if (initial === "g") return isNamed ? "group" : "owning-group";
  if (isNamed) return null;
  if (initial === "m") return "mask";
  return initial === "o" ? "other" : null;
}

function isComplete(entries: readonly AclEntry[]): boolean {
  const has = (tag: Tag): boolean => entries.some((entry) => entry.tag === tag);
  return has("owner") && has("owning-group") && has("other") && (has("mask") || !(has("user") || has("group")));
}

function hasDuplicates(entries: readonly AclEntry[]): boolean {
  return new Set(entries.map(({ tag, name, id }) => `${tag} ${id ?? name}`)).size !== entries.length;
}

/** An entry to be left out that leaves less than those who stay: of them, one counts for somebody at a time. */
function restrictionIn(entries: readonly AclEntry[]): AclEntry | null {
  const rightsOf = (...tags: readonly Tag[]): number =>
    entries.reduce((all, { tag, id, rights }) => (id !== null && tags.includes(tag) ? all | rights : all), 0);
  const mask = entries.some(({ tag }) => tag === "mask") ? rightsOf("mask") : ALL_RIGHTS;
  const besideGroup = rightsOf("other");
  const besideUser = besideGroup | (rightsOf("owning-group", "group") & mask);
  const isRestriction = ({ tag, rights }: AclEntry): boolean =>
    ((tag === "user" ? besideUser : besideGroup) & ~(rights & mask)) !== 0;
  return entries.find((entry) => entry.id === null && isRestriction(entry)) ?? null;
}

const VERSION = 2;
const VERSION_BYTES = 4;
const ENTRY_BYTES = 8;

function encode(entries: readonly AclEntry[]): Uint8Array {
  const sorted = entries.toSorted((a, b) => TAGS[a.tag] - TAGS[b.tag] || (a.id ?? 0) - (b.id ?? 0));
  const value = new Uint8Array(VERSION_BYTES + ENTRY_BYTES * sorted.length);
  const view = new DataView(value.buffer);
  view.setUint32(0, VERSION, true);
  for (const [index, { tag, rights, id }] of sorted.entries()) {
    const at = VERSION_BYTES + ENTRY_BYTES * index;
    view.setUint16(at, TAGS[tag], true);
    view.setUint16(at + 2, rights, true);
    view.setUint32(at + 4, id ?? NO_ID, true);
  }
  return value;
}
