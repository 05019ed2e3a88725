import { type LayoutTask, layOut } from "./layout";

self.onmessage = ({ data: { id, task } }: MessageEvent<{ id: number; task: LayoutTask }>) => {
  self.postMessage({ id, places: layOut(task) });
};
