/** Visits the items in order, at most so many of them beside each other. */
export async function inLanes<T>(items: readonly T[], lanes: number, visit: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) await visit(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
