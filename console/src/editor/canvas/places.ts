/** Where the nodes of a flow lie on the canvas. */

export interface Place {
  x: number;
  y: number;
}

export type Places = Readonly<Record<string, Place>>;

export interface Size {
  width: number;
  height: number;
}

export type Sizes = ReadonlyMap<string, Size>;

export type Direction = "left" | "right" | "up" | "down";

export const GAP = { x: 96, y: 40 };

/**
 * The places of all nodes: those that a person chose, and for the others the computed ones. Where a computed place would
 * cover another node, the node moves down until it is free.
 */
export function allPlaces(chosen: Places, computed: Places, sizes: Sizes): Places {
  const places: Record<string, Place> = {};
  for (const id of sizes.keys()) if (chosen[id]) places[id] = chosen[id];
  if (Object.keys(places).length === 0) return pick(computed, sizes.keys());
  for (const [id, size] of sizes) {
    if (!places[id] && computed[id]) places[id] = freePlace(computed[id], size, places, sizes);
  }
  return places;
}

/** The place of a node that was just added: to the right of the first node that leads to it, else below all others. */
export function placeOfNew(size: Size, leadsHere: string | undefined, places: Places, sizes: Sizes): Place {
  const before = leadsHere === undefined ? undefined : places[leadsHere];
  const width = (leadsHere !== undefined && sizes.get(leadsHere)?.width) || size.width;
  if (before) return freePlace({ x: before.x + width + GAP.x, y: before.y }, size, places, sizes);
  const boxes = Object.entries(places);
  if (boxes.length === 0) return { x: 0, y: 0 };
  const left = Math.min(...boxes.map(([, place]) => place.x));
  const bottom = Math.max(...boxes.map(([id, place]) => place.y + (sizes.get(id)?.height ?? 0)));
  return { x: left, y: bottom + GAP.y };
}

function freePlace(wanted: Place, size: Size, places: Places, sizes: Sizes): Place {
  const place = { ...wanted };
  for (;;) {
    const covered = Object.entries(places).find(([id, other]) => overlap(place, size, other, sizes.get(id)));
    if (!covered) return place;
    place.y = covered[1].y + (sizes.get(covered[0])?.height ?? 0) + GAP.y;
  }
}

function overlap(one: Place, oneSize: Size, other: Place, otherSize: Size | undefined): boolean {
  if (!otherSize) return false;
  return (
    one.x < other.x + otherSize.width &&
    other.x < one.x + oneSize.width &&
    one.y < other.y + otherSize.height &&
    other.y < one.y + oneSize.height
  );
}

/**
 * The nearest node in a direction, for the arrow keys; null when there is none. Nodes that lie straight ahead come before
 * those that lie aside.
 */
export function nearest(from: string, direction: Direction, places: Places, sizes: Sizes): string | null {
  const start = centre(from, places, sizes);
  if (!start) return null;
  let best: { id: string; distance: number } | null = null;
  for (const id of Object.keys(places)) {
    const to = id === from ? null : centre(id, places, sizes);
    if (!to) continue;
    const [dx, dy] = [to.x - start.x, to.y - start.y];
    const horizontal = direction === "left" || direction === "right";
    const ahead = direction === "right" ? dx : direction === "left" ? -dx : direction === "down" ? dy : -dy;
    const aside = Math.abs(horizontal ? dy : dx);
    if (ahead < 1 || aside > ahead * 3) continue;
    const distance = ahead + aside * 2;
    if (!best || distance < best.distance) best = { id, distance };
  }
  return best?.id ?? null;
}

/** The places after a change of the flow: a node that was renamed keeps its place. */
export function carryOver(places: Places, before: readonly string[], after: readonly string[]): Places {
  const added = after.filter((id) => !before.includes(id));
  const removed = before.filter((id) => !after.includes(id));
  const [newId, oldId] = [added[0], removed[0]];
  if (added.length !== 1 || removed.length !== 1 || newId === undefined || oldId === undefined) return places;
  const { [oldId]: place, ...others } = places;
  return place ? { ...others, [newId]: place } : places;
}

export function samePlaces(one: Places, other: Places): boolean {
  const ids = Object.keys(one);
  return (
    ids.length === Object.keys(other).length &&
    ids.every((id) => one[id]?.x === other[id]?.x && one[id]?.y === other[id]?.y)
  );
}

function centre(id: string, places: Places, sizes: Sizes): Place | null {
  const [place, size] = [places[id], sizes.get(id)];
  return place && size ? { x: place.x + size.width / 2, y: place.y + size.height / 2 } : null;
}

function pick(places: Places, ids: Iterable<string>): Places {
  return Object.fromEntries([...ids].flatMap((id) => (places[id] ? [[id, places[id]]] : [])));
}
