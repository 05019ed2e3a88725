import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../../api/client";
import { explain } from "../../api/problems";
import { FormDialog } from "../../app/dialog";

/** Sets a secret and the hosts that may receive it. Its value cannot be read again by anybody. */
export function SetSecretButton({ secret }: { secret: string }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [value, setValue] = useState("");
  const [hosts, setHosts] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");

  async function store() {
    setBusy(true);
    try {
      const allowed = hosts.split(/[\s,]+/).filter(Boolean);
      const body = { value, hosts: allowed.length > 0 ? allowed : null };
      await unwrap(api().PUT("/secrets/{secret}", { params: { path: { secret } }, body }));
      await queries.invalidateQueries({ queryKey: ["secrets"] });
      setOpen(false);
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>Set it</Button>
      {open ? (
        <FormDialog
          title={`Set the secret ${secret}`}
          onClose={() => setOpen(false)}
          action="Set"
          busy={busy}
          busyText="Storing the secret"
          disabled={!value}
          failure={failure}
          onSubmit={() => void store()}
        >
          <FormField label="Value" description="It is stored encrypted, and never shown again.">
            <Input
              type="password"
              value={value}
              autoComplete={false}
              onChange={({ detail }) => setValue(detail.value)}
            />
          </FormField>
          <FormField
            label="Hosts that may receive it"
            description="Such as api.example.com. Without one, any host may."
          >
            <Input value={hosts} spellcheck={false} onChange={({ detail }) => setHosts(detail.value)} />
          </FormField>
        </FormDialog>
      ) : null}
    </>
  );
}
