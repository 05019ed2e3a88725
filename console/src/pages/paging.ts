/** One page of a list, counted from 1; the last one if the list became shorter. */
export function pageOf<T>(items: readonly T[], page: number, size: number) {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const current = Math.min(page, pages);
  return { shown: items.slice((current - 1) * size, current * size), pages, current };
}

export const PAGE_WORDS = {
  nextPageLabel: "Next page",
  previousPageLabel: "Previous page",
  pageLabel: (page: number) => `Page ${page}`,
};
