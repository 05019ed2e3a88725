import { flowsAmong } from "./new-flow";

const FILES = import.meta.glob<string>("../../../../flows/*.yaml", { query: "?raw", import: "default", eager: true });

/** The example flows of this release, by title. */
export const EXAMPLES = flowsAmong(Object.values(FILES));
