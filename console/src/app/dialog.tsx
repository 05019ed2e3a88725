import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Modal, { type ModalProps } from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";

interface DialogProps {
  title: string;
  size?: ModalProps.Size;
  /** By Escape or the cross, whose name is `closeLabel`. */
  onClose(): void;
  closeLabel?: string;
  /** The buttons at its end, the most likely one last. */
  buttons?: ReactNode;
  /** Its first text field has the focus; Cloudscape gives it to the cross. */
  focusField?: boolean;
  children: ReactNode;
}

/** A window over the page. It is open as long as it is mounted. */
export function Dialog({
  title,
  size = "medium",
  onClose,
  closeLabel = "Close",
  buttons,
  focusField = false,
  children,
}: DialogProps) {
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!focusField) return;
    const field = () => content.current?.querySelector<HTMLElement>('input:not([type="file"]), textarea');
    const timer = setTimeout(() => field()?.focus());
    return () => clearTimeout(timer);
  }, [focusField]);
  useEffect(
    () => () => {
      // What opened it may be gone, such as the row of what was deleted: then Cloudscape gives the focus back to nobody.
      if (document.activeElement === document.body) document.querySelector<HTMLElement>(".page")?.focus();
    },
    [],
  );
  return (
    <Modal
      visible
      size={size}
      header={title}
      closeAriaLabel={closeLabel}
      onDismiss={onClose}
      footer={
        buttons && <div style={{ display: "flex", flexWrap: "wrap", justifyContent: "end", gap: 8 }}>{buttons}</div>
      }
    >
      <div ref={content}>
        <SpaceBetween size="m">{children}</SpaceBetween>
      </div>
    </Modal>
  );
}

interface FormDialogProps extends Pick<DialogProps, "title" | "size" | "onClose" | "children"> {
  /** What its button does, such as "Rename". */
  action: string;
  /** The action is under way; `busyText` says so to a screen reader. */
  busy?: boolean;
  busyText?: string;
  /** Something is missing for the action. */
  disabled?: boolean;
  /** Why the action did not succeed; the dialog stays open. */
  failure?: ReactNode;
  failureTitle?: string;
  onSubmit(): void;
}

/** Asks before an action, or for what it needs. Enter in a field carries it out. */
export function FormDialog({ action, busy = false, busyText, disabled = false, onSubmit, ...props }: FormDialogProps) {
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation(); // the dialog may be within another form
    if (!busy && !disabled) onSubmit();
  };
  return (
    <Dialog
      title={props.title}
      size={props.size}
      onClose={props.onClose}
      focusField
      buttons={
        <>
          <Button variant="link" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            variant="primary"
            formAction="submit"
            form={form}
            disabled={disabled}
            loading={busy}
            loadingText={busyText}
          >
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} autoComplete="off">
        <SpaceBetween size="m">
          {props.children}
          {props.failure ? (
            <Alert type="error" header={props.failureTitle}>
              {props.failure}
            </Alert>
          ) : null}
        </SpaceBetween>
      </form>
    </Dialog>
  );
}
