import LiveRegion from "@cloudscape-design/components/live-region";
import { useEffect, useRef } from "react";
import type { Offer } from "./variables";

interface Props {
  id: string;
  offers: readonly Offer[];
  active: number;
  onChoose(offer: Offer): void;
}

const GROUPS: Record<Offer["group"], string> = {
  set: "Set before this node",
  file: "About a file",
  fixed: "Always there",
  change: "Change a text: then choose a variable",
};

/** The list of variables below a text field, which keeps the focus. */
export function VariableMenu({ id, offers, active, onChoose }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-at="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const groups = [...new Set(offers.map(({ group }) => group))];
  return (
    <div className="variable-menu" onMouseDown={(event) => event.preventDefault()}>
      <LiveRegion hidden>
        {offers.length === 0 ? "No variable fits." : `${offers.length} variables. Arrow keys and Enter choose.`}
      </LiveRegion>
      {offers.length === 0 && (
        <div className="variable-none">No variable fits. Only what is set before this node can be used.</div>
      )}
      {/* A list that scrolls must be reached by keyboard; the field leaves it by the Tab key. */}
      <div role="listbox" id={id} aria-label="Variables" tabIndex={0} ref={list}>
        {groups.map((group) => (
          <div role="group" aria-label={GROUPS[group]} key={group}>
            <div className="variable-group" aria-hidden="true">
              {GROUPS[group]}
            </div>
            {offers.map((offer, at) =>
              offer.group === group ? (
                <div
                  role="option"
                  key={offer.name}
                  id={`${id}-${at}`}
                  data-at={at}
                  aria-selected={at === active}
                  className="variable-offer"
                  onClick={() => onChoose(offer)}
                >
                  <span className="variable-name">{offer.name}</span>
                  <span className="variable-about">
                    {offer.type === "any" ? "" : `${offer.type} · `}
                    {offer.about}
                  </span>
                </div>
              ) : null,
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
