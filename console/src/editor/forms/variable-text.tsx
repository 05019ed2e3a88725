import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import { useId, useLayoutEffect, useRef, useState } from "react";
import { VariableMenu } from "./variable-menu";
import { inserted, matching, type Offer, openedAt } from "./variables";

interface Props {
  label: string;
  text: string;
  placeholder: string;
  readOnly: boolean;
  required: boolean;
  several: boolean;
  offers: readonly Offer[];
  onType(text: string): void;
  onLeave(): void;
}

/** What the menu will replace: from `start`, where the brackets open or the cursor stood, to the cursor. */
interface Opened {
  start: number;
  /** How many characters of it are brackets. */
  brackets: 0 | 2;
  active: number;
}

/** A text field with a menu of variables, which a button opens, and `[[`. */
export function VariableText(props: Props) {
  const { label, text, placeholder, readOnly, required, several, offers, onType, onLeave } = props;
  const [opened, setOpened] = useState<Opened | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const cursorAfter = useRef<number | null>(null);
  const menu = useId();

  const field = () => box.current?.querySelector<HTMLTextAreaElement | HTMLInputElement>("textarea, input") ?? null;
  const cursor = () => field()?.selectionStart ?? text.length;

  useLayoutEffect(() => {
    if (cursorAfter.current === null) return;
    field()?.focus();
    field()?.setSelectionRange(cursorAfter.current, cursorAfter.current);
    cursorAfter.current = null;
  });

  const shown = opened ? matching(offers, text.slice(opened.start + opened.brackets, cursor())) : [];
  const active = Math.min(opened?.active ?? 0, shown.length - 1);

  function type(next: string) {
    onType(next);
    const start = openedAt(next, cursor());
    if (start >= 0) setOpened({ start, brackets: 2, active: 0 });
    else if (opened?.brackets === 0 && cursor() > opened.start) setOpened({ ...opened, active: 0 });
    else setOpened(null);
  }

  function choose(offer: Offer) {
    if (!opened) return;
    const next = inserted(text, opened.start, cursor(), offer);
    cursorAfter.current = next.cursor;
    onType(next.text);
    setOpened(offer.name.endsWith(":") ? { start: opened.start, brackets: 2, active: 0 } : null);
  }

  function press(event: { detail: { key: string }; preventDefault(): void; stopPropagation(): void }) {
    if (!opened) return;
    const { key } = event.detail;
    const offer = shown[active];
    if (key === "ArrowDown") setOpened({ ...opened, active: Math.min(active + 1, shown.length - 1) });
    else if (key === "ArrowUp") setOpened({ ...opened, active: Math.max(active - 1, 0) });
    else if (key === "Escape") setOpened(null);
    else if (key === "Enter" && offer) choose(offer);
    else {
      if (key === "Tab") setOpened(null); // the focus goes on to the button, not into the menu
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  const native = {
    "aria-autocomplete": "list" as const,
    "aria-controls": opened ? menu : undefined,
    "aria-activedescendant": opened && shown.length > 0 ? `${menu}-${active}` : undefined,
  };
  const shared = {
    value: text,
    placeholder,
    readOnly,
    ariaRequired: required,
    onChange: ({ detail }: { detail: { value: string } }) => type(detail.value),
    onKeyDown: press,
    onBlur: () => {
      setOpened(null);
      onLeave();
    },
  };
  return (
    <div ref={box}>
      <div className="variable-text">
        <div className="variable-text-field">
          {several ? (
            <Textarea
              {...shared}
              rows={Math.min(8, Math.max(2, Math.ceil(text.length / 44), text.split("\n").length))}
              nativeTextareaAttributes={native}
            />
          ) : (
            <Input {...shared} autoComplete={false} nativeInputAttributes={native} />
          )}
        </div>
        {!readOnly && (
          // The field keeps the focus, and with it the cursor, when the button is clicked.
          <div onMouseDown={(event) => event.preventDefault()}>
            <Button
              variant="icon"
              iconSvg={BRACKETS}
              ariaLabel={`Insert a variable: ${label}`}
              onClick={() => {
                const start = cursor();
                cursorAfter.current = start;
                setOpened(opened ? null : { start, brackets: 0, active: 0 });
              }}
            />
          </div>
        )}
      </div>
      {opened && <VariableMenu id={menu} offers={shown} active={active} onChoose={choose} />}
    </div>
  );
}

const BRACKETS = (
  <svg viewBox="0 0 16 16" focusable="false" aria-hidden="true">
    <path d="M5 2H2v12h3M11 2h3v12h-3" fill="none" />
    <path d="M8 5v6M5 8h6" fill="none" />
  </svg>
);
