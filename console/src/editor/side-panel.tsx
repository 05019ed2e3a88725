import Button from "@cloudscape-design/components/button";
import { type ReactNode, Suspense, useEffect, useLayoutEffect, useRef } from "react";
import { Loading } from "../app/loading";

interface Props {
  title: string;
  /** What a screen reader calls the panel. */
  label: string;
  onClose(): void;
  children: ReactNode;
}

/**
 * The panel on the right of the editor; on a telephone, a page of its own. It takes the focus when it opens or shows something
 * else, and gives it back when it is closed.
 */
export function SidePanel({ title, label, onClose, children }: Props) {
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef<Element>(null);
  useLayoutEffect(() => {
    before.current = document.activeElement;
  }, []);
  useEffect(() => {
    // A form may have put the focus on one of its fields.
    if (!panel.current?.contains(document.activeElement)) heading.current?.focus();
  }, [label]);
  useEffect(
    () => () => {
      if (document.activeElement !== document.body) return;
      const opener = before.current?.isConnected ? before.current : document.querySelector("[data-editor-view]");
      if (opener instanceof HTMLElement) opener.focus();
    },
    [],
  );
  return (
    <aside className="editor-panel" aria-label={label} ref={panel}>
      <div className="editor-panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <Button variant="icon" iconName="close" ariaLabel={`Close: ${label}`} onClick={onClose} />
      </div>
      <Suspense fallback={<Loading what="the form" />}>{children}</Suspense>
    </aside>
  );
}
