import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useNavigate } from "react-router";
import { explain } from "../../api/problems";
import { findConversation } from "./session-requests";

/** Find the conversation with a contact by their number or another address. What is typed here is kept nowhere. */
export function FindConversation({ onDismiss }: { onDismiss(): void }) {
  const form = useId();
  const navigate = useNavigate();
  const [channel, setChannel] = useState("whatsapp");
  const [account, setAccount] = useState("");
  const [contact, setContact] = useState("");
  const find = useMutation({
    mutationFn: () => findConversation({ channel: channel.trim(), account: account.trim(), contact: contact.trim() }),
    onSuccess: (conversation) => navigate(`/sessions/${conversation}`),
    gcTime: 0,
  });
  const complete = [channel, account, contact].every((each) => each.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete) find.mutate();
  };
  return (
    <Modal
      visible
      header="Find a contact"
      closeAriaLabel="Close"
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onDismiss}>
              Cancel
            </Button>
            <Button
              variant="primary"
              formAction="submit"
              form={form}
              disabled={!complete}
              loading={find.isPending}
              loadingText="Looking"
            >
              Find
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={form} onSubmit={submit} autoComplete="off">
        <SpaceBetween size="m">
          <FormField label="Contact" description="A phone number with its country code, or another address of theirs.">
            <Input
              value={contact}
              autoComplete={false}
              spellcheck={false}
              onChange={({ detail }) => setContact(detail.value)}
            />
          </FormField>
          <FormField label="Channel" constraintText="Such as whatsapp or telegram.">
            <Input value={channel} spellcheck={false} onChange={({ detail }) => setChannel(detail.value)} />
          </FormField>
          <FormField label="Account" description="Your number or bot on the channel, by the id that it has there.">
            <Input value={account} spellcheck={false} onChange={({ detail }) => setAccount(detail.value)} />
          </FormField>
          <Box variant="small">Who looked whom up is written into the audit, without the number.</Box>
          {find.error && (
            <Alert type="error" header="Nobody was found">
              {explain(find.error)}
            </Alert>
          )}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
