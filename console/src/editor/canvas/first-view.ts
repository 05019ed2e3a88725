import type { Places, Size, Sizes } from "./places";

const MARGIN = 48;
const SMALLEST = 0.75; // texts are still readable
const LARGEST = 1;

/** How the canvas shows a flow at first: whole where texts stay readable, else its start, at the left. */
export function firstView(
  places: Places,
  sizes: Sizes,
  start: string,
  canvas: Size,
): { x: number; y: number; zoom: number } {
  const boxes = Object.entries(places).map(([id, { x, y }]) => {
    const { width, height } = sizes.get(id) ?? { width: 0, height: 0 };
    return { x, y, right: x + width, bottom: y + height };
  });
  const first = places[start] ?? Object.values(places)[0];
  if (!first || canvas.width === 0) return { x: MARGIN, y: MARGIN, zoom: LARGEST };
  const [left, top] = [Math.min(...boxes.map(({ x }) => x)), Math.min(...boxes.map(({ y }) => y))];
  const [width, height] = [
    Math.max(...boxes.map(({ right }) => right)) - left,
    Math.max(...boxes.map(({ bottom }) => bottom)) - top,
  ];
  const fitting = Math.min((canvas.width - 2 * MARGIN) / width, (canvas.height - 2 * MARGIN) / height);
  if (fitting >= SMALLEST) {
    const zoom = Math.min(fitting, LARGEST);
    return {
      zoom,
      x: (canvas.width - width * zoom) / 2 - left * zoom,
      y: (canvas.height - height * zoom) / 2 - top * zoom,
    };
  }
  const zoom = Math.min(LARGEST, Math.max(SMALLEST, (canvas.height - 2 * MARGIN) / height));
  const middle = first.y + (sizes.get(start)?.height ?? 0) / 2;
  return { zoom, x: MARGIN - first.x * zoom, y: canvas.height / 2 - middle * zoom };
}
