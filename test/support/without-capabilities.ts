/**
 * Arguments of setpriv(1) for a program that is nobody special: the same user, who can still read where the tests lie,
 * without what only root may do.
 */
export const WITHOUT_CAPABILITIES: readonly string[] = ["--bounding-set=-all", "--inh-caps=-all"];
