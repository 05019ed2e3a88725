import { useEffect, useRef } from "react";
import { useLocation, useSearchParams } from "react-router";

/** What the panel on the right can show beside forms of nodes. */
export const PANELS = { settings: "Settings of the flow", problems: "Problems", versions: "Versions" } as const;

export type PanelName = keyof typeof PANELS;

/** The panel that is open. It stands in the address, such as `?panel=versions`, so that a link leads to it. */
export function usePanel(onOpen: () => void): [PanelName | null, (panel: PanelName | null) => void] {
  const location = useLocation();
  const [search, setSearch] = useSearchParams();
  const newest = useRef(onOpen);
  newest.current = onOpen;
  useEffect(() => {
    if (panelIn(new URLSearchParams(location.search))) newest.current();
  }, [location]); // also when a link leads to the panel that is open already
  return [panelIn(search), (panel) => setSearch(panel ? { panel } : {}, { replace: true })];
}

function panelIn(search: URLSearchParams): PanelName | null {
  const name = search.get("panel");
  return name !== null && Object.hasOwn(PANELS, name) ? (name as PanelName) : null;
}
