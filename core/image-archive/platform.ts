/**
 * What an image is made for, in Go's words: `linux`, `amd64`, `v7`.
 * @see OCI image-spec, image-index.md, "platform"
 */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Empty where there is but one. */
  readonly variant: string;
}

/** As tools write it: `linux/arm/v7`. */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== "").join("/");
}

/**
 * How well an image of that platform runs on this machine: 0 is best, null is not at all.
 */
export function fitness(wanted: Platform, offered: Platform): number | null {
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return null;
  const index = variantsFor(wanted).indexOf(offered.variant);
  return index < 0 ? null : index;
}

/** The variants that a machine takes, best first. */
function variantsFor({ architecture, variant }: Platform): readonly string[] {
  if (architecture === "arm") {
    const newest = ARM_VARIANTS.indexOf(variant);
    return [...ARM_VARIANTS.slice(Math.max(0, newest)), ""];
  }
  return VARIANTS[architecture] ?? ["", variant];
}

const ARM_VARIANTS = ["v8", "v7", "v6", "v5"];

/** The plainest first: which level of its architecture a processor has is not asked. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  amd64: ["", "v1", "v2", "v3", "v4"],
  arm64: ["v8", "", "v8.1", "v8.2", "v9"],
};
