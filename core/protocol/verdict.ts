/**
 * What became of a write under a claim, read in the same round trip by its `op_id`:
 * - `applied`: the row's history carries our write, also when an earlier reply was lost.
 * - `conflict`: another write made the transition first.
 * - `stale`: the claim is over (the fence moved on); nothing was written.
 */
export type Verdict = "applied" | "conflict" | "stale";
