import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../../api/client";
import { explain } from "../../api/problems";

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
        <Modal
          visible
          header={`Set the secret ${secret}`}
          closeAriaLabel="Close"
          onDismiss={() => setOpen(false)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setOpen(false)}>
                  Cancel
                </Button>
                <Button variant="primary" loading={busy} disabled={!value} onClick={() => void store()}>
                  Set
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
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
            {failure ? <Alert type="error">{failure}</Alert> : null}
          </SpaceBetween>
        </Modal>
      ) : null}
    </>
  );
}
