import Button from "@cloudscape-design/components/button";
import { type ReactNode, Suspense } from "react";
import { Loading } from "../app/loading";

interface Props {
  title: string;
  /** What a screen reader calls the panel. */
  label: string;
  onClose(): void;
  children: ReactNode;
}

/** The panel on the right of the editor; on a telephone, a page of its own. */
export function SidePanel({ title, label, onClose, children }: Props) {
  return (
    <aside className="editor-panel" aria-label={label}>
      <div className="editor-panel-head">
        <h2>{title}</h2>
        <Button variant="icon" iconName="close" ariaLabel={`Close: ${label}`} onClick={onClose} />
      </div>
      <Suspense fallback={<Loading what="the form" />}>{children}</Suspense>
    </aside>
  );
}
