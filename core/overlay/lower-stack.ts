/**
 * The layers of a mount as the kernel takes them, topmost first: each once, which is the same for what is seen, as a
 * layer hides whatever it would show again further down; and none below one whose root hides all that is below, because
 * the kernel does not look at the root's own mark.
 * @param layers bottom first
 */
export function lowerStack<T>(layers: readonly T[], isRootOpaque: (layer: T) => boolean): T[] {
  const distinct = [...new Set(layers.toReversed())];
  const lowest = distinct.findIndex(isRootOpaque);
  return lowest < 0 ? distinct : distinct.slice(0, lowest + 1);
}
