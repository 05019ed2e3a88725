// Line icons, drawn for this page on a 24 by 24 grid.

import { svg } from "./elements.js";

const PATHS = {
  attach: "M20 11.5 12.2 19.3a5 5 0 0 1-7.1-7.1l8-8a3.4 3.4 0 0 1 4.8 4.8l-7.9 7.9a1.8 1.8 0 0 1-2.5-2.5l7.2-7.2",
  send: "M4 4.5 20.5 12 4 19.5l2.2-6L14 12l-7.8-1.5z",
  wire: "M8.5 7 3.5 12l5 5M15.5 7l5 5-5 5M13.5 4.5l-3 15",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  back: "M15 5l-7 7 7 7",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  image:
    "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5M4 17l5-5 4 4 2.5-2.5L20 18M15 9.5h.01",
  document: "M6.5 3.5h7.5l4.5 4.5v12.5h-12zM13.5 3.5v5h5M9.5 13h6M9.5 16.5h6",
  audio:
    "M12 3.5a2.8 2.8 0 0 0-2.8 2.8v5.4a2.8 2.8 0 0 0 5.6 0V6.3A2.8 2.8 0 0 0 12 3.5M6 11.5a6 6 0 0 0 12 0M12 17.5v3M9 20.5h6",
  video:
    "M4.5 6.5h9a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1.5-1.5M15 11l6-3.5v9L15 13",
  location: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11M12 7.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4",
  question: "M9 9.2a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2.1M12 17.5h.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17",
  list: "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  reply: "M9.5 7 4.5 12l5 5M5 12h9a5.5 5.5 0 0 1 5.5 5.5V19",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
  warn: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.3h.01",
  people:
    "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M3 19.5a6 6 0 0 1 12 0M15.5 4.8a3.5 3.5 0 0 1 0 6.4M17.5 14.2a6 6 0 0 1 3.5 5.3",
  to: "M4 12h15M13 6l6 6-6 6",
  from: "M20 12H5M11 6l-6 6 6 6",
};

const FILLED = {
  play: "M8 5.5v13l11-6.5z",
  pause: "M7 5.5h3.5v13H7zM13.5 5.5H17v13h-3.5z",
};

const TICKS = {
  sent: "M3 6.7l3.6 3.6L14 2",
  delivered: "M1.2 6.7l3.6 3.6L12.2 2M8.6 9.4l.9.9L17.8 2",
};

export function icon(name) {
  const filled = name in FILLED;
  const path = svg("path", { d: FILLED[name] ?? TICKS[name] ?? PATHS[name] });
  const stroke = {
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.8",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  };
  return svg(
    "svg",
    {
      viewBox: name in TICKS ? "0 0 19 12" : "0 0 24 24",
      "aria-hidden": "true",
      class: "icon",
      ...(filled ? { fill: "currentColor" } : stroke),
    },
    path,
  );
}
