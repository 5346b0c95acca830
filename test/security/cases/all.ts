import type { HostileCases } from "../../support/hostile/hostile-case.ts";
import { attributes } from "./attributes.ts";
import { compression } from "./compression.ts";
import { devices } from "./devices.ts";
import { disguises } from "./disguises.ts";
import { duplicates } from "./duplicates.ts";
import { ends } from "./ends.ts";
import { extendedHeaders } from "./extended-headers.ts";
import { hardLinks } from "./hard-links.ts";
import { headerFields } from "./header-fields.ts";
import { limits } from "./limits.ts";
import { names } from "./names.ts";
import { paths } from "./paths.ts";
import { rootEntry } from "./root-entry.ts";
import { sizeConfusion } from "./size-confusion.ts";
import { sparseMaps } from "./sparse-maps.ts";
import { symbolicLinks } from "./symbolic-links.ts";
import { whiteouts } from "./whiteouts.ts";

/** Every hostile archive that there is, by its class. */
export const HOSTILE_CASES: Readonly<Record<string, HostileCases>> = {
  "paths that lead out": paths,
  "the root's own entry": rootEntry,
  "symbolic links": symbolicLinks,
  "hard links": hardLinks,
  devices,
  whiteouts,
  "duplicate entries": duplicates,
  "extended attributes": attributes,
  names,
  "header fields": headerFields,
  "extended headers": extendedHeaders,
  "size confusion": sizeConfusion,
  "sparse maps": sparseMaps,
  ends,
  disguises,
  compression,
  limits,
};
